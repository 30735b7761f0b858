"""Governance: who obeys, when measures are in force, and what each lever changes."""

from __future__ import annotations

import math

import numpy as np
import pytest
from helpers import NO_POLICY, oom, policy, regime, scenario, with_measures, within, world

from engine.rules.governance import (
    LEVERS,
    breakthrough_rate,
    chips_arrive,
    class_price,
    defence_speed,
    largest_allowed,
    learning_speed,
    licence_wait,
    release_allowed,
    security,
    spending_power,
    undefended,
)
from engine.rules.regime import in_force, measure_end, next_change, obeys, triggered_start
from engine.rules.secrecy import publication_lag, secrecy
from engine.rules.world import Actor
from engine.scenario.measures import MEASURES
from engine.scenario.policies import POLICY

TWO = {"bound": {"count": 4}, "free": {"count": 2}}


def governed(*measures, classes=TWO, **changes):
    """(world, policy, regime) of a scenario of two classes, `bound` of four members and `free` of two."""
    spec = with_measures(*measures, actor_classes=classes, **changes)
    record = policy(spec)
    return world(spec), record, regime(spec, record)


def test_every_key_of_a_measure_is_a_lever_or_says_when_and_whom_it_binds():
    """So a measure whose lever no rule reads cannot be written."""
    common = {"start", "trigger_compute", "delay", "end", "duration", "compliance", "exit_rate"}
    for kind in MEASURES.values():
        numbers = {key for key, field in kind.model_fields.items() if "Number" in str(field.annotation)}
        assert numbers <= common | set(LEVERS), kind
    assert set(LEVERS) <= set(POLICY.names)


def test_the_neutral_value_of_every_lever_changes_nothing():
    """A measure in force on everyone, with all levers neutral, against no measure: the same numbers to the bit."""
    classes = {name: {**spec, "research_share": 1.0} for name, spec in TWO.items()}
    spec = with_measures(
        {"measure": "export_control", "leakage": 0}, actor_classes=classes, algorithms={"breakthrough_rate": 3.0}
    )
    record, w = policy(spec), world(spec, secrecy=[0.3], security=[0.4], defence_effectiveness=[0.5])
    for lever, neutral in LEVERS.items():
        record[lever][0] = neutral
    both = ((record, regime(spec, record)), NO_POLICY)
    assert in_force(both[0][1], 0, 2021.0)
    for rule in (
        lambda p, r: secrecy(w, p, r, 0, 2021.0),
        lambda p, r: publication_lag(w, p, r, 0, 2021.0, True),
        lambda p, r: breakthrough_rate(w, p, r, 0, 2021.0),
        lambda p, r: security(w, p, r, 0, 2021.0),
        lambda p, r: undefended(w, p, r, 0, 0, 2021.0),
        lambda p, r: class_price(w, p, r, 0, 2021.0),
        lambda p, r: chips_arrive(w, p, r, 0, 2021.0),
        lambda p, r: licence_wait(p, r, 0, 2021.0, 27.0),
        lambda p, r: defence_speed(w, p, r, 2021.0),
        lambda p, r: release_allowed((0, 0, 0), w, p, r, Actor(0, 0, 0), 0, True, 2021.0, 27.0),
    ):
        governed_value, free_value = (rule(*one) for one in both)
        assert governed_value == free_value
    assert spending_power(record, 0) == 0.0
    assert largest_allowed(record, 0, 27.0) == math.inf


@pytest.mark.statistics
def test_actors_obey_with_the_compliance_and_only_where_bound():
    """4,000 futures of four bound members, within 4 standard errors; the free ones never."""
    spec = with_measures(
        {"measure": "security_standard", "least_security": 1, "classes": ["bound"], "compliance": 0.3},
        actor_classes=TWO,
    )
    record, w = policy(spec), world(spec)
    found = np.array([[obeys((1, 0, f), w, record, 0, 0, member) for member in range(4)] for f in range(4000)])
    assert within(found.mean(), 0.3, math.sqrt(0.21 / found.size))
    assert np.abs(np.corrcoef(found.T)[np.triu_indices(4, 1)]).max() < 4.0 / math.sqrt(4000)
    assert not any(obeys((1, 0, f), w, record, 0, 1, 0) for f in range(100))


def test_who_obeys_a_kind_of_measure_obeys_it_in_every_policy():
    """And with a higher compliance those that obeyed still do."""
    measure = {"measure": "licensing", "threshold": 1e26, "licence_delay": 1}
    spec = scenario(
        actor_classes={"lab": {"count": 50}},
        policies={
            "one": {"measures": [{**measure, "compliance": 0.4}]},
            "other": {"measures": [{"measure": "compute_cap", "max_compute": 1e27}, {**measure, "compliance": 0.4}]},
            "stricter": {"measures": [{**measure, "compliance": 0.7}]},
        },
    )
    one, other, stricter = (
        regime(spec, policy(spec, name)).obeys[m] for name, m in (("one", 0), ("other", 1), ("stricter", 0))
    )
    np.testing.assert_array_equal(one, other)
    assert (stricter >= one).all()
    assert stricter.sum() > one.sum() > 0


def test_a_measure_is_in_force_from_its_start_until_before_its_end():
    _, record, found = governed({"measure": "compute_cap", "max_compute": 1e27, "start": 2022, "duration": 3})
    moments = (math.nextafter(2022.0, 0.0), 2022.0, math.nextafter(2025.0, 0.0), 2025.0)
    assert [in_force(found, 0, t) for t in moments] == [False, True, True, False]
    assert [next_change(record, found, t) for t in (2020.0, 2022.0, 2025.0)] == [2022.0, 2025.0, math.inf]


@pytest.mark.parametrize(
    ("keys", "start", "end"),
    [
        ({}, 2020.0, math.inf),
        ({"delay": 2}, 2022.0, math.inf),
        ({"start": 2023, "delay": 1, "end": 2026}, 2024.0, 2026.0),
        ({"start": 2023, "duration": 1.5, "end": 2026}, 2023.0, 2024.5),
        ({"start": 2015, "delay": 2}, 2017.0, math.inf),
    ],
)
def test_dates_delays_ends_and_durations(keys, start, end):
    _, _, found = governed({"measure": "compute_cap", "max_compute": 1e27, **keys})
    assert (found.start[0], found.end[0]) == (start, end)


def test_a_trigger_starts_a_measure_just_after_its_delay_and_not_before_its_date():
    _, record, found = governed(
        {"measure": "compute_cap", "max_compute": 1e27, "trigger": "theft", "start": 2023, "delay": 0.5, "duration": 2}
    )
    assert found.start[0] == math.inf
    assert triggered_start(record, found, 0, 2024.0) == math.nextafter(2024.5, math.inf)
    assert triggered_start(record, found, 0, 2021.0) == 2023.0
    assert measure_end((0, 0, 0), world(), record, 0, 2023.0) == 2025.0


def test_of_several_measures_the_stricter_counts():
    """The smallest cap, the longest wait, the highest standard, the fastest speed; multipliers multiply."""
    w, record, found = governed(
        {"measure": "licensing", "threshold": 1e26, "licence_delay": 1},
        {"measure": "licensing", "threshold": 1e27, "licence_delay": 3},
        {"measure": "security_standard", "least_security": 0.5},
        {"measure": "security_standard", "least_security": 0.9},
        {"measure": "defence_programme", "defence_speed": 2},
        {"measure": "defence_programme", "defence_speed": 5, "added_effectiveness": 0.5},
        {"measure": "publication_control", "lag_multiplier": 2},
        {"measure": "publication_control", "lag_multiplier": 3, "least_secrecy": 0.8},
        algorithms={"published_lag": 0.5, "secret_lag": 2.0},
    )
    assert [licence_wait(record, found, 0, 2021.0, c) for c in (25.9, 26.0, 27.0)] == [0.0, 1.0, 3.0]
    assert security(w, record, found, 0, 2021.0) == pytest.approx(0.9)
    assert defence_speed(w, record, found, 2021.0) == 5.0
    assert undefended(w, record, found, 0, 0, 2021.0) == pytest.approx(0.5)
    assert publication_lag(w, record, found, 0, 2021.0, False) == pytest.approx(3.0)
    assert secrecy(w, record, found, 0, 2021.0) == pytest.approx(0.8)


def test_a_whole_class_changes_by_the_share_that_obeys():
    """`bound` has four members; with one of two classes bound the world changes by its share."""
    w, record, found = governed(
        {"measure": "security_standard", "least_security": 1.0},
        {"measure": "export_control", "price_multiplier": 10.0, "added_procurement_lag": 2.0},
    )
    found.share[:, 0] = 0.25
    found.obeys[:, 1:4] = False
    assert security(w, record, found, 0, 2021.0) == pytest.approx(0.25)
    assert class_price(w, record, found, 0, 2021.0) == pytest.approx(0.25)
    assert chips_arrive(w, record, found, 0, 2021.0) == 2021.5
    assert class_price(w, record, found, 1, 2021.0) == pytest.approx(1.0)


def test_what_leaks_is_bought_at_the_old_price_and_time():
    """Half of the chips leak: a mean price of (1/2 + 10/2), half of the lag."""
    w, record, found = governed(
        {"measure": "export_control", "price_multiplier": 10.0, "added_procurement_lag": 2.0, "leakage": 0.5}
    )
    assert -spending_power(record, 0) == pytest.approx(math.log10(5.5))
    assert chips_arrive(w, record, found, 0, 2021.0) == 2022.0


def test_an_end_of_export_control_lets_waiting_chips_through():
    w, record, found = governed({"measure": "export_control", "added_procurement_lag": 5.0, "start": 2022, "end": 2024})
    arrivals = [chips_arrive(w, record, found, 0, t) for t in (2021.9, 2022.0, 2023.5, 2024.0)]
    assert arrivals == [2021.9, 2024, 2024, 2024]


def test_a_relative_cap_is_a_multiple_of_the_largest_run_so_far():
    _, record, _ = governed({"measure": "compute_cap", "relative_cap": oom(0.5), "max_compute": 1e27})
    assert largest_allowed(record, 0, 25.0) == 25.5
    assert largest_allowed(record, 0, 26.9) == pytest.approx(27.0)
    assert largest_allowed(record, 0, -math.inf) == pytest.approx(27.0)


@pytest.mark.parametrize(("crowding_out", "others"), [(0.0, 1.0), (1.0, 1.0 / 2.0), (0.5, 1.0 / 1.5)])
def test_funded_research_adds_to_the_worlds_or_takes_from_others(crowding_out, others):
    """Classes of equal talent; the funding triples one: the world's rate doubles, but for what is crowded out."""
    w, record, found = governed(
        {
            "measure": "research_funding",
            "research_multiplier": 3,
            "crowding_out": crowding_out,
            "classes": ["bound"],
        },
        classes={name: {**spec, "research_share": 1.0} for name, spec in TWO.items()},
        algorithms={"breakthrough_rate": 4.0},
    )
    funded, other = (breakthrough_rate(w, record, found, c, 2021.0) for c in (0, 1))
    assert funded == pytest.approx(6.0 * others)
    assert other == pytest.approx(2.0 * others)


def test_reports_count_from_when_an_obeying_holder_has_the_capability():
    _, record, found = governed({"measure": "capability_reporting", "learning_speed": 4, "start": 2022})
    reported = np.array([2023.0])
    assert [learning_speed(record, found, reported, t) for t in (2021.0, 2022.5, 2023.0)] == [1.0, 1.0, 4.0]


@pytest.mark.parametrize(
    ("keys", "kind", "allowed"),
    [
        ({"release_delay": 2.0}, "dangerous", 2023.0),
        ({"release_delay": math.inf}, "dangerous", math.inf),
        ({"release_delay": math.inf, "end": 2028}, "valuable", 2028.0),
        ({"release_delay": 3.0, "end": 2022}, "valuable", 2022.0),
        ({"release_delay": 2.0, "threshold": 1e27}, "dangerous", 2021.0),
        ({"release_delay": 2.0, "start": 2021.5}, "dangerous", 2021.0),
        ({"detection_probability": 1.0}, "dangerous", math.inf),
        ({"detection_probability": 1.0, "end": 2025}, "dangerous", 2025.0),
        ({"detection_probability": 1.0}, "valuable", 2021.0),
        ({"detection_probability": 0.0}, "dangerous", 2021.0),
    ],
)
def test_when_weights_of_a_model_of_1e26_flop_may_be_released_that_would_be_in_2021(keys, kind, allowed):
    w, record, found = governed({"measure": "open_weights_limit", **keys})
    dangerous = kind == "dangerous"
    assert release_allowed((0, 0, 0), w, record, found, Actor(0, 0, 0), 0, dangerous, 2021.0, 26.0) == allowed


@pytest.mark.parametrize(
    ("classes", "attempt_rate", "speed"),
    [
        (["bound"], [1.0, 1.0], 26 / 6),  # four of six attackers at 5, two at 3
        (["bound"], [1.0, 0.0], 5.0),  # only the four attack
        (["bound"], [0.0, 1.0], 3.0),  # only the two attack
        (["bound"], [0.0, 0.0], 26 / 6),  # nobody attacks: all members count
        (["bound", "free"], [0.1, 7.0], 5.0),
    ],
)
def test_a_defence_is_built_at_the_average_speed_over_those_against_whom_it_is_built(classes, attempt_rate, speed):
    w, record, found = governed(
        {"measure": "defence_programme", "defence_speed": 3},
        {"measure": "defence_programme", "defence_speed": 5, "classes": classes},
    )
    w["attempt_rate"][:2] = attempt_rate
    assert defence_speed(w, record, found, 2021.0) == pytest.approx(speed, rel=1e-15)


def test_a_measure_that_nobody_obeys_is_never_in_force():
    keys = {"measure": "defence_programme", "defence_speed": 5, "compliance": 0}
    _, record, found = governed(keys, {**keys, "trigger": "theft"})
    assert (found.start == math.inf).all()
    assert triggered_start(record, found, 1, 2024.0) == math.inf


@pytest.mark.parametrize("copies", [2, 4])
def test_a_measure_written_twice_is_the_same_measure(copies):
    """Half of the members obey, and the same ones: the strictest of several standards is that one."""
    standard = {"measure": "security_standard", "least_security": 0.8, "compliance": 0.5}
    once, more = (governed(*[standard] * n, classes={"lab": {"count": 8}}) for n in (1, copies))
    obeying = once[2].obeys[0].mean()
    assert 0.0 < obeying < 1.0
    assert security(*once, 0, 2021.0) == security(*more, 0, 2021.0) == pytest.approx(0.8 * obeying)


def test_a_stricter_standard_that_fewer_obey():
    """Members of the second standard are among those of the first: 0.5 + what the second adds to those that obey it."""
    w, record, found = governed(
        {"measure": "security_standard", "least_security": 0.6, "compliance": 0.7},
        {"measure": "security_standard", "least_security": 0.9, "compliance": 0.3},
        classes={"lab": {"count": 40}},
    )
    first, second = found.obeys.mean(axis=1)
    assert (found.obeys[0] | ~found.obeys[1]).all()
    assert security(w, record, found, 0, 2021.0) == pytest.approx(0.6 * first + 0.3 * second)


def test_fully_crowded_out_funding_leaves_the_worlds_rate_however_often_it_is_written():
    """And a cut of all talent ends research while it is in force, and no longer."""
    funding = {"measure": "research_funding", "research_multiplier": 3, "crowding_out": 1, "classes": ["bound"]}
    classes = {name: {**spec, "research_share": 1.0} for name, spec in TWO.items()}
    for copies in (1, 2):
        w, record, found = governed(*[funding] * copies, classes=classes, algorithms={"breakthrough_rate": 4.0})
        rates = [breakthrough_rate(w, record, found, c, 2021.0) for c in (0, 1)]
        assert sum(rates) == pytest.approx(4.0)
        assert rates[0] / rates[1] == pytest.approx(3.0**copies)
    cut = {**funding, "research_multiplier": 0, "classes": ["bound", "free"], "end": 2022}
    w, record, found = governed(cut, classes=classes, algorithms={"breakthrough_rate": 4.0})
    assert [breakthrough_rate(w, record, found, 0, t) for t in (2021.0, 2022.0)] == [0.0, 2.0]


@pytest.mark.parametrize(
    ("bans", "allowed"),
    [
        ([(2020, 2024), (2024, 2028)], 2028.0),
        ([(2020, 2024), (2023, 2026)], 2026.0),
        ([(2020, 2024), (2025, 2028)], 2024.0),
    ],
)
def test_a_release_is_judged_again_when_a_ban_ends(bans, allowed):
    measures = [
        {"measure": "open_weights_limit", "release_delay": math.inf, "start": start, "end": end} for start, end in bans
    ]
    w, record, found = governed(*measures)
    assert release_allowed((0, 0, 0), w, record, found, Actor(0, 0, 0), 0, True, 2021.0, 26.0) == allowed


def test_the_delay_of_a_measure_counts_once():
    w, record, found = governed({"measure": "open_weights_limit", "release_delay": 2.0})
    assert release_allowed((0, 0, 0), w, record, found, Actor(0, 0, 0), 0, True, 2021.0, 26.0) == 2023.0


def test_a_faster_programme_that_binds_no_attacker_leaves_the_speed_to_the_bit():
    """The speed was reckoned from the fastest in force, whoever obeys it: 20 - 16.7 is not 3.3."""
    classes = {"group": {"attempt_rate": 1.0, "count": 3}, "other": {"count": 2}}
    bound = {"measure": "defence_programme", "defence_speed": 3.3, "classes": ["group"]}
    others = {"measure": "defence_programme", "defence_speed": 20, "classes": ["other"]}
    w, record, found = governed(bound, others, classes=classes)
    assert defence_speed(w, record, found, 2021.0) == 3.3


def test_funding_that_reaches_no_research_takes_nothing_from_others():
    """Of several measures the largest crowding out counts, but only of those that add talent."""
    classes = {"lab": {"research_share": 1.0}, "idle": {"research_share": 0.0}}
    funding = {"measure": "research_funding", "research_multiplier": 3, "classes": ["lab"]}
    idle = {**funding, "crowding_out": 1, "classes": ["idle"]}
    w, record, found = governed(funding, idle, classes=classes, algorithms={"breakthrough_rate": 4.0})
    assert breakthrough_rate(w, record, found, 0, 2021.0) == 12.0
