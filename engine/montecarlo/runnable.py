"""When a class can first run a model of another, under the Monte Carlo clock."""

from __future__ import annotations

import math

from engine.montecarlo.arrays import Floats
from engine.montecarlo.future import Exogenous
from engine.montecarlo.timeline import steps_by
from engine.rules.compiled import kernel, rule
from engine.rules.diffusion import first_runnable
from engine.rules.governance import class_price
from engine.rules.regime import Regime, next_change
from engine.rules.world import Policy, World


@rule
def runnable_from(
    world: World, policy: Policy, c: int, compute: float, since: float, regime: Regime, exogenous: Exogenous
) -> float:
    """The first time from `since` on at which class `c` can run a model of `compute`; inf if past the horizon."""
    if math.isinf(world.runnable_compute[c]):
        return since
    times, progress, events = exogenous.step_time[c], exogenous.step_progress[c], exogenous.events[0]
    steps = steps_by(times, events, since)
    while since < world.horizon:
        later = _next_chips(times, progress, steps, events)
        change = min(world.horizon, next_change(policy, regime, since))
        if later < events:
            change = min(change, times[later])
        price = class_price(world, policy, regime, c, since)
        runnable = first_runnable(world, c, compute, since, change, progress[steps], price)
        if runnable < change:
            return runnable
        since = change
        while steps < events and times[steps] <= since:
            steps += 1
    return math.inf


@kernel
def _next_chips(times: Floats, progress: Floats, steps: int, events: int) -> int:
    """The step after the first `steps` of a class that brings it better chips; `events` for none."""
    while steps < events and progress[steps + 1] == progress[steps]:
        steps += 1
    return steps
