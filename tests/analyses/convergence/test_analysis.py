"""How large a run must be, against clustered data whose components are known."""

from __future__ import annotations

import re

import numpy as np
import pytest
import xarray as xr

from engine.analyses.convergence.analysis import effective_sample_size, futures_needed, variance_components
from engine.analyses.convergence.summary import convergence_in_words
from engine.statistics.precision import largest_standard_error, precise_simulation

#: A world's chance is Beta(2, 3): mean 0.4, variance between worlds 0.04, within them 0.24 - 0.04.
BETWEEN, WITHIN = 0.04, 0.20


def run_of(happened, futures):
    """Results as a run gives them, from (world, policy, class, capability, time) counts of futures."""
    worlds = happened.shape[0]
    chance = happened.mean(axis=0) / futures
    error = (happened / futures).std(axis=0, ddof=1) / np.sqrt(worlds) if worlds > 1 else np.zeros_like(chance)
    dims = ("policy", "actor_class", "capability", "time")
    named = {"units": "1"}
    results = xr.Dataset(
        {
            "attainment_probability": (dims, chance, {"long_name": "probability", **named}),
            "attainment_probability_se": (dims, error, {"long_name": "its error", **named}),
            "loss_mean": (("policy",), np.full(chance.shape[0], 2e9), {"long_name": "loss", "units": "US$"}),
            "loss_mean_se": (("policy",), np.full(chance.shape[0], 1e8), {"long_name": "its error", "units": "US$"}),
        },
        {
            "policy": ("policy", np.array(["baseline", "cap"][: chance.shape[0]], object), {"long_name": "policy"}),
            "actor_class": ("actor_class", np.array(["lab"], object), {"long_name": "class"}),
            "capability": ("capability", np.array(["skill"], object), {"long_name": "capability"}),
            "capability_kind": ("capability", np.array(["dangerous"], object), {"long_name": "kind"}),
            "time": ("time", 2025.0 + np.arange(chance.shape[3]), {"long_name": "time", "units": "year"}),
        },
        {"worlds": np.int64(worlds), "futures": np.int64(futures), "seed": np.int64(1)},
    )
    return results


def clustered(worlds, futures, seed=1, times=3):
    """Two policies; never at the first time, of Beta(2, 3) at the others, always at the last of the second policy."""
    rng = np.random.default_rng(seed)
    happened = rng.binomial(futures, rng.beta(2.0, 3.0, (worlds, 2, 1, 1, times))).astype(float)
    happened[..., 0] = 0.0
    happened[:, 1, ..., -1] = futures
    return run_of(happened, futures)


@pytest.mark.statistics
def test_the_effective_number_of_futures_is_that_of_the_components():
    """Kish: W F / (1 + (F - 1) rho), rho = between / all; 4,000 worlds, within 4 errors of se^2 (of 1/sqrt(2W))."""
    found = effective_sample_size(clustered(4_000, 10))
    rho = BETWEEN / (BETWEEN + WITHIN)
    size = found.effective_sample_size.sel(policy="baseline", time=2026.0).item()
    assert size == pytest.approx(40_000 / (1.0 + 9.0 * rho), rel=4.0 * np.sqrt(2.0 / 4_000))
    np.testing.assert_allclose(found.design_effect * found.effective_sample_size, 40_000.0 + 0.0 * found.design_effect)


def test_what_is_certain_has_no_effective_number_and_counts_in_no_median():
    """Probabilities of 0 and 1; least and median are of the rest, and NaN for a policy without any."""
    results = clustered(50, 4)
    found = effective_sample_size(results)
    size = found.effective_sample_size
    np.testing.assert_array_equal(size.isnull().squeeze(), [[True, False, False], [True, False, True]])
    assert found.least_effective_sample_size.values.tolist() == [float(s.min()) for s in size]
    assert float(found.median_effective_sample_size[0]) == pytest.approx(float(size[0].mean()))
    never = effective_sample_size(results.isel(time=[0]))
    assert never.median_effective_sample_size.isnull().all()


@pytest.mark.known
def test_components_are_those_of_the_analysis_of_variance():
    """From p and se alone, the same as mean squares of the single futures, to rounding."""
    rng = np.random.default_rng(3)
    futures = rng.random((30, 5)) < rng.random((30, 1))
    found = variance_components(run_of(futures.sum(axis=1).astype(float).reshape(30, 1, 1, 1, 1), 5))
    within = futures.var(axis=1, ddof=1).mean()
    between = futures.mean(axis=1).var(ddof=1) - within / 5
    assert found.within_worlds_variance.item() == pytest.approx(within, rel=1e-12)
    assert found.between_worlds_variance.item() == pytest.approx(between, rel=1e-12)


@pytest.mark.statistics
def test_needed_worlds_and_the_best_futures_are_those_of_the_components():
    """Beta(2, 3), a target of 0.01: (between + within/F) / 0.01^2 worlds; best F = sqrt(world_cost within/between)."""
    found = futures_needed(clustered(20_000, 10, times=2), 0.01)
    assert float(found.worlds_needed) == pytest.approx((BETWEEN + WITHIN / 10) / 1e-4, rel=0.05)
    assert float(found.futures_needed) == 10 * float(found.worlds_needed)
    assert float(found.best_futures_per_world) == 2.0  # sqrt(5) = 2.2, and 2 costs 0.14 x 3, 3 costs 0.107 x 4
    assert float(found.best_worlds) == pytest.approx((BETWEEN + WITHIN / 2) / 1e-4, rel=0.05)
    dear = futures_needed(clustered(20_000, 10, times=2), 0.01, world_cost=20.0)
    assert abs(float(dear.best_futures_per_world) - np.sqrt(20.0 * WITHIN / BETWEEN)) <= 1.0
    assert float(dear.best_worlds) * (float(dear.best_futures_per_world) + 20.0) <= float(dear.worlds_needed) * 30.0


@pytest.mark.parametrize("futures", [2, 10])
def test_the_cheapest_size_costs_no_more_than_the_needed_one(futures):
    """Both are for the same errors, so the best number of futures per world cannot cost more than the run's."""
    found = futures_needed(clustered(400, futures), 0.01)
    needed = float(found.worlds_needed) * (futures + 1.0)
    best = float(found.best_worlds) * (float(found.best_futures_per_world) + 1.0)
    assert best <= 1.01 * needed


def test_one_future_a_world_does_not_tell_chance_from_the_numbers():
    """The worlds needed are known all the same."""
    found = futures_needed(clustered(100, 1), 0.01)
    assert np.isnan(found.best_worlds)
    assert float(found.worlds_needed) > 100
    assert "Cheapest" not in convergence_in_words(clustered(100, 1), 0.01)


def test_the_largest_error_is_found_where_it_is():
    results = clustered(60, 5)
    results.attainment_probability_se[1, 0, 0, 1] = 0.3
    assert largest_standard_error(results) == (
        0.3,
        {"policy": "cap", "actor_class": "lab", "capability": "skill", "time": 2026.0},
    )


class Simulator:
    """Runs of clustered data, with the numbers of worlds asked for."""

    def __init__(self, first=100):
        self.asked = []

    def __call__(self, worlds):
        self.asked.append(worlds)
        return clustered(worlds, 10, seed=worlds)


def test_a_precise_simulation_is_a_plain_run_of_as_many_worlds_as_it_takes():
    """From 100 worlds to the (0.04 + 0.02) / 0.01^2 = 600 and a tenth that a target of 0.01 needs, in few runs."""
    simulate = Simulator()
    found = precise_simulation(simulate, 100, 0.01, 5_000)
    worlds = simulate.asked[-1]
    assert simulate.asked[0] == 100
    assert 500 < worlds < 900
    assert len(simulate.asked) <= 3
    assert simulate.asked == sorted(set(simulate.asked))
    largest = largest_standard_error(found)[0]
    assert largest <= 0.01
    xr.testing.assert_identical(found.drop_attrs(), clustered(worlds, 10, seed=worlds).drop_attrs())
    assert (found.attrs["target_standard_error"], found.attrs["largest_standard_error"]) == (0.01, largest)


def test_the_second_run_has_the_worlds_the_first_asks_for_and_a_tenth():
    simulate = Simulator()
    precise_simulation(simulate, 100, 0.012, 5_000)
    needed = np.ceil(100 * (largest_standard_error(clustered(100, 10, seed=100))[0] / 0.012) ** 2)
    assert simulate.asked[1] == np.ceil(1.1 * needed)


def test_a_run_that_is_precise_at_once_is_not_repeated():
    simulate = Simulator()
    precise_simulation(simulate, 100, 0.1, 100)
    assert simulate.asked == [100]


def test_more_worlds_than_allowed_are_refused_with_what_they_would_give():
    """One run, then a line with what would be needed, and the error that the worlds allowed give."""
    simulate = Simulator()
    with pytest.raises(ValueError, match="more than the 1,000 allowed") as refused:
        precise_simulation(simulate, 100, 0.001, 1_000)
    assert simulate.asked == [100]
    needed, reachable = re.search(r"about ([\d,]+) worlds.* ask for ([\d.]+)", str(refused.value)).groups()
    assert int(needed.replace(",", "")) == pytest.approx(60_000, rel=0.5)
    assert float(reachable) == pytest.approx(np.sqrt(0.06 / 1_000), rel=0.3)


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        (lambda: precise_simulation(Simulator(), 1, 0.01, 100), "2 to most_worlds"),
        (lambda: precise_simulation(Simulator(), 200, 0.01, 100), "2 to most_worlds"),
        (lambda: precise_simulation(Simulator(), 20, 0.0, 100), "above 0"),
        (lambda: futures_needed(clustered(10, 2), -1.0), "above 0"),
        (lambda: futures_needed(clustered(10, 2), 0.1, world_cost=-1.0), "at least 0"),
        (lambda: largest_standard_error(clustered(1, 5)), "at least 2 worlds"),
    ],
)
def test_mistakes_are_answered_with_what_would_be_right(wrong, right):
    with pytest.raises(ValueError, match=right):
        wrong()


def test_one_world_has_no_components():
    found = variance_components(clustered(1, 5))
    assert all(found[name].isnull().all() for name in found.data_vars)


@pytest.mark.parametrize(
    "analysis", [effective_sample_size, variance_components, lambda results: futures_needed(results, 0.01)]
)
def test_an_analysis_describes_itself_and_survives_a_file(analysis, tmp_path):
    """Every variable and coordinate has a long name, every number a unit; netCDF gives back the same."""
    found = analysis(clustered(20, 3))
    for variable in found.variables.values():
        assert variable.attrs["long_name"]
        assert variable.dtype.kind == "O" or variable.attrs["units"]
    found.to_netcdf(tmp_path / "analysis.nc", engine="netcdf4")
    with xr.open_dataset(tmp_path / "analysis.nc", engine="netcdf4") as back:
        xr.testing.assert_identical(back.load(), found)


def test_words_say_whether_the_target_is_met_and_what_it_needs():
    """With the place of the largest error, and means by their relative errors."""
    results = clustered(400, 10)
    largest, where = largest_standard_error(results)
    text = convergence_in_words(results, 0.005)
    assert f"{largest:.2g} ({where['policy']}, lab, skill, {where['time']:g})" in text
    assert "0.005 is not met" in text
    needed = futures_needed(results, 0.005)
    assert f"{int(needed.worlds_needed):,} worlds x 10 futures" in text
    assert f"{int(needed.best_worlds):,} worlds x {int(needed.best_futures_per_world)} futures" in text
    assert "loss_mean: (2.00 +- 0.10)e9 US$ (5.0%)" in text
    assert "0.5 is met" in convergence_in_words(results, 0.5)
