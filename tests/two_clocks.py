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
    """First attainments of classes (time and route), attainments of actors by training and theft, counts of events."""

    times: dict[tuple[str, str], float]
    routes: dict[tuple[str, str], str]
    trained: dict[tuple[str, str], float]  # by actor and capability
    thieves: set[tuple[str, str]]  # actor and capability
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
            assert fast.trained.keys() == slow.trained.keys(), luck
            assert all(abs(time - slow.trained[key]) < SAME_TIME_YEARS for key, time in fast.trained.items()), luck
            assert fast.thieves == slow.thieves, luck
            attainments += len(fast.times)
    return attainments


def _told_by_montecarlo(scenario, future) -> Told:
    times, routes, trained, thieves = {}, {}, {}, set()
    actors = [f"{name} {member + 1}" for name, spec in scenario.actor_classes.items() for member in range(spec.count)]
    for a, actor in enumerate(actors):
        for k, capability in enumerate(scenario.capability_names):
            if np.isfinite(future.trained_time[k, a]):
                trained[actor, capability] = float(future.trained_time[k, a])
    for c, name in enumerate(scenario.class_names):
        for k, capability in enumerate(scenario.capability_names):
            if np.isfinite(future.class_stolen[c, k]):
                thieves.add((f"{name} {future.thief[c, k] + 1}", capability))
            if np.isfinite(future.class_time[c, k]):
                times[name, capability] = float(future.class_time[c, k])
                routes[name, capability] = ROUTES[future.class_route[c, k]]
    counts = {kind: int(count) for kind, count in zip(COUNTED, future.counted, strict=True)}
    return Told(times, routes, trained, thieves, counts)


def _told_by_replay(scenario, record, luck) -> Told:
    history = play_replay(scenario, record, luck)
    rows = list(history.attainments.itertuples(index=False))
    times = {(row.actor_class, row.capability): row.time for row in rows}
    routes = {(row.actor_class, row.capability): row.route for row in rows}
    assert len(times) == len(rows), "a class attains a capability first only once"
    attained = history.events[history.events.event == "attainment"]
    by_training = attained[attained.route == "trained"]
    trained = {(row.actor, row.subject): row.time for row in by_training.itertuples()}
    thieves = {(row.actor, row.subject) for row in attained[attained.route == "stolen"].itertuples()}
    return Told(times, routes, trained, thieves, history.counts())
