"""Proposals of worlds: the regression's posterior, their density, and what bounds their weights."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from engine.analyses.calibrate.proposal import FROM_PRIOR, WIDER, Proposal

COUNT = 100_000


@pytest.fixture(scope="module")
def proposal():
    axes, _ = np.linalg.qr(np.random.default_rng(1).standard_normal((3, 3)))
    return Proposal(np.array([0.5, -1.0, 2.0]), axes, np.array([0.1, 0.4, 1.0]))


@pytest.fixture(scope="module")
def covariance(proposal):
    return proposal.axes @ np.diag(proposal.variances) @ proposal.axes.T


@pytest.mark.known
def test_the_density_is_that_of_the_mixture_of_two_normals(proposal, covariance):
    scores = 2.0 * np.random.default_rng(2).standard_normal((200, 3))
    prior = stats.multivariate_normal(np.zeros(3)).pdf(scores)
    moved = stats.multivariate_normal(proposal.mean, covariance).pdf(scores)
    expected = np.log(FROM_PRIOR * prior + (1.0 - FROM_PRIOR) * moved) - np.log(prior)
    np.testing.assert_allclose(proposal.log_ratio(scores), expected, rtol=1e-9, atol=1e-12)


def test_of_the_prior_the_density_is_the_prior_s():
    scores = 3.0 * np.random.default_rng(3).standard_normal((50, 4))
    np.testing.assert_allclose(Proposal.prior(4).log_ratio(scores), 0.0, atol=1e-12)


def test_no_weight_exceeds_one_over_the_share_of_the_prior(proposal):
    scores = 10.0 * np.random.default_rng(4).standard_normal((1000, 3))
    weights = np.exp(-proposal.log_ratio(scores))
    assert weights.max() <= (1.0 + 1e-9) / FROM_PRIOR
    assert weights.max() > 0.99 / FROM_PRIOR


@pytest.mark.statistics
def test_draws_have_the_mean_and_covariance_of_the_mixture(proposal, covariance):
    """Each within 5 standard errors, estimated from the draws."""
    draws = proposal.draw(COUNT, np.random.default_rng(5))
    mean = (1.0 - FROM_PRIOR) * proposal.mean
    squares = FROM_PRIOR * np.eye(3) + (1.0 - FROM_PRIOR) * (covariance + np.outer(proposal.mean, proposal.mean))
    products = draws[:, :, np.newaxis] * draws[:, np.newaxis]
    root = np.sqrt(COUNT)
    assert np.all(np.abs(draws.mean(axis=0) - mean) < 5 * draws.std(axis=0) / root)
    assert np.all(np.abs(products.mean(axis=0) - squares) < 5 * products.std(axis=0) / root)


@pytest.mark.statistics
def test_weighted_draws_are_the_prior(proposal):
    """Means and variances under prior / proposal are 0 and 1, within 5 standard errors."""
    draws = proposal.draw(COUNT, np.random.default_rng(6))
    weights = np.exp(-proposal.log_ratio(draws))[:, np.newaxis]
    for values, expected in ((weights, 1.0), (weights * draws, 0.0), (weights * draws**2, 1.0)):
        assert np.all(np.abs(values.mean(axis=0) - expected) < 5 * values.std(axis=0) / np.sqrt(COUNT))


@pytest.mark.statistics
def test_of_a_linear_model_the_regression_finds_the_posterior():
    """Slopes A of 20,000 worlds with noise: mean and covariance within 0.02 of (I + A' A)^-1, with WIDER variances."""
    rng = np.random.default_rng(7)
    slopes, offset = np.array([[2.0, 0.0, 0.0], [1.0, -1.5, 0.0]]), np.array([0.6, -0.4])
    scores = rng.standard_normal((20_000, 3))
    shown = offset + scores @ slopes.T + 0.3 * rng.standard_normal((20_000, 2))
    found = Proposal.by_regression(scores, shown, np.full(20_000, 1.0 / 20_000))
    noise = 1.09 * np.eye(2)
    exact = np.linalg.inv(np.eye(3) + slopes.T @ np.linalg.solve(noise, slopes))
    np.testing.assert_allclose(found.mean, -exact @ slopes.T @ np.linalg.solve(noise, offset), atol=0.02)
    variances, axes = np.linalg.eigh(exact)
    expected = axes @ np.diag(np.minimum(WIDER * variances, 1.0)) @ axes.T
    np.testing.assert_allclose(found.axes @ np.diag(found.variances) @ found.axes.T, expected, atol=0.02)
    # The third number is not observed: it keeps its prior.
    assert found.variances.max() == pytest.approx(1.0, abs=1e-3)
