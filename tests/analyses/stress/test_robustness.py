"""Requirements, and robustness measures, on a table small enough to work out by hand."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from stress_data import assert_survives_netcdf, metric

from engine.analyses.stress.robustness import (
    Requirement,
    meets,
    meets_each,
    parse_requirement,
    preferred,
    robustness,
    robustness_in_words,
    world_means,
)

#: Means over futures: (policy, world). Less is better; regrets are 0 1 0 2, 2 0 2 0 and 1 3 1 1.
TABLE = {"baseline": [1, 5, 2, 6], "careful": [3, 4, 4, 4], "idle": [2, 7, 3, 5]}
MEASURES = ["expected_value", "worst_case", "adverse_percentile", "regret_mean", "regret_percentile", "regret_max"]


def outcomes(better="less"):
    """The table as metric `harm`, its two futures 1 below and 1 above; `gain` is its negative, where more is better."""
    futures = {policy: np.array(row)[:, None] + np.array([-1.0, 1.0]) for policy, row in TABLE.items()}
    negative = {policy: -values for policy, values in futures.items()}
    return xr.Dataset({"harm": metric(futures), "gain": metric(negative, "more", "US$")})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("harm <= 90%", Requirement("harm", "<=", 0.9, True)),
        ("harm<=1e12", Requirement("harm", "<=", 1e12)),
        ("  gain  >=  -2.5 ", Requirement("gain", ">=", -2.5)),
        ("gain>=100 %", Requirement("gain", ">=", 1.0, True)),
    ],
)
def test_a_requirement_is_read(text, expected):
    """Metric, operator, number, and whether it is a share of the baseline's."""
    assert parse_requirement(text, ["harm", "gain"]) == expected


@pytest.mark.parametrize("requirement", [Requirement("harm", "<=", 0.9, True), Requirement("harm", ">=", 1.5e12)])
def test_a_requirement_is_written_as_it_is_read(requirement):
    """str() and parse_requirement are inverse."""
    assert parse_requirement(str(requirement), ["harm"]) == requirement


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("exposur <= 1", r"no metric 'exposur'; did you mean 'exposure'\? There are exposure, loss"),
        ("zzz <= 1", r"no metric 'zzz'; There are exposure, loss"),
        ("loss < 1", r"'<' is not an operator here; write <= \(at most\) or >= \(at least\)"),
        ("loss == 1", r"'==' is not an operator here"),
        ("loss <= much", r"'much' is no number; write one, such as 1e12, or 90%"),
        ("loss <= nan", "'nan' is no number"),
        ("loss <= ", "'' is no number"),
        ("loss <= %", "'%' is no number"),
        ("loss", r"'loss' is no requirement: write METRIC <= NUMBER"),
        ("loss 5", r"is no requirement"),
    ],
)
def test_a_wrong_requirement_is_answered_with_what_would_be_right(text, says):
    """Unknown metric with the nearest name, operator, number, or none of these."""
    with pytest.raises(ValueError, match=says):
        parse_requirement(text, ["loss", "exposure"])


def test_world_means_are_over_futures():
    """(policy, world), with the attributes of the metric."""
    means = world_means(outcomes())
    assert means["harm"].dims == ("policy", "world")
    np.testing.assert_array_equal(means["harm"], list(TABLE.values()))
    assert means["harm"].attrs == outcomes()["harm"].attrs


def test_requirements_are_met_world_by_world():
    """Absolute ones by the number, relative ones by the baseline of the same world; bounds themselves meet."""
    means = world_means(outcomes())
    needs = [parse_requirement("harm <= 4", means), parse_requirement("harm <= 80%", means)]
    each = meets_each(means, needs)
    assert each.dims == ("requirement", "policy", "world")
    assert list(each["requirement"].values) == ["harm <= 4", "harm <= 80%"]
    np.testing.assert_array_equal(each[0], [[1, 0, 1, 0], [1, 1, 1, 1], [1, 0, 1, 0]])
    np.testing.assert_array_equal(each[1], [[0, 0, 0, 0], [0, 1, 0, 1], [0, 0, 0, 0]])
    np.testing.assert_array_equal(meets(means, needs), [[0, 0, 0, 0], [0, 1, 0, 1], [0, 0, 0, 0]])
    assert meets(means, needs).dtype == np.int8


@pytest.mark.parametrize("text", ["harm <= 1e9", "harm >= -1e9", "harm <= 1000%"])
def test_what_has_no_number_does_not_meet_a_requirement(text):
    """A world with a future without a number fails, whichever way the requirement goes; others meet it."""
    gaps = outcomes()
    gaps["harm"][1, 2, 0] = np.nan
    held = meets(world_means(gaps), [parse_requirement(text, gaps)])
    expected = np.ones((3, 4))
    expected[1, 2] = 0
    np.testing.assert_array_equal(held, expected)


def test_requirements_that_cannot_be_judged_are_refused():
    """None at all, or a relative one without a baseline."""
    means = world_means(outcomes())
    with pytest.raises(ValueError, match="no requirement is given"):
        meets(means, [])
    with pytest.raises(ValueError, match="there is no 'baseline' policy"):
        meets(means.isel(policy=slice(1, None)), [parse_requirement("harm <= 90%", means)])


def test_measures_are_those_of_the_table():
    """Worked out by hand: means, worst cases, 90th percentiles, and regrets."""
    found = robustness(outcomes()).sel(metric="harm")
    np.testing.assert_allclose(found["expected_value"], [3.5, 3.75, 4.25])
    np.testing.assert_allclose(found["worst_case"], [6, 4, 7])
    np.testing.assert_allclose(found["adverse_percentile"], [6, 4, 7])
    np.testing.assert_allclose(found["regret_mean"], [0.75, 1, 1.5])
    np.testing.assert_allclose(found["regret_percentile"], [2, 2, 3])
    np.testing.assert_allclose(found["regret_max"], [2, 2, 3])


def test_a_metric_of_which_more_is_better_is_its_mirror_image():
    """Values have the other sign, regrets and errors are the same."""
    found = robustness(outcomes())
    for name in MEASURES:
        sign = 1.0 if name.startswith("regret") else -1.0
        np.testing.assert_allclose(found[name].sel(metric="gain"), sign * found[name].sel(metric="harm"))
        np.testing.assert_allclose(found[f"{name}_se"].sel(metric="gain"), found[f"{name}_se"].sel(metric="harm"))


def test_satisficing_is_the_share_of_worlds_that_meet_requirements():
    """By requirement, and all together."""
    needs = [Requirement("harm", "<=", 4.0), Requirement("gain", ">=", -3.0)]
    found = robustness(outcomes(), needs)
    np.testing.assert_allclose(found["requirement_met_share"], [[0.5, 1, 0.5], [0.5, 0.25, 0.5]])
    np.testing.assert_allclose(found["all_met_share"], [0.5, 0.25, 0.5])
    assert "all_met_share" not in robustness(outcomes())


def test_preferences_are_the_best_of_each_measure():
    """Ties are named together; the most robust by requirements is the one that meets them most often."""
    choice = preferred(robustness(outcomes(), [Requirement("harm", "<=", 4.0)]))
    expected = ["baseline", "careful", "careful", "baseline", "baseline, careful", "baseline, careful"]
    for name in ("harm", "gain"):
        assert list(choice["preferred"].sel(metric=name).values) == expected
    assert list(choice["measure"].values) == MEASURES
    assert choice["most_often_enough"].item() == "careful"


@pytest.mark.statistics
def test_errors_are_the_spread_over_runs():
    """Of a mean, a share and a 90th percentile: 200 runs of 480 worlds; a spread has an error of 5%, five are 25%."""
    rng = np.random.default_rng(5)
    runs = []
    for values in rng.normal(size=(200, 480, 1)):
        made_up = xr.Dataset({"harm": metric({"baseline": values, "other": values + 3.0})})
        runs.append(robustness(made_up, [Requirement("harm", "<=", 0.5)]).sel(policy="baseline", metric="harm"))
    for name in ("expected_value", "adverse_percentile", "all_met_share"):
        spread = np.std([run[name].item() for run in runs], ddof=1)
        error = np.sqrt(np.mean([run[f"{name}_se"].item() ** 2 for run in runs]))
        assert spread == pytest.approx(error, rel=0.25), name
    assert {run["regret_mean_se"].item() for run in runs} == {0.0}


@pytest.mark.known
def test_worlds_of_a_replicate_count_together():
    """Shifted by replicate, worlds are no more than 16; balanced within each replicate, a mean has no error at all."""
    replicate = np.arange(160) % 16
    shift = np.random.default_rng(4).normal(size=16)
    balanced = np.where(np.arange(160) // 16 % 2 == 0, 1.0, -1.0)
    for values, error in ((shift[replicate], shift.std(ddof=1) / 4.0), (balanced, 0.0)):
        made_up = xr.Dataset({"harm": metric({"baseline": values[:, None], "other": values[:, None] + 3.0})})
        found = robustness(made_up).sel(policy="baseline", metric="harm")
        assert found["expected_value_se"].item() == pytest.approx(error, abs=1e-12)


def test_extremes_have_no_error():
    """NaN, and a comment that says why; other measures have one."""
    found = robustness(outcomes())
    for name in MEASURES:
        extreme = name in ("worst_case", "regret_max")
        assert found[f"{name}_se"].isnull().all() == extreme
        assert found[f"{name}_se"].notnull().all() != extreme
        assert ("no reliable error" in found[name].attrs["comment"]) == extreme


def test_a_missing_number_is_not_passed_over():
    """The policy has no measure, none has a regret, and no policy is preferred; the other metric is as before."""
    gaps = outcomes()
    gaps["harm"][1, 2, 0] = np.nan
    found = robustness(gaps)
    assert list(found["expected_value"].sel(metric="harm").isnull()) == [False, True, False]
    assert found["regret_mean"].sel(metric="harm").isnull().all()
    xr.testing.assert_equal(found.sel(metric="gain"), robustness(outcomes()).sel(metric="gain"))
    choice = preferred(found)["preferred"]
    assert set(choice.sel(metric="harm").values) == {""}
    assert "some outcome has no number" in robustness_in_words(found)


def test_a_metric_must_say_which_way_is_better():
    """Neither guessed nor taken from its name."""
    unsaid = outcomes()
    del unsaid["gain"].attrs["better"]
    with pytest.raises(ValueError, match="metric 'gain' needs the attribute `better`: 'less' or 'more'"):
        robustness(unsaid)


def test_words_have_the_preferred_policies_and_their_numbers():
    """With units, errors where there are any, and shares of worlds."""
    text = robustness_in_words(robustness(outcomes(), [Requirement("harm", "<=", 4.0)]))
    assert "On harm (less is better):" in text
    assert "On gain (more is better):" in text
    assert "value in the worst world: best under careful, 4 years" in text
    assert "value in the worst world: best under careful, -4 US$" in text
    assert "best under baseline, careful, 2 years" in text
    assert "  careful: > 28%\n" in text
    assert "nan" not in text


def test_a_single_world_has_measures_but_no_errors():
    """Nothing varies between worlds, so nothing can be said of an error."""
    found = robustness(outcomes().isel(world=[0]), [Requirement("harm", "<=", 2.0)])
    np.testing.assert_allclose(found["expected_value"].sel(metric="harm"), [1, 3, 2])
    assert found["expected_value_se"].isnull().all()
    assert found["all_met_share_se"].isnull().all()
    assert "nan" not in robustness_in_words(found)


def test_results_survive_netcdf(tmp_path):
    """Values, attributes, long names and units."""
    found = robustness(outcomes(), [Requirement("harm", "<=", 0.9, True)])
    assert_survives_netcdf(found, tmp_path)
    assert_survives_netcdf(preferred(found), tmp_path)
    held = meets(world_means(outcomes()), [Requirement("harm", "<=", 4.0)])
    assert_survives_netcdf(held.drop_vars(["policy", "world"]).to_dataset(), tmp_path)
