"""The two clocks play the same future from the same address."""

import os

import numpy as np
import pytest
from helpers import oom, with_measures
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_scenarios import scenarios
from two_clocks import assert_clocks_agree
from use_and_benefit import earned, spans_of_replay, users_at

import engine
from engine.replay.play import play
from engine.scenario import WorldSampler, library

BASELINE = engine.load_scenario("baseline")
MINIMAL = engine.load_scenario("minimal")

LIBRARY = engine.load_scenario("policies")
HINDCAST = engine.load_scenario("hindcast_2018")
OTHERS = ("baseline", "minimal", "policies", "hindcast_2018")
VARIANTS = sorted(str(path) for path in library.FOLDER.glob("*.yaml") if path.stem not in OTHERS)

#: 1,000 futures of the baseline, 20 of each policy, and 150 random scenarios; the replay clock plays some eight a
#: second, so twice as much is played on request only: TWO_CLOCKS_BLOCKS=20 pytest tests/montecarlo/test_two_clocks.py
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
@settings(max_examples=15 * BLOCKS, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(scenario=scenarios, seed=st.integers(0, 2**63 - 1))
def test_random_valid_scenarios(scenario, seed):
    """Whatever a valid scenario says, the clocks agree on it."""
    assert_clocks_agree(scenario, worlds=2, futures=2, seed=seed)


#: Two hosts of different kinds, and users that enter later, steal, and take up weights.
HOSTED = with_measures(
    {
        "measure": "hosting_safeguards",
        "start": 2022.1,
        "end": 2024.3,
        "withdraws_dangerous": True,
        "classes": ["first"],
    },
    {"measure": "hosting_safeguards", "start": 2025.2, "end": 2026.6, "refuses": ["users"]},
    actor_classes={
        "first": {
            **{"count": 2, "hosting": 0.6, "deployment_lag": 0.3, "run_duration": 0.7, "run_pause": 0.4},
            **{"openness": 0.1, "release_lag": 1.3},
        },
        "second": {"hosting": 0.5, "run_duration": 1.1, "run_pause": 0.2, "budget": 10**7.6, "entry_lag": 2.0},
        "users": {
            **{"newcomers": 6, "newcomer_rate": 0.8, "represents": 3, "theft_rate": 0.05, "uptake_lag": 0.4},
            **{"run_duration": 1.3, "run_pause": 1.0, "budget": 10**7.3, "runnable_compute": 1e27},
        },
    },
    capabilities={"skill": {}, "good": {"kind": "valuable", "requirement": 3e25, "benefit_rate": 1e9}},
    algorithms={"efficiency_trend": oom(0.1, "OOM/yr")},
)


def test_users_and_benefit_of_a_run_are_those_of_its_replays():
    """Users of every point of time, and what is earned in every world, counted from the events of the replays."""
    worlds, seed = 10, 3
    results = engine.simulate(HOSTED, worlds, 1, seed, keep="samples").sel(policy="policy").squeeze("future")
    records, policies = WorldSampler(HOSTED, worlds, seed).draw(0)
    users, number = np.zeros((2, len(HOSTED.time_grid))), HOSTED.policy_number("policy")
    for w, record in enumerate(records):
        luck = (seed, w, 0)
        history = play(HOSTED, record, policies[w, number], luck, "policy")
        spans = spans_of_replay(HOSTED, record, policies[w, number], luck, history)
        users += np.transpose([users_at(HOSTED, spans, time) for time in HOSTED.time_grid])
        told = results.future_benefit[w], results.future_hosted_benefit[w]
        np.testing.assert_allclose(told, earned(HOSTED, record, spans), rtol=1e-6, atol=2000.0)
    np.testing.assert_allclose(results.users_mean, users / worlds, atol=1e-9)
    assert len(np.unique(users[1])) > 10
    assert float(results.future_hosted_benefit.min()) < float(results.future_hosted_benefit.max())


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
