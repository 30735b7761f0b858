"""Assumptions that turn a ranking round: a planted one is found and located, noise has none."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from scipy.stats import norm
from stress_data import assert_survives_netcdf, metric, parameters_of, uniform_parameters

from engine.analyses.stress.rank_reversal import flipping_assumptions, flips_in_words, flips_of_pairs, pair_flips
from engine.analyses.stress.robustness import world_means

WORLDS = 2000
POINT = 0.7


def difference_of(values):
    """A difference of two policies by world, in years."""
    return xr.DataArray(values, dims="world", coords={"world": np.arange(len(values))}, attrs={"units": "years"})


def sloping(x, rng, noise=1.0):
    """Differences that cross 0 where the first parameter is 0.7, and are positive above."""
    return 3.0 * (x[:, 0] - POINT) + noise * rng.normal(size=len(x))


@pytest.fixture(scope="module")
def worlds():
    """Twenty uniform parameters."""
    return uniform_parameters(WORLDS, 20, 31)


@pytest.fixture(scope="module")
def found(worlds):
    """Flips of the sloping difference."""
    return flipping_assumptions(worlds, difference_of(sloping(worlds.values, np.random.default_rng(1))))


@pytest.mark.statistics
@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("step", [False, True])
def test_a_planted_flip_is_found_and_located(worlds, seed, step):
    """First of all parameters, alone, above 0.7 within 0.05; for a slope and for a jump."""
    rng = np.random.default_rng(seed)
    d = sloping(worlds.values, rng)
    if step:
        d = np.where(worlds.values[:, 0] > POINT, 1.0, -1.0) + rng.normal(size=WORLDS)
    result = flipping_assumptions(worlds, difference_of(d))
    assert list(result["flips"].values) == [1] + [0] * 19
    first = result.isel(parameter=0)
    assert first["parameter"].item() == "a.p0"
    assert first["direction"].item() == "above"
    assert first["flip_point"].item() == pytest.approx(POINT, abs=0.05)


@pytest.mark.statistics
@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("mean", [0.0, -0.05, 2.0])
def test_noise_has_no_flip(worlds, seed, mean):
    """Whether the policies differ clearly, hardly or not at all."""
    d = mean + np.random.default_rng(seed).normal(size=WORLDS)
    assert flipping_assumptions(worlds, difference_of(d))["flips"].sum() == 0


def test_a_flip_below_is_told_as_one(worlds):
    """The mirror image: the other sign where the parameter is low."""
    mirrored = 1.0 - worlds
    mirrored = mirrored.assign_coords(worlds.coords)
    d = sloping(worlds.values, np.random.default_rng(1))
    first = flipping_assumptions(mirrored, difference_of(d)).isel(parameter=0)
    assert first["direction"].item() == "below"
    assert first["flip_point"].item() == pytest.approx(1.0 - POINT, abs=0.05)


def test_a_strong_assumption_that_does_not_turn_the_ranking_is_none(worlds):
    """The difference depends on it steeply and stays negative throughout."""
    d = 3.0 * (worlds.values[:, 0] - 1.2) + np.random.default_rng(1).normal(size=WORLDS)
    result = flipping_assumptions(worlds, difference_of(d))
    assert result["flips"].sum() == 0
    assert (result["opposite_z"] <= result["critical_z"]).all()


def test_an_exact_line_crosses_where_it_crosses():
    """Without noise, at 0.7 to rounding: centres of bins of a line lie on the line."""
    values = (np.arange(1000) + 0.5) / 1000
    result = flipping_assumptions(parameters_of(values[:, None]), difference_of(values - POINT))
    assert result["flip_point"].item() == pytest.approx(POINT, abs=1e-9)
    assert result["share_beyond"].item() == pytest.approx(0.3)
    assert result["mean_beyond"].item() == pytest.approx(0.15)


def test_bins_hold_the_means_of_their_worlds(found, worlds):
    """Ten bins of 200 worlds each; means and errors are those of the worlds in them."""
    order = np.argsort(worlds.values[:, 0])
    d = sloping(worlds.values, np.random.default_rng(1))[order].reshape(10, 200)
    one = found.sel(parameter="a.p0")
    np.testing.assert_allclose(one["conditional_mean"], d.mean(axis=1))
    np.testing.assert_allclose(one["conditional_mean_se"], d.std(axis=1, ddof=1) / np.sqrt(200))
    np.testing.assert_allclose(one["bin_center"], worlds.values[order, 0].reshape(10, 200).mean(axis=1))


def test_the_strongest_tail_is_that_of_all_tails(found, worlds):
    """The largest z of the highest 1 to 9 bins, each from its worlds; tails are all counted in the critical value."""
    order = np.argsort(worlds.values[:, 0])
    d = sloping(worlds.values, np.random.default_rng(1))[order]
    tails = [d[-200 * k :] for k in range(1, 10)]
    expected = max(tail.mean() / (tail.std(ddof=1) / np.sqrt(tail.size)) for tail in tails)
    assert found["opposite_z"].sel(parameter="a.p0").item() == pytest.approx(expected)
    assert found["critical_z"].item() == pytest.approx(norm.isf(0.05 / (20 * 18)))


def test_parameters_are_ranked(found):
    """Those that flip first, then by their strongest tail."""
    key = list(zip(-found["flips"].values, -found["opposite_z"].values, strict=True))
    assert key == sorted(key)
    assert set(found["parameter"].values) == {f"a.p{j}" for j in range(20)}


def test_tied_and_constant_values_have_fewer_bins():
    """A switch that turns the ranking is found between its two values; a constant has one bin and no flip."""
    rng = np.random.default_rng(2)
    switch = (np.arange(400) % 4 == 0).astype(float)
    d = np.where(switch == 1.0, 1.0, -1.0) + 0.1 * rng.normal(size=400)
    result = flipping_assumptions(parameters_of(np.column_stack([np.ones(400), switch])), difference_of(d))
    assert list(result["parameter"].values) == ["a.p1", "a.p0"]
    assert list(result["flips"].values) == [1, 0]
    assert 0.0 < result["flip_point"][0].item() < 1.0
    assert list(result["conditional_mean"].notnull().sum("bin").values) == [2, 1]


def test_a_tail_of_few_worlds_does_not_count():
    """The same flip in 60 worlds: tails below 20 of them are not looked at."""
    values = (np.arange(60) + 0.5) / 60
    d = np.where(values > 0.8, 1.0, -1.0) + 0.01 * np.random.default_rng(3).normal(size=60)
    result = flipping_assumptions(parameters_of(values[:, None]), difference_of(d))
    assert result["flips"].sum() == 0
    assert result["critical_z"].item() == pytest.approx(norm.isf(0.05 / 12))


def test_worlds_without_a_difference_are_left_out(worlds):
    """And counted; too few left are refused."""
    d = sloping(worlds.values, np.random.default_rng(1))
    d[::4] = np.nan
    result = flipping_assumptions(worlds, difference_of(d))
    assert (result.attrs["worlds"], result.attrs["worlds_left_out"]) == (1500, 500)
    assert result["mean"].item() == pytest.approx(np.nanmean(d))
    with pytest.raises(ValueError, match="fewer than 2 worlds"):
        flipping_assumptions(worlds, difference_of(np.full(WORLDS, np.nan)))


def pair(worlds, better="less"):
    """Outcomes of two policies whose difference slopes, and of one that equals the baseline."""
    rng = np.random.default_rng(1)
    d = sloping(worlds.values, rng)[:, None]
    sign = 1.0 if better == "less" else -1.0
    noise = rng.normal(size=(len(worlds), 2))
    return xr.Dataset(
        {"exposure": metric({"baseline": noise, "cap": noise + sign * d, "idle": noise}, better)},
    )


@pytest.mark.parametrize("better", ["less", "more"])
def test_a_pair_is_told_in_words(worlds, better):
    """Who wins, by how much, and where it is the other way round, with unit and share."""
    found = pair_flips(worlds, pair(worlds, better), "cap", "baseline", "exposure")
    text = flips_in_words(found)
    assert text.startswith("cap beats baseline on exposure by 0.594 +- 0.029 years; ")
    assert (
        "; where a.p0 is above 0.691 OOM/yr (32% of worlds) the ranking is reversed, by 0.399 +- 0.045 years." in text
    )


@pytest.mark.known
def test_errors_of_means_come_from_replicates():
    """160 worlds with one difference for each replicate, in any order: the error of 16 numbers, not of 160."""
    shift = 1.0 + np.random.default_rng(4).normal(size=16)
    order = np.random.default_rng(5).permutation(160)
    parameters = uniform_parameters(160, 2, 6).isel(world=order)
    difference = xr.DataArray(shift[order % 16], {"world": order}, ("world",), attrs={"units": "years"})
    found = flipping_assumptions(parameters, difference)
    assert float(found["mean_se"]) == pytest.approx(shift.std(ddof=1) / 4.0, rel=1e-12)


def test_the_order_of_the_pair_does_not_matter(worlds):
    """The same winner, point and numbers."""
    one = flips_in_words(pair_flips(worlds, pair(worlds), "cap", "baseline", "exposure"))
    assert flips_in_words(pair_flips(worlds, pair(worlds), "baseline", "cap", "exposure")) == one


def test_no_flip_and_no_difference_are_said_plainly(worlds):
    """Neither is passed over in silence."""
    outcomes = pair(worlds)
    same = flips_in_words(pair_flips(worlds, outcomes, "idle", "baseline", "exposure"))
    assert same == "idle and baseline do not differ on exposure, on average over all worlds."
    outcomes["exposure"][1] = outcomes["exposure"][0] + 5.0
    text = flips_in_words(pair_flips(worlds, outcomes, "cap", "baseline", "exposure"))
    assert text == "baseline beats cap on exposure by 5 years, and no single assumption was found that reverses this."


def test_an_unsure_ranking_is_called_so(worlds):
    """Within two standard errors."""
    d = 0.001 + np.random.default_rng(4).normal(size=WORLDS)
    outcomes = xr.Dataset({"exposure": metric({"baseline": np.zeros((WORLDS, 1)), "cap": d[:, None]})})
    assert "(within two standard errors: uncertain)" in flips_in_words(
        pair_flips(worlds, outcomes, "cap", "baseline", "exposure")
    )


def test_levers_of_third_policies_are_left_out():
    """Those of both policies stay."""
    names = ["policies.cap.m.x", "policies.baseline.m.x", "policies.idle.m.x", "a.b"]
    worlds = parameters_of(np.random.default_rng(1).random((100, 4)), names)
    found = pair_flips(worlds, pair(worlds), "cap", "baseline", "exposure")
    assert set(found["parameter"].values) == set(names) - {"policies.idle.m.x"}


def test_pairs_together_are_as_one_by_one():
    """Each with its own levers, worlds and unit; the parameters that cannot matter to a pair have no numbers."""
    rng = np.random.default_rng(5)
    worlds = parameters_of(rng.random((300, 4)), ["a.b", "policies.cap.m.x", "policies.idle.m.x", "a.c"])
    outcomes = pair(worlds)
    outcomes["incidents"] = outcomes["exposure"].copy().assign_attrs(units="1")
    outcomes["exposure"][2, :40] = np.nan
    pairs = [("cap", "baseline", "incidents"), ("cap", "idle", "exposure"), ("idle", "baseline", "incidents")]
    together = flips_of_pairs(worlds, world_means(outcomes), pairs)
    assert together["mean"].attrs["units"] == "see pair_units"
    assert list(together["pair_units"].values) == ["1", "years", "1"]
    for p, names in enumerate(pairs):
        alone = pair_flips(worlds, outcomes, *names)
        one = together.isel(pair=p)
        others = ~np.isin(worlds["parameter"].values, alone["parameter"].values)
        assert one["opposite_z"].isnull().values.tolist() == others.tolist()
        for name in alone.data_vars:
            own = one[name].sel(parameter=alone["parameter"].values) if "parameter" in one[name].dims else one[name]
            np.testing.assert_array_equal(own.values, alone[name].values)


def test_unknown_names_are_refused(worlds):
    """With those there are."""
    with pytest.raises(ValueError, match="no metric 'loss'; there are exposure"):
        pair_flips(worlds, pair(worlds), "cap", "baseline", "loss")
    with pytest.raises(ValueError, match="no policy 'ban'; there are baseline, cap, idle"):
        pair_flips(worlds, pair(worlds), "ban", "baseline", "exposure")


def test_results_survive_netcdf(found, worlds, tmp_path):
    """Values, attributes, long names and units; without any parameter, too."""
    assert_survives_netcdf(found, tmp_path)
    assert_survives_netcdf(pair_flips(worlds, pair(worlds), "cap", "idle", "exposure"), tmp_path)
    empty = pair_flips(worlds.isel(parameter=[]), pair(worlds), "cap", "idle", "exposure")
    assert_survives_netcdf(empty, tmp_path)
    assert "no single assumption" in flips_in_words(empty)
