"""Forecasts that know no model, against the formulas of Hyndman & Athanasopoulos worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from observed import NAN, observed
from scipy import stats

from engine.record.naive_forecasts import FORECASTERS, MEMBERS, naive_forecasts, transformed

#: Standard Normal at the probabilities that members stand for.
NORMAL = stats.norm.ppf((np.arange(MEMBERS) + 0.5) / MEMBERS)


def compute(rank, *values, start=2015.0):
    """Ends of years from `start` on."""
    return [("compute", NAN, rank, start + n, value) for n, value in enumerate(values)]


def forecasts(known, *what):
    return naive_forecasts(observed(known), observed(what))


@pytest.mark.known
def test_point_and_spread_are_those_of_the_book():
    """20, 21, 21.5, 23 at 2015 to 2018, of 2020, two steps ahead.

    Naive: residuals 1, 0.5, 1.5; variance 3.5 / 3, times two steps. Drift: a year adds 1; residuals 0, -0.5, 0.5 with
    two degrees of freedom, so that the variance is 0.25, times 2 (1 + 2 / 3).
    """
    found = forecasts(compute(1, 20.0, 21.0, 21.5, 23.0), ("compute", NAN, 1, 2020.0, 0.0))
    assert list(found) == list(FORECASTERS)
    expected = {
        "last_value": np.full(MEMBERS, 23.0),
        "last_value_spread": np.maximum(23.0, 23.0 + np.sqrt(7.0 / 3.0) * NORMAL),
        "trend": np.full(MEMBERS, 25.0),
        "trend_spread": np.maximum(23.0, 25.0 + 0.5 * np.sqrt(10.0 / 3.0) * NORMAL),
    }
    for name, members in expected.items():
        np.testing.assert_allclose(found[name], members[np.newaxis], rtol=1e-12, err_msg=name)


@pytest.mark.known
def test_a_year_left_out_counts_as_two():
    """20 at 2014, 22 at 2016, 22.5 at 2017: the trend is 2.5 / 3 a year, and the change over two years has twice the
    variance of one: (2 squared / 2 + 0.5 squared) / 2 = 1.125 a year."""
    known = [("compute", NAN, 1, time, value) for time, value in ((2017.0, 22.5), (2014.0, 20.0), (2016.0, 22.0))]
    found = forecasts(known, ("compute", NAN, 1, 2018.0, 0.0))
    np.testing.assert_allclose(found["trend"], 22.5 + 2.5 / 3.0)
    np.testing.assert_allclose(found["last_value_spread"][0], 22.5 + np.sqrt(1.125) * NORMAL.clip(min=0.0))


@pytest.mark.known
def test_counts_are_forecast_as_log10_of_one_more():
    known = [("models", 1e22, 0, 2017.0, 0.0), ("models", 1e22, 0, 2018.0, 9.0)]
    found = forecasts(known, ("models", 1e22, 0, 2019.0, 0.0))
    np.testing.assert_allclose(found["last_value"], 1.0)
    np.testing.assert_allclose(found["trend"], 2.0)


@pytest.mark.parametrize("length", range(4))
def test_what_is_not_known_is_not_forecast(length):
    """One value for the last, two for a trend or the spread about the last, three for that about a trend."""
    found = forecasts(compute(1, 20.0, 21.5, 22.0)[:length], ("compute", NAN, 1, 2021.0, 0.0))
    needed = {"last_value": 1, "last_value_spread": 2, "trend": 2, "trend_spread": 3}
    assert {name: bool(np.isfinite(members).all()) for name, members in found.items()} == {
        name: length >= least for name, least in needed.items()
    }
    assert {name: bool(np.isnan(members).all()) for name, members in found.items()} == {
        name: length < least for name, least in needed.items()
    }


@pytest.mark.statistics
def test_no_forecast_is_below_the_last_value():
    rng = np.random.default_rng(5)
    for _ in range(20):
        values = rng.normal(0.1, 1.0, 5).cumsum()
        found = forecasts(compute(1, *values), ("compute", NAN, 1, 2022.0, 0.0))
        assert all(members.min() >= values[-1] for members in found.values())


def test_each_rank_threshold_and_kind_has_its_own_past():
    known = [
        *compute(1, 24.0, 24.5),
        *compute(2, 22.0, 22.5),
        ("open_compute", NAN, 0, 2016.0, 21.0),
        ("models", 1e22, 0, 2016.0, 99.0),
        ("models", 1e23, 0, 2016.0, 9.0),
        ("open_models", 1e22, 0, 2016.0, 0.0),
        ("follower", 1e22, 2, 2014.0, 2015.0),
    ]
    expected = {
        ("compute", NAN, 1, 2018.0, 0.0): 24.5,
        ("compute", NAN, 2, 2018.0, 0.0): 22.5,
        ("compute", NAN, 3, 2018.0, 0.0): NAN,
        ("open_compute", NAN, 0, 2018.0, 0.0): 21.0,
        ("models", 1e22 * (1.0 + 1e-9), 0, 2018.0, 0.0): 2.0,
        ("models", 1e23, 0, 2018.0, 0.0): 1.0,
        ("models", 1e24, 0, 2018.0, 0.0): NAN,
        ("open_models", 1e22, 0, 2018.0, 0.0): 0.0,
        ("organisations", 1e22, 0, 2018.0, 0.0): NAN,
        ("follower", 1e22, 3, 2014.0, 2018.0): NAN,
    }
    found = forecasts(known, *expected)
    np.testing.assert_allclose(found["last_value"][:, 0], list(expected.values()), atol=1e-12)


def test_only_counts_are_transformed():
    kinds = np.array(["organisations", "models", "open_models", "compute", "open_compute", "follower"])
    values = np.array([[9.0, 99.0, 0.0, 9.0, 22.0, np.inf]])
    np.testing.assert_allclose(transformed(values, kinds), [[1.0, 2.0, 0.0, 9.0, 22.0, np.inf]])
