"""Regimes: when the measures of a policy are in force in one future, and which actors obey them.

A policy is one record of `engine.scenario.policies.POLICY`: its measures m, when each starts and ends, and which
actors it binds.
"""

from __future__ import annotations

import math
from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.rules.actors import first_weight, weight
from engine.rules.compiled import rule
from engine.rules.luck import Luck, Stream, exponential, uniform
from engine.rules.world import Policy, World


class Step(IntEnum):
    """The step of a future that a measure acts on first; all later steps follow from it."""

    TIMELINES = 1
    RUNS = 2
    SPREAD = 3
    HARM = 4
    NOTHING = 5


class Event(IntEnum):
    """The trigger of a measure: its date, or the first event of a kind."""

    DATE = 0
    EMERGENCE = 1
    RELEASE = 2
    THEFT = 3
    INCIDENT = 4
    RUN = 5


#: Values in place of a capability in a trigger.
ANY, ANY_DANGEROUS = -1, -2


class Regime(NamedTuple):
    """When the measures m of a policy are in force in one future, and which actors obey them.

    A measure that changes at dates is several m, its parts.
    """

    start: NDArray[np.float64]  # (m,) decimal years, inf for not yet
    end: NDArray[np.float64]  # (m,)
    expiry: NDArray[np.float64]  # (m,) the end of the whole measure of which m is a part
    obeys: NDArray[np.bool_]  # (m, a) by actor, class by class
    share: NDArray[np.float64]  # (m, c) share of the actors of each class that obey and ever enter, by weight
    entered: NDArray[np.float64]  # (a,) decimal years; at most the start for those who are there, inf for never
    last_entry: NDArray[np.float64]  # (1,) the last of these times before the horizon


def new_regime(measures: int, actors: int, classes: int) -> Regime:
    """Arrays for policies with at most `measures` measures."""
    return Regime(
        np.full(measures, math.inf),
        np.full(measures, math.inf),
        np.full(measures, math.inf),
        np.zeros((measures, actors), np.bool_),
        np.zeros((measures, classes)),
        np.full(actors, -math.inf),
        np.full(1, -math.inf),
    )


@rule
def obeys(luck: Luck, world: World, policy: Policy, m: int, c: int, member: int) -> bool:
    """Whether a member of class `c` obeys measure `m`: drawn once per actor and kind of measure."""
    if policy.binds[m, c] == 0 or policy.compliance[m] >= 1.0:
        return policy.binds[m, c] == 1
    index = (member << 16) | policy.kind_address[m]
    return uniform(luck, Stream.COMPLIANCE, world.class_address[c], index) < policy.compliance[m]


@rule
def set_regime(luck: Luck, world: World, policy: Policy, regime: Regime) -> None:
    """Set which actors obey, and when measures with a date are in force; those with a trigger are not yet.

    A measure that nobody obeys is never in force. The times at which actors `entered` are set before.
    """
    regime.last_entry[0] = -math.inf
    for time in regime.entered:
        if regime.last_entry[0] < time < world.horizon:
            regime.last_entry[0] = time
    for m in range(policy.n_measures):
        actor = 0
        for c in range(world.n_classes):
            obeying = 0
            for member in range(world.count[c]):
                regime.obeys[m, actor] = obeys(luck, world, policy, m, c, member)
                ever = regime.entered[actor] < world.horizon
                obeying += weight(world, c, member) * (regime.obeys[m, actor] and ever)
                actor += 1
            regime.share[m, c] = obeying / first_weight(world, c, world.count[c])
        regime.start[m] = regime.end[m] = regime.expiry[m] = math.inf
        if policy.trigger[m] == Event.DATE and _obeyed(regime, m):
            begin_measure(luck, world, policy, regime, m, policy.start[m] + policy.delay[m])


@rule
def _obeyed(regime: Regime, m: int) -> bool:
    """Whether any actor obeys measure `m`."""
    obeyed = False
    for c in range(regime.share.shape[1]):
        obeyed |= regime.share[m, c] > 0.0
    return obeyed


@rule
def triggered_start(policy: Policy, regime: Regime, m: int, t: float) -> float:
    """Start of the measure with part `m` if an event at `t` triggers it: just after its delay, not before its date.

    Just after, so that neither the event itself nor anything at the same moment is bound. Infinite if nobody obeys.
    """
    if not _obeyed(regime, m):
        return math.inf
    return max(policy.start[m], np.nextafter(t + policy.delay[m], math.inf))


@rule
def kept_for(luck: Luck, world: World, policy: Policy, m: int) -> float:
    """Years for which all classes that measure `m` binds keep it; inf if none ever leaves.

    Each leaves after an Exponential time, drawn once for each class and kind of measure.
    """
    years = math.inf
    if policy.exit_rate[m] > 0.0:
        for c in range(world.n_classes):
            if policy.binds[m, c] == 1:
                left = exponential(luck, Stream.EXIT, world.class_address[c], policy.kind_address[m])
                years = min(years, left / policy.exit_rate[m])
    return years


@rule
def measure_end(luck: Luck, world: World, policy: Policy, m: int, start: float) -> float:
    """The end of measure `m` that begins at `start`: at the latest when the first class leaves it."""
    return min(policy.end[m], start + policy.duration[m], start + kept_for(luck, world, policy, m))


@rule
def begin_measure(luck: Luck, world: World, policy: Policy, regime: Regime, m: int, start: float) -> None:
    """Set when `m` is in force, given the `start` of the measure of which it is a part: between its dates only."""
    regime.expiry[m] = measure_end(luck, world, policy, m, start)
    regime.start[m] = max(start, policy.from_date[m])
    regime.end[m] = min(regime.expiry[m], policy.to_date[m])


@rule
def triggers(world: World, policy: Policy, m: int, event: int, k: int) -> bool:
    """Whether an `event` of capability `k` is of the kind that starts measure `m`."""
    if policy.trigger[m] != event:
        return False
    meant = policy.trigger_capability[m]
    return meant in (k, ANY) or (meant == ANY_DANGEROUS and world.dangerous[k] == 1)


@rule
def in_force(regime: Regime, m: int, t: float) -> bool:
    """Whether measure `m` is in force at `t`: from its start, until before its end."""
    return regime.start[m] <= t < regime.end[m]


@rule
def binds(regime: Regime, m: int, a: int, t: float) -> bool:
    """Whether measure `m` binds an action of actor `a` that begins at `t`."""
    return regime.obeys[m, a] and in_force(regime, m, t)


@rule
def governs(regime: Regime, m: int, c: int, t: float) -> bool:
    """Whether measure `m` binds any member of class `c` at `t`."""
    return regime.share[m, c] > 0.0 and in_force(regime, m, t)


@rule
def members_at(world: World, regime: Regime, c: int, t: float) -> int:
    """The number of members of class `c` that have entered by `t`."""
    members = world.count[c]
    while members > 0 and regime.entered[world.first_actor[c] + members - 1] > t:
        members -= 1
    return members


@rule
def share_obeying(world: World, regime: Regime, m: int, c: int, t: float) -> float:
    """The share of the actors of class `c` that obey measure `m`, of those that have entered by `t`."""
    members = members_at(world, regime, c, t)
    if members == world.count[c]:
        return regime.share[m, c]
    obeying = 0
    for member in range(members):
        obeying += weight(world, c, member) * regime.obeys[m, world.first_actor[c] + member]
    return obeying / first_weight(world, c, members) if members > 0 else 0.0


@rule
def next_change(policy: Policy, regime: Regime, t: float) -> float:
    """The time after `t` at which the next measure starts, changes or ends, or an actor enters; inf for never.

    Without a measure an entry changes no rate.
    """
    change = math.inf
    for m in range(policy.n_measures):
        if regime.start[m] < regime.end[m]:
            for edge in (regime.start[m], regime.end[m]):
                if t < edge < change:
                    change = edge
    if policy.n_measures > 0 and t < regime.last_entry[0]:
        for time in regime.entered:
            if t < time < change:
                change = time
    return change
