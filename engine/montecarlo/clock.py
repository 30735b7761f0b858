"""The Monte Carlo clock: one future, event by event, with no common queue.

Which interactions need a common clock? Chips, algorithms, budgets and requirements change by
themselves; a run depends on them and on nothing that other actors do; releases and thefts follow
attainments and change no run. So the clock takes each class's surroundings in order of time, then
each actor's runs by themselves, then what spreads from the attainments. The SimPy clock plays all
of it in one queue, and tests hold the two together.
"""

from __future__ import annotations

import math

import numpy as np

from engine.montecarlo.future import (
    BATCH,
    NO_ROUTE,
    OPEN_WEIGHTS,
    PAUSES,
    RUNS,
    STOLEN,
    THEFTS,
    TRAINED,
    TRAINED_ATTAINMENTS,
    WEIGHT_RELEASES,
    Floats,
    Future,
)
from engine.montecarlo.timeline import set_budgets, set_timelines, steps_by
from engine.rules.algorithms import algorithmic_efficiency
from engine.rules.compiled import kernel
from engine.rules.diffusion import can_run, releases_weights, theft_hazard, theft_luck, thief, time_to_theft
from engine.rules.hardware import price_performance
from engine.rules.investment import actor_traits, budget_between
from engine.rules.luck import Luck
from engine.rules.training import (
    class_tokens,
    effective_compute,
    requirement,
    run_compute,
    run_pause,
    token_shortfall,
)
from engine.rules.world import World


@kernel
def play(luck: Luck, world: World, thresholds: Floats, time_step: float, future: Future) -> bool:
    """Play the future at the address `luck` into `future`. False if its arrays are too small.

    `thresholds` are log10 FLOP, rising; `time_step` is the step of the time grid in years.
    """
    _clear(future)
    set_budgets(luck, world, future)
    if not set_timelines(luck, world, future):
        return False
    _set_requirements(luck, world, future)
    actor = 0
    for c in range(world.n_classes):
        for first in range(0, world.count[c], BATCH):
            members = min(BATCH, world.count[c] - first)
            _train(luck, world, c, first, members, future)
            for member in range(members):
                _record(world, c, member, actor, thresholds, time_step, future)
                actor += 1
    _sum_models(future)
    _release_weights(luck, world, future)
    _steal(luck, world, future)
    _settle(world, future)
    return True


@kernel
def _clear(future: Future) -> None:
    future.trained_time[:] = math.inf
    future.class_trained[:] = math.inf
    future.class_open[:] = math.inf
    future.class_stolen[:] = math.inf
    future.best[:] = -math.inf
    future.models[:] = 0
    future.counted[:] = 0


@kernel
def _set_requirements(luck: Luck, world: World, future: Future) -> None:
    """What each capability requires in this future, and the capabilities in rising order of it."""
    for k in range(world.n_capabilities):
        future.requirement[k] = requirement(luck, world, k)
        place = k
        while place > 0 and future.requirement[future.by_requirement[place - 1]] > future.requirement[k]:
            future.by_requirement[place] = future.by_requirement[place - 1]
            place -= 1
        future.by_requirement[place] = k


@kernel
def _train(luck: Luck, world: World, c: int, first: int, members: int, future: Future) -> None:
    """All runs of a batch of actors that finish before the horizon: when, how large, what they reach.

    Short loops over the runs of the batch in place of one long one: those that only calculate compile
    to vector instructions, which takes few arrays and no branch.
    """
    runs = 0
    for member in range(members):
        future.first_run[member] = runs
        runs = _begin_runs(luck, world, c, first + member, runs, future)
    future.first_run[members] = runs
    _surround(world, c, runs, future)
    _size(world, runs, future.begun, future.budget_of_run, future.progress, future.compute)
    tokens = class_tokens(world, c)
    _reach(world, runs, tokens, future.begun, future.invariant, future.scaled, future.compute, future.reached)
    for member in range(members):
        _, elicitation = actor_traits(luck, world, c, first + member)
        for r in range(future.first_run[member], future.first_run[member + 1]):
            future.reached[r] += elicitation


@kernel
def _begin_runs(luck: Luck, world: World, c: int, member: int, runs: int, future: Future) -> int:
    """Append an actor's runs to the batch, which has `runs`; the new number."""
    duration = world.run_duration[c]
    offset, _ = actor_traits(luck, world, c, member)
    begun = future.begun
    now = world.start
    drawn = 0
    while True:
        _draw_pauses(luck, world, c, member, drawn, future.pause)
        drawn += PAUSES
        for pause in future.pause:
            begun[runs] = now + pause
            now = begun[runs] + duration
            if now >= world.horizon:
                return runs
            future.budget_of_run[runs] = offset
            runs += 1


@kernel
def _draw_pauses(luck: Luck, world: World, c: int, member: int, first: int, pauses: Floats) -> None:
    for n in range(pauses.size):
        pauses[n] = run_pause(luck, world, c, member, first + n)


@kernel
def _surround(world: World, c: int, runs: int, future: Future) -> None:
    """What the class has when each run begins: budget, chips, algorithms."""
    times, knots = future.step_time[c], future.budget[c]
    steps = future.events[0]
    for r in range(runs):
        begun = future.begun[r]
        year = int(begun - world.start)
        future.budget_of_run[r] += budget_between(world, begun, year, knots[year], knots[year + 1])
        step = steps_by(times, steps, begun)
        future.progress[r] = future.step_progress[c, step]
        future.invariant[r] = future.step_invariant[c, step]
        future.scaled[r] = future.step_scaled[c, step]


@kernel
def _size(world: World, runs: int, begun: Floats, budget: Floats, progress: Floats, compute: Floats) -> None:
    """Run compute, log10 FLOP."""
    for r in range(runs):
        chips = price_performance(world, begun[r], progress[r])
        compute[r] = run_compute(world, begun[r], budget[r], chips)


@kernel
def _reach(
    world: World,
    runs: int,
    tokens: float,
    begun: Floats,
    invariant: Floats,
    scaled: Floats,
    compute: Floats,
    reached: Floats,
) -> None:
    """Effective compute before elicitation, log10 FLOP."""
    for r in range(runs):
        efficiency = algorithmic_efficiency(world, begun[r], invariant[r], scaled[r], compute[r])
        shortfall = token_shortfall(world, begun[r], compute[r], tokens, efficiency)
        reached[r] = effective_compute(world, compute[r], efficiency, shortfall)


@kernel
def _record(
    world: World, c: int, member: int, actor: int, thresholds: Floats, time_step: float, future: Future
) -> None:
    """Enter an actor's runs: models by size and time, the class's best, and capabilities that emerge.

    An actor that reaches a requirement has all lower ones, so it climbs them in order.
    """
    last = future.best.shape[1] - 1
    best = future.best[c]
    climbed = 0
    first, end = future.first_run[member], future.first_run[member + 1]
    for r in range(first, end):
        finished = future.begun[r] + world.run_duration[c]
        compute, reached = future.compute[r], future.reached[r]
        j = min(math.ceil((finished - world.start) / time_step), last)
        best[j] = max(best[j], reached)
        band = 0
        for threshold in thresholds:
            band += compute >= threshold
        future.models[band, j] += world.represents[c]
        while climbed < world.n_capabilities and reached >= future.requirement[future.by_requirement[climbed]]:
            k = future.by_requirement[climbed]
            future.trained_time[actor, k] = finished
            future.trained_compute[actor, k] = compute
            future.class_trained[c, k] = min(future.class_trained[c, k], finished)
            climbed += 1
    future.counted[RUNS] += end - first
    future.counted[TRAINED_ATTAINMENTS] += climbed


@kernel
def _sum_models(future: Future) -> None:
    """From models of each grid step and threshold band to models so far above each threshold; best so far."""
    bands, times = future.models.shape
    for band in range(bands - 2, -1, -1):
        for j in range(times):
            future.models[band, j] += future.models[band + 1, j]
    for band in range(bands):
        for j in range(1, times):
            future.models[band, j] += future.models[band, j - 1]
    for c in range(future.best.shape[0]):
        for j in range(1, times):
            future.best[c, j] = max(future.best[c, j], future.best[c, j - 1])


@kernel
def _release_weights(luck: Luck, world: World, future: Future) -> None:
    """Releases of open weights, and when each class has access by them.

    Releases are taken up in order of time until no later one can bring any class earlier access.
    """
    for k in range(world.n_capabilities):
        _find_releases(luck, world, k, future)
        while True:
            actor = int(np.argmin(future.released))
            released = future.released[actor]
            if released >= world.horizon or not _take_up(world, k, released, future.trained_compute[actor, k], future):
                break
            future.released[actor] = math.inf


@kernel
def _find_releases(luck: Luck, world: World, k: int, future: Future) -> None:
    actor = 0
    for c in range(world.n_classes):
        for member in range(world.count[c]):
            released = math.inf
            attained = future.trained_time[actor, k]
            if attained < world.horizon and releases_weights(luck, world, c, member, k):
                released = attained + world.release_lag[c]
                future.counted[WEIGHT_RELEASES] += released < world.horizon
            future.released[actor] = released
            actor += 1


@kernel
def _take_up(world: World, k: int, released: float, compute: float, future: Future) -> bool:
    """Give access to the classes that can run the model; whether any class could use a later release."""
    wanted = False
    for c in range(world.n_classes):
        taken_up = released + world.uptake_lag[c]
        if taken_up < future.class_open[c, k] and taken_up < world.horizon:
            step = steps_by(future.step_time[c], future.events[0], released)
            if can_run(world, c, compute, price_performance(world, released, future.step_progress[c, step])):
                future.class_open[c, k] = taken_up
            else:
                wanted = True
    return wanted


@kernel
def _steal(luck: Luck, world: World, future: Future) -> None:
    """The theft of each capability by each class that steals, while the class has no access of its own."""
    for c in range(world.n_classes):
        if world.theft_rate[c] <= 0.0:
            continue
        for k in range(world.n_capabilities):
            until = min(future.class_trained[c, k], future.class_open[c, k], world.horizon)
            stolen = _time_of_theft(luck, world, c, k, until, future)
            if stolen < until:
                future.class_stolen[c, k] = stolen
                future.thief[c, k] = thief(world, c, theft_luck(luck, world, c, k)[1])
                future.counted[THEFTS] += 1


@kernel
def _time_of_theft(luck: Luck, world: World, c: int, k: int, until: float, future: Future) -> float:
    """When the integrated hazard reaches its draw; inf if not before `until`. Holders come in order of time."""
    remaining, _ = theft_luck(luck, world, c, k)
    unsecured = 0.0
    since = -math.inf
    while True:
        change = until
        for d in range(world.n_classes):
            if d != c and since < future.class_trained[d, k] < change:
                change = future.class_trained[d, k]
        if unsecured > 0.0:
            hazard = theft_hazard(world, c, unsecured)
            stolen = since + time_to_theft(remaining, hazard)
            if stolen <= change:
                return stolen
            remaining -= hazard * (change - since)
        if change == until:
            return math.inf
        for d in range(world.n_classes):
            if d != c and future.class_trained[d, k] == change:
                unsecured += 1.0 - world.security[d]
        since = change


@kernel
def _settle(world: World, future: Future) -> None:
    """First attainment of each class, and its route."""
    for c in range(world.n_classes):
        for k in range(world.n_capabilities):
            time, route = future.class_trained[c, k], TRAINED
            if future.class_open[c, k] < time:
                time, route = future.class_open[c, k], OPEN_WEIGHTS
            if future.class_stolen[c, k] < time:
                time, route = future.class_stolen[c, k], STOLEN
            future.class_time[c, k] = time
            future.class_route[c, k] = route if time < math.inf else NO_ROUTE
