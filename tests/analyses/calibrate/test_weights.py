"""Importance weights: what they are worth, resampling, quantiles and tempering."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.analyses.calibrate.weights import (
    effective_sample_size,
    normalised,
    resampled,
    tempered,
    weighted_quantiles,
)


def some_weights(seed, count=200):
    return normalised(2.0 * np.random.default_rng(seed).standard_normal(count))


@pytest.mark.known
def test_the_effective_sample_size_of_equal_weights_is_their_number_and_of_one_weight_is_one():
    assert effective_sample_size(np.full(50, 1.0 / 50)) == pytest.approx(50.0)
    assert effective_sample_size(np.eye(50)[7]) == 1.0
    assert effective_sample_size(np.array([0.5, 0.25, 0.25])) == pytest.approx(1.0 / 0.375)


def test_weights_are_normalised_however_small_the_likelihoods():
    weights = normalised(np.array([-1e5, -1e5 + np.log(3.0), -np.inf]))
    np.testing.assert_allclose(weights, [0.25, 0.75, 0.0], rtol=1e-9)


@pytest.mark.property
@given(st.integers(0, 10_000), st.integers(1, 2000))
def test_no_world_is_drawn_one_time_more_or_less_often_than_its_weight_says(seed, number):
    weights = some_weights(seed)
    drawn = resampled(weights, number, np.random.default_rng(seed))
    assert len(drawn) == number
    assert np.abs(np.bincount(drawn, minlength=len(weights)) - number * weights).max() < 1.0


@pytest.mark.statistics
def test_worlds_are_drawn_by_their_weights_on_average_and_in_random_order():
    weights, rng = np.array([0.1, 0.2, 0.3, 0.4]), np.random.default_rng(1)
    drawn = np.array([resampled(weights, 7, rng) for _ in range(4000)])
    counts = np.stack([(drawn == n).sum(axis=1) for n in range(4)], axis=1)
    # The first place of all is held by each world as often as its weight says.
    first = np.bincount(drawn[:, 0], minlength=4) / 4000
    assert np.all(np.abs(counts.mean(axis=0) - 7 * weights) < 4 * 0.5 / np.sqrt(4000))
    assert np.all(np.abs(first - weights) < 4 * np.sqrt(weights * (1 - weights) / 4000))


@pytest.mark.known
def test_quantiles_of_equal_weights_are_those_of_numpy():
    values = np.random.default_rng(2).standard_normal((101, 3))
    probabilities = np.array([0.05, 0.25, 0.5, 0.95])
    found = weighted_quantiles(values, np.full(101, 1.0 / 101), probabilities)
    np.testing.assert_allclose(found, np.quantile(values, probabilities, axis=0, method="hazen").T, rtol=1e-9)


@pytest.mark.statistics
def test_weighted_quantiles_of_prior_draws_are_those_of_the_posterior():
    """Draws of N(0, 1) weighted to N(1, 0.5^2): quantiles within 4 standard errors sqrt(p (1 - p) / n) / density."""
    draws = np.random.default_rng(3).standard_normal((40_000, 1))
    weights = normalised(-0.5 * ((draws[:, 0] - 1.0) / 0.5) ** 2 + 0.5 * draws[:, 0] ** 2)
    found = weighted_quantiles(draws, weights, np.array([0.25, 0.5, 0.75]))[0]
    errors = np.sqrt(0.25 / effective_sample_size(weights)) / np.array([0.6356, 0.7979, 0.6356])
    assert np.all(np.abs(found - [1.0 - 0.6745 * 0.5, 1.0, 1.0 + 0.6745 * 0.5]) < 4 * errors)


def test_tempering_leaves_an_effective_sample_of_the_least_and_no_more_than_it_must():
    rng = np.random.default_rng(4)
    likelihoods, prior = 30.0 * rng.standard_normal(500), np.zeros(500)
    assert effective_sample_size(normalised(likelihoods)) < 20.0
    assert effective_sample_size(tempered(likelihoods, prior, 20.0)) == pytest.approx(20.0, rel=1e-4)
    np.testing.assert_array_equal(tempered(0.01 * likelihoods, prior, 20.0), normalised(0.01 * likelihoods))


def test_tempering_that_cannot_reach_the_least_leaves_the_prior():
    np.testing.assert_allclose(tempered(np.array([0.0, -5.0, -9.0]), np.zeros(3), 100.0), 1.0 / 3.0)
