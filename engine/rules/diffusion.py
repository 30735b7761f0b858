"""Diffusion after the first attainment: open weights and theft. What spreads is a model, with all that it has."""

from __future__ import annotations

import math

from engine.rules.actors import first_weight, one_of, standing_for, weight
from engine.rules.compiled import rule
from engine.rules.elementary import exp
from engine.rules.governance import security
from engine.rules.hardware import chip_gains
from engine.rules.luck import Luck, Stream, exponential_from, uniform, uniform_pair
from engine.rules.regime import Regime
from engine.rules.world import Policy, World

_LN10 = math.log(10.0)

#: Newton steps to the time at which a model can be run; each brings it nearer from below, to within rounding.
_STEPS = 64


@rule
def publication_luck(luck: Luck, world: World, c: int, member: int, run: int) -> float:
    """The uniform that decides whether a member of class `c` publishes the weights of the model of its `run`."""
    return uniform(luck, Stream.PUBLICATION, world.class_address[c], (member << 16) | run)


@rule
def openness(world: World, c: int, dangerous: bool, t: float) -> float:
    """Probability that an actor of class `c` publishes the weights of a model that it finishes at `t`, measures aside.

    It is lower for models with a `dangerous` capability. Its odds change at a constant rate.
    """
    probability = world.openness[c] * (world.openness_dangerous[c] if dangerous else 1.0)
    if world.openness_trend[c] == 0.0 or probability == 0.0 or probability >= 1.0:
        return probability
    odds = probability / (1.0 - probability) * exp(_LN10 * world.openness_trend[c] * (t - world.start))
    return 1.0 / (1.0 + 1.0 / odds)


@rule
def published(world: World, c: int, member: int, luck: float, dangerous: bool, t: float) -> int:
    """The number of models finished at `t` whose weights a member of class `c` publishes, measures aside.

    `luck` is their `publication_luck`. A member that stands for n real actors has n such models. At least one of them
    is published with probability 1 - (1 - p)^n, and their mean number is n p, where p is the `openness`.
    """
    n, probability = weight(world, c, member), openness(world, c, dangerous, t)
    any_one = one_of(probability, n)
    if luck >= any_one:
        return 0
    if n == 1:
        return 1
    mean = n * probability / any_one
    # Rounded at random to one of its neighbours, by what is left of the luck: a uniform from 0 to 1.
    return int(mean + luck / any_one)


@rule
def weights_released(world: World, c: int, finished: float) -> float:
    """The time at which a member of class `c` wants to release the weights of a model `finished` then."""
    return finished + world.release_lag[c]


@rule
def weights_taken_up(world: World, c: int, runnable: float) -> float:
    """The time at which class `c` has access by released weights that it can run from `runnable` on."""
    return runnable + world.uptake_lag[c]


@rule
def cheapening(world: World, t: float, progress: float) -> float:
    """OOM by which running a given model became cheaper from the start to `t`, for a class with `progress` of chips.

    Chips bring more for their price, and inference becomes more efficient.
    """
    return chip_gains(world, t, progress) + world.inference_trend * (t - world.start)


@rule
def first_runnable(
    world: World, c: int, compute: float, since: float, until: float, progress: float, price: float
) -> float:
    """The first time from `since` to before `until` (finite) at which class `c` can run a model of `compute`.

    That is the compute of its training, log10 FLOP. Until then the chips of the class (`progress`, OOM) and the rise of
    their price under measures (`price`, OOM) stay as they are; infinite for never. The number of parameters of a
    compute-optimal model is proportional to the root of its training compute (Hoffmann et al. 2022), and the cost of
    running it grows with its parameters. So an OOM by which running becomes cheaper allows models with two more OOM of
    training compute.
    """
    needed = 0.5 * (compute - world.runnable_compute[c]) + price
    if cheapening(world, since, progress) >= needed:
        return since
    if cheapening(world, until, progress) < needed:
        return math.inf
    headroom = world.price_performance_ceiling - world.price_performance
    time = since
    for _ in range(_STEPS):
        rate = world.price_decline
        if not math.isinf(headroom):
            rate *= exp(-(progress + rate * (time - world.start)) / headroom) if headroom > 0.0 else 0.0
        # Cheapening slows down towards the ceiling, so that a step at its present rate is never too far.
        later = time + (needed - cheapening(world, time, progress)) / (rate + world.inference_trend)
        if later >= until:
            return math.inf
        if later <= time:
            break
        time = later
    return time


@rule
def theft_luck(luck: Luck, world: World, c: int, n: int) -> tuple[float, float]:
    """(integrated hazard from the theft before to theft `n` by class `c`, uniform that picks the holder)."""
    u, v = uniform_pair(luck, Stream.MODEL_THEFT, world.class_address[c], 2 * n)
    return exponential_from(u), v


@rule
def unsecured(world: World, policy: Policy, regime: Regime, c: int, holder: int, t: float) -> float:
    """Share of theft by class `c` that the `holder` does not prevent at `t`, times the factor of their relation."""
    return (1.0 - security(world, policy, regime, holder, t)) * world.theft_factor[world.relation[holder, c]]


@rule
def theft_hazard(world: World, c: int, exposed: float) -> float:
    """Hazard (1/yr) of a theft by class `c`; `exposed` is the sum of `unsecured` over the holders."""
    return world.theft_rate[c] * exposed


@rule
def thief(luck: Luck, world: World, c: int, n: int, members: int) -> int:
    """The member of class `c`, of those `members` that have entered, that has the model of theft `n`.

    Each real actor is as likely a thief as any other.
    """
    u, _ = uniform_pair(luck, Stream.MODEL_THEFT, world.class_address[c], 2 * n + 1)
    return standing_for(world, c, int(u * first_weight(world, c, members)))
