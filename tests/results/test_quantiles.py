"""Quantiles from counts, against the numbers that were counted."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.results.quantiles import binned_quantile, level_quantile

PROBABILITIES = np.array([0.05, 0.25, 0.5, 0.75, 0.95])


def ranks(size):
    """Which of `size` sorted values is each quantile, exactly: the least that a share of them does not exceed."""
    hundredths = np.round(100 * PROBABILITIES).astype(int)
    return -(-hundredths * size // 100) - 1


@pytest.mark.property
@given(
    values=st.lists(st.floats(0.0, 1.0, exclude_min=True), min_size=1, max_size=60),
    censored=st.integers(0, 30),
)
def test_a_binned_quantile_is_within_a_bin_of_the_sample_s(values, censored):
    """Bins of 0.05; futures that were not counted lie past the horizon, and so do quantiles among them (NaN)."""
    edges = np.linspace(0.0, 1.0, 21)
    bins = np.ceil(np.array(values) / 0.05).astype(int).clip(1, 20) - 1
    counts = np.bincount(bins, minlength=20)
    total = len(values) + censored
    measured = binned_quantile(counts, edges, PROBABILITIES, np.array(float(total)))
    sample = np.concatenate([np.sort(values), np.full(censored, np.nan)])[ranks(total)]
    np.testing.assert_array_equal(np.isnan(measured), np.isnan(sample))
    assert (np.abs(measured - sample)[~np.isnan(sample)] <= 0.05 + 1e-12).all()


@pytest.mark.property
@given(values=st.lists(st.integers(0, 40), min_size=1, max_size=60))
def test_a_quantile_of_small_counts_is_exactly_the_sample_s(values):
    counts = np.bincount(values, minlength=41)
    measured = level_quantile(counts, np.arange(42.0), PROBABILITIES, float(len(values)))
    np.testing.assert_array_equal(measured, np.sort(values)[ranks(len(values))])


@pytest.mark.known
@pytest.mark.parametrize(("probability", "of_100"), [(0.07, 7), (0.14, 14), (0.28, 28), (0.55, 55), (0.57, 57)])
def test_a_quantile_that_exactly_enough_futures_attain_is_not_censored(probability, of_100):
    """7 of 100 futures attain, so the 7% quantile lies within the horizon, though 0.07 x 100 rounds to above 7."""
    counts, edges = np.array([of_100, 0]), np.array([2020.0, 2021.0, 2022.0])
    assert binned_quantile(counts, edges, np.array([probability]), np.array(100.0)) == pytest.approx(2021.0)
    levels = np.array([of_100, 100 - of_100])
    assert level_quantile(levels, np.arange(3.0), np.array([probability]), 100.0) == 0.0


@pytest.mark.known
def test_quantiles_of_a_single_future():
    """Linear within its bin, or within the level of 1 to 10."""
    quarter, half = np.array([0.25]), np.array([0.5])
    assert binned_quantile(np.array([1, 0]), np.array([0.0, 8.0, 9.0]), quarter, np.array(1.0)) == pytest.approx(2.0)
    assert level_quantile(np.array([0, 1, 0]), np.array([0.0, 1.0, 11.0, 12.0]), half, 1.0) == pytest.approx(5.5)


@pytest.mark.known
def test_a_whole_number_is_at_most_the_largest_that_was_counted():
    """Also if the quantile lies among futures that were not."""
    assert level_quantile(np.array([1, 1]), np.array([0.0, 1.0, 11.0]), np.array([0.9]), 10.0) == pytest.approx(10.0)
