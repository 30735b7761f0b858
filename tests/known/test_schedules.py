"""Measures whose numbers change at dates, where the answer is known or the same measure can be written in two.

An actor of the neutral scenario trains 1e26 FLOP a year without pause: it attains the capability at 2021.0.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from helpers import oom, policy, regime, run, scenario, with_measures, world
from scipy import stats

import engine
from engine.montecarlo.future import COUNTED
from engine.montecarlo.room import events_possible
from engine.rules.governance import chips_arrive, release_allowed
from engine.rules.world import Actor
from engine.scenario import WorldSampler

pytestmark = pytest.mark.known

SEED = 20_261_130
FUTURES = 5_000
THREE_ERRORS = 0.0027
#: A class that trains nothing.
IDLE = {"run_duration": 20, "budget": 1.0}
STANDARD = {"measure": "security_standard"}
BAN = {"measure": "open_weights_limit"}
EVALUATED = {"measure": "licensing", "threshold": 1e20, "licence_delay": 0}


def in_force(spec):
    """(start, end) of each part of the measures with a date."""
    found = regime(spec, policy(spec))
    return list(zip(found.start.tolist(), found.end.tolist(), strict=True))


def moments(spec, event):
    """The times of an event in one future under both clocks' common address, by the SimPy clock."""
    events = engine.replay(spec, 0, 0, policy="policy", worlds=1, seed=SEED).events
    return events[events.event == event].time.tolist()


def attained(spec, actor_class):
    """The year in which a class attains the capability, the same under both clocks."""
    samples = engine.simulate(spec, 1, 1, SEED, keep="samples").attainment_time
    fast = float(samples.sel(actor_class=actor_class, policy="policy").squeeze())
    history = engine.replay(spec, 0, 0, policy="policy", worlds=1, seed=SEED)
    slow = history.attainments.set_index("actor_class").time.get(actor_class, math.nan)
    assert fast == pytest.approx(slow, abs=1e-9, rel=0, nan_ok=True)
    return fast


# What changes, and when.


@pytest.mark.statistics
def test_theft_is_a_poisson_process_with_the_integrated_hazard_of_a_changing_standard():
    """0.7 thefts a year times what is not prevented: half until 2023, a tenth until 2026, 0.3 after."""
    spec = with_measures(
        {**STANDARD, "least_security": {2019: 0.5, 2023: 0.9, 2026: 0.7}},
        horizon=2120,
        actor_classes={
            "frontier": {"run_duration": 0.5},
            "outsider": {**IDLE, "theft_rate": 0.7, "uptake_lag": 0.25},
        },
    )
    samples = engine.simulate(spec, 1, FUTURES, SEED, keep="samples").attainment_time
    times = samples.sel(actor_class="outsider", policy="policy").to_numpy().ravel().astype(float)

    def cdf(t):
        years = [np.clip(np.minimum(t, end) - since, 0, None) for since, end in ((2020.5, 2023), (2023, 2026))]
        return 1.0 - np.exp(-0.7 * (0.5 * years[0] + 0.1 * years[1] + 0.3 * np.clip(t - 2026, 0, None)))

    assert stats.kstest(times, cdf).pvalue > THREE_ERRORS


def test_the_first_value_holds_before_its_date_and_each_until_before_the_next():
    spec = with_measures({**STANDARD, "least_security": {2024: 0.2, 2025.5: 0.6, 2028: 0.9}, "end": 2029})
    assert in_force(spec) == [(2020.0, 2025.5), (2025.5, 2028.0), (2028.0, 2029.0)]
    assert policy(spec)["least_security"][:3].tolist() == [0.2, 0.6, 0.9]


def test_two_numbers_change_each_at_its_dates():
    measure = {
        "measure": "defence_programme",
        "defence_speed": {2021: 2, 2023: 3},
        "added_effectiveness": 0.5,
        "compliance": {2021: 0.1, 2022: 0.2, 2024: 0.3},
    }
    record = policy(with_measures({**STANDARD, "least_security": 1}, measure, {**STANDARD, "least_security": 0.3}))
    assert record["n_measures"] == 6
    assert record["first_part"][:7].tolist() == [0, 1, 1, 1, 1, 5, 6]
    assert record["from_date"][1:5].tolist() == [-math.inf, 2022, 2023, 2024]
    assert record["to_date"][1:5].tolist() == [2022, 2023, 2024, math.inf]
    assert record["defence_speed"][:6].tolist() == [1, 2, 2, 3, 3, 1]
    assert record["added_effectiveness"][:6].tolist() == [0, 0.5, 0.5, 0.5, 0.5, 0]
    assert record["compliance"][:6].tolist() == [1, 0.1, 0.2, 0.2, 0.3, 1]
    assert record["least_security"][[0, 5]].tolist() == [1, 0.3]


@pytest.mark.parametrize(
    ("keys", "periods"),
    [
        ({"duration": 3}, [(2021, 2022), (2022, 2024)]),
        ({"duration": 0.5}, [(2021, 2021.5), (2022, 2021.5)]),
        ({"duration": 3, "delay": 1.5}, [(2022.5, 2022), (2022.5, 2025.5)]),
        ({"end": 2023}, [(2021, 2022), (2022, 2023)]),
    ],
)
@pytest.mark.parametrize("start", [{"start": 2021}, {"trigger": "emergence"}])
def test_delay_and_duration_belong_to_the_whole_measure(keys, periods, start):
    """The emergence at 2021 or the date starts the measure once; a part is in force between its dates only."""
    spec = with_measures({**STANDARD, "least_security": {2020: 0.5, 2022: 0.9}, **start, **keys})
    if "start" in start:
        assert in_force(spec) == periods
    real = [period for period in periods if period[0] < period[1]]
    assert moments(spec, "measure_start") == pytest.approx(real[:1][0][:1], abs=1e-9, rel=0)
    assert moments(spec, "measure_change") == pytest.approx([since for since, _ in real[1:]], abs=1e-9, rel=0)
    assert moments(spec, "measure_end") == pytest.approx([real[-1][1]], abs=1e-9, rel=0)


def test_one_class_leaves_the_whole_measure():
    """The end that is drawn for the undated measure, to the bit."""
    leaving = {**STANDARD, "start": 2021, "exit_rate": 0.5}
    ((_, end),) = in_force(with_measures({**leaving, "least_security": 0.5}))
    parts = in_force(with_measures({**leaving, "least_security": {2020: 0.5, 2021.25: 0.9, 2400: 1}}))
    assert parts[1] == (2021.25, end)
    assert parts[0] == (2021, 2021.25)


# Who obeys.


def test_a_member_that_obeys_still_obeys_when_compliance_has_risen():
    """Shares of 2,000 members within 4 standard errors of 0.2, 0.5 and 0.9; a member's draw does not change."""
    spec = with_measures(
        {**STANDARD, "least_security": 1, "compliance": {2020: 0.2, 2022: 0.5, 2024: 0.9}},
        {**STANDARD, "least_security": 1, "compliance": 0.5},
        actor_classes={"actor": {**IDLE, "count": 2_000}},
    )
    found = regime(spec, policy(spec))
    for m, share in enumerate((0.2, 0.5, 0.9)):
        assert abs(found.share[m, 0] - share) < 4.0 * math.sqrt(share * (1.0 - share) / 2_000)
    assert (found.obeys[0] <= found.obeys[1]).all()
    assert (found.obeys[1] <= found.obeys[2]).all()
    np.testing.assert_array_equal(found.obeys[1], found.obeys[3])


def test_a_measure_that_nobody_obeys_yet_begins_when_somebody_does():
    spec = with_measures({**STANDARD, "least_security": 1, "compliance": {2020: 0, 2022: 1}})
    assert in_force(spec) == [(math.inf, math.inf), (2022.0, math.inf)]
    assert moments(spec, "measure_start") == [2022.0]
    assert moments(spec, "measure_change") == []


# The same measure, written as two in succession.

RICH = {
    "hardware": {"release_gap_mean": 1.0, "generation_gain_mean": 0.3},
    "algorithms": {"breakthrough_rate": 5.0, "small_gain_mean": 0.15, "published_lag": 0.5, "secret_lag": 2.0},
    "distillation": {"distillation_gain_hosted": oom(1)},
    "actor_classes": {
        "lab": {
            "count": 3,
            "run_duration": 0.4,
            "run_pause": 0.3,
            "openness": 0.2,
            "hosting": 0.7,
            "hosting_dangerous": 1.0,
            "research_share": 1.0,
            "secrecy": 0.3,
            "budget_growth": oom(0.3, "OOM/yr"),
        },
        "thief": {
            "run_duration": 0.7,
            "budget": 1e7,
            "budget_growth": oom(0.3, "OOM/yr"),
            "theft_rate": 0.3,
            "attempt_rate": 3.0,
            "research_share": 0.2,
        },
    },
    "capabilities": {
        name: {
            "requirement": requirement,
            "success_probability": 0.2,
            "loss_median": 1e6,
            "learning_lag": 1,
            "defence_duration": 2,
            "defence_effectiveness": 0.5,
        }
        for name, requirement in (("skill", 5e27), ("hard", 5e32))
    },
}
CHANGES = [
    ("compute_cap", "max_compute", 1e28, 3e26, {}),
    ("compute_cap", "relative_cap", 1.5, 0.5, {}),
    ("licensing", "licence_delay", 0.1, 0.8, {"threshold": 1e20}),
    ("licensing", "threshold", 1e28, 1e20, {"licence_delay": 0.7}),
    ("licensing", "detection_probability", 0.9, 0.3, {"threshold": 1e20, "licence_delay": 0}),
    ("export_control", "price_multiplier", 2, 10, {}),
    ("export_control", "leakage", 0.8, 0.1, {"price_multiplier": 10}),
    ("publication_control", "least_secrecy", 0.4, 1, {}),
    ("publication_control", "lag_multiplier", 2, 6, {}),
    ("open_weights_limit", "release_delay", math.inf, 0, {}),
    ("open_weights_limit", "detection_probability", 1, 0.4, {}),
    ("security_standard", "least_security", 0.4, 0.9, {}),
    ("security_standard", "compliance", 0.3, 0.9, {"least_security": 0.9}),
    ("hosting_safeguards", "least_safeguards", 0.3, 0.9, {}),
    ("hosting_safeguards", "compliance", 0.3, 0.9, {"withdraws_dangerous": True}),
    ("distillation_limits", "distillation_limit", 0.5, 1, {}),
    ("capability_reporting", "learning_speed", 2, 20, {}),
    ("capability_reporting", "foresight", oom(0.1), oom(1), {"foresight_probability": 0.7}),
    ("defence_programme", "defence_speed", 2, 10, {}),
    ("defence_programme", "added_effectiveness", 0.1, 0.9, {}),
    ("public_compute", "budget_multiplier", 2, 20, {}),
    ("research_funding", "research_multiplier", 2, 5, {"crowding_out": 0.5}),
]


def test_a_change_at_a_date_is_one_measure_and_then_another_to_the_bit():
    """For every lever that is not a delay; each has an effect, or the test would be idle."""
    policies = {}
    for n, (kind, key, before, after, others) in enumerate(CHANGES):
        measure = {"measure": kind, **others}
        first = {**measure, key: before}
        policies[f"dated_{n}"] = {"measures": [{**measure, key: {2020: before, 2024.5: after}}]}
        policies[f"pair_{n}"] = {"measures": [{**first, "end": 2024.5}, {**measure, key: after, "start": 2024.5}]}
        policies[f"first_{n}"] = {"measures": [first]}
    idle = []
    for begin in range(0, len(CHANGES), 10):
        names = {name: one for name, one in policies.items() if begin <= int(name.split("_")[1]) < begin + 10}
        results = engine.simulate(scenario(policies=names, **RICH), 4, 30, SEED, keep="samples")
        for n in range(begin, min(begin + 10, len(CHANGES))):
            dated, pair, first = (results.sel(policy=f"{name}_{n}", drop=True) for name in ("dated", "pair", "first"))
            assert dated.identical(pair), CHANGES[n]
            idle += [CHANGES[n][:2]] if dated.identical(first) else []
    assert not idle


def test_the_clocks_count_a_measure_once():
    """Three parts, of which two are in force within the future; the same measure twice counts twice."""
    rising = {**STANDARD, "least_security": {2019: 0.1, 2022: 0.5, 2050: 0.9}}
    spec = with_measures(rising, rising, {**BAN, "release_delay": {2020: 1, 2021: 2}, "trigger": "emergence"})
    tally, _ = run(WorldSampler(spec, 1, SEED), 10, spec.policy_names)
    assert tally.counted[:, COUNTED.index("measures")].tolist() == [0, 30]
    events = engine.replay(spec, 0, 0, policy="policy", worlds=1, seed=SEED).events
    assert events.query("event == 'trigger'").measure.tolist() == ["open_weights_limit"]
    story = engine.replay(spec, 0, 0, policy="policy", worlds=1, seed=SEED).narrative()
    assert story.count("In force:") == 3
    assert story.count("2022.01  Strength or compliance changes: security_standard") == 2


# Delays and prohibitions.

OPEN = {"frontier": {"run_duration": 0.5, "openness": 1.0}, "outsider": IDLE}


@pytest.mark.parametrize(
    ("keys", "year"),
    [
        # Once, with the value on the day of the release, 2020.5, across the date.
        ({**BAN, "release_delay": {2020: 1, 2021: 1}}, 2021.5),
        ({**BAN, "release_delay": {2020: 1, 2021: 0}}, 2021.5),
        ({**BAN, "release_delay": {2020: 1, 2021: 8}}, 2021.5),
        ({**BAN, "release_delay": {2020: 0, 2020.5: 2}}, 2022.5),
        # It ends with the whole measure, not with its part.
        ({**BAN, "release_delay": {2020: 4, 2021: 1}, "end": 2023}, 2023.0),
        # A prohibition lasts while it holds, and then the next part is asked.
        ({**BAN, "release_delay": {2020: math.inf, 2023: 0}}, 2023.0),
        ({**BAN, "release_delay": {2020: math.inf, 2023: 0.5, 2023.25: 4}}, 2023.5),
        ({**BAN, "detection_probability": {2020: 1, 2024: 0}}, 2024.0),
        ({**BAN, "detection_probability": {2020: 1, 2022: 1, 2024: 0}}, 2024.0),
        # A delay that passed during the prohibition is not asked again.
        ({**BAN, "detection_probability": {2020: 1, 2024: 0}, "release_delay": 1}, 2024.0),
        ({**BAN, "detection_probability": {2020: 1, 2021: 0}, "release_delay": 2}, 2022.5),
        # A model below the threshold at first is delayed when the threshold falls, if it is still to be released.
        ({**BAN, "release_delay": 3, "threshold": {2020: 1e27, 2020.5: 1e20}}, 2023.5),
        ({**BAN, "release_delay": 3, "threshold": {2020: 1e27, 2020.75: 1e20}}, 2020.5),
    ],
)
def test_a_release_is_delayed_once_and_forbidden_while_forbidden(keys, year):
    """The model of the first run, of 1e26 FLOP, whose weights would be released at 2020.5."""
    spec = with_measures(keys)
    record, who = policy(spec), Actor(0, 0, 0)
    assert release_allowed((0, 0, 0), world(spec), record, regime(spec, record), who, 0, True, 2020.5, 26.0) == year


def test_two_measures_in_succession_delay_twice_and_one_that_changes_once():
    """Trained and released at 2020.5, and taken up at once."""
    once = {**BAN, "release_delay": {2020: 1, 2021: 1}}
    first, second = {**BAN, "release_delay": 1, "end": 2021}, {**BAN, "release_delay": 1, "start": 2021}
    assert attained(with_measures(once, actor_classes=OPEN), "outsider") == pytest.approx(2021.5, abs=1e-4, rel=0)
    assert attained(with_measures(first, second, actor_classes=OPEN), "outsider") == pytest.approx(
        2022.0, abs=1e-4, rel=0
    )


@pytest.mark.parametrize(
    ("found", "year"),
    [({2020: 1, 2023: 0}, 2023.0), ({2020: 1, 2022: 1, 2023: 0}, 2023.0), ({2020: 0, 2021: 1}, 2020.5)],
)
def test_a_service_is_forbidden_while_an_evaluation_finds_a_danger(found, year):
    spec = with_measures(
        {**EVALUATED, "detection_probability": found},
        actor_classes={"frontier": {"run_duration": 0.5, "hosting": 1.0}, "outsider": IDLE},
    )
    assert moments(spec, "service")[0] == pytest.approx(year, abs=1e-4, rel=0)


@pytest.mark.parametrize(
    ("keys", "year"),
    [
        ({"added_procurement_lag": {2020: 2, 2022: 0}}, 2023.0),
        ({"added_procurement_lag": {2020: 0, 2022: 2}}, 2021.0),
        ({"added_procurement_lag": {2020: 2, 2022: 0}, "end": 2022.5}, 2022.5),
        ({"added_procurement_lag": 2, "leakage": {2020: 0.5, 2021: 0.75}}, 2021.5),
    ],
)
def test_chips_wait_for_the_lag_on_the_day_of_their_arrival(keys, year):
    """The first generation is due at 2021."""
    spec = with_measures({"measure": "export_control", **keys})
    assert chips_arrive(world(spec), policy(spec), regime(spec, policy(spec)), 0, 2021.0) == pytest.approx(
        year, abs=1e-4, rel=0
    )


def test_a_licence_takes_as_long_as_on_the_day_of_its_filing():
    """Planned at 2020 and begun at 2021.5; the date in between changes nothing. The next is planned for 2022.5."""
    spec = with_measures({**EVALUATED, "licence_delay": {2020: 1.5, 2021: 0.25}})
    assert moments(spec, "run_start")[:3] == pytest.approx([2021.5, 2022.75, 2024.0], abs=1e-9, rel=0)


def test_a_cap_that_is_tightened_binds_the_runs_that_begin_then():
    spec = with_measures({"measure": "compute_cap", "max_compute": {2020: 3e25, 2022: 1e25}})
    events = engine.replay(spec, 0, 0, policy="policy", worlds=1, seed=SEED).events
    runs = events[events.event == "run_start"]
    np.testing.assert_allclose(10.0 ** runs.log10_flop.iloc[:4].astype(float), [3e25, 3e25, 1e25, 1e25])


def test_the_room_for_events_is_that_of_the_largest_factor():
    """Parts of one measure never multiply one another; two measures do."""

    def room(*factors):
        funding = [{"measure": "research_funding", "research_multiplier": factor} for factor in factors]
        spec = with_measures(
            *funding, algorithms={"breakthrough_rate": 10}, actor_classes={"actor": {"research_share": 1}}
        )
        return events_possible(*(drawn.view(np.recarray) for drawn in WorldSampler(spec, 1, SEED).draw(0, 1)))

    dated = {2020: 2, 2022: 3, 2023: 1, 2024: 2}
    assert room(dated) == room(3)
    assert room(dated, 2, {2021: 1, 2022: 2}) == room(3, 2, 2) > room(3)
