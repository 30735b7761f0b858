"""The part of a future that no actor changes: what chips and algorithms each class has, and when."""

from __future__ import annotations

import math

import numpy as np

from engine.montecarlo.future import BREAKTHROUGHS, CHIPS, FORMAT, RELEASES, Floats, Future, Ints
from engine.rules.algorithms import adoption_lag, breakthrough_gain, breakthrough_gap, breakthrough_reach
from engine.rules.compiled import kernel
from engine.rules.hardware import class_can_buy, class_trains_with, generation_gain, release_gap, ships_format
from engine.rules.investment import common_shock, first_budget, next_budget
from engine.rules.luck import Luck
from engine.rules.world import World


@kernel
def set_budgets(luck: Luck, world: World, future: Future) -> None:
    """The yearly knots of every class's log budget."""
    for c in range(world.n_classes):
        future.budget[c, 0] = first_budget(world, c)
    for year in range(future.budget.shape[1] - 1):
        common = common_shock(luck, year)
        for c in range(world.n_classes):
            future.budget[c, year + 1] = next_budget(luck, world, c, year, future.budget[c, year], common)


@kernel
def set_timelines(luck: Luck, world: World, future: Future) -> bool:
    """Every class's steps of chips and algorithms, in order of time. False if they do not fit."""
    if not _set_events(luck, world, future):
        return False
    events = future.events[0]
    for c in range(world.n_classes):
        times = future.step_time[c]
        _adopt(
            luck,
            world,
            c,
            events,
            future.event_time,
            future.event_finder,
            future.event_number,
            future.event_secret,
            times,
        )
        for e in range(events):
            if future.event_finder[e] == CHIPS:
                times[e] = class_can_buy(world, c, future.event_time[e])
            elif future.event_finder[e] == FORMAT:
                times[e] = class_trains_with(world, c, future.event_number[e], future.event_time[e])
        _sort(times, future.step_event[c], events)
        progress = invariant = scaled = 0.0
        for n in range(events + 1):
            future.step_progress[c, n] = progress
            future.step_invariant[c, n] = invariant
            future.step_scaled[c, n] = scaled
            event = future.step_event[c, n]
            progress += future.event_progress[event]
            invariant += future.event_invariant[event]
            scaled += future.event_scaled[event]
    return True


@kernel
def _set_events(luck: Luck, world: World, future: Future) -> bool:
    """Releases, formats and breakthroughs of the world in order of time. False if they do not fit."""
    room = future.event_time.size - 2
    next_time = np.full(world.n_classes, math.inf)
    next_number = np.zeros(world.n_classes, np.int64)
    for c in range(world.n_classes):
        next_time[c] = world.start + breakthrough_gap(luck, world, c, 0)
    release = world.start + release_gap(luck, world, 0)
    generation = formats = e = 0
    while e < room:
        finder = int(np.argmin(next_time))
        now = min(release, next_time[finder])
        if now >= world.horizon:
            future.events[0] = e
            future.counted[RELEASES] = generation
            future.counted[BREAKTHROUGHS] = e - generation - formats
            return True
        if now == release:
            _set_event(future, e, now, generation_gain(luck, world, generation), 0.0, 0.0)
            future.event_finder[e] = CHIPS
            future.event_number[e] = generation
            e += 1
            if formats < world.n_formats and ships_format(luck, world, generation):
                _set_event(future, e, now, world.format_gain[formats], 0.0, 0.0)
                future.event_finder[e] = FORMAT
                future.event_number[e] = formats
                e += 1
                formats += 1
            generation += 1
            release = now + release_gap(luck, world, generation)
        else:
            n = next_number[finder]
            gain = breakthrough_gain(luck, world, finder, n)
            scale_dependent, secret = breakthrough_reach(luck, world, finder, n)
            _set_event(future, e, now, 0.0, 0.0 if scale_dependent else gain, gain if scale_dependent else 0.0)
            future.event_finder[e] = world.class_address[finder]
            future.event_number[e] = n
            future.event_secret[e] = secret
            e += 1
            next_number[finder] = n + 1
            next_time[finder] = now + breakthrough_gap(luck, world, finder, n + 1)
    return False


@kernel
def _set_event(future: Future, e: int, time: float, progress: float, invariant: float, scaled: float) -> None:
    future.event_time[e] = time
    future.event_progress[e] = progress
    future.event_invariant[e] = invariant
    future.event_scaled[e] = scaled


@kernel
def _adopt(
    luck: Luck, world: World, c: int, events: int, time: Floats, finder: Ints, number: Ints, secret: Ints, times: Floats
) -> None:
    """When class `c` would take up each event as a breakthrough; a plain loop, for vector instructions."""
    for e in range(events):
        times[e] = time[e] + adoption_lag(luck, world, max(finder[e], 0), number[e], c, secret[e] == 1)


@kernel
def _sort(times: Floats, events: Ints, count: int) -> None:
    """Sort the first `count` of `times` and number their events; insertion, for they are nearly sorted."""
    for e in range(count):
        time = times[e]
        n = e
        while n > 0 and times[n - 1] > time:
            times[n] = times[n - 1]
            events[n] = events[n - 1]
            n -= 1
        times[n] = time
        events[n] = e
    events[count] = 0


@kernel
def steps_by(times: Floats, count: int, t: float) -> int:
    """How many of the first `count` of `times` are at most `t`: as vector instructions, faster than a search."""
    steps = 0
    for n in range(count):
        steps += times[n] <= t
    return steps
