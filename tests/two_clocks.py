"""One future under each clock, told in the same words."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass

import numpy as np
import pandas as pd
from one_future import play as play_montecarlo
from use_and_benefit import earned, spans_of_montecarlo, spans_of_replay, thefts_of_montecarlo, user_years

from engine.montecarlo.clock import EVERYTHING, TOO_SMALL
from engine.montecarlo.future import COUNTED, ROUTES, Setting, new_future
from engine.montecarlo.tally import log10_thresholds
from engine.replay.play import play as play_replay
from engine.scenario import Scenario, WorldSampler

SAME_TIME_YEARS = 1e-9
#: The same for the years of all users of a class, of which it may have many thousands.
_SAME_YEARS = 1e-4


@dataclass(frozen=True)
class Told:
    """First attainments of classes (time and route), attainments of actors by training and theft, counts of events."""

    times: dict[tuple[str, str], float]
    routes: dict[tuple[str, str], str]
    trained: dict[tuple[str, str], float]  # by actor and capability
    stolen: dict[tuple[str, str, int], float]  # by actor, capability, and place among the thieves it stands for
    counts: dict[str, int]
    ready: dict[str, float]  # defences, by capability
    measures: dict[tuple[str, int], float]  # starts (0) and changes at dates (1, 2...), by measure
    incidents: dict[str, int]  # by capability
    hosted: dict[str, int]  # by capability
    used: dict[tuple[str, str], float]  # first use, by class and capability
    annual_loss: list[float]  # US$
    user_years: np.ndarray  # of real actors without access of their own, by class and capability
    earned: tuple[float, float]  # US$: benefit, and the part of it by users


def assert_clocks_agree(scenario: Scenario, worlds: int, futures: int, seed: int, first_world: int = 0) -> int:
    """Play a block of futures under both clocks and every policy, and hold each against the other.

    Returns how many attainments there were. The Monte Carlo clock plays a policy from where it leaves what was played
    before, so policies are played in the order of its runs, and in the contrary order.
    """
    records, policies = WorldSampler(scenario, first_world + worlds, seed).draw(first_world)
    future = new_future(scenario, records, policies)
    time_step = (scenario.horizon - scenario.start) / (len(scenario.time_grid) - 1)
    order = np.argsort(-policies.first_step[0], kind="stable")
    attainments = 0
    for w, record in enumerate(records):
        for f in range(futures):
            luck = (seed, first_world + w, f)
            reuse_from = EVERYTHING
            for p in order if f % 2 == 0 else order[::-1]:
                address = (*luck, scenario.policy_names[p])
                reuse_from = play_montecarlo(
                    Setting(luck, record, policies[w, p], log10_thresholds(scenario), time_step), reuse_from, future
                )
                assert reuse_from != TOO_SMALL
                fast = _told_by_montecarlo(scenario, record, future, scenario.policy_names[p])
                slow = _told_by_replay(scenario, record, policies[w, p], luck, scenario.policy_names[p])
                assert fast.counts == slow.counts, address
                assert fast.routes == slow.routes, address
                assert fast.incidents == slow.incidents, address
                assert fast.hosted == slow.hosted, address
                for name in ("used", "times", "trained", "stolen", "ready", "measures"):
                    mine, theirs = getattr(fast, name), getattr(slow, name)
                    assert mine.keys() == theirs.keys(), (address, name)
                    for key, time in mine.items():
                        assert abs(time - theirs[key]) < SAME_TIME_YEARS, (address, name, key)
                # Every loss is rounded to a thousand US$ by the Monte Carlo clock.
                rounded = 501.0 * (1 + slow.counts["incidents"] + slow.counts["hosted_incidents"])
                assert np.allclose(fast.annual_loss, slow.annual_loss, rtol=1e-9, atol=rounded), address
                assert np.allclose(fast.user_years, slow.user_years, rtol=1e-9, atol=_SAME_YEARS), address
                # Benefit is counted in whole thousands of US$ of each capability.
                assert np.allclose(
                    fast.earned, slow.earned, rtol=1e-6, atol=1000.0 * (1 + len(scenario.capabilities))
                ), address
                attainments += len(fast.times)
    return attainments


def _told_by_montecarlo(scenario, record, future, policy) -> Told:
    times, routes, trained, stolen = {}, {}, {}, {}
    attainments, classes = (
        future.attainments,
        np.repeat(np.arange(len(scenario.class_names)), [spec.simulated for spec in scenario.actor_classes.values()]),
    )
    actors = list(scenario.weights)
    for a, actor in enumerate(actors):
        for k, capability in enumerate(scenario.capability_names):
            if np.isfinite(attainments.trained_time[k, a]):
                trained[actor, capability] = float(attainments.trained_time[k, a])
    for k, by_actor in enumerate(thefts_of_montecarlo(scenario, attainments)):
        for a, thefts in enumerate(by_actor):
            own = min(attainments.trained_time[k, a], attainments.class_open[classes[a], k], scenario.horizon)
            used = sorted(time for time in thefts if time < own)
            stolen |= {(actors[a], scenario.capability_names[k], n): time for n, time in enumerate(used)}
    for c, name in enumerate(scenario.class_names):
        for k, capability in enumerate(scenario.capability_names):
            if np.isfinite(future.attainments.class_time[c, k]):
                times[name, capability] = float(future.attainments.class_time[c, k])
                routes[name, capability] = ROUTES[future.attainments.class_route[c, k]]
    counts = {kind: int(count) for kind, count in zip(COUNTED, future.counted, strict=True)}
    names = scenario.capability_names
    ready = {name: float(time) for name, time in zip(names, future.harms.ready, strict=True) if time < scenario.horizon}
    regime, called = future.regime, _measure_names(scenario, policy)
    measures = _numbered(
        (name, max(float(regime.start[m]), scenario.start))
        for m, name in enumerate(called)
        if max(regime.start[m], scenario.start) < min(regime.end[m], scenario.horizon)
    )
    incidents = {name: int(n) for name, n in zip(names, future.harms.incidents, strict=True) if n}
    annual_loss = [1000.0 * loss for loss in future.harms.annual_loss]
    hosted = {name: int(n) for name, n in zip(names, future.harms.hosted_incidents, strict=True) if n}
    used = {
        (name, capability): float(attainments.use_start[c, k, 0])
        for c, name in enumerate(scenario.class_names)
        for k, capability in enumerate(names)
        if attainments.uses[c, k]
    }
    years = user_years(scenario, spans_of_montecarlo(scenario, future))
    usd = 1000.0 * future.harms.benefit[0], 1000.0 * future.harms.hosted_benefit[0]
    told = (times, routes, trained, stolen, counts, ready, measures, incidents, hosted, used, annual_loss)
    return Told(*told, years, usd)


def _measure_names(scenario, policy) -> list[str]:
    """The name of each part of a measure."""
    named = scenario.policies[policy].named_measures() if policy in scenario.policies else ()
    return [name for name, measure in named for _ in measure.stretches()]


def _numbered(times) -> dict:
    """Times by name and place among those of the name, from (name, time) in order of time."""
    seen: Counter[str] = Counter()
    numbered = {}
    for name, time in times:
        numbered[name, seen[name]] = time
        seen[name] += 1
    return numbered


def _told_by_replay(scenario, record, policy_record, luck, policy) -> Told:
    history = play_replay(scenario, record, policy_record, luck, policy)
    first, events = history.attainments, history.events
    times, routes = (_by(first, "actor_class", "capability", value=value) for value in ("time", "route"))
    assert len(times) == len(first), "a class attains a capability first only once"
    trained = _by(events[events.route.isin(["trained", "distilled"])], "actor", "subject", value="time")
    thefts = events[events.route == "stolen"]
    keys = zip(thefts.actor, thefts.subject, strict=True)
    stolen = {(*key, n): time for (key, n), time in _numbered(zip(keys, thefts.time, strict=True)).items()}
    ready = _by(events[events.event == "defence_ready"], "subject", value="time")
    phases = events[events.event.isin(["measure_start", "measure_change"])]
    measures = _numbered(zip(phases.subject, phases.time, strict=True))
    incidents, hosted = events[events.event == "incident"], events[events.event == "hosted_incident"]
    used = _by(events[events.event == "first_use"], "actor_class", "subject", value="time")
    both = pd.concat([incidents, hosted])
    spans = spans_of_replay(scenario, record, policy_record, luck, history)
    annual_loss = np.zeros(math.ceil(scenario.horizon - scenario.start))
    for time, loss in zip(both.time, both.log10_usd, strict=True):
        annual_loss[int(time - scenario.start)] += 10.0**loss
    return Told(
        times,
        routes,
        trained,
        stolen,
        history.counts(),
        ready,
        measures,
        incidents.subject.value_counts().to_dict(),
        hosted.subject.value_counts().to_dict(),
        used,
        list(annual_loss),
        user_years(scenario, spans),
        earned(scenario, record, spans),
    )


def _by(rows: pd.DataFrame, *names: str, value: str) -> dict:
    """The column `value` by the columns `names`: by tuples, if there are several."""
    keys = rows[names[0]] if len(names) == 1 else zip(*(rows[name] for name in names), strict=True)
    return dict(zip(keys, rows[value], strict=True))
