"""Who uses services, for how long, and what capabilities earn: counted from the events of a replayed future."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from engine.montecarlo.future import Attainments, Future
from engine.replay.history import History
from engine.replay.record import Record
from engine.rules.harm import MOST_THOUSANDS, benefit
from engine.rules.hosting import is_withdrawn, serves
from engine.rules.regime import begin_measure, new_regime, next_change, set_regime
from engine.scenario import Scenario
from engine.scenario.policies import POLICY
from engine.scenario.worlds import WORLD

Period = tuple[float, float]
MOST_USD = 1000.0 * MOST_THOUSANDS


class Group(NamedTuple):
    """Real actors of a class that enter together, and have a capability from the same time on; decimal years."""

    c: int
    k: int
    number: int
    entered: float
    since: float  # inf for never


class Spans(NamedTuple):
    """When real actors have access, and the periods in which each class can use each capability."""

    groups: list[Group]
    used: list[list[list[Period]]]  # by class and capability


def _groups(scenario: Scenario, k: int, entered: list[float], own: list[float], thefts: list[list[float]]) -> list:
    """The groups for capability `k`: of each actor its entry, its access without theft, and those of thieves."""
    groups = []
    for a, (c, weight) in enumerate(zip(_classes(scenario), scenario.weights.values(), strict=True)):
        earlier = [time for time in thefts[a] if time < own[a]]
        groups += [Group(c, k, 1, entered[a], time) for time in earlier]
        groups.append(Group(c, k, weight - len(earlier), entered[a], own[a]))
    return groups


def spans_of_montecarlo(scenario: Scenario, future: Future) -> Spans:
    """The spans in the arrays of the Monte Carlo clock."""
    attainments = future.attainments
    capabilities = range(len(scenario.capability_names))
    classes = range(len(scenario.class_names))
    entered, groups = [float(time) for time in future.regime.entered], []
    thefts = thefts_of_montecarlo(scenario, attainments)
    for k in capabilities:
        own = [
            min(float(attainments.trained_time[k, a]), max(float(attainments.class_open[c, k]), entered[a]))
            for a, c in enumerate(_classes(scenario))
        ]
        groups += _groups(scenario, k, entered, own, thefts[k])
    starts, ends = attainments.use_start, attainments.use_end
    used = [
        [[(starts[c, k, u], ends[c, k, u]) for u in range(attainments.uses[c, k])] for k in capabilities]
        for c in classes
    ]
    return Spans(groups, used)


def thefts_of_montecarlo(scenario: Scenario, attainments: Attainments) -> list[list[list[float]]]:
    """For each capability and actor the times from which thieves for which it stands can use a stolen model with it."""
    times: list[list[list[float]]] = [[[] for _ in scenario.weights] for _ in scenario.capability_names]
    actors = [[] for _ in scenario.class_names]  # of each class, by real actor
    for a, (c, weight) in enumerate(zip(_classes(scenario), scenario.weights.values(), strict=True)):
        actors[c] += [a] * weight
    for n in range(int(attainments.stolen[0])):
        a = actors[attainments.thief_class[n]][attainments.thief[n]]
        for k, of_capability in enumerate(times):
            if int(attainments.stolen_capabilities[n]) >> k & 1:
                of_capability[a].append(float(attainments.stolen_use[n]))
    return times


def spans_of_replay(scenario: Scenario, record, policy_record, luck, history: History) -> Spans:
    """The spans that follow from the `history`: entries, attainments, services, and measures in force."""
    events, names = history.events, scenario.capability_names
    actors = list(scenario.weights)
    present = [a < spec.present for spec in scenario.actor_classes.values() for a in range(spec.simulated)]
    entries = dict(events.loc[events.event == "entry", ["actor", "time"]].itertuples(index=False))
    entered = [
        scenario.start if here else entries.get(name, math.inf) for name, here in zip(actors, present, strict=True)
    ]
    own = np.full((len(names), len(actors)), math.inf)
    thefts: list[list[list[float]]] = [[[] for _ in actors] for _ in names]
    classes = _classes(scenario)
    for row in events[events.event == "attainment"].itertuples():
        k = names.index(row.subject)
        for a, name in enumerate(actors):
            if row.route == "open_weights" and scenario.class_names[classes[a]] == row.actor_class:
                own[k, a] = min(own[k, a], max(row.time, entered[a]))
            elif name == row.actor and row.route == "stolen":
                thefts[k][a].append(row.time)
            elif name == row.actor:
                own[k, a] = min(own[k, a], row.time)
    groups = [group for k in range(len(names)) for group in _groups(scenario, k, entered, own[k].tolist(), thefts[k])]
    return Spans(groups, _periods(scenario, record, policy_record, luck, history))


def _periods(scenario: Scenario, record, policy_record, luck, history: History) -> list[list[list[Period]]]:
    """The periods in which some service is open, by class and capability."""
    world, policy, events = Record(record, WORLD), Record(policy_record, POLICY), history.events
    actors = list(scenario.weights)
    regime = new_regime(int(policy["n_measures"]), len(actors), len(scenario.class_names))
    set_regime(luck, world, policy, regime)
    given, m = scenario.policies.get(history.policy), 0
    for name, measure in given.named_measures() if given else ():
        when = events.time[(events.event == "measure_start") & (events.subject == name)]
        for part in range(m, m + len(measure.stretches())):
            if measure.trigger is not None and len(when):
                begin_measure(luck, world, policy, regime, part, when.iloc[0])
        m += len(measure.stretches())
    dangerous = {name for name, spec in scenario.capabilities.items() if spec.kind == "dangerous"}
    services = [
        (row.time, actors.index(row.actor), set(row.subject.split(", ")))
        for row in events[events.event == "service"].itertuples()
    ]
    classes = _classes(scenario)

    def periods(c: int, capability: str) -> list[Period]:
        offers = [
            (begins, a, bool(has & dangerous))
            for begins, a, has in services
            if capability in has and serves(world, classes[a], c)
        ]
        found, now = [], scenario.start
        while now < scenario.horizon and offers:
            used = any(begins <= now and not is_withdrawn(policy, regime, a, c, d, now) for begins, a, d in offers)
            until = float(next_change(policy, regime, now))
            if not used:
                until = min([until, *(begins for begins, *_ in offers if begins > now)])
            if used:
                found.append((now, min(until, scenario.horizon)))
            now = until
        return found

    return [[periods(c, name) for name in scenario.capability_names] for c in range(len(scenario.class_names))]


def user_years(scenario: Scenario, spans: Spans) -> np.ndarray:
    """Years in which real actors use a capability without access of their own (class, capability)."""
    years = np.zeros((len(scenario.class_names), len(scenario.capability_names)))
    for c, k, number, entered, since in spans.groups:
        until = min(since, scenario.horizon)
        used = sum(max(0.0, min(end, until) - max(begin, entered)) for begin, end in spans.used[c][k])
        years[c, k] += used * number
    return years


def users_at(scenario: Scenario, spans: Spans, time: float) -> list[int]:
    """The number of real actors that use each capability at `time` without access of their own.

    A use to the horizon counts at the horizon, too.
    """
    horizon = scenario.horizon
    numbers = [0] * len(scenario.capability_names)
    for c, k, number, entered, since in spans.groups:
        used = any(begin <= time and (time < end or end >= horizon) for begin, end in spans.used[c][k])
        if used and entered <= time < since:
            numbers[k] += number
    return numbers


def earned(scenario: Scenario, record, spans: Spans) -> tuple[float, float]:
    """(benefit, the part of it by use) to the horizon, US$, each at most what the Monte Carlo clock can count."""
    world, used = Record(record, WORLD), user_years(scenario, spans).sum(axis=0)
    own = np.zeros(len(used))
    for group in spans.groups:
        own[group.k] += group.number * max(scenario.horizon - group.since, 0.0)
    valuable = [k for k, spec in enumerate(scenario.capabilities.values()) if spec.kind == "valuable"]
    every, by_use = (
        min(sum(min(float(benefit(world, k, years[k])), MOST_USD) for k in valuable), MOST_USD)
        for years in (own + used, used)
    )
    return every, by_use


def _classes(scenario: Scenario) -> list[int]:
    """The class of every actor."""
    return [c for c, spec in enumerate(scenario.actor_classes.values()) for _ in spec.weights]
