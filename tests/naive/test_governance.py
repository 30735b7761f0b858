"""Governance as docs/governance.md states it, in plain Python: each actor under the measures that it obeys."""

from __future__ import annotations

import dataclasses
import math
from statistics import fmean

import numpy as np
import pytest
from helpers import NO_POLICY, world
from hypothesis import given
from hypothesis import strategies as st
from plain_measures import YEARS, Measure, members, policies, records

from engine.rules import governance as rules
from engine.rules import regime as regimes
from engine.rules import secrecy
from engine.rules.luck import Stream, uniform
from engine.rules.world import Actor

pytestmark = pytest.mark.known

SHARES = st.sampled_from([0.0, 0.25, 0.5, 0.9, 1.0])
FACTORS = st.sampled_from([0.0, 0.5, 1.0, 2.0, 3.0])
OOMS = st.sampled_from([0.0, 0.3, 1.0, 2.0])
LUCK = (20_231_115, 3, 4)


def near(value):
    return pytest.approx(value, rel=1e-12, abs=1e-12)


# --- which measures are in force, and for whom -------------------------------------------------------------------


def next_change(measures, t):
    """The first moment after `t` at which a measure that is ever in force starts or ends."""
    edges = {edge for measure in measures if measure.start < measure.end for edge in (measure.start, measure.end)}
    return min((edge for edge in edges if edge > t), default=math.inf)


@given(policies(), YEARS)
def test_measures_in_force(measures, t):
    _, policy, regime = records(measures)
    actors = [(c, member) for c, of_class in enumerate(measures[0].obeying) for member in range(len(of_class))]
    for m, measure in enumerate(measures):
        assert regimes.in_force(regime, m, t) == measure.is_in_force(t)
        for a, (c, member) in enumerate(actors):
            assert regimes.binds(regime, m, a, t) == measure.binds(c, member, t)
        for c, of_class in enumerate(measure.obeying):
            assert regimes.governs(regime, m, c, t) == any(measure.binds(c, i, t) for i in range(len(of_class)))
    assert regimes.next_change(policy, regime, t) == next_change(measures, t)


@given(st.sampled_from([0.0, 0.3, 0.7, 1.0]), st.lists(st.booleans(), min_size=2, max_size=2), st.integers(0, 3))
def test_who_obeys(compliance, bound, kind):
    """Where it binds, the members whose draw of that kind of measure is below the compliance; all at 1, none at 0."""
    w = world(n_classes=2, count=[1, 3], first_actor=[0, 1], class_address=[5, 9])
    policy = NO_POLICY[0].copy()
    policy["n_measures"], policy["compliance"][0], policy["kind_address"][0] = 1, compliance, kind
    policy["binds"][0, :2] = bound
    policy["start"][0], policy["delay"][0], policy["end"][0], policy["duration"][0] = 2021.0, 0.5, 2025.0, 2.0
    drawn = [[uniform(LUCK, Stream.COMPLIANCE, a, (i << 16) | kind) for i in range(n)] for a, n in ((5, 1), (9, 3))]
    expected = [[bound[c] and u < compliance for u in of_class] for c, of_class in enumerate(drawn)]
    regime = regimes.new_regime(1, 4, 2)
    regimes.set_regime(LUCK, w, policy, regime)
    assert regime.obeys[0].tolist() == expected[0] + expected[1]
    assert regime.share[0].tolist() == [fmean(of_class) for of_class in expected]
    if any(expected[0] + expected[1]):
        assert (regime.start[0], regime.end[0]) == (2021.5, 2023.5)
    else:
        assert (regime.start[0], regime.end[0]) == (math.inf, math.inf)


@given(YEARS, st.sampled_from([0.0, 1.0, 2.5]), YEARS, st.one_of(YEARS, st.just(math.inf)), st.sampled_from([1.0, 9.0]))
def test_what_an_event_starts(date, delay, event, end, duration):
    """Just after the delay, but not before its date; it ends at its end or after its duration."""
    policy, regime = NO_POLICY[0].copy(), regimes.new_regime(1, 1, 1)
    policy["start"][0], policy["delay"][0], policy["end"][0], policy["duration"][0] = date, delay, end, duration
    assert regimes.triggered_start(policy, regime, 0, event) == math.inf
    regime.share[0, 0] = 0.25
    start = regimes.triggered_start(policy, regime, 0, event)
    assert start == (date if date > event + delay else np.nextafter(event + delay, math.inf))
    assert regimes.measure_end((0, 0, 0), world(), policy, 0, start) == (
        end if end < start + duration else start + duration
    )


KINDS = st.sampled_from(regimes.Event)


@given(KINDS, KINDS, st.sampled_from([-2, -1, 0, 1]), st.integers(0, 1))
def test_which_events_start_a_measure(kind, event, meant, k):
    """Those of its kind: of any capability, of the one that it names, or of any dangerous one."""
    w, policy = world(dangerous=[1, 0]), NO_POLICY[0].copy()
    policy["trigger"][0], policy["trigger_capability"][0] = kind, meant
    of_meaning = {-1: True, -2: k == 0}.get(meant, meant == k)
    assert (regimes.ANY, regimes.ANY_DANGEROUS) == (-1, -2)
    assert regimes.triggers(w, policy, 0, event, k) == (kind == event and of_meaning)


def test_steps_follow_one_another():
    """What a measure acts on first; `NOTHING` comes after all."""
    order = ["TIMELINES", "RUNS", "SPREAD", "HARM", "NOTHING"]
    assert [step.name for step in sorted(regimes.Step)] == order


def test_events_are_told_apart():
    """Two of one number would start each other's measures."""
    kinds = {event.name for event in regimes.Event}
    assert kinds == {"DATE", "EMERGENCE", "RELEASE", "THEFT", "INCIDENT", "RUN"}


# --- what a whole class is, on average over its members ----------------------------------------------------------


def mean_at_least(value, lever, measures, c, t):
    return fmean(max([value, *(measure[lever] for measure in obeyed)]) for obeyed in members(measures, c, t))


def mean_product(lever, measures, c, t):
    return fmean(math.prod(measure[lever] for measure in obeyed) for obeyed in members(measures, c, t))


@given(policies(least_secrecy=SHARES, least_security=SHARES), SHARES, YEARS)
def test_secrecy_and_security(measures, before, t):
    """A standard raises what is below it, and lowers nothing; of several the highest counts."""
    classes = range(len(measures[0].obeying))
    w, policy, regime = records(measures, secrecy=[before] * 3, security=[before] * 3)
    for c in classes:
        assert secrecy.secrecy(w, policy, regime, c, t) == near(mean_at_least(before, "least_secrecy", measures, c, t))
        assert rules.security(w, policy, regime, c, t) == near(mean_at_least(before, "least_security", measures, c, t))


@given(policies(lag_multiplier=FACTORS), st.booleans(), YEARS)
def test_publication_lag(measures, secret, t):
    """The lag of its kind times all multipliers."""
    w, policy, regime = records(measures, secret_lag=2.0, published_lag=0.5)
    for c in range(len(measures[0].obeying)):
        expected = (2.0 if secret else 0.5) * mean_product("lag_multiplier", measures, c, t)
        assert secrecy.publication_lag(w, policy, regime, c, t, secret) == near(expected)


def breakthrough_rates(rate, talents, measures, t):
    """A year's breakthroughs of each class: talent times funding; what is crowded out all classes lose in proportion.

    The largest crowding out counts, of those measures in force that change the talent of a class that has any.
    """
    funded = [talent * mean_product("research_multiplier", measures, c, t) for c, talent in enumerate(talents)]
    changing = [
        measure["crowding_out"]
        for measure in measures
        if measure["research_multiplier"] != 1.0
        and any(
            talents[c] > 0.0 and measure.binds(c, member, t)
            for c in range(len(talents))
            for member in range(len(measure.obeying[c]))
        )
    ]
    total = 1.0 + max(changing, default=0.0) * (sum(funded) - sum(talents))
    return [rate * one / total if total > 0.0 else 0.0 for one in funded]


@given(policies(research_multiplier=FACTORS, crowding_out=SHARES), YEARS, st.integers(0, 2))
def test_breakthrough_rates(measures, t, idle):
    talents = [0.5, 0.25, 0.25][: len(measures[0].obeying)]
    talents[idle % len(talents)] = 0.0
    talents = [talent / sum(talents) for talent in talents] if any(talents) else [1.0]
    w, policy, regime = records(measures, breakthrough_rate=4.0, research_share=talents)
    found = [rules.breakthrough_rate(w, policy, regime, c, t) for c in range(len(talents))]
    assert found == near(breakthrough_rates(4.0, talents, measures, t))


@given(policies(added_effectiveness=SHARES), SHARES, YEARS)
def test_undefended(measures, effectiveness, t):
    """What the defence lets through, times what each programme lets through for a member that it binds."""
    w, policy, regime = records(measures, defence_effectiveness=[0.1, effectiveness])
    for c in range(len(measures[0].obeying)):
        let_through = [
            math.prod(1.0 - measure["added_effectiveness"] for measure in obeyed) for obeyed in members(measures, c, t)
        ]
        expected = (1.0 - effectiveness) * fmean(let_through)
        assert rules.undefended(w, policy, regime, c, 1, t) == near(expected)


@given(policies(defence_speed=st.sampled_from([1.0, 2.0, 5.0])), st.integers(0, 7), YEARS)
def test_defence_speed(measures, attackers, t):
    """The mean over members of the classes that attempt misuse (of all, if none does) of the fastest for each."""
    attempts = [bool(attackers >> c & 1) for c in range(len(measures[0].obeying))]
    counted = [c for c, attempting in enumerate(attempts) if attempting or not any(attempts)]
    speeds = [
        max([1.0, *(measure["defence_speed"] for measure in obeyed)])
        for c in counted
        for obeyed in members(measures, c, t)
    ]
    w, policy, regime = records(measures, attempt_rate=[0.5 * attempting for attempting in attempts])
    assert [rules.is_malicious(w, c) for c in range(len(attempts))] == attempts
    assert rules.defence_speed(w, policy, regime, t) == near(fmean(speeds))


@given(policies(learning_speed=st.sampled_from([1.0, 2.0, 4.0])), st.data(), YEARS)
def test_learning_speed(measures, data, t):
    """The fastest of those in force whose report has come; as soon as it comes."""
    reported = [data.draw(st.one_of(YEARS, st.just(math.inf))) for _ in measures]
    speeds = [one["learning_speed"] for one, since in zip(measures, reported) if one.is_in_force(t) and since <= t]
    _, policy, regime = records(measures)
    assert rules.learning_speed(policy, regime, np.array(reported), t) == max([1.0, *speeds])


@given(policies(foresight_probability=st.sampled_from([0.0, 0.4, 1.0])), st.integers(0, 9), YEARS)
def test_what_evaluations_foresee(measures, future, t):
    """A draw of the actor and the capability, against the probability of a measure that binds the actor by then."""
    c, member = len(measures[0].obeying) - 1, len(measures[0].obeying[-1]) - 1
    actor = sum(map(len, measures[0].obeying)) - 1
    w, policy, regime = records(measures, class_address=[4, 5, 6], capability_address=[7, 8])
    drawn = uniform((1, 0, future), Stream.FORESIGHT, [4, 5, 6][c], (member << 16) | 8)
    for m, measure in enumerate(measures):
        expected = measure.binds(c, member, t) and drawn < measure["foresight_probability"]
        assert rules.foresees((1, 0, future), w, policy, regime, m, Actor(c, member, actor), 1, t) == expected


# --- runs and chips ----------------------------------------------------------------------------------------------


def dearer(measure):
    """OOM by which chips cost more: what leaks has the old price."""
    return math.log10(measure["leakage"] + (1.0 - measure["leakage"]) * 10.0 ** measure["price_multiplier"])


@given(policies(price_multiplier=OOMS, leakage=SHARES, budget_multiplier=OOMS), YEARS)
def test_prices_and_spending_power(measures, t):
    world_, policy, regime = records(measures)
    for m, measure in enumerate(measures):
        assert rules.spending_power(policy, m) == near(measure["budget_multiplier"] - dearer(measure))
    for c in range(len(measures[0].obeying)):
        expected = fmean(sum(dearer(measure) for measure in obeyed) for obeyed in members(measures, c, t))
        assert rules.class_price(world_, policy, regime, c, t) == near(expected)


def arrival(measures, c, t):
    """Chips due at `t`: each control in force then holds them for the mean lag of what does not leak, or to its end."""
    held = 0.0
    for measure in measures:
        if measure.is_in_force(t):
            lag = measure["added_procurement_lag"] * (1.0 - measure["leakage"]) * fmean(measure.obeying[c])
            held += lag if t + lag < measure.end else measure.end - t
    return t + held


@given(policies(added_procurement_lag=st.sampled_from([0.0, 0.5, 1.0, 10.0]), leakage=SHARES), YEARS)
def test_arrival_of_chips(measures, t):
    world_, policy, regime = records(measures)
    for c in range(len(measures[0].obeying)):
        assert rules.chips_arrive(world_, policy, regime, c, t) == near(arrival(measures, c, t))


def test_the_lags_of_two_export_controls_add():
    """Guards: the longer lag alone, or the last one written."""
    two = [Measure(2020.0, math.inf, [[True]], {"added_procurement_lag": lag}) for lag in (1.0, 0.5)]
    world_, policy, regime = records(two)
    assert rules.chips_arrive(world_, policy, regime, 0, 2021.0) == 2022.5


@given(st.sampled_from([25.0, 26.0, math.inf]), st.sampled_from([-0.5, 0.5, math.inf]), st.sampled_from([24.0, 25.5]))
def test_largest_run_allowed(cap, relative, largest):
    """The smaller of the cap and a multiple of the largest run; without a run before it only the cap."""
    policy = NO_POLICY[0].copy()
    policy["max_compute"][1], policy["relative_cap"][1] = cap, relative
    assert rules.largest_allowed(policy, 1, largest) == sorted([cap, largest + relative])[0]
    assert rules.largest_allowed(policy, 1, -math.inf) == cap


@given(policies(threshold=st.sampled_from([0.0, 26.0, 27.0]), licence_delay=OOMS), st.sampled_from([25.0, 26.0, 27.0]))
def test_wait_for_a_licence(measures, compute):
    """The longest of the measures whose threshold the run is at or above."""
    _, policy, regime = records(measures)
    bound = [obeyed for c in range(len(measures[0].obeying)) for obeyed in members(measures, c, 2022.0)]
    for a, obeyed in enumerate(bound):
        waits = [measure["licence_delay"] for measure in obeyed if measure["threshold"] <= compute]
        assert rules.licence_wait(policy, regime, a, 2022.0, compute) == max([0.0, *waits])


# --- releases ----------------------------------------------------------------------------------------------------


def release_allowed(measures, c, member, wanted, compute, dangerous, found):
    """When weights may be released: each measure in force is asked once, and what it allows ends with it.

    Those that are in force when the others have been waited for are asked then.
    """
    day, asked = wanted, []
    while True:
        asking = [one for one in measures if one.binds(c, member, day) and one["threshold"] <= compute]
        asking = [one for one in asking if not any(one is other for other in asked)]
        if not asking:
            return day
        asked += asking
        days = [day]
        for measure in asking:
            forbidden = dangerous and found < measure["detection_probability"]
            days.append(min(math.inf if forbidden else day + measure["release_delay"], measure.end))
        day = max(days)


RELEASES = policies(
    threshold=st.sampled_from([0.0, 26.0, 27.0]),
    release_delay=st.sampled_from([0.0, 0.5, 1.0, 2.0, math.inf]),
    detection_probability=SHARES,
)


@given(RELEASES, YEARS, st.sampled_from([25.0, 26.0, 27.0]), st.booleans(), st.integers(0, 9))
def test_when_weights_may_be_released(measures, wanted, compute, dangerous, future):
    c, member = len(measures[0].obeying) - 1, len(measures[0].obeying[-1]) - 1
    actor = sum(map(len, measures[0].obeying)) - 1
    w, policy, regime = records(measures, class_address=[4, 5, 6])
    found = uniform((1, 0, future), Stream.MODEL_EVALUATION, [4, 5, 6][c], (member << 16) | 45_000)
    expected = release_allowed(measures, c, member, wanted, compute, dangerous, found)
    who = Actor(c, member, actor)
    allowed = rules.release_allowed((1, 0, future), w, policy, regime, who, 45_000, dangerous, wanted, compute)
    assert allowed == expected


@pytest.mark.parametrize(("compute", "allowed"), [(math.nextafter(26.0, 0.0), 2021.0), (26.0, 2022.0)])
def test_a_model_exactly_at_the_threshold_waits(compute, allowed):
    """Guards: `threshold` is the smallest run that is bound, for the release of weights as for licences."""
    limit = Measure(2020.0, math.inf, [[True]], {"threshold": 26.0, "release_delay": 1.0, "licence_delay": 1.0})
    w, policy, regime = records([limit])
    assert rules.release_allowed(LUCK, w, policy, regime, Actor(0, 0, 0), 0, True, 2021.0, compute) == allowed
    assert rules.licence_wait(policy, regime, 0, 2021.0, compute) == allowed - 2021.0


@pytest.mark.parametrize("programme", [0.0, 0.25, 1.0])
def test_the_undefended_share_of_a_class_of_one_member(programme):
    """Guards: a mean over members that divides by one member too many."""
    measure = Measure(2020.0, math.inf, [[True]], {"added_effectiveness": programme})
    w, policy, regime = records([measure], defence_effectiveness=[0.5])
    assert rules.undefended(w, policy, regime, 0, 0, 2021.0) == 0.5 * (1.0 - programme)


@pytest.mark.parametrize("crowding_out", [(0.75, 0.25), (0.25, 0.75)])
def test_the_largest_crowding_out_counts_wherever_it_is_written(crowding_out):
    """Guards: the last one. All talent is doubled twice, 3 more, of which three quarters come from all: 4 / 3.25."""
    two = [Measure(2020.0, 2030.0, [[True]], {"research_multiplier": 2.0, "crowding_out": out}) for out in crowding_out]
    w, policy, regime = records(two, breakthrough_rate=1.0, research_share=[1.0])
    assert rules.breakthrough_rate(w, policy, regime, 0, 2021.0) == 4.0 / 3.25


@given(
    st.lists(st.booleans(), min_size=3, max_size=3),
    st.sampled_from([0.0, 0.5, 2.0]),
    st.integers(0, 1000),
    st.sampled_from([2024.0, math.inf]),
    st.sampled_from([1.0, math.inf]),
)
def test_how_long_classes_keep_a_measure_together(bound, rate, future, end, duration):
    """Until the first of those that it binds leaves: an Exponential each, drawn for the kind of the measure."""
    w, policy = world(n_classes=3, class_address=[3, 5, 7]), NO_POLICY[0].copy()
    policy["binds"][0, :3], policy["exit_rate"][0], policy["kind_address"][0] = bound, rate, 11
    policy["end"][0], policy["duration"][0] = end, duration
    draws = [-math.log(uniform((1, 0, future), Stream.EXIT, address, 11)) for address in (3, 5, 7)]
    left = [draw / rate for draw, binds in zip(draws, bound, strict=True) if binds and rate > 0.0]
    assert regimes.kept_for((1, 0, future), w, policy, 0) == pytest.approx(min(left, default=math.inf), rel=1e-12)
    found = regimes.measure_end((1, 0, future), w, policy, 0, 2021.0)
    assert found == pytest.approx(min([end, 2021.0 + duration, *(2021.0 + one for one in left)]), rel=1e-12)


@given(
    policies(
        added_procurement_lag=st.sampled_from([0.5, 1.0]),
        price_multiplier=st.sampled_from([0.5, 1.0]),
        least_security=SHARES,
        lag_multiplier=st.sampled_from([1.0, 2.0]),
        defence_speed=st.sampled_from([1.0, 3.0]),
        added_effectiveness=SHARES,
    ),
    YEARS,
    st.integers(0, 2),
)
def test_averages_are_over_those_that_have_entered(measures, t, later):
    """What holds with members that enter after `t`, or never, holds without them; the first of a class is there."""
    w, policy, regime = records(measures, security=[0.3] * 3, defence_effectiveness=[0.5])
    here = [[one[: max(1, len(one) - later)] for one in measure.obeying] for measure in measures]
    fewer = [dataclasses.replace(measure, obeying=obeying) for measure, obeying in zip(measures, here, strict=True)]
    alone = records(fewer, security=[0.3] * 3, defence_effectiveness=[0.5])
    for c, first in enumerate(w["first_actor"][: w["n_classes"]]):
        regime.entered[first + len(here[0][c]) : first + w["count"][c]] = [t + 0.25, math.inf][c % 2]
    assert rules.defence_speed(w, policy, regime, t) == near(rules.defence_speed(*alone, t))
    for c in range(len(here[0])):
        for rule in (rules.class_price, rules.chips_arrive):
            assert rule(w, policy, regime, c, t) == near(rule(*alone, c, t))
        assert rules.security(w, policy, regime, c, t) == near(rules.security(*alone, c, t))
        assert rules.undefended(w, policy, regime, c, 0, t) == near(rules.undefended(*alone, c, 0, t))
        factors = [
            rules.mean_factor(one[0], one[1].n_measures, one[1].lag_multiplier, one[2], c, t)
            for one in ((w, policy, regime), alone)
        ]
        assert factors[0] == near(factors[1])
