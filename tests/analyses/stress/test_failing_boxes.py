"""Boxes and trees of failing worlds: planted ones are found, noise is not."""

from __future__ import annotations

import re

import numpy as np
import pytest
from stress_data import assert_survives_netcdf, fails_of, parameters_of, uniform_parameters

from engine.analyses.stress.cart import failure_tree, failure_tree_in_words
from engine.analyses.stress.failing_boxes import failure_boxes, failure_boxes_in_words
from engine.analyses.stress.prim import kolmogorov_smirnov

WORLDS = 2000
#: The planted box: p0 below 0.4, p1 above 0.5, p2 between 0.2 and 0.8.
LIMITS = {"lower": [np.nan, 0.5, 0.2], "upper": [0.4, np.nan, 0.8]}


def planted(x):
    """Whether each world of x (world, parameter) lies in the planted box."""
    return (x[:, 0] < 0.4) & (x[:, 1] > 0.5) & (x[:, 2] > 0.2) & (x[:, 2] < 0.8)


@pytest.fixture(scope="module")
def worlds():
    """Ten uniform parameters."""
    return uniform_parameters(WORLDS, 10, 11)


@pytest.fixture(scope="module")
def found(worlds):
    """The boxes of a policy that fails in the planted box, and of two that fail hardly ever and nearly always."""
    inside = planted(worlds.values)
    seldom, often = np.arange(WORLDS) < 19, np.arange(WORLDS) < 0.95 * WORLDS
    return failure_boxes(worlds, fails_of(baseline=inside, seldom=seldom, often=often))


@pytest.fixture(scope="module")
def tree(worlds):
    """The tree of the policy that fails where p0 is below 0.4 and p1 above 0.5."""
    x = worlds.values
    return failure_tree(worlds, fails_of(baseline=(x[:, 0] < 0.4) & (x[:, 1] > 0.5)))


def test_a_planted_box_is_found(found):
    """Its limits within 0.05, coverage and density above 0.9, and no limit on any other parameter."""
    box = found.sel(policy="baseline", box=0)
    for side, expected in LIMITS.items():
        np.testing.assert_allclose(box[side][:3], expected, atol=0.05)
        assert box[side][3:].isnull().all()
    assert box["coverage"] > 0.9
    assert box["density"] > 0.9
    assert box["density_held_out"] > 0.85
    assert (box["quasi_p"][:3] < 0.001).all()
    assert box["quasi_p"][3:].isnull().all()


def test_coverage_density_and_mass_are_those_of_the_limits(found, worlds):
    """Counted again from the limits that were told."""
    box = found.sel(policy="baseline", box=0)
    lower, upper = box["lower"].fillna(-np.inf).values, box["upper"].fillna(np.inf).values
    inside = ((worlds.values >= lower) & (worlds.values <= upper)).all(axis=1)
    fails = planted(worlds.values)
    assert box["mass"].item() == inside.mean()
    assert box["density"].item() == fails[inside].mean()
    assert box["coverage"].item() == fails[inside].sum() / fails.sum()


def test_too_few_or_too_many_failing_worlds_have_no_box(found):
    """Below 20, or from 95% on, and the words say so."""
    assert list(found["verdict"].values) == ["found", "too few worlds fail", "nearly all worlds fail"]
    assert found["box_count"].sel(policy=["seldom", "often"]).sum() == 0
    assert found.sel(policy=["seldom", "often"])[["lower", "upper", "coverage"]].isnull().to_array().all()
    text = failure_boxes_in_words(found)
    assert "seldom fails in 19 of 2,000 worlds: too few to describe (fewer than 20)." in text
    assert "often fails in 1,900 of 2,000 worlds: nearly everywhere" in text


@pytest.mark.statistics
@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("share", [0.05, 0.3])
def test_noise_has_no_box(seed, share):
    """Worlds that fail by chance alone, whatever PRIM makes of those it searches."""
    fails = np.random.default_rng(seed).random(WORLDS) < share
    nothing = failure_boxes(uniform_parameters(WORLDS, 30, seed + 100), fails_of(baseline=fails))
    assert nothing["verdict"].item() == "nothing separates failing worlds from others"
    assert nothing["box_count"].item() == 0
    assert "no assumption was found" in failure_boxes_in_words(nothing)


def test_a_second_box_describes_the_other_worlds(worlds):
    """Two planted boxes are both found, and coverage is counted once."""
    x = worlds.values
    first, second = (x[:, 3] > 0.8) & (x[:, 4] < 0.9), (x[:, 5] < 0.15) & (x[:, 3] < 0.75)
    both = failure_boxes(worlds, fails_of(baseline=first | second)).sel(policy="baseline")
    assert both["box_count"].item() == 2
    np.testing.assert_allclose(both["lower"].sel(box=0, parameter="a.p3"), 0.8, atol=0.05)
    np.testing.assert_allclose(both["upper"].sel(box=1, parameter="a.p5"), 0.15, atol=0.05)
    assert both["coverage"].sum() > 0.85
    assert both["coverage"].sum() <= 1.0
    text = failure_boxes_in_words(both.expand_dims("policy"))
    assert "Among the other worlds, it fails more often in those where a.p3 is below 0.7" in text
    assert "and a.p5 is below 0.1" in text


def test_a_box_blurred_by_chance_is_found_still():
    """70% fail in the box and 10% outside; the limits are found within 0.1, other parameters are free."""
    worlds = uniform_parameters(WORLDS, 40, 21)
    x, rng = worlds.values, np.random.default_rng(22)
    fails = rng.random(WORLDS) < np.where((x[:, 0] > 0.7) & (x[:, 1] > 0.4), 0.7, 0.1)
    box = failure_boxes(worlds, fails_of(baseline=fails), boxes=1).isel(policy=0, box=0)
    np.testing.assert_allclose(box["lower"][:2], [0.7, 0.4], atol=0.1)
    assert box["lower"][2:].isnull().all()
    assert box["upper"].isnull().all()
    assert box["density"].item() == pytest.approx(0.7, abs=0.08)
    assert box["density_held_out"].item() == pytest.approx(0.7, abs=0.12)


@pytest.mark.parametrize("describe", [failure_boxes, failure_tree])
def test_levers_of_other_policies_and_constants_do_not_describe(describe):
    """Failing follows a lever of the other policy: that policy has it, this one has nothing."""
    x = np.random.default_rng(3).random((600, 3))
    x[:, 2] = 7.0
    worlds = parameters_of(x, ["policies.mine.cap.max", "policies.theirs.cap.max", "a.constant"])
    fails = x[:, 1] > 0.6
    result = describe(worlds, fails_of(mine=fails, theirs=fails))
    assert list(result["verdict"].values) == ["nothing separates failing worlds from others", "found"]
    assert result["lower"].sel(policy="theirs", parameter="policies.theirs.cap.max").notnull().any()


@pytest.mark.parametrize("describe", [failure_boxes, failure_tree])
def test_without_parameters_there_is_nothing_to_tell(describe, tmp_path):
    """No crash, and a result that can be written."""
    fails = np.arange(100) < 50
    result = describe(parameters_of(np.empty((100, 0))), fails_of(baseline=fails))
    assert result["verdict"].item() == "nothing separates failing worlds from others"
    assert_survives_netcdf(result, tmp_path)


@pytest.mark.parametrize("describe", [failure_boxes, failure_tree])
def test_worlds_and_failures_must_match(describe, worlds):
    """Another number of worlds, another order, and values other than 0 and 1 are refused."""
    with pytest.raises(ValueError, match="parameters have 2000 worlds, outcomes 3"):
        describe(worlds, fails_of(baseline=[0, 1, 0]))
    turned = fails_of(baseline=np.zeros(WORLDS)).isel(world=slice(None, None, -1))
    with pytest.raises(ValueError, match="have different worlds, or another order: align them by `world`"):
        describe(worlds, turned)
    with pytest.raises(ValueError, match="`fails` must be 1"):
        describe(worlds, fails_of(baseline=np.full(WORLDS, 2)))


def test_boxes_in_words_can_be_quoted(found):
    """Coverage and density explained once, limits in the parameter's unit."""
    text = failure_boxes_in_words(found)
    assert text.count("Coverage is the share") == 1
    limits = (
        r"a\.p0 is below 0\.\d+ OOM/yr and a\.p1 is above 0\.\d+ OOM/yr and a\.p2 is between 0\.\d+ OOM/yr and 0\.\d+"
    )
    assert re.search(
        f"baseline fails in 257 of 2,000 worlds.\n  It fails more often where {limits} OOM/yr: coverage 9", text
    )
    assert "nan" not in text


def test_logarithms_are_told_as_amounts(worlds):
    """A limit on log10 US$ is told in US$."""
    money = worlds.isel(parameter=[0]) * 2.0 + 8.0
    money = money.assign_coords(parameter_units=("parameter", np.array(["log10 US$"], dtype=object)))
    text = failure_boxes_in_words(failure_boxes(money, fails_of(baseline=money.values[:, 0] > 9.0), boxes=1))
    assert "a.p0 is above 1e9 US$: coverage" in text


def test_the_seed_fixes_the_boxes(worlds):
    """The same worlds are kept back."""
    fails = fails_of(baseline=planted(worlds.values))
    assert failure_boxes(worlds, fails, boxes=1).identical(failure_boxes(worlds, fails, boxes=1))


@pytest.mark.known
def test_distances_are_those_of_scipy():
    """Kolmogorov-Smirnov, ties included."""
    from scipy.stats import ks_2samp

    rng = np.random.default_rng(8)
    x = np.column_stack([rng.normal(size=200), rng.integers(0, 4, 200), np.ones(200)])
    fails = rng.random(200) < 0.3 + 0.2 * x[:, 1] / 3
    expected = [ks_2samp(column[fails], column[~fails]).statistic for column in x.T]
    np.testing.assert_allclose(kolmogorov_smirnov(x, fails), expected, atol=1e-12)


def test_a_planted_tree_is_found(tree):
    """Two cuts, three leaves, the densest with both limits within 0.05 and nothing else."""
    one = tree.sel(policy="baseline")
    assert one["leaf_count"].item() == 3
    leaf = one.isel(leaf=0)
    assert leaf["upper"].sel(parameter="a.p0").item() == pytest.approx(0.4, abs=0.05)
    assert leaf["lower"].sel(parameter="a.p1").item() == pytest.approx(0.5, abs=0.05)
    assert leaf["lower"].notnull().sum() + leaf["upper"].notnull().sum() == 2
    assert leaf["density"] > 0.95
    assert leaf["coverage"] > 0.95


def test_leaves_divide_all_worlds(tree, worlds):
    """Masses and coverages add up to 1, and are those of the limits."""
    one = tree.sel(policy="baseline")
    assert one["mass"].sum().item() == pytest.approx(1.0)
    assert one["coverage"].sum().item() == pytest.approx(1.0)
    for k in range(3):
        lower, upper = one["lower"][k].fillna(-np.inf).values, one["upper"][k].fillna(np.inf).values
        inside = ((worlds.values > lower) & (worlds.values <= upper)).all(axis=1)
        assert inside.mean() == one["mass"][k].item()
    assert one["mass"][:3].min() >= 0.05
    assert one["mass"][3:].isnull().all()


@pytest.mark.statistics
@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5])
def test_noise_grows_no_tree(seed):
    """Cross-validation finds that no cut pays."""
    fails = np.random.default_rng(seed).random(WORLDS) < 0.3
    nothing = failure_tree(uniform_parameters(WORLDS, 30, seed + 100), fails_of(baseline=fails))
    assert nothing["verdict"].item() == "nothing separates failing worlds from others"
    assert nothing["leaf_count"].item() == 0


def test_a_tree_in_words_tells_where_it_fails_more(tree):
    """The dense leaf alone; other verdicts in the same words as those of boxes."""
    text = failure_tree_in_words(tree)
    assert text.count("coverage ") == 1
    assert "OOM/yr and a.p1 is above 0." in text
    few = failure_tree(uniform_parameters(100, 2, 1), fails_of(baseline=np.arange(100) < 3))
    assert "baseline fails in 3 of 100 worlds: too few" in failure_tree_in_words(few)


def test_results_survive_netcdf(found, tree, tmp_path):
    """Values, attributes, long names and units."""
    assert_survives_netcdf(found, tmp_path)
    assert_survives_netcdf(tree, tmp_path)
