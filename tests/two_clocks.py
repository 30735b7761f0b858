"""One future under each clock, told in the same words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.montecarlo.clock import play as play_montecarlo
from engine.montecarlo.future import COUNTED, ROUTES, new_future
from engine.montecarlo.tally import log10_thresholds
from engine.replay.play import play as play_replay
from engine.scenario import Scenario, WorldSampler

SAME_TIME_YEARS = 1e-9


@dataclass(frozen=True)
class Told:
    """First attainments of classes (time and route) and counts of events."""

    times: dict[tuple[str, str], float]
    routes: dict[tuple[str, str], str]
    counts: dict[str, int]


def assert_clocks_agree(scenario: Scenario, worlds: int, futures: int, seed: int, first_world: int = 0) -> int:
    """Play a block of futures under both clocks and hold each against the other; how many attainments there were."""
    records = WorldSampler(scenario, first_world + worlds, seed).worlds(first_world)
    future = new_future(scenario, records)
    time_step = (scenario.horizon - scenario.start) / (len(scenario.time_grid) - 1)
    attainments = 0
    for w, record in enumerate(records):
        for f in range(futures):
            luck = (seed, first_world + w, f)
            assert play_montecarlo(luck, record, log10_thresholds(scenario), time_step, future)
            fast = _told_by_montecarlo(scenario, future)
            slow = _told_by_replay(scenario, record, luck)
            assert fast.counts == slow.counts, luck
            assert fast.routes == slow.routes, luck
            for key, time in fast.times.items():
                assert abs(time - slow.times[key]) < SAME_TIME_YEARS, (luck, key)
            attainments += len(fast.times)
    return attainments


def _told_by_montecarlo(scenario, future) -> Told:
    times, routes = {}, {}
    for c, name in enumerate(scenario.class_names):
        for k, capability in enumerate(scenario.capability_names):
            if np.isfinite(future.class_time[c, k]):
                times[name, capability] = float(future.class_time[c, k])
                routes[name, capability] = ROUTES[future.class_route[c, k]]
    counts = {kind: int(count) for kind, count in zip(COUNTED, future.counted, strict=True)}
    return Told(times, routes, counts)


def _told_by_replay(scenario, record, luck) -> Told:
    history = play_replay(scenario, record, luck)
    rows = list(history.attainments.itertuples(index=False))
    times = {(row.actor_class, row.capability): row.time for row in rows}
    routes = {(row.actor_class, row.capability): row.route for row in rows}
    assert len(times) == len(rows), "a class attains a capability first only once"
    return Told(times, routes, history.counts())
