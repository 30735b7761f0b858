"""The part of a future that no actor changes: the chips and algorithms of each class over time."""

from __future__ import annotations

from engine.montecarlo.arrays import Floats, Ints
from engine.montecarlo.future import BREAKTHROUGHS, CHIPS, FORMAT, RELEASES, Exogenous, first_of
from engine.rules.algorithms import breakthrough_gain, breakthrough_time
from engine.rules.compiled import ZERO, kernel, standalone
from engine.rules.hardware import class_can_buy, class_trains_with, generation_gain, release_gap, ships_format
from engine.rules.investment import common_shock, first_budget, next_budget
from engine.rules.luck import Luck
from engine.rules.regime import Regime
from engine.rules.secrecy import adoption_lag, breakthrough_reach, crossing_lag, publication_lag, secrecy
from engine.rules.world import Policy, World


@kernel
def set_budgets(luck: Luck, world: World, exogenous: Exogenous) -> None:
    """Set the yearly knots of every class's log budget."""
    for c in range(world.n_classes):
        exogenous.budget[c, 0] = first_budget(world, c)
    for year in range(exogenous.budget.shape[1] - 1):
        common = common_shock(luck, year)
        for c in range(world.n_classes):
            exogenous.budget[c, year + 1] = next_budget(luck, world, c, year, exogenous.budget[c, year], common)


@standalone
def set_timelines(
    luck: Luck, world: World, policy: Policy, regime: Regime, exogenous: Exogenous, counted: Ints
) -> bool:
    """Set every class's steps of chips and algorithms, in order of time. Returns False if they do not fit."""
    if not _set_events(luck, world, policy, regime, exogenous, counted):
        return False
    events, regime = exogenous.events[0], regime
    finder, number, lag = exogenous.event_finder, exogenous.event_number, exogenous.event_lag
    for c in range(world.n_classes):
        times = exogenous.step_time[c]
        if world.n_relations == 0:
            _adopt(luck, world, c, events, exogenous.event_time, finder, number, lag, times)
        else:
            for e in range(events):
                if finder[e] >= 0:
                    exogenous.crossing_lag[e] = crossing_lag(world, exogenous.event_class[e], c, lag[e])
            _adopt(luck, world, c, events, exogenous.event_time, finder, number, exogenous.crossing_lag, times)
        for e in range(events):
            if finder[e] == CHIPS:
                times[e] = class_can_buy(world, policy, regime, c, exogenous.event_time[e])
            elif finder[e] == FORMAT:
                times[e] = class_trains_with(world, policy, regime, c, number[e], exogenous.event_time[e])
        _sort(times, exogenous.step_event[c], events)
        progress = invariant = scaled = 0.0
        for n in range(events + 1):
            exogenous.step_progress[c, n] = progress
            exogenous.step_invariant[c, n] = invariant
            exogenous.step_scaled[c, n] = scaled
            event = exogenous.step_event[c, n]
            progress += exogenous.event_progress[event]
            invariant += exogenous.event_invariant[event]
            scaled += exogenous.event_scaled[event]
    return True


@kernel
def _set_events(luck: Luck, world: World, policy: Policy, regime: Regime, exogenous: Exogenous, counted: Ints) -> bool:
    """Set releases, formats and breakthroughs of the world in order of time. Returns False if they do not fit."""
    room = exogenous.event_time.size - 2
    next_time, next_number = exogenous.next_time, exogenous.next_number
    next_number[:] = 0
    for c in range(world.n_classes):
        next_time[c] = breakthrough_time(luck, world, policy, regime, c, 0, world.start)
    release = world.start + release_gap(luck, world, 0)
    generation = formats = e = ZERO
    while e < room:
        finder = first_of(next_time)
        now = min(release, next_time[finder])
        if now >= world.horizon:
            exogenous.events[0] = e
            counted[RELEASES] = generation
            counted[BREAKTHROUGHS] = e - generation - formats
            return True
        if now == release:
            _set_event(exogenous, e, now, generation_gain(luck, world, generation), 0.0, 0.0)
            exogenous.event_finder[e] = CHIPS
            exogenous.event_number[e] = generation
            e += 1
            if formats < world.n_formats and ships_format(luck, world, generation):
                _set_event(exogenous, e, now, world.format_gain[formats], 0.0, 0.0)
                exogenous.event_finder[e] = FORMAT
                exogenous.event_number[e] = formats
                e += 1
                formats += 1
            generation += 1
            release = now + release_gap(luck, world, generation)
        else:
            n = next_number[finder]
            gain = breakthrough_gain(luck, world, finder, n)
            kept = secrecy(world, policy, regime, finder, now)
            scale_dependent, secret = breakthrough_reach(luck, world, finder, n, kept)
            _set_event(exogenous, e, now, 0.0, 0.0 if scale_dependent else gain, gain if scale_dependent else 0.0)
            exogenous.event_finder[e] = world.class_address[finder]
            exogenous.event_class[e] = finder
            exogenous.event_number[e] = n
            exogenous.event_lag[e] = publication_lag(world, policy, regime, finder, now, secret)
            e += 1
            next_number[finder] = n + 1
            next_time[finder] = breakthrough_time(luck, world, policy, regime, finder, n + 1, now)
    return False


@kernel
def _set_event(exogenous: Exogenous, e: int, time: float, progress: float, invariant: float, scaled: float) -> None:
    exogenous.event_time[e] = time
    exogenous.event_progress[e] = progress
    exogenous.event_invariant[e] = invariant
    exogenous.event_scaled[e] = scaled


@kernel
def _adopt(
    luck: Luck, world: World, c: int, events: int, time: Floats, finder: Ints, number: Ints, lag: Floats, times: Floats
) -> None:
    """Set the times at which class `c` would take up each event as a breakthrough; a plain loop, to vectorise."""
    for e in range(events):
        times[e] = time[e] + adoption_lag(luck, world, max(finder[e], 0), number[e], c, lag[e])


@kernel
def _sort(times: Floats, events: Ints, count: int) -> None:
    """Sort the first `count` of `times` and number their events, by insertion because they are nearly sorted."""
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
    """The number of the first `count` of `times` that are at most `t`: vectorised, faster than a search."""
    steps = 0
    for n in range(count):
        steps += times[n] <= t
    return steps
