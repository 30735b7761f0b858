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
    RUNS,
    STOLEN,
    THEFTS,
    TRAINED,
    TRAINED_ATTAINMENTS,
    WEIGHT_RELEASES,
    Floats,
    Future,
    Ints,
    grid_step,
)
from engine.montecarlo.timeline import set_budgets, set_timelines, steps_by
from engine.rules.algorithms import algorithmic_efficiency
from engine.rules.compiled import kernel
from engine.rules.diffusion import (
    can_run,
    hazard_left,
    releases_weights,
    theft_hazard,
    theft_luck,
    thief,
    time_to_theft,
    unsecured,
    weights_released,
    weights_taken_up,
)
from engine.rules.hardware import price_performance
from engine.rules.investment import actor_budget, actor_traits
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
            runs = _train(luck, world, c, first, members, future)
            begun, compute, band, step = future.begun, future.compute, future.band, future.grid_step
            _sort_runs(world, c, runs, thresholds, time_step, begun, compute, band, step)
            _record(world, c, runs, future)
            future.counted[RUNS] += runs
            for member in range(members):
                _emerge(world, c, member, actor, future)
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
def _train(luck: Luck, world: World, c: int, first: int, members: int, future: Future) -> int:
    """All runs of a batch of actors that finish before the horizon: when, how large, what they reach; their number.

    Short loops over the runs of the batch in place of one long one: those that only calculate compile
    to vector instructions, which takes few arrays and no branch.
    """
    runs = _begin_runs(luck, world, c, first, members, future)
    for member in range(members):
        offset, skill = actor_traits(luck, world, c, first + member)
        for r in range(future.first_run[member], future.first_run[member + 1]):
            future.budget_of_run[r] = offset
            future.elicitation[r] = skill
    _surround(world, c, runs, future)
    _size(world, runs, future.begun, future.budget_of_run, future.progress, future.compute)
    invariant, scaled, elicitation = future.invariant, future.scaled, future.elicitation
    tokens = class_tokens(world, c)
    _reach(world, runs, tokens, future.begun, invariant, scaled, future.compute, elicitation, future.reached)
    return runs


@kernel
def _begin_runs(luck: Luck, world: World, c: int, first: int, members: int, future: Future) -> int:
    """When the runs of a batch of actors begin, actor by actor; their number.

    Pauses are drawn in blocks of what most actors of the class need, in whole vector registers.
    """
    duration, horizon = world.run_duration[c], world.horizon
    begun, pauses = future.begun, future.pauses
    usual = (horizon - world.start) / (duration + world.run_pause[c])
    block = min(8 * math.ceil((usual + math.sqrt(usual)) / 8.0), pauses.shape[1])
    runs = 0
    _draw_pauses(luck, world, c, first, members, 0, block, pauses)
    for member in range(members):
        future.first_run[member] = runs
        drawn = n = 0
        now = world.start
        while True:
            if n == block:
                drawn += block
                n = 0
                _draw_pauses(luck, world, c, first + member, 1, drawn, block, pauses[member:])
            begun[runs] = now + pauses[member, n]
            now = begun[runs] + duration
            if now >= horizon:
                break
            n += 1
            runs += 1
    future.first_run[members] = runs
    return runs


@kernel
def _draw_pauses(
    luck: Luck, world: World, c: int, first: int, members: int, run: int, block: int, pauses: Floats
) -> None:
    """The pauses of `members` actors before `run` and `block` - 1 more, (member, run)."""
    for member in range(members):
        for n in range(block):
            pauses[member, n] = run_pause(luck, world, c, first + member, run + n)


@kernel
def _surround(world: World, c: int, runs: int, future: Future) -> None:
    """What the actor has when each run begins: budget (on top of the offset there), chips, algorithms."""
    times, events, knots = future.step_time[c], future.events[0], future.budget[c]
    for r in range(runs):
        begun = future.begun[r]
        year = int(begun - world.start)
        offset = future.budget_of_run[r]
        future.budget_of_run[r] = actor_budget(world, begun, year, knots[year], knots[year + 1], offset)
        step = steps_by(times, events, begun)
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
    elicitation: Floats,
    reached: Floats,
) -> None:
    """Effective compute, log10 FLOP."""
    for r in range(runs):
        efficiency = algorithmic_efficiency(world, begun[r], invariant[r], scaled[r], compute[r])
        shortfall = token_shortfall(world, begun[r], compute[r], tokens, efficiency)
        reached[r] = effective_compute(world, compute[r], efficiency, shortfall, elicitation[r])


@kernel
def _sort_runs(
    world: World,
    c: int,
    runs: int,
    thresholds: Floats,
    time_step: float,
    begun: Floats,
    compute: Floats,
    band: Ints,
    step: Ints,
) -> None:
    """The band of thresholds each run lies in, and the step of the time grid in which it finishes."""
    for r in range(runs):
        step[r] = grid_step(begun[r] + world.run_duration[c] - world.start, time_step)
        band[r] = 0
    for threshold in thresholds:
        for r in range(runs):
            band[r] += compute[r] >= threshold


@kernel
def _record(world: World, c: int, runs: int, future: Future) -> None:
    """Enter a batch of runs into the models by size and time, and the class's best by time."""
    best, models = future.best[c], future.models
    last, weight = best.size - 1, world.represents[c]
    for r in range(runs):
        j = min(future.grid_step[r], last)
        best[j] = max(best[j], future.reached[r])
        models[future.band[r], j] += weight


@kernel
def _emerge(world: World, c: int, member: int, actor: int, future: Future) -> None:
    """The capabilities that emerge in an actor's runs.

    An actor that reaches a requirement has all lower ones, so it climbs them in order.
    """
    climbed, capabilities = 0, world.n_capabilities
    required = future.requirement[future.by_requirement[0]]
    for r in range(future.first_run[member], future.first_run[member + 1]):
        while future.reached[r] >= required:
            k = future.by_requirement[climbed]
            finished = future.begun[r] + world.run_duration[c]
            future.trained_time[k, actor] = finished
            future.trained_compute[k, actor] = future.compute[r]
            future.class_trained[c, k] = min(future.class_trained[c, k], finished)
            climbed += 1
            if climbed == capabilities:
                future.counted[TRAINED_ATTAINMENTS] += climbed
                return
            required = future.requirement[future.by_requirement[climbed]]
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
        trained, releases = future.trained_time[k], future.released
        first = 0
        for c in range(world.n_classes):
            _find_releases(luck, world, c, k, first, trained, releases)
            first += world.count[c]
        for released in releases:
            future.counted[WEIGHT_RELEASES] += released < world.horizon
        while True:
            actor = int(np.argmin(releases))
            released = releases[actor]
            if released >= world.horizon or not _take_up(world, k, released, future.trained_compute[k, actor], future):
                break
            releases[actor] = math.inf


@kernel
def _find_releases(luck: Luck, world: World, c: int, k: int, first: int, trained: Floats, released: Floats) -> None:
    """When the members of class `c`, from actor `first`, release weights with capability `k`; inf if they do not."""
    for member in range(world.count[c]):
        releases = releases_weights(luck, world, c, member, k)
        released[first + member] = weights_released(world, c, trained[first + member]) if releases else math.inf


@kernel
def _take_up(world: World, k: int, released: float, compute: float, future: Future) -> bool:
    """Give access to the classes that can run the model; whether any class could use a later release."""
    wanted = False
    for c in range(world.n_classes):
        taken_up = weights_taken_up(world, c, released)
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
    exposed = 0.0
    since = -math.inf
    while True:
        change = until
        for d in range(world.n_classes):
            if d != c and since < future.class_trained[d, k] < change:
                change = future.class_trained[d, k]
        if exposed > 0.0:
            hazard = theft_hazard(world, c, exposed)
            stolen = since + time_to_theft(remaining, hazard)
            if stolen <= change:
                return stolen
            remaining = hazard_left(remaining, hazard, change - since)
        if change == until:
            return math.inf
        for d in range(world.n_classes):
            if d != c and future.class_trained[d, k] == change:
                exposed += unsecured(world, d)
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
