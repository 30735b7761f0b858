"""Diffusion from attainments by training, under the Monte Carlo clock: models with open weights, and stolen ones."""

from __future__ import annotations

import math

from engine.montecarlo.arrays import Floats, Ints
from engine.montecarlo.emergence import best_by
from engine.montecarlo.future import (
    NO_ROUTE,
    OPEN_WEIGHTS,
    POSTPONED,
    STOLEN,
    THEFTS,
    TRAINED,
    WEIGHT_RELEASES,
    Attainments,
    Exogenous,
    Ledger,
    access_since,
)
from engine.montecarlo.timeline import steps_by
from engine.rules.compiled import ZERO, kernel, rule, standalone
from engine.rules.diffusion import (
    first_runnable,
    publishes_weights,
    theft_hazard,
    theft_luck,
    thief,
    unsecured,
    weights_released,
    weights_taken_up,
)
from engine.rules.emergence import dangerous_capabilities, has
from engine.rules.governance import class_price, release_allowed
from engine.rules.hazard import hazard_left, time_to_event
from engine.rules.luck import Luck
from engine.rules.regime import Regime, next_change
from engine.rules.world import Actor, Policy, World


@standalone
def diffuse(
    luck: Luck,
    world: World,
    policy: Policy,
    regime: Regime,
    exogenous: Exogenous,
    ledger: Ledger,
    attainments: Attainments,
    counted: Ints,
) -> None:
    """Set releases, uptakes, thefts, and the resulting first attainment of every class."""
    attainments.class_open[:] = math.inf
    attainments.stolen_time[:] = math.inf
    attainments.first_theft[:] = math.inf
    counted[THEFTS] = 0
    _release_weights(luck, world, policy, regime, ledger, attainments, counted)
    for k in range(world.n_capabilities):
        _take_up(world, policy, k, regime, exogenous, ledger, attainments)
    for c in range(world.n_classes):
        attainments.holds[c] = math.inf
        for k in range(world.n_capabilities):
            attainments.holds[c] = min(attainments.holds[c], attainments.class_trained[c, k])
    for c in range(world.n_classes):
        if world.theft_rate[c] > 0.0:
            _steal(luck, world, policy, c, regime, exogenous, ledger, attainments, counted)
    _settle(world, attainments)


@kernel
def _release_weights(
    luck: Luck,
    world: World,
    policy: Policy,
    regime: Regime,
    ledger: Ledger,
    attainments: Attainments,
    counted: Ints,
) -> None:
    """Set the releases of models that have a capability, and the first release of each capability.

    A release is left out if for each of its capabilities an earlier one of a smaller model is known.
    """
    first_release, first_compute = attainments.first_release, attainments.first_compute
    capabilities, finished, compute, of_actor = ledger.capabilities, ledger.finished, ledger.compute, ledger.actor
    publication, of_class = ledger.publication, ledger.of_class
    first_release[:] = math.inf
    first_compute[:] = math.inf
    dangerous = dangerous_capabilities(world)
    kept = released_before = postponed = ZERO
    for r in range(ledger.runs[0]):
        if capabilities[r] == 0:
            continue
        c, danger = of_class[r], capabilities[r] & dangerous != 0
        released = weights_released(world, c, finished[r])
        if released >= world.horizon or not publishes_weights(world, c, publication[r], danger):
            continue
        if policy.n_measures > 0:
            a, run, wished = of_actor[r], ledger.number[r], released
            who = Actor(c, a - world.first_actor[c], a)
            released = release_allowed(luck, world, policy, regime, who, run, danger, wished, compute[r])
            postponed += released > wished
            if released >= world.horizon:
                continue
        released_before += 1
        matters = False
        for k in range(world.n_capabilities):
            if has(capabilities[r], k):
                matters |= released < first_release[k] or compute[r] < first_compute[k]
                if released < first_release[k]:
                    first_release[k], first_compute[k] = released, compute[r]
        if matters:
            ledger.released[kept] = released
            ledger.released_compute[kept] = compute[r]
            ledger.released_capabilities[kept] = capabilities[r]
            kept += 1
    ledger.releases[0] = kept
    counted[WEIGHT_RELEASES], counted[POSTPONED] = released_before, postponed


@kernel
def _take_up(
    world: World,
    policy: Policy,
    k: int,
    regime: Regime,
    exogenous: Exogenous,
    ledger: Ledger,
    attainments: Attainments,
) -> None:
    """Set the times at which classes have access to `k` by open weights.

    Releases are processed in order of time until no later one can give any class earlier access. Only models with
    less compute than every earlier one matter: a class can run a smaller model no later.
    """
    class_open = attainments.class_open
    smallest = math.inf
    while True:
        n = _next_release(ledger, k, smallest)
        if n < 0:
            return
        released, smallest = ledger.released[n], ledger.released_compute[n]
        wanted = False
        for c in range(world.n_classes):
            if weights_taken_up(world, c, released) < class_open[c, k]:
                runnable = _runnable(world, policy, c, smallest, released, regime, exogenous)
                taken_up = weights_taken_up(world, c, runnable)
                if taken_up < world.horizon:
                    class_open[c, k] = min(class_open[c, k], taken_up)
                wanted |= runnable > released
        if not wanted:
            return


@kernel
def _next_release(ledger: Ledger, k: int, smallest: float) -> int:
    """The first release of a model with `k` and less compute than the `smallest` so far; -1 for none."""
    released, compute, capabilities = ledger.released, ledger.released_compute, ledger.released_capabilities
    first, time = -1, math.inf
    for n in range(ledger.releases[0]):
        if released[n] < time and compute[n] < smallest and has(capabilities[n], k):
            first, time = n, released[n]
    return first


@rule
def _runnable(
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
        price = class_price(policy, regime, c, since)
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


@kernel
def _steal(
    luck: Luck,
    world: World,
    policy: Policy,
    c: int,
    regime: Regime,
    exogenous: Exogenous,
    ledger: Ledger,
    attainments: Attainments,
    counted: Ints,
) -> None:
    """Set the thefts by class `c`: each takes the best model of a class that has any capability by training.

    The hazard is integrated from the first such attainment by another class. A theft of what the thief has already,
    or has open weights of, changes nothing.
    """
    since, n = _held_by_others(world, c, attainments), ZERO
    remaining, pick = theft_luck(luck, world, c, 0)
    while since < world.horizon and _lacks_any(world, c, since, attainments):
        exposed, change = _exposed(world, policy, c, since, regime, attainments)
        change = min(change, world.horizon)
        hazard = theft_hazard(world, c, exposed)
        stolen = since + time_to_event(remaining, hazard)
        if stolen >= change:
            remaining = hazard_left(remaining, hazard, change - since)
            since = change
            continue
        since = stolen
        holder = _holder(world, policy, c, since, pick * exposed, regime, attainments)
        r = ledger.best[holder, best_by(ledger, holder, since)]
        a = world.first_actor[c] + thief(luck, world, c, n)
        gains = _gains(world, c, a, ledger.capabilities[r], since, attainments)
        if gains != 0:
            counted[THEFTS] += 1
            runnable = _runnable(world, policy, c, ledger.compute[r], since, regime, exogenous)
            for k in range(world.n_capabilities):
                if has(gains, k):
                    attainments.stolen_time[k, a] = min(attainments.stolen_time[k, a], runnable)
                    attainments.first_theft[k] = min(attainments.first_theft[k], since)
        n += 1
        remaining, pick = theft_luck(luck, world, c, n)


@kernel
def _gains(world: World, c: int, a: int, capabilities: int, t: float, attainments: Attainments) -> int:
    """Those of the `capabilities` that actor `a` of class `c` has no access to at `t`."""
    gains = 0
    for k in range(world.n_capabilities):
        if has(capabilities, k) and t < access_since(attainments, c, k, a):
            gains |= 1 << k
    return gains


@kernel
def theft_probability(
    world: World,
    policy: Policy,
    c: int,
    wanted: int,
    regime: Regime,
    exogenous: Exogenous,
    ledger: Ledger,
    attainments: Attainments,
) -> float:
    """Probability that class `c` gains any of the capabilities `wanted` by theft, given everything else in the future.

    It does not use the draws of its thefts: the hazard of thefts that bring a capability is integrated while the class
    has no access to it of its own, within the horizon.
    """
    exposed_years = 0.0
    for holder in range(world.n_classes):
        if holder != c:
            exposed_years += _exposed_years(world, policy, c, wanted, holder, regime, exogenous, ledger, attainments)
    return -math.expm1(-theft_hazard(world, c, exposed_years))


@kernel
def _has_itself(world: World, c: int, k: int, attainments: Attainments) -> float:
    """The time from which class `c` has `k` without theft, at most the horizon."""
    return min(attainments.class_trained[c, k], attainments.class_open[c, k], world.horizon)


@rule
def _exposed_years(
    world: World,
    policy: Policy,
    c: int,
    wanted: int,
    holder: int,
    regime: Regime,
    exogenous: Exogenous,
    ledger: Ledger,
    attainments: Attainments,
) -> float:
    """Years in which a theft from class `holder` gives class `c` one of the capabilities `wanted`.

    That is, its use before the class has access to it of its own. Years are weighted with the share of theft that the
    holder does not prevent.
    """
    since, until = math.inf, -math.inf
    for k in range(world.n_capabilities):
        if has(wanted, k):
            since = min(since, attainments.class_trained[holder, k])
            until = max(until, _has_itself(world, c, k, attainments))
    best, bests, finished = ledger.best[holder], ledger.bests[holder], ledger.finished
    years, place = 0.0, 0
    while since < until:
        while place + 1 < bests and finished[best[place + 1]] <= since:
            place += 1
        change = min(until, next_change(policy, regime, since))
        if place + 1 < bests:
            change = min(change, finished[best[place + 1]])
        brought = ledger.capabilities[best[place]] & wanted
        if brought != 0:
            # Up to the change, what cannot be run yet can be run at the same time, and what can be run stays so.
            runnable = _runnable(world, policy, c, ledger.compute[best[place]], since, regime, exogenous)
            gains = False
            for k in range(world.n_capabilities):
                own = _has_itself(world, c, k, attainments)
                if has(brought, k) and since < own:
                    gains |= runnable < own
                    change = min(change, own)
            if gains:
                years += unsecured(world, policy, regime, holder, since) * (change - since)
        since = change
    return years


@kernel
def _lacks_any(world: World, c: int, t: float, attainments: Attainments) -> bool:
    """Whether class `c` has no open weights with some capability at `t`."""
    lacks = False
    for k in range(world.n_capabilities):
        lacks |= attainments.class_open[c, k] > t
    return lacks


@kernel
def _held_by_others(world: World, c: int, attainments: Attainments) -> float:
    """The time from which a class other than `c` has any capability by training."""
    since = math.inf
    for d in range(world.n_classes):
        if d != c:
            since = min(since, attainments.holds[d])
    return since


@kernel
def _exposed(
    world: World, policy: Policy, c: int, since: float, regime: Regime, attainments: Attainments
) -> tuple[float, float]:
    """(sum of the unsecured shares of holders that class `c` can steal from at `since`, time of its next change).

    It changes when another class becomes a holder, and when measures start or end.
    """
    change = next_change(policy, regime, since)
    exposed = 0.0
    for d in range(world.n_classes):
        if d != c:
            held = attainments.holds[d]
            if held <= since:
                exposed += unsecured(world, policy, regime, d, since)
            else:
                change = min(change, held)
    return exposed, change


@kernel
def _holder(
    world: World, policy: Policy, c: int, t: float, share: float, regime: Regime, attainments: Attainments
) -> int:
    """The holder at which the unsecured shares, added up class by class, pass the `share` of their sum."""
    holder = -1
    for d in range(world.n_classes):
        if d != c and attainments.holds[d] <= t:
            exposed = unsecured(world, policy, regime, d, t)
            if exposed > 0.0:
                holder = d
                if share < exposed:
                    return holder
                share -= exposed
    return holder


@kernel
def _settle(world: World, attainments: Attainments) -> None:
    """Set the first attainment of each class, and its route."""
    attainments.class_stolen[:] = math.inf
    for c in range(world.n_classes):
        for k in range(world.n_capabilities):
            if world.theft_rate[c] > 0.0:
                for a in range(world.first_actor[c], world.first_actor[c] + world.count[c]):
                    stolen = attainments.stolen_time[k, a]
                    if stolen < min(attainments.trained_time[k, a], attainments.class_open[c, k], world.horizon):
                        attainments.class_stolen[c, k] = min(attainments.class_stolen[c, k], stolen)
            time, route = attainments.class_trained[c, k], TRAINED
            if attainments.class_open[c, k] < time:
                time, route = attainments.class_open[c, k], OPEN_WEIGHTS
            if attainments.class_stolen[c, k] < time:
                time, route = attainments.class_stolen[c, k], STOLEN
            attainments.class_time[c, k] = time
            attainments.class_route[c, k] = route if time < math.inf else NO_ROUTE
