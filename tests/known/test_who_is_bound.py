"""Every lever of every measure binds whom it names, from when it starts, and nobody else.

This guards against a kind of fault: a lever that is read without asking who obeys, or when. Each lever is tried where
it must change nothing (nobody obeys, the classes it binds take no part, or the time before its start), and where it
must change something, so that none of these tests can pass by being idle.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from helpers import oom, with_measures

import engine
from engine.rules.governance import LEVERS
from engine.scenario.measures import MEASURES

pytestmark = pytest.mark.known

SEED = 20_260_905
#: Every lever at a value that is far from neutral, with what else its measure needs.
STRONG: dict[str, dict[str, Any]] = {
    "max_compute": {"measure": "compute_cap", "max_compute": 1e25},
    "relative_cap": {"measure": "compute_cap", "relative_cap": oom(-0.3)},
    "licence_delay": {"measure": "licensing", "threshold": 1e20, "licence_delay": 1.5},
    "release_delay": {"measure": "open_weights_limit", "release_delay": 3},
    "detection_probability": {"measure": "open_weights_limit", "detection_probability": 1},
    "release_delay_of_licensing": {
        "measure": "licensing",
        "threshold": 1e20,
        "licence_delay": 0,
        "release_delay": 3,
    },
    "detection_probability_of_licensing": {
        "measure": "licensing",
        "threshold": 1e20,
        "licence_delay": 0,
        "detection_probability": 1,
    },
    "price_multiplier": {"measure": "export_control", "price_multiplier": 20, "leakage": 0.1},
    "added_procurement_lag": {"measure": "export_control", "added_procurement_lag": 3, "leakage": 0.1},
    "least_secrecy": {"measure": "publication_control", "least_secrecy": 1},
    "lag_multiplier": {"measure": "publication_control", "lag_multiplier": 8},
    "least_security": {"measure": "security_standard", "least_security": 0.95},
    "learning_speed": {"measure": "capability_reporting", "learning_speed": 20},
    "foresight_probability": {"measure": "capability_reporting", "foresight": oom(0.6), "foresight_probability": 1},
    "defence_speed": {"measure": "defence_programme", "defence_speed": 20},
    "added_effectiveness": {"measure": "defence_programme", "added_effectiveness": 0.9},
    "least_safeguards": {"measure": "hosting_safeguards", "least_safeguards": 0.95},
    "least_detection_rate": {"measure": "hosting_safeguards", "least_detection_rate": 50},
    "least_account_lag": {"measure": "hosting_safeguards", "least_account_lag": 5},
    "refusal": {"measure": "hosting_safeguards", "refusal": 0.9},
    "distillation_limit": {"measure": "distillation_limits", "distillation_limit": 1},
    "budget_multiplier": {"measure": "public_compute", "budget_multiplier": 20},
    "research_multiplier": {"measure": "research_funding", "research_multiplier": 5},
    "crowding_out": {"measure": "research_funding", "research_multiplier": 5, "crowding_out": 1, "classes": ["lab"]},
}
#: Levers that only say to what another lever applies.
PARTS = {"threshold", "leakage", "foresight"}
each_lever = pytest.mark.parametrize("measure", STRONG.values(), ids=STRONG.keys())


def played(*measures: dict[str, Any]) -> Any:
    """(policy, baseline) of a scenario in which every mechanism is at work; the class `idle` takes no part in any."""
    spec = with_measures(
        *measures,
        hardware={"release_gap_mean": 0.8, "generation_gain_mean": 0.2},
        distillation={"distillation_gain_hosted": oom(1.5)},
        algorithms={"breakthrough_rate": 4.0, "small_gain_mean": 0.1, "published_lag": 0.4, "secret_lag": 2.0},
        actor_classes={
            "lab": {
                "count": 3,
                "run_pause": 0.3,
                "openness": 0.4,
                "research_share": 0.7,
                "secrecy": 0.3,
                "hosting": 0.7,
                "safeguards": 0.3,
                "detection_rate": 2.0,
                "account_lag": 0.3,
            },
            "follower": {
                "count": 2,
                "budget": 2e7,
                "run_pause": 0.2,
                "uptake_lag": 20,
                "budget_growth": oom(0.0, "OOM/yr"),
                "research_share": 0.3,
                "openness": 0.2,
            },
            "thief": {"run_duration": 20, "budget": 1e6, "theft_rate": 0.5, "attempt_rate": 5.0, "count": 2},
            "idle": {"run_duration": 20, "budget": 1.0, "count": 2, "runnable_compute": 1e10},
        },
        capabilities={
            "danger": {
                "requirement": 2e27,
                "requirement_spread": 0.3,
                "success_probability": 0.3,
                "learning_lag": 1.0,
                "loss_median": 1e6,
                "defence_duration": 1.0,
                "defence_effectiveness": 0.5,
            },
            "value": {"kind": "valuable", "requirement": 1e27, "benefit_rate": 1e6},
        },
    )
    results = engine.simulate(spec, 2, 100, SEED, keep="samples")
    return tuple(results.sel(policy=name, drop=True) for name in ("policy", "baseline"))


def test_every_lever_is_tried():
    """A new measure, or a new lever, is a new row above."""
    assert {name.split("_of_")[0] for name in STRONG} | PARTS == set(LEVERS)
    assert {measure["measure"] for measure in STRONG.values()} == set(MEASURES)


@each_lever
def test_a_measure_that_binds_all_changes_something(measure):
    governed, baseline = played(measure)
    assert not governed.identical(baseline)


@each_lever
def test_a_measure_that_nobody_obeys_changes_nothing(measure):
    governed, baseline = played({**measure, "compliance": 0})
    assert governed.identical(baseline)


@each_lever
def test_a_triggered_measure_that_nobody_obeys_changes_nothing(measure):
    governed, baseline = played({**measure, "compliance": 0, "trigger": "emergence"})
    assert governed.identical(baseline)


@each_lever
def test_a_measure_on_a_class_that_takes_no_part_changes_nothing(measure):
    governed, baseline = played({**measure, "classes": ["idle"]})
    assert governed.identical(baseline)


@each_lever
def test_beside_a_measure_one_on_a_class_that_takes_no_part_changes_nothing(measure):
    """The idle one is as strong in all it has: its share of crowding out counted for what the other funds."""
    at_work = {**measure, "classes": ["lab", "follower", "thief"]}
    if "crowding_out" in measure:
        at_work["crowding_out"] = 0
    alone, _ = played(at_work)
    both, _ = played(at_work, {**measure, "classes": ["idle"]})
    assert both.equals(alone)


@each_lever
def test_a_measure_changes_nothing_before_its_start(measure):
    """Attainments before the start, and losses of whole years before it, are those of the baseline to the bit."""
    start = 2024.0
    governed, baseline = played({**measure, "start": start})
    assert not governed.identical(baseline)
    mine, theirs = governed.attainment_time.to_numpy(), baseline.attainment_time.to_numpy()
    early = np.nan_to_num(theirs, nan=math.inf) < start
    assert early.any()
    np.testing.assert_array_equal(np.nan_to_num(mine, nan=math.inf) < start, early)
    np.testing.assert_array_equal(mine[early], theirs[early])
    before = baseline.time.to_numpy() <= start
    for name in ("attainment_probability", "actors_with_access_mean", "runs_above_mean"):
        np.testing.assert_array_equal(
            governed[name].isel(time=before).to_numpy(), baseline[name].isel(time=before).to_numpy()
        )
