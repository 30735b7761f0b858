"""Sensitivity against closed forms, and shares of chance against known variances."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from engine.analyses.sensitivity.given_data import pawn_indices, variance_shares
from engine.analyses.sensitivity.sobol_tornado import CHANCE, sobol_design, sobol_indices, tornado, tornado_design
from engine.analyses.sensitivity.summary import sensitivity_summary


def by_row(**outcomes):
    """Outcomes at the rows of a design."""
    named = {"long_name": "an outcome", "units": "year"}
    return xr.Dataset({name: ("row", values, named) for name, values in outcomes.items()})


def by_future(**outcomes):
    """Outcomes of futures in worlds."""
    named = {"long_name": "an outcome", "units": "year"}
    return xr.Dataset({name: (("world", "future"), values, named) for name, values in outcomes.items()})


def numbers(values):
    """Parameters of worlds, as a run gives them."""
    names = np.array([f"section.number_{n}" for n in range(values.shape[1])], dtype=object)
    units = np.array(["year"] * len(names), dtype=object)
    coords = {"parameter": names, "parameter_units": ("parameter", units)}
    return xr.DataArray(values, dims=("world", "parameter"), coords=coords)


def ishigami(uniforms, a=7.0, b=0.1):
    """The Ishigami function of uniforms (row, 3), and its exact first-order and total indices."""
    x = np.pi * (2.0 * uniforms - 1.0)
    value = np.sin(x[:, 0]) + a * np.sin(x[:, 1]) ** 2 + b * x[:, 2] ** 4 * np.sin(x[:, 0])
    one, two = 0.5 * (1.0 + b * np.pi**4 / 5.0) ** 2, a**2 / 8.0
    both = b**2 * np.pi**8 * (1.0 / 18.0 - 1.0 / 50.0)
    variance = one + two + both
    return value, np.array([one, two, 0.0]) / variance, np.array([one + both, two, both]) / variance, variance


@pytest.mark.known
def test_the_ishigami_function_has_its_indices():
    """1,024 base points: every index within 4 standard errors of the closed form, which are at most 0.06."""
    value, first, total, variance = ishigami(sobol_design(3, 1024, seed=3))
    found = sobol_indices(by_row(ishigami=value), ["x1", "x2", "x3"]).isel(outcome=0)
    assert (np.abs(found.first_order - first) <= 4.0 * found.first_order_se + 1e-9).all()
    assert (np.abs(found.total - total) <= 4.0 * found.total_se).all()
    assert 0.0 < found.first_order_se.max() < 0.06
    assert 0.0 < found.total_se.max() < 0.06
    assert float(found.variance) == pytest.approx(variance, rel=0.05)


@pytest.mark.statistics
def test_standard_errors_of_indices_are_not_too_small():
    """60 designs: the spread of the estimates is at most 1.3 of the mean error said (spreads are known to 9%)."""
    found = []
    for seed in range(60):
        value, *_ = ishigami(sobol_design(3, 128, seed=seed))
        found.append(sobol_indices(by_row(ishigami=value), ["x1", "x2", "x3"], resamples=100).isel(outcome=0))
    runs = xr.concat(found, "run")
    for name in ("first_order", "total"):
        assert (runs[name].std("run", ddof=1) <= 1.3 * runs[f"{name}_se"].mean("run")).all()


def chance_uniform(address):
    """Luck of a row: a Normal that belongs to the address, like a future's random numbers."""
    return np.array([np.random.default_rng(int(one)).normal() for one in address])


@pytest.mark.known
def test_the_total_index_of_chance_is_the_aleatory_share():
    """Y = X + Z, Var X = 3, Var Z = 1: chance has 1/4; and of Y = X Z, E Var(Y|X) / Var Y = 1 though its first is 0."""
    design = sobol_design(2, 1024, seed=5)
    x = np.sqrt(12.0 * 3.0) * (design[:, 0] - 0.5)
    z = chance_uniform(np.floor(design[:, 1] * 2.0**30))
    found = sobol_indices(by_row(sum=x + z, product=x * z), ["number", CHANCE])
    chance = found.sel(factor=CHANCE)
    assert (np.abs(chance.total - [0.25, 1.0]) <= 4.0 * chance.total_se).all()
    assert (chance.total_se < 0.07).all()
    sum_of = found.sel(outcome="sum", factor="number")
    assert abs(float(sum_of.first_order) - 0.75) <= 4.0 * float(sum_of.first_order_se)
    product = found.sel(outcome="product")
    assert (np.abs(product.first_order) <= 4.0 * product.first_order_se).all()


def test_the_design_is_that_of_saltelli():
    """For each base point A, A with one factor of B each, B; strictly between 0 and 1; a seed gives one design."""
    design = sobol_design(3, 8, seed=1).reshape(8, 5, 3)
    a, b = design[:, 0], design[:, -1]
    for factor in range(3):
        mixed = a.copy()
        mixed[:, factor] = b[:, factor]
        np.testing.assert_array_equal(design[:, 1 + factor], mixed)
    assert ((design > 0.0) & (design < 1.0)).all()
    np.testing.assert_array_equal(sobol_design(3, 8, seed=1), sobol_design(3, 8, seed=1))
    assert (sobol_design(3, 8, seed=1) != sobol_design(3, 8, seed=2)).any()


def test_what_does_not_vary_has_no_indices():
    """Next to an outcome that does; and neither has one that differs by rounding alone."""
    design = sobol_design(2, 64, seed=1)
    found = sobol_indices(by_row(x=design[:, 0], same=np.full(256, 0.1), nearly=2025.0 + 1e-13 * design[:, 0]), "ab")
    np.testing.assert_array_equal(found.total.isnull().all("factor"), [False, True, True])
    np.testing.assert_array_equal(found.first_order_se.isnull().all("factor"), [False, True, True])
    assert "does not vary" in sensitivity_summary(found)


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        (lambda: sobol_design(3, 100, 1), "power of two"),
        (lambda: sobol_design(0, 64, 1), "at least 1"),
        (lambda: sobol_indices(by_row(y=np.zeros(7)), ["a"]), "multiple of factors"),
        (lambda: sobol_indices(by_row(y=np.array([1.0, np.nan, 2.0])), ["a"]), "finite"),
        (lambda: sobol_indices(by_future(y=np.zeros((3, 1))), ["a"]), "must have \\(row\\)"),
        (lambda: sobol_indices(xr.Dataset(), ["a"]), "at least one"),
        (lambda: sobol_indices(by_row(y=np.arange(8.0)), ["a", "a"]), "differ"),
        (lambda: tornado_design(2, low=0.5), "either side"),
        (lambda: tornado(by_row(y=np.zeros(4)), ["a"]), "1 \\+ 2 x"),
        (lambda: pawn_indices(numbers(np.zeros((15, 1))), by_future(y=np.zeros((15, 2)))), "two worlds a slice"),
        (lambda: pawn_indices(numbers(np.zeros((30, 1))), by_future(y=np.zeros((20, 2)))), "do not fit 30"),
        (lambda: sensitivity_summary(xr.Dataset()), "no sensitivity analysis"),
    ],
)
def test_mistakes_are_answered_with_what_would_be_right(wrong, right):
    with pytest.raises(ValueError, match=right):
        wrong()


@pytest.fixture(scope="module")
def planted():
    """2,000 worlds of 5 futures, 12 numbers, of which the fifth moves the mean and the seventh the spread of worlds."""
    rng = np.random.default_rng(4)
    drawn = rng.normal(size=(2000, 12))
    mean = drawn[:, 4] + rng.normal(size=2000) * np.exp(drawn[:, 6])
    return numbers(drawn), by_future(y=mean[:, np.newaxis] + 0.1 * rng.normal(size=(2000, 5)), same=np.ones((2000, 5)))


def test_pawn_ranks_planted_numbers_first_and_noise_below_the_dummies(planted):
    """Of 12 numbers the two planted are above what noise gives, the one of the mean first."""
    found = pawn_indices(*planted).sel(outcome="y")
    assert found.pawn_median.argsort().values[-1] == 4
    np.testing.assert_array_equal(np.flatnonzero(found.above_noise), [4, 6])
    noise = np.delete(found.pawn_median.values, [4, 6])
    assert 0.5 * float(found.dummy_median) < noise.mean() < 1.5 * float(found.dummy_median)
    assert found.above_noise.dtype == np.int8


def test_pawn_is_salib_s_but_for_the_largest_value(planted):
    """One world of 200 in one of 10 slices more: its distance differs by at most 1/199, and most medians not at all."""
    from SALib.analyze import pawn

    parameters, outcomes = planted
    problem = {"num_vars": 12, "names": [f"x{n}" for n in range(12)]}
    expected = pawn.analyze(problem, parameters.values, outcomes.y.mean("future").values)
    found = pawn_indices(parameters, outcomes, dummies=1).sel(outcome="y")
    np.testing.assert_allclose(found.pawn_median, expected["median"], atol=0.5 / 199)
    np.testing.assert_allclose(found.pawn_maximum, expected["maximum"], atol=1.0 / 199)
    assert np.isclose(found.pawn_median, expected["median"], rtol=1e-9).mean() > 0.5


@pytest.mark.statistics
def test_numbers_without_influence_are_seldom_above_noise():
    """300 runs of 5 such numbers and 9 dummies: each is above all dummies in 1 of 10, within 4 standard errors."""
    rng = np.random.default_rng(6)
    above = 0
    for run in range(300):
        outcomes = by_future(y=rng.normal(size=(60, 1)))
        found = pawn_indices(numbers(rng.random((60, 5))), outcomes, slices=5, dummies=9, seed=run)
        above += int(found.above_noise.sum())
    # Numbers of one run share its dummies: their errors are at most sqrt(5) times those of independent draws.
    assert above / 1_500 == pytest.approx(0.1, abs=4.0 * np.sqrt(0.09 / 300))
    assert above > 0


def test_what_does_not_vary_has_no_pawn_index(planted):
    """An outcome that is always the same, and a number that is."""
    parameters, outcomes = planted
    parameters = parameters.copy()
    parameters[:, 3] = 2.0
    found = pawn_indices(parameters, outcomes, dummies=5)
    assert found.pawn_median.sel(outcome="same").isnull().all()
    assert list(np.flatnonzero(found.pawn_median.sel(outcome="y").isnull())) == [3]
    assert not found.above_noise.sel(outcome="same").any()


def test_the_tornado_of_a_linear_function_is_exact():
    """Y = 2 a - 5 b + 0 c of uniforms: ends at 0.05 and 0.95 of each, ranked b, a, c."""
    design = tornado_design(3)
    assert design.shape == (7, 3)
    found = tornado(by_row(y=2.0 * design[:, 0] - 5.0 * design[:, 1]), ["a", "b", "c"]).sel(outcome="y")
    assert float(found.central_value) == pytest.approx(-1.5)
    np.testing.assert_allclose(found.value, [[-2.4, -0.6], [0.75, -3.75], [-1.5, -1.5]], rtol=1e-12)
    np.testing.assert_allclose(found.swing, [1.8, 4.5, 0.0], rtol=1e-12)
    np.testing.assert_array_equal(found.swing_rank, [2, 1, 3])
    assert found.swing_se.isnull().all()


def test_the_swing_s_error_is_that_of_paired_futures():
    """Luck that all rows share drops out; what differs by row does not."""
    rng = np.random.default_rng(2)
    design = tornado_design(1, 0.1, 0.9)
    shared, own = rng.normal(size=50), rng.normal(size=(3, 50))
    values = design[:, :1] + 100.0 * shared + 0.1 * own
    outcomes = xr.Dataset({"y": (("row", "future"), values)})
    found = tornado(outcomes, ["a"], 0.1, 0.9).isel(outcome=0, factor=0)
    change = 0.8 + 0.1 * (own[2] - own[1])
    assert float(found.swing) == pytest.approx(change.mean())
    assert float(found.swing_se) == pytest.approx(change.std(ddof=1) / np.sqrt(50))


@pytest.mark.known
def test_shares_of_variance_are_unbiased():
    """Y = X + Z, Var X = 3, Var Z = 1, 1,000 runs of 20 worlds of 4: components within 4 standard errors."""
    rng = np.random.default_rng(9)
    values = np.sqrt(3.0) * rng.normal(size=(1_000, 20, 1)) + rng.normal(size=(1_000, 20, 4))
    found = variance_shares(by_future(**{f"run{n}": run for n, run in enumerate(values)}))
    for name, known in (("epistemic_variance", 3.0), ("aleatory_variance", 1.0)):
        assert abs(float(found[name].mean()) - known) < 4.0 * float(found[name].std()) / np.sqrt(1_000)
    np.testing.assert_allclose(found.epistemic_share + found.aleatory_share, 1.0, rtol=1e-12)


@pytest.mark.statistics
def test_errors_of_shares_are_the_spread_of_shares():
    """500 runs of 100 worlds of 5, Var X = 3, Var Z = 1: errors within 15% of the spread, which is known to 3%."""
    rng = np.random.default_rng(10)
    values = np.sqrt(3.0) * rng.normal(size=(500, 100, 1)) + rng.normal(size=(500, 100, 5))
    found = variance_shares(by_future(**{f"run{n}": run for n, run in enumerate(values)}))
    for name in ("epistemic_share", "aleatory_share"):
        assert float(np.sqrt((found[f"{name}_se"] ** 2).mean())) == pytest.approx(float(found[name].std()), rel=0.15)
    assert float(found.aleatory_share.mean()) == pytest.approx(0.25, abs=0.01)


def epistemic_share(values):
    """The share of worlds in the variance, by mean squares between and within worlds."""
    futures = values.shape[1]
    within = values.var(axis=1, ddof=1).mean()
    between = values.mean(axis=1).var(ddof=1) - within / futures
    return between / (between + within)


def test_the_jackknife_leaves_out_each_replicate():
    """70 worlds, so replicates of four and five, each left out in turn; from mean squares in NumPy."""
    rng = np.random.default_rng(11)
    values = 1e4 + rng.normal(size=(70, 1)) + rng.normal(size=(70, 3))
    found = variance_shares(by_future(y=values)).isel(outcome=0)
    replicate = np.arange(70) % 16
    without = np.array([epistemic_share(values[replicate != r]) for r in range(16)])
    by_hand = np.sqrt(15.0 / 16.0 * ((without - without.mean()) ** 2).sum())
    assert float(found.epistemic_share) == pytest.approx(epistemic_share(values), rel=1e-9)
    assert float(found.epistemic_share_se) == pytest.approx(by_hand, rel=1e-9)
    assert float(found.aleatory_share_se) == pytest.approx(by_hand, rel=1e-9)


@pytest.mark.parametrize("shape", [(1, 5), (5, 1), (1, 1)])
def test_one_world_or_one_future_does_not_tell_chance_from_the_numbers(shape):
    found = variance_shares(by_future(y=np.random.default_rng(1).normal(size=shape)))
    assert all(found[name].isnull().all() for name in found.data_vars)
    assert "at least two worlds" in found.attrs["comment"]
    assert "unknown" in sensitivity_summary(found)


def test_two_worlds_have_shares_without_errors_and_constants_neither():
    found = variance_shares(by_future(y=np.array([[1.0, 2.0], [4.0, 6.0]]), same=np.ones((2, 2))))
    assert found.epistemic_share.notnull().values.tolist() == [True, False]
    assert found.epistemic_share_se.isnull().all()


def analyses():
    """One of each, of an outcome that varies and one that does not."""
    rng = np.random.default_rng(3)
    design, ends = sobol_design(3, 64, 1), tornado_design(3)
    names = ["a.first", "b.second", CHANCE]
    futures = by_future(y=rng.normal(size=(40, 1)) + rng.normal(size=(40, 4)), same=np.ones((40, 4)))
    return {
        "sobol": sobol_indices(by_row(y=design @ [3.0, 1.0, 2.0], same=np.ones(len(design))), names),
        "pawn": pawn_indices(numbers(rng.random((40, 3))), futures),
        "tornado": tornado(by_row(y=ends @ [3.0, 1.0, 2.0], same=np.ones(len(ends))), names),
        "shares": variance_shares(futures),
        "one world": variance_shares(by_future(y=np.ones((1, 3)))),
    }


@pytest.mark.parametrize("kind", list(analyses()))
def test_an_analysis_describes_itself_and_survives_a_file(kind, tmp_path):
    """Every variable and coordinate has a long name, every number a unit; netCDF gives back the same."""
    found = analyses()[kind]
    for variable in found.variables.values():
        assert variable.attrs["long_name"]
        assert variable.dtype.kind == "O" or variable.attrs["units"]
    found.to_netcdf(tmp_path / "analysis.nc", engine="netcdf4")
    with xr.open_dataset(tmp_path / "analysis.nc", engine="netcdf4") as back:
        xr.testing.assert_identical(back.load(), found)


def test_words_name_the_largest_first_with_errors():
    """The three factors of a linear model by size, chance apart; numbers beyond `top` are left out."""
    found = analyses()
    text = sensitivity_summary(found["sobol"], found["tornado"])
    sobol, swings = text.split("Each number from")
    assert sobol.index("a.first") < sobol.index("b.second")
    assert "chance explains" in sobol
    assert " +- " in sobol.split("a.first")[1].splitlines()[0]
    assert swings.index("a.first") < swings.index(CHANCE) < swings.index("b.second")
    assert "b.second" not in sensitivity_summary(found["sobol"], top=1)
    assert "noise gives" in sensitivity_summary(found["pawn"])
