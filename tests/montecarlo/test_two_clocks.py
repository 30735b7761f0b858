"""The two clocks play the same future from the same address."""

import os

import pytest
from helpers import oom, with_measures
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_scenarios import scenarios
from two_clocks import assert_clocks_agree

import engine
from engine.scenario import library

BASELINE = engine.load_scenario("baseline")
MINIMAL = engine.load_scenario("minimal")

LIBRARY = engine.load_scenario("policies")
HINDCAST = engine.load_scenario("hindcast_2018")
OTHERS = ("baseline", "minimal", "policies", "hindcast_2018")
VARIANTS = sorted(str(path) for path in library.FOLDER.glob("*.yaml") if path.stem not in OTHERS)

#: 1,000 futures of the baseline, and 20 of each policy; the replay clock plays some eight a second, so more are played
#: on request only: TWO_CLOCKS_BLOCKS=20 .venv/bin/pytest tests/montecarlo/test_two_clocks.py plays 2,000 and 80.
BLOCKS, WORLDS, FUTURES = int(os.environ.get("TWO_CLOCKS_BLOCKS", "10")), 50, 2


@pytest.mark.slow
@pytest.mark.parametrize("block", range(BLOCKS))
def test_baseline(block):
    """Same attainments, routes and event counts, times within 1e-9 year, in every future of the block."""
    attainments = assert_clocks_agree(BASELINE, WORLDS, FUTURES, seed=2026, first_world=block * WORLDS)
    assert attainments > 0.9 * WORLDS * FUTURES * 6 * 8


@pytest.mark.slow
@pytest.mark.parametrize("block", range(BLOCKS // 2))
def test_every_policy_of_the_library(block):
    """The same for each of the library's policies."""
    attainments = assert_clocks_agree(LIBRARY, 2, 2, seed=2027, first_world=block * 2)
    assert attainments > 0.8 * 4 * 6 * 8 * len(LIBRARY.policy_names)


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_policy_in_every_variant(variant):
    scenario = engine.load_scenario(variant)
    assert assert_clocks_agree(scenario, 1, 1, seed=5) > 15 * len(scenario.policy_names)


def test_hindcast():
    """Many more actors, from 2018, with other number formats."""
    assert assert_clocks_agree(HINDCAST, 10, 2, seed=2018) > 0.9 * 20 * 5 * 4


GROWING = {"budget_growth": oom(1, "OOM/yr")}
CAP = {"measure": "compute_cap", "relative_cap": oom(-1)}
BAN = {"measure": "open_weights_limit", "release_delay": float("inf")}


@pytest.mark.parametrize(
    ("measures", "changes"),
    [
        ([CAP], {"actor_classes": {"a": GROWING, "b": {**GROWING, "budget": 1e9}}}),
        ([CAP], {"actor_classes": {"a": {**GROWING, "count": 4}}}),
        ([{"measure": "licensing", "threshold": 1e20, "licence_delay": 2}], {}),
        (
            [
                {
                    "measure": "licensing",
                    "threshold": 1e20,
                    "licence_delay": 3,
                    "trigger": "run",
                    "trigger_compute": 1e25,
                }
            ],
            {"actor_classes": {"a": {"run_duration": 2}}},
        ),
        (
            [{**BAN, "start": 2020, "end": 2024}, {**BAN, "start": 2024, "end": 2028}],
            {"actor_classes": {"a": {"openness": 1.0}, "b": {"run_duration": 20, "uptake_lag": 0.0}}},
        ),
        (
            [
                {"measure": "security_standard", "least_security": 1, "trigger": "theft"},
                {"measure": "research_funding", "research_multiplier": 0, "crowding_out": 1, "duration": 3},
                {"measure": "export_control", "price_multiplier": 3, "trigger": "release", "duration": 2},
            ],
            {
                "algorithms": {"breakthrough_rate": 5, "small_gain_mean": 0.2},
                "actor_classes": {
                    "a": {"openness": 0.5, "count": 3, "research_share": 1},
                    "b": {"theft_rate": 2.0, "count": 2, "attempt_rate": 3.0},
                },
                "capabilities": {"skill": {"success_probability": 0.2, "loss_median": 1e6, "defence_duration": 0}},
            },
        ),
        (
            # A model that is stolen and released at once, and that both can run from the same moment on.
            [{**BAN, "start": 2029}],
            {
                "hardware": {
                    "price_decline": oom(0.25, "OOM/yr"),
                    "release_gap_mean": 1.5,
                    "generation_gain_mean": 0.1,
                },
                "actor_classes": {
                    "a": {"openness": 1.0},
                    "b": {"theft_rate": 20.0, "runnable_compute": 1e25, "budget": 1e6, "count": 2},
                },
            },
        ),
        (
            # Chips and an uptake lag bring open weights when a run of the same class ends.
            [{**BAN, "start": 2029}],
            {
                "hardware": {"release_gap_mean": 3.25, "generation_gain_mean": 0.5},
                "actor_classes": {
                    "a": {"openness": 1.0},
                    "b": {"runnable_compute": 1e25, "uptake_lag": 0.25, "budget": 3.2e7, "run_duration": 3.5},
                },
            },
        ),
    ],
)
def test_ties(measures, changes):
    """Without pauses runs end as others begin, and measures and years begin at the same moments."""
    assert assert_clocks_agree(with_measures(*measures, **changes), worlds=1, futures=6, seed=3) > 0


def test_minimal():
    assert assert_clocks_agree(MINIMAL, worlds=100, futures=2, seed=7) > 300


@pytest.mark.property
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(scenario=scenarios, seed=st.integers(0, 2**63 - 1))
def test_random_valid_scenarios(scenario, seed):
    """Whatever a valid scenario says, the clocks agree on it."""
    assert_clocks_agree(scenario, worlds=2, futures=2, seed=seed)


def test_a_replayed_future_is_the_one_of_the_run():
    """The samples of a run and the replay of any of its addresses are the same future."""
    results = engine.simulate(BASELINE, worlds=12, futures=3, seed=2026, keep="samples")
    for world, future in ((0, 0), (5, 2), (11, 1)):
        history = engine.replay(BASELINE, world, future, worlds=12, seed=2026)
        kept = results.attainment_time.sel(policy="baseline", world=world, future=future)
        assert int(kept.notnull().sum()) == len(history.attainments)
        for row in history.attainments.itertuples():
            seen = float(kept.sel(actor_class=row.actor_class, capability=row.capability))
            # Samples are float32: a step at 2045 is 1.2e-4 year.
            assert abs(seen - row.time) < 1.3e-4
