"""Who uses services, for how long, and what capabilities earn: counted from the events of a replayed future."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from engine.montecarlo.future import Attainments, access_since
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


class Spans(NamedTuple):
    """Decimal years: of each actor its entry and, by capability, its access; of each class its periods of use."""

    entered: list[float]
    since: list[list[float]]  # by actor and capability; inf for never
    used: list[list[list[Period]]]  # by class and capability


def spans_of_montecarlo(scenario: Scenario, attainments: Attainments) -> Spans:
    """The spans in the arrays of the Monte Carlo clock."""
    capabilities = range(len(scenario.capability_names))
    classes = range(len(scenario.class_names))
    since = [
        [float(access_since(attainments, c, k, a)) for k in capabilities] for a, c in enumerate(_classes(scenario))
    ]
    starts, ends = attainments.use_start, attainments.use_end
    used = [
        [[(starts[c, k, u], ends[c, k, u]) for u in range(attainments.uses[c, k])] for k in capabilities]
        for c in classes
    ]
    return Spans([float(attainments.entered[a]) for a in range(len(since))], since, used)


def spans_of_replay(scenario: Scenario, record, policy_record, luck, history: History) -> Spans:
    """The spans that follow from the `history`: entries, attainments, services, and measures in force."""
    events, names = history.events, scenario.capability_names
    actors = list(scenario.weights)
    present = [a < spec.present for spec in scenario.actor_classes.values() for a in range(spec.simulated)]
    entries = dict(events.loc[events.event == "entry", ["actor", "time"]].itertuples(index=False))
    entered = [
        scenario.start if here else entries.get(name, math.inf) for name, here in zip(actors, present, strict=True)
    ]
    since = np.full((len(actors), len(names)), math.inf)
    classes = _classes(scenario)
    for row in events[events.event == "attainment"].itertuples():
        k = names.index(row.subject)
        for a, name in enumerate(actors):
            if row.route == "open_weights" and scenario.class_names[classes[a]] == row.actor_class:
                since[a, k] = min(since[a, k], max(row.time, entered[a]))
            elif name == row.actor:
                since[a, k] = min(since[a, k], row.time)
    return Spans(entered, since.tolist(), _periods(scenario, record, policy_record, luck, history))


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
    weights = list(scenario.weights.values())
    for a, c in enumerate(_classes(scenario)):
        for k in range(years.shape[1]):
            until = min(spans.since[a][k], scenario.horizon)
            used = sum(max(0.0, min(end, until) - max(begin, spans.entered[a])) for begin, end in spans.used[c][k])
            years[c, k] += used * weights[a]
    return years


def users_at(scenario: Scenario, spans: Spans, time: float) -> list[int]:
    """The number of real actors that use each capability at `time` without access of their own.

    A use to the horizon counts at the horizon, too.
    """
    horizon = scenario.horizon
    numbers, weights = [0] * len(scenario.capability_names), list(scenario.weights.values())
    for a, c in enumerate(_classes(scenario)):
        for k in range(len(numbers)):
            used = any(begin <= time and (time < end or end >= horizon) for begin, end in spans.used[c][k])
            if used and spans.entered[a] <= time < spans.since[a][k]:
                numbers[k] += weights[a]
    return numbers


def earned(scenario: Scenario, record, spans: Spans) -> tuple[float, float]:
    """(benefit, the part of it by use) to the horizon, US$, each at most what the Monte Carlo clock can count."""
    world, used = Record(record, WORLD), user_years(scenario, spans).sum(axis=0)
    own = np.zeros(len(used))
    for since, represents in zip(spans.since, scenario.weights.values(), strict=True):
        own += represents * np.maximum(scenario.horizon - np.array(since), 0.0)
    valuable = [k for k, spec in enumerate(scenario.capabilities.values()) if spec.kind == "valuable"]
    every, by_use = (
        min(sum(min(float(benefit(world, k, years[k])), MOST_USD) for k in valuable), MOST_USD)
        for years in (own + used, used)
    )
    return every, by_use


def _classes(scenario: Scenario) -> list[int]:
    """The class of every actor."""
    return [c for c, spec in enumerate(scenario.actor_classes.values()) for _ in spec.weights]
