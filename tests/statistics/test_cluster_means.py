"""Means, ratios and quantiles over worlds and futures, against plain loops and NumPy."""

from __future__ import annotations

import math

import numpy as np
import pytest
import xarray as xr
from helpers import within

from engine.statistics.cluster_means import (
    joined,
    labelled_with_error,
    mean_with_error,
    of_worlds,
    quantiles_of_known,
    quantiles_with_error,
    ratio_with_error,
)

NAN = np.nan
VALUES = np.array([[1.0, 4.0, 2.5], [3.0, NAN, 0.5], [2.0, NAN, NAN], [8.0, 6.0, NAN]])


def by_world(values, *dims):
    return xr.DataArray(np.array(values, dtype=float), dims=("world", *dims))


@pytest.mark.known
def test_means_and_errors_leave_out_worlds_that_are_nan():
    """Of each column: sqrt(variance with n - 1, / n) of the worlds that are known."""
    mean, error = mean_with_error(by_world(VALUES, "class"))
    for column, values in enumerate(VALUES.T):
        known = values[np.isfinite(values)]
        assert float(mean[column]) == pytest.approx(known.mean(), rel=1e-14)
        assert float(error[column]) == pytest.approx(known.std(ddof=1) / math.sqrt(len(known)), rel=1e-14)


@pytest.mark.known
def test_a_mean_of_one_known_world_has_no_error_and_of_none_no_mean():
    """No warning either, which is an error here."""
    mean, error = mean_with_error(by_world([[1.0, NAN], [NAN, NAN]], "class"))
    np.testing.assert_array_equal(mean, [1.0, NAN])
    np.testing.assert_array_equal(error, [NAN, NAN])
    mean, error = mean_with_error(by_world([[5.0, NAN]], "class"))
    np.testing.assert_array_equal(mean, [5.0, NAN])
    np.testing.assert_array_equal(error, [NAN, NAN])


@pytest.mark.known
def test_a_world_is_the_mean_of_its_known_futures():
    futures = xr.DataArray([[1.0, NAN, 3.0], [NAN, NAN, NAN]], dims=("world", "future"))
    np.testing.assert_array_equal(of_worlds(futures), [2.0, NAN])


@pytest.mark.known
def test_a_ratio_and_its_error_are_the_plain_formula():
    """Cochran 1977, equation 6.13 without the finite population: sqrt(n / (n - 1) sum (y - r x)^2) / sum x."""
    above, below = [3.0, 0.0, 5.0, 2.0], [4.0, 1.0, 6.0, 6.0]
    ratio, error = ratio_with_error(by_world(above), by_world(below))
    r = sum(above) / sum(below)
    residuals = sum((y - r * x) ** 2 for y, x in zip(above, below, strict=True))
    assert float(ratio) == pytest.approx(r, rel=1e-14)
    assert float(error) == pytest.approx(math.sqrt(4 / 3 * residuals) / sum(below), rel=1e-14)


@pytest.mark.known
def test_a_ratio_of_means_over_ones_is_a_mean():
    values = [3.0, 7.0, 1.0, 1.0, 4.0]
    ratio, error = ratio_with_error(by_world(values), by_world([1.0] * 5))
    mean, mean_error = mean_with_error(by_world(values))
    assert float(ratio) == pytest.approx(float(mean), rel=1e-14)
    assert float(error) == pytest.approx(float(mean_error), rel=1e-14)


@pytest.mark.known
def test_a_ratio_to_nothing_is_unknown_and_one_world_has_no_error():
    ratio, error = ratio_with_error(by_world([[0.0, 1.0], [0.0, 3.0]], "k"), by_world([[0.0, 2.0], [0.0, 2.0]], "k"))
    np.testing.assert_array_equal(ratio, [NAN, 1.0])
    np.testing.assert_allclose(error, [NAN, math.sqrt(2 * 2.0) / 4.0])
    ratio, error = ratio_with_error(by_world([[3.0, 0.0]], "k"), by_world([[4.0, 0.0]], "k"))
    np.testing.assert_array_equal(ratio, [0.75, NAN])
    np.testing.assert_array_equal(error, [NAN, NAN])


@pytest.mark.statistics
def test_errors_are_the_spread_of_repeated_runs():
    """600 runs of 40 worlds: the mean error is the standard deviation over runs, within 4 standard errors of it."""
    draw = np.random.default_rng(20_231_115)
    below = xr.DataArray(draw.poisson(5.0, (600, 40)).astype(float), dims=("run", "world"))
    above = 0.3 * below + xr.DataArray(draw.normal(0.0, 1.0, (600, 40)), dims=("run", "world"))
    for value, error in (mean_with_error(above), ratio_with_error(above, below)):
        spread = float(value.std("run", ddof=1))
        assert within(float(error.mean()), spread, spread / math.sqrt(2 * 599))


YEARS = np.array([[2030.0, NAN, 2026.0], [2028.0, 2035.0, NAN], [2041.0, NAN, 2029.0], [NAN, 2027.0, NAN]])


def least(values, share):
    """The least value that a `share` of `values` does not exceed; NaN if it is inf."""
    value = sorted(values)[max(math.ceil(share * len(values) - 1e-9), 1) - 1]
    return value if math.isfinite(value) else NAN


@pytest.mark.known
@pytest.mark.parametrize("share", [0.05, 0.25, 0.5, 0.58, 0.6, 0.95])
def test_a_quantile_knows_that_nan_is_past_the_horizon(share):
    """7 of 12 futures are within it."""
    years = xr.DataArray(YEARS, dims=("world", "future"))
    expected = least([math.inf if math.isnan(year) else year for year in YEARS.ravel()], share)
    np.testing.assert_array_equal(quantiles_of_known(years.fillna(np.inf), [share]), [expected])
    assert math.isnan(expected) == (share > 7 / 12)


@pytest.mark.known
@pytest.mark.parametrize("share", [0.05, 0.25, 0.5, 0.6, 0.75, 0.95])
def test_a_quantile_of_what_is_known_leaves_out_nan_and_keeps_inf(share):
    values = np.array([[3.0, NAN, 1.0], [math.inf, 2.0, NAN], [5.0, math.inf, 4.0]])
    found = quantiles_of_known(xr.DataArray(values, dims=("world", "future")), [share])
    np.testing.assert_array_equal(found, [least(values[~np.isnan(values)], share)])


@pytest.mark.known
def test_quantiles_of_nothing_and_of_one_future():
    """By class: none, all past the horizon, one, and both quantiles in order."""
    years = xr.DataArray(np.array([[[NAN, math.inf, 2030.0]]]), dims=("world", "future", "class"))
    expected = np.array([[NAN, NAN, 2030.0]] * 2)
    np.testing.assert_array_equal(quantiles_of_known(years, [0.05, 0.95]), expected)
    np.testing.assert_array_equal(quantiles_of_known(years.fillna(np.inf), [0.05, 0.95]), expected)


def test_arrays_are_joined_with_their_coordinates_whatever_the_order_of_dimensions():
    values = xr.DataArray(np.arange(6.0).reshape(2, 3), {"x": [1, 2], "word": ("y", ["a", "b", "c"])}, ("x", "y"))
    both = joined("run", [values, (values + 10.0).transpose("y", "x")])
    assert both.dims == ("run", "x", "y")
    xr.testing.assert_identical(both.isel(run=0), values)
    xr.testing.assert_identical(both.isel(run=1), values + 10.0)


@pytest.mark.known
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("share", [0.02, 0.3, 0.5, 0.8, 0.95])
def test_the_error_of_a_quantile_is_half_the_distance_between_those_an_error_below_and_above(seed, share):
    """Woodruff 1952, by plain loops: 8 worlds of 10 futures, some of which do not count, some past the known range."""
    draw = np.random.default_rng(seed)
    values = np.round(draw.normal(2030.0, 1.0, (8, 1)) + draw.normal(0.0, 2.0, (8, 10)), 1)
    values[draw.random((8, 10)) < 0.1] = NAN
    values[draw.random((8, 10)) < 0.1] = math.inf
    known = sorted(value for value in values.ravel() if not math.isnan(value))
    found = least(known, share)
    number = [sum(not math.isnan(value) for value in world) for world in values]
    below = [sum(value <= found for value in world) for world in values]
    ratio = sum(below) / sum(number)
    residuals = sum((y - ratio * x) ** 2 for y, x in zip(below, number, strict=True))
    error = math.sqrt(8 / 7 * residuals) / sum(number)
    low, high = (least(known, min(max(share + sign * error, 0.0), 1.0)) for sign in (-1.0, 1.0))
    quantile, half = quantiles_with_error(xr.DataArray(values, dims=("world", "future")), [share])
    np.testing.assert_array_equal(quantile, [found])
    np.testing.assert_allclose(half, [0.5 * (high - low) if math.isfinite(found) else NAN], rtol=1e-12)


def test_quantiles_of_several_classes_have_the_errors_of_each():
    values = np.random.default_rng(1).normal(size=(6, 5, 2))
    both = xr.DataArray(values, dims=("world", "future", "class"))
    found, errors = quantiles_with_error(both, [0.25, 0.5])
    assert found.dims == errors.dims
    for c in range(2):
        one, error = quantiles_with_error(both.isel({"class": c}), [0.25, 0.5])
        xr.testing.assert_allclose(found.isel({"class": c}), one)
        xr.testing.assert_allclose(errors.isel({"class": c}), error)
    assert (errors > 0.0).all()


def test_a_quantile_of_a_single_world_has_no_error():
    found, error = quantiles_with_error(xr.DataArray([[1.0, 2.0, 3.0]], dims=("world", "future")), [0.5])
    np.testing.assert_array_equal(found, [2.0])
    np.testing.assert_array_equal(error, [NAN])


def test_a_value_and_its_error_are_labelled():
    pair = (xr.DataArray(2.0), xr.DataArray(0.5))
    found = labelled_with_error("delay", pair, "mean delay", "year")
    assert {name: (float(one), one.attrs) for name, one in found.items()} == {
        "delay": (2.0, {"long_name": "mean delay", "units": "year"}),
        "delay_se": (0.5, {"long_name": "Monte Carlo standard error of delay", "units": "year"}),
    }


def test_the_usual_quantiles_are_the_median_and_those_of_one_in_twenty():
    values = xr.DataArray(np.arange(1.0, 101.0).reshape(10, 10), dims=("world", "future"))
    for found in (quantiles_of_known(values), quantiles_with_error(values)[0]):
        assert dict(zip(found["quantile"].values, found.values, strict=True)) == {0.05: 5.0, 0.5: 50.0, 0.95: 95.0}


def test_one_array_can_be_joined():
    one = xr.DataArray([1.0, 2.0], {"x": [3, 4]}, ("x",))
    xr.testing.assert_identical(joined("run", [one]).isel(run=0), one)
