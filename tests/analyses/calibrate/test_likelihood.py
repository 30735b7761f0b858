"""The synthetic likelihood: its covariance, its few directions, and that means of few futures do not bend it."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from engine.analyses.calibrate.likelihood import Likelihood

#: Chance of a future, and the error of what is observed, in two observations.
CHANCE = np.array([[0.25, 0.1], [0.1, 0.16]])
ERROR = np.diag([0.04, 0.09])
OBSERVED = np.array([0.5, -0.5])
FUTURES = 4


def futures(means, count, rng):
    """What `count` futures of worlds with these means show."""
    chance = rng.standard_normal((len(means), count, CHANCE.shape[0])) @ np.linalg.cholesky(CHANCE).T
    return means[:, np.newaxis] + chance


@pytest.fixture(scope="module")
def shown():
    rng = np.random.default_rng(1)
    return futures(2.0 * rng.standard_normal((20_000, 2)), FUTURES, rng)


@pytest.mark.statistics
def test_the_covariance_is_that_of_chance_pooled_over_worlds_and_of_the_error(shown):
    """Entries within 5 standard errors, sqrt(2 / degrees of freedom) of the variances at most."""
    root = Likelihood.pooled(shown, ERROR, OBSERVED).root
    expected = CHANCE * (1.0 - 1.0 / FUTURES) + ERROR
    errors = 5 * np.sqrt(2.0 / (len(shown) * (FUTURES - 1))) * np.sqrt(np.outer(np.diag(CHANCE), np.diag(CHANCE)))
    assert np.all(np.abs(root @ root.T - expected) < errors)


@pytest.mark.known
def test_with_all_directions_it_is_the_normal_density_up_to_a_constant(shown):
    likelihood = Likelihood.pooled(shown, ERROR, OBSERVED)
    assert likelihood.directions.shape == (2, 2)
    means = shown[:50].mean(axis=1)
    exact = stats.multivariate_normal(OBSERVED, likelihood.root @ likelihood.root.T).logpdf(means)
    apart = likelihood.log(means) - exact
    np.testing.assert_allclose(apart, apart[0], rtol=1e-9)


@pytest.mark.statistics
@pytest.mark.parametrize("count", [2, 4])
def test_the_mean_likelihood_over_the_chance_of_few_futures_is_that_of_the_world(count):
    """Of three worlds, over 100,000 sets of futures each: within 5 standard errors of the exact likelihood."""
    rng = np.random.default_rng(2)
    likelihood = Likelihood.pooled(futures(2.0 * rng.standard_normal((20_000, 2)), count, rng), ERROR, OBSERVED)
    exact = stats.multivariate_normal(OBSERVED, CHANCE + ERROR)
    # The constant that `log` leaves out.
    constant = 1.0 / np.sqrt(np.linalg.det(2.0 * np.pi * likelihood.root @ likelihood.root.T))
    for mean in (np.array([0.5, -0.5]), np.array([1.2, 0.3]), np.array([-0.6, -0.8])):
        means = futures(np.tile(mean, (100_000, 1)), count, rng).mean(axis=1)
        found = constant * np.exp(likelihood.log(means))
        # 1% for the covariance, which is an estimate.
        assert abs(found.mean() - exact.pdf(mean)) < 5 * found.std() / np.sqrt(100_000) + 0.01 * exact.pdf(mean)


def test_there_are_as_many_summaries_as_directions_in_which_worlds_differ_by_more_than_a_standard_error():
    rng = np.random.default_rng(3)
    # In standard errors worlds differ by 5, 1.3, 0.7 and not at all, along axes that are turned.
    axes, _ = np.linalg.qr(rng.standard_normal((4, 4)))
    means = (rng.standard_normal((10_000, 4)) * [5.0, 1.3, 0.7, 0.0]) @ axes.T
    shown = np.repeat(means[:, np.newaxis], 2, axis=1)
    likelihood = Likelihood.pooled(shown, np.eye(4), np.zeros(4))
    np.testing.assert_allclose(likelihood.directions.T @ likelihood.directions, np.eye(2), atol=1e-12)
    np.testing.assert_allclose(np.abs(axes[:, :2].T @ likelihood.directions), np.eye(2), atol=0.05)
    assert likelihood.summaries(means).shape == (10_000, 2)


def test_something_is_told_even_where_worlds_hardly_differ():
    shown = 1e-3 * np.random.default_rng(4).standard_normal((100, 2, 3))
    assert Likelihood.pooled(shown, np.eye(3), np.zeros(3)).directions.shape == (3, 1)


def test_the_same_likelihood_of_something_else_observed(shown):
    likelihood, means = Likelihood.pooled(shown, ERROR, OBSERVED), shown[:20].mean(axis=1)
    other = likelihood.of(OBSERVED + 1.0)
    np.testing.assert_allclose(other.log(means + 1.0), likelihood.log(means), rtol=1e-9)
    assert np.abs(other.log(means) - likelihood.log(means)).max() > 1.0


def test_one_future_cannot_tell_chance_from_worlds():
    with pytest.raises(
        ValueError, match=r"^separating chance from worlds needs at least two futures in each world; give more"
    ):
        Likelihood.pooled(np.zeros((10, 1, 2)), ERROR, OBSERVED)
