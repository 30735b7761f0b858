"""Worst plausible worlds: exact on small tables, far-fetched worlds left out."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from scipy.stats import chi2, norm
from stress_data import assert_survives_netcdf, metric, parameters_of

from engine.analyses.stress.worst_worlds import normal_scores, plausibility, worst_worlds, worst_worlds_in_words

#: (world, future) of two policies; mean over futures 2, 6, 4, 5 and 3, 1, 9, 2.
BASELINE = [[1, 3], [5, 7], [6, 2], [5, 5]]
CAP = [[3, 3], [0, 2], [8, 10], [4, 0]]


def small(better="less"):
    """Outcomes of four worlds; for "more" the negative."""
    sign = 1.0 if better == "less" else -1.0
    tables = {"baseline": sign * np.array(BASELINE), "cap": sign * np.array(CAP)}
    return xr.Dataset({"harm": metric(tables, better)})


def four_worlds(**names):
    """Two parameters of four worlds."""
    values = np.column_stack([[1.0, 2.0, 3.0, 4.0], [7.0, 5.0, 6.0, 8.0]])
    return parameters_of(values, **names)


@pytest.mark.parametrize("better", ["less", "more"])
def test_the_worst_worlds_are_those_of_the_table(better):
    """By mean over futures; of each the worst future, the values, and those of the baseline there."""
    found = worst_worlds(four_worlds(), small(better), "harm", count=2, plausible=1.0)
    np.testing.assert_array_equal(found["world"], [[1, 3], [2, 0]])
    np.testing.assert_array_equal(found["future"], [[1, 0], [1, 0]])
    sign = 1.0 if better == "less" else -1.0
    np.testing.assert_array_equal(sign * found["value"], [[6, 5], [9, 3]])
    np.testing.assert_array_equal(sign * found["future_value"], [[7, 5], [10, 3]])
    np.testing.assert_array_equal(sign * found["baseline_value"], [[6, 5], [4, 2]])
    np.testing.assert_array_equal(sign * found["baseline_future_value"], [[7, 5], [2, 1]])


def test_addresses_are_labels_of_the_coordinates():
    """A part of a run is replayed under its own numbers."""
    part = small().assign_coords(world=[10, 20, 30, 40], future=[5, 6])
    found = worst_worlds(four_worlds().assign_coords(world=[10, 20, 30, 40]), part, "harm", count=1, plausible=1.0)
    np.testing.assert_array_equal(found["world"][:, 0], [20, 30])
    np.testing.assert_array_equal(found["future"][:, 0], [6, 6])
    bare = small().drop_vars(["world", "future"])
    found = worst_worlds(four_worlds(), bare, "harm", count=1, plausible=1.0)
    np.testing.assert_array_equal(found["world"][:, 0], [1, 2])


@pytest.mark.known
def test_scores_are_normal_quantiles_of_ranks():
    """Rank / (n + 1); ties share their mean rank, a constant scores 0."""
    scores = normal_scores(np.column_stack([[5.0, 1.0, 3.0], [1.0, 1.0, 2.0], [4.0, 4.0, 4.0]]))
    np.testing.assert_allclose(scores[:, 0], norm.ppf([0.75, 0.25, 0.5]), atol=1e-12)
    np.testing.assert_allclose(scores[:, 1], norm.ppf([1.5 / 4, 1.5 / 4, 0.75]))
    np.testing.assert_allclose(scores[:, 2], 0.0, atol=1e-12)


def test_plausibility_is_that_of_chi_square():
    """The sum of squared scores, as many degrees of freedom as parameters that vary."""
    worlds = four_worlds()
    expected = chi2.sf((normal_scores(worlds.values) ** 2).sum(axis=1), 2)
    np.testing.assert_allclose(plausibility(worlds), expected)
    constant = parameters_of(np.column_stack([worlds.values, np.full(4, 3.0)]))
    np.testing.assert_allclose(plausibility(constant), expected)


@pytest.mark.statistics
def test_one_world_in_twenty_is_implausible():
    """5% of 4,000 worlds of independent parameters, within four standard errors; skewed or not is all one."""
    values = np.random.default_rng(6).lognormal(size=(4000, 12))
    share = float((plausibility(parameters_of(values)) < 0.05).mean())
    assert share == pytest.approx(0.05, abs=4.0 * np.sqrt(0.05 * 0.95 / 4000))


def test_a_far_fetched_world_is_left_out():
    """The worst of all has every parameter at its extreme; it is among the worst only if all worlds are let in."""
    rng = np.random.default_rng(7)
    values = rng.random((500, 6))
    values[123] = 2.0
    harm = rng.random((500, 3))
    harm[123] += 10.0
    harm[77] += 5.0
    outcomes = xr.Dataset({"harm": metric({"baseline": harm})})
    worlds = parameters_of(values)
    assert plausibility(worlds)[123] < 1e-6
    assert plausibility(worlds)[77] > 0.05
    assert worst_worlds(worlds, outcomes, "harm")["world"][0, 0].item() == 77
    assert 123 not in worst_worlds(worlds, outcomes, "harm")["world"]
    assert worst_worlds(worlds, outcomes, "harm", plausible=1.0)["world"][0, 0].item() == 123


def test_levers_of_other_policies_do_not_make_a_world_far_fetched():
    """A lever at its extreme counts for its own policy alone."""
    names = ["a.b", "policies.cap.m.x"]
    worlds = four_worlds(names=names)
    found = worst_worlds(worlds, small(), "harm", count=1, plausible=1.0)
    first, second = normal_scores(worlds.values).T ** 2
    assert found["plausibility"].sel(policy="baseline").item() == pytest.approx(chi2.sf(first[1], 1))
    assert found["plausibility"].sel(policy="cap").item() == pytest.approx(chi2.sf(first[2] + second[2], 2))
    assert set(found["driver_parameter"].sel(policy="baseline").values.ravel()) <= {"a.b", ""}


def test_what_makes_a_world_bad_is_named():
    """By score times correlation, with value, unit, score and push; what is on the good side is not named."""
    worlds = four_worlds(names=["a.b", "c.d"], units=["log10 US$", "years"])
    one = worst_worlds(worlds, small(), "harm", count=1, plausible=1.0).sel(policy="baseline", rank=0)
    scores, harm = normal_scores(worlds.values), normal_scores(np.array([[2.0], [6.0], [4.0], [5.0]]))[:, 0]
    push = scores[1] * [np.corrcoef(column, harm)[0, 1] for column in scores.T]
    assert push[0] < 0.0 < push[1]
    assert list(one["driver_parameter"].values) == ["c.d", "", "", "", ""]
    assert list(one["driver_units"].values) == ["years", "", "", "", ""]
    np.testing.assert_array_equal(one["driver_value"], [5.0, np.nan, np.nan, np.nan, np.nan])
    np.testing.assert_allclose(one["driver_score"][0], norm.ppf(0.2))
    np.testing.assert_allclose(one["driver_push"][0], push[1])


@pytest.mark.statistics
def test_numbers_that_do_not_matter_make_no_world_bad():
    """Of 40 numbers harm depends on two, one each way: these are named first, with values on the bad side."""
    values = np.random.default_rng(8).random((1000, 40))
    harm = (values[:, 3] - values[:, 17])[:, np.newaxis]
    found = worst_worlds(parameters_of(values), xr.Dataset({"harm": metric({"baseline": harm})}), "harm").isel(policy=0)
    for rank in range(3):
        assert set(found["driver_parameter"].values[rank, :2]) == {"a.p3", "a.p17"}


def test_worlds_without_a_number_are_not_the_worst():
    """They are left out, and places that are left hold -1."""
    gaps = small()
    gaps["harm"][0, 1, 0] = np.nan
    found = worst_worlds(four_worlds(), gaps, "harm", count=4, plausible=1.0)
    np.testing.assert_array_equal(found["world"].sel(policy="baseline"), [3, 2, 0, -1])
    assert np.isnan(found["value"].sel(policy="baseline", rank=3))
    assert "world -1" not in worst_worlds_in_words(found)


@pytest.mark.parametrize("values", [np.empty((4, 0)), np.full((4, 2), 3.0)])
def test_nothing_uncertain_is_no_obstacle(values, tmp_path):
    """No parameters, or constant ones: every world is as plausible as can be, and none is unusual."""
    found = worst_worlds(parameters_of(values), small(), "harm", count=2)
    np.testing.assert_array_equal(found["world"], [[1, 3], [2, 0]])
    np.testing.assert_array_equal(found["plausibility"], 1.0)
    assert set(found["driver_parameter"].values.ravel()) == {""}
    assert "Causes" not in worst_worlds_in_words(found)
    assert_survives_netcdf(found, tmp_path)


def test_without_a_baseline_there_is_nothing_beside_it():
    """The numbers of the policy are as before."""
    found = worst_worlds(four_worlds(), small().isel(policy=[1]), "harm", count=1, plausible=1.0)
    assert found["value"].item() == 9.0
    assert np.isnan(found["baseline_value"].item())
    assert "nan" not in worst_worlds_in_words(found)


def test_words_give_the_address_and_what_is_unusual():
    """World, values, future to replay, and parameters in natural units."""
    worlds = four_worlds(names=["a.b", "c.d"], units=["log10 US$", "years"])
    text = worst_worlds_in_words(worst_worlds(worlds, small(), "harm", count=1, plausible=1.0))
    assert "baseline: world 1, 6 years; its worst future is 1, 7 years. Causes: c.d 5 years (-0.8)." in text
    assert "cap: world 2, 9 years (baseline 4 years); its worst future is 1, 10 years." in text


def test_what_does_not_fit_is_refused():
    """An unknown metric, and outcomes of other worlds."""
    with pytest.raises(ValueError, match="no metric 'loss'; there are harm"):
        worst_worlds(four_worlds(), small(), "loss")
    with pytest.raises(ValueError, match="parameters have 4 worlds, outcomes 3"):
        worst_worlds(four_worlds(), small().isel(world=[0, 1, 2]), "harm")


def test_results_survive_netcdf(tmp_path):
    """Values, attributes, long names and units."""
    assert_survives_netcdf(worst_worlds(four_worlds(), small(), "harm"), tmp_path)
