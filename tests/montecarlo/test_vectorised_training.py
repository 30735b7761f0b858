"""Entry: a class begins to train after its lag, under both clocks, and the others are as they were."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from helpers import merged, oom, scenario, scenario_data, with_measures
from small_run import POLICIES, RICH
from two_clocks import assert_clocks_agree

import engine

SEED = 20_231_115
#: Two classes that change nothing for each other.
CLASSES = {
    "early": {"count": 3, "budget_spread": 0.3, "run_duration": 0.4, "run_pause": 0.7},
    "late": {"count": 4, "budget_spread": 0.3, "run_duration": 0.3, "run_pause": 0.5},
}
GROWING = {"algorithms": {"efficiency_trend": oom(0.4, "OOM/yr")}, "capabilities": {"skill": {"requirement": 1e27}}}
LAG = 3.25


def two_classes(lag, **changes):
    return scenario(actor_classes=merged(CLASSES, {"late": {"entry_lag": lag}}), **merged(GROWING, changes))


def runs(spec, future, **how):
    """(first start, number) of the runs of each class that the replay clock tells."""
    events = engine.replay(spec, 0, future, worlds=1, seed=SEED, **how).events
    started = events[events.event == "run_start"]
    return {
        name: (started[started.actor_class == name].time.min(), len(started[started.actor_class == name]))
        for name in CLASSES
    }


def test_the_first_run_begins_after_the_lag_under_the_replay_clock():
    """By the lag later than without it: the pause before the first run is the same."""
    for future in range(5):
        at_once, later = (runs(two_classes(lag), future) for lag in (0.0, LAG))
        assert later["late"][0] == pytest.approx(at_once["late"][0] + LAG, abs=1e-9)
        assert later["early"] == at_once["early"]
        assert later["late"][1] < at_once["late"][1]


def test_no_model_and_no_attainment_before_the_lag_under_the_monte_carlo_clock():
    """The first model and the first attainment are a run after it at the earliest; the other class is as it was."""
    at_once, later = (engine.simulate(two_classes(lag), 1, 200, SEED, keep="prices") for lag in (0.0, LAG))
    for name in ("attainment_time", "future_spending", "effective_compute_bought", "capability_cost"):
        xr.testing.assert_equal(at_once[name].sel(actor_class="early"), later[name].sel(actor_class="early"))
    ours = at_once.actor.isin(["early 1", "early 2", "early 3"])
    xr.testing.assert_equal(
        at_once.future_effective_compute.sel(actor=ours), later.future_effective_compute.sel(actor=ours)
    )
    attained = later.attainment_time.sel(actor_class="late")
    assert float(attained.min()) >= 2020.0 + LAG + 0.3 - 1e-3
    assert float(at_once.attainment_time.sel(actor_class="late").min()) < 2020.0 + LAG
    models = later.future_effective_compute.sel(actor=~ours)
    assert models.sel(year=slice(None, 2023.0)).isnull().all()
    assert models.sel(year=2026.0).notnull().any()
    spending = later.future_spending.sel(actor_class="late")
    assert float(spending.sel(time=2023.0).max()) == 0.0
    assert float(spending.sel(time=2024.0).max()) > 0.0


@pytest.mark.known
@pytest.mark.parametrize("measures", [[], [{"measure": "compute_cap", "relative_cap": oom(20)}]])
@pytest.mark.parametrize(("lag", "attained"), [(0, 2021.0), (0.5, 2021.5), (LAG, 2024.25), (8.5, 2029.5)])
def test_an_actor_without_pause_attains_a_run_after_its_entry(measures, lag, attained):
    """Runs taken by themselves, and in order of time."""
    spec = with_measures(
        *measures, {"measure": "capability_reporting", "learning_speed": 2}, actor_classes={"actor": {"entry_lag": lag}}
    )
    times = engine.simulate(spec, 1, 1, keep="samples").attainment_time
    np.testing.assert_allclose(times.squeeze(), attained, atol=2e-4)


@pytest.mark.known
@pytest.mark.parametrize("lag", [9.0, 10.0, 10.5, 100.0])
@pytest.mark.parametrize("policy", ["baseline", "policy"])
def test_a_lag_that_leaves_no_time_for_a_run_means_none(lag, policy):
    """No model, no money, no access; at 9 years the run would finish at the horizon."""
    spec = with_measures(
        {"measure": "licensing", "threshold": 1e40, "licence_delay": 1}, actor_classes={"actor": {"entry_lag": lag}}
    )
    paths = engine.simulate(spec, 1, 3, keep="prices").sel(policy=policy)
    assert paths.attainment_time.isnull().all()
    assert paths.future_effective_compute.isnull().all()
    for name in ("future_spending", "future_runs_reaching", "future_access", "runs_above_mean"):
        assert (paths[name] == 0).all(), name
    assert engine.replay(spec, 0, 0, policy=policy, worlds=1).counts()["runs"] == 0


@pytest.mark.known
def test_a_class_that_does_not_train_yet_takes_up_steals_and_does_research():
    """Open weights of 2021 half a year later, a theft as without the lag, and all of the world's breakthroughs."""
    lag = {"entry_lag": 50.0}
    open_weights = scenario(actor_classes={"open": {"openness": 1.0}, "user": {**lag, "uptake_lag": 0.5}})
    taken = engine.simulate(open_weights, 1, 1, keep="samples").attainment_time.sel(actor_class="user")
    np.testing.assert_allclose(taken.squeeze(), 2021.5, atol=2e-4)

    def stolen(**given):
        thief = {"budget": 1.0, "theft_rate": 0.5, "research_share": 1.0, **given}
        spec = scenario(actor_classes={"holder": {}, "thief": thief}, algorithms={"breakthrough_rate": 2.0})
        events = engine.replay(spec, 0, 0, worlds=1, seed=SEED).events
        found = events[events.event == "breakthrough"]
        times = engine.simulate(spec, 1, 50, SEED, keep="samples").attainment_time.sel(actor_class="thief")
        return times.values, list(found.time[found.actor_class == "thief"])

    (times, research), (without, as_before) = stolen(**lag), stolen()
    np.testing.assert_array_equal(times, without)
    assert 20 < np.isfinite(times).sum() <= 50
    assert research == as_before
    assert len(research) > 5


def test_an_uncertain_lag_is_drawn_once_a_world():
    """The first attainment follows it exactly where there is no pause."""
    spec = scenario(actor_classes={"actor": {"entry_lag": {"uniform": {"low": 1.0, "high": 4.0}}}})
    samples = engine.simulate(spec, 20, 2, SEED, keep="samples")
    lag = samples.parameters.sel(parameter="actor_classes.actor.entry_lag")
    expected = 2021.0 + lag + 0.0 * samples.future
    found = samples.attainment_time.squeeze(["policy", "actor_class", "capability"])
    np.testing.assert_allclose(found, expected, atol=2e-4)
    assert float(lag.max() - lag.min()) > 1.0


@pytest.mark.parametrize("lags", [{"lab": 2.6}, {"follower": 1.1, "outsider": 4.0}])
def test_the_clocks_agree_with_every_mechanism_and_policy(lags):
    """In the small scenario with theft, open weights, licences, caps and triggers."""
    changes = {"actor_classes": {name: {"entry_lag": lag} for name, lag in lags.items()}}
    spec = engine.parse_scenario(scenario_data(**merged(RICH, changes), policies=POLICIES), "lagging")
    assert assert_clocks_agree(spec, worlds=3, futures=2, seed=SEED) > 80
