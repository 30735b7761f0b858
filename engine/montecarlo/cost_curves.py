"""The effective compute that money buys, and the cost of a capability, by class and whole year of a future.

Both effects of the paper follow from one curve: effective compute against investment. At a fixed investment it rises
(performance effect); the investment that reaches a fixed requirement falls (access effect).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from engine.montecarlo.arrays import Floats
from engine.montecarlo.future import Exogenous
from engine.montecarlo.timeline import steps_by
from engine.rules.compiled import kernel
from engine.rules.emergence import has_capability
from engine.rules.governance import class_price
from engine.rules.hardware import price_performance
from engine.rules.regime import Regime
from engine.rules.training import class_tokens, money_buys
from engine.rules.world import Policy, World

#: Grid of investments, log10 US$; bisection finds the cheapest one between two points.
LOWEST, HIGHEST, STEP = 0.0, 15.0, 0.25
#: The cheapest investment is accurate to STEP / 2^12, less than 1e-4 OOM.
_BISECTIONS = 12


@kernel
def cost_curves(
    world: World,
    policy: Policy,
    regime: Regime,
    exogenous: Exogenous,
    investments: Floats,
    bought: NDArray[np.float32],
    cost: NDArray[np.float32],
    compute: NDArray[np.float32],
) -> None:
    """Probe the future in `exogenous`, by an actor of each class with its mean elicitation.

    `bought` (c, i, y) is the effective compute that each of `investments` (log10 US$) buys; `cost` (log10 US$) and
    `compute` (log10 FLOP), both (c, k, y), are those of the cheapest run that reaches each capability, NaN where not
    even 10^HIGHEST US$ does. Chips and algorithms are those of the class at the time, at its price; no
    measure binds the run.
    """
    for c in range(world.n_classes):
        tokens, elicitation = class_tokens(world, c), world.elicitation_mean[c]
        for y in range(bought.shape[2]):
            t = world.start + y
            step = steps_by(exogenous.step_time[c], exogenous.events[0], t)
            chips = price_performance(world, t, exogenous.step_progress[c, step])
            chips -= class_price(world, policy, regime, c, t)
            invariant, scaled = exogenous.step_invariant[c, step], exogenous.step_scaled[c, step]
            means = (chips, invariant, scaled, tokens, elicitation)
            for i in range(investments.size):
                bought[c, i, y] = money_buys(world, t, investments[i], *means)[1]
            _price(world, t, means, exogenous, cost[c, :, y], compute[c, :, y])


@kernel
def _price(
    world: World,
    t: float,
    means: tuple[float, float, float, float, float],
    exogenous: Exogenous,
    cost: NDArray[np.float32],
    compute: NDArray[np.float32],
) -> None:
    """The cheapest run that reaches each capability at `t` with `means`: its cost and its compute, (k,)."""
    cost[:] = math.nan
    compute[:] = math.nan
    missing, n = world.n_capabilities, 0
    while missing > 0 and LOWEST + n * STEP <= HIGHEST:
        budget = LOWEST + n * STEP
        run, reached = money_buys(world, t, budget, *means)
        for k in range(world.n_capabilities):
            required, least = exogenous.requirement[k], world.least_compute[k]
            if math.isnan(cost[k]) and has_capability(required, least, run, reached):
                low, high = max(budget - STEP, LOWEST), budget
                for _ in range(_BISECTIONS):
                    middle = 0.5 * (low + high)
                    if has_capability(required, least, *money_buys(world, t, middle, *means)):
                        high = middle
                    else:
                        low = middle
                cost[k] = high
                compute[k] = money_buys(world, t, high, *means)[0]
                missing -= 1
        n += 1
