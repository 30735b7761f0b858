"""Worlds drawn in rounds and weighted have the posterior that is known: in closed form, or by quadrature."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from engine.analyses.calibrate.experiment import Simulated, in_rounds
from engine.analyses.calibrate.likelihood import Likelihood
from engine.analyses.calibrate.weights import effective_sample_size
from engine.scenario import Design

WORLDS, FUTURES = 10_000, 4
ERRORS = 4.0
#: Three numbers, of which the observations tell much, some and a little; chance matters more than the discrepancy.
SLOPES = np.array([[1.5, 0.8, 0.0], [0.3, -1.5, 0.45], [0.0, 0.6, 1.8], [1.5, 1.5, 1.5]])
CHANCE = 0.36 * (0.5 * np.eye(4) + 0.5)
ERROR = np.diag([0.05, 0.02, 0.08, 0.05])
OBSERVED = np.array([1.0, -0.8, 1.2, 1.0])


class Toy:
    """Futures that show a function of standard scores, with Normal chance."""

    def __init__(self, mean, chance, error, observed, numbers, seed):
        self.mean, self.chance, self.rng, self.seed = (
            mean,
            np.linalg.cholesky(chance),
            np.random.default_rng(seed),
            seed,
        )
        scores = self.rng.standard_normal((WORLDS, numbers))
        shown = self.futures(scores)
        self.likelihood = Likelihood.pooled(shown, error, observed)
        self.first = Simulated(scores, shown.mean(axis=1))
        self.addresses = []

    def futures(self, scores):
        chance = self.rng.standard_normal((len(scores), FUTURES, len(self.chance))) @ self.chance.T
        return self.mean(scores)[:, np.newaxis] + chance

    def show(self, design: Design):
        self.addresses.append(design.luck)
        return self.futures(stats.norm.ppf(design.uniforms)).mean(axis=1)

    def posterior(self, rounds):
        """Scores and weights."""
        played, weights = in_rounds(self.first, self.likelihood, self.show, rounds, self.seed)
        return played.scores, weights


def moments(scores, weights):
    """Means and variances of the numbers, each with its standard error."""
    mean = weights @ scores
    variance = weights @ (scores - mean) ** 2
    errors = [
        np.sqrt(weights**2 @ (values - centre) ** 2)
        for values, centre in ((scores, mean), ((scores - mean) ** 2, variance))
    ]
    return mean, errors[0], variance, errors[1]


def linear(seed=1):
    return Toy(lambda scores: scores @ SLOPES.T, CHANCE, ERROR, OBSERVED, 3, seed)


@pytest.fixture(scope="module")
def by_rounds():
    """The posterior of the linear toy after 0, 1 and 2 rounds."""
    return [linear().posterior(rounds) for rounds in (0, 1, 2)]


@pytest.mark.known
@pytest.mark.parametrize("rounds", [0, 1, 2])
def test_of_a_linear_model_the_posterior_is_the_one_in_closed_form(by_rounds, rounds):
    """Means and variances within 4 standard errors, and 1% of a deviation for the pooled covariance."""
    total = CHANCE + ERROR
    covariance = np.linalg.inv(np.eye(3) + SLOPES.T @ np.linalg.solve(total, SLOPES))
    exact, variances = covariance @ SLOPES.T @ np.linalg.solve(total, OBSERVED), np.diag(covariance)
    mean, mean_error, variance, variance_error = moments(*by_rounds[rounds])
    assert np.all(np.abs(mean - exact) < ERRORS * mean_error + 0.01 * np.sqrt(variances))
    assert np.all(np.abs(variance - variances) < ERRORS * variance_error + 0.01 * variances)
    # That says something: the posterior is far from the prior, and the last round is sure of it.
    assert variances.max() < 0.3
    assert np.all(np.diff([moments(*found)[1].max() for found in by_rounds]) < 0.0)


@pytest.mark.statistics
def test_all_rounds_together_agree_with_the_prior_alone(by_rounds):
    (mean, error, variance, spread), (mean_all, error_all, variance_all, spread_all) = (
        moments(*by_rounds[n]) for n in (0, 2)
    )
    assert np.all(np.abs(mean_all - mean) < ERRORS * np.hypot(error, error_all))
    assert np.all(np.abs(variance_all - variance) < ERRORS * np.hypot(spread, spread_all))


@pytest.mark.statistics
def test_every_round_makes_the_effective_sample_larger(by_rounds):
    worth = [effective_sample_size(weights) for _, weights in by_rounds]
    assert worth[1] > 5 * worth[0]
    assert worth[2] > 1.5 * worth[1]
    assert [len(weights) for _, weights in by_rounds] == [WORLDS, 2 * WORLDS, 3 * WORLDS]


def test_rounds_are_repeatable_and_have_worlds_of_their_own():
    once, again = linear(), linear()
    for one, other in zip(once.posterior(2), again.posterior(2), strict=True):
        np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(np.concatenate(once.addresses), np.arange(WORLDS, 3 * WORLDS))


@pytest.mark.known
@pytest.mark.parametrize("observed", [[1.6, 0.5], [0.7, 0.9]], ids=["one side", "two sides"])
def test_of_a_model_that_is_not_linear_the_posterior_is_that_of_quadrature(observed):
    """exp(z / 2) and 0.4 z^2: mean, variance and P(z > 0) within 4 standard errors, and 1% of the deviation."""

    def shown(scores):
        return np.concatenate([np.exp(0.5 * scores), 0.4 * scores**2], axis=1)

    chance, error, observed = np.diag([0.1, 0.05]), np.diag([0.02, 0.02]), np.array(observed)
    grid = np.linspace(-8.0, 8.0, 4001)[:, np.newaxis]
    density = stats.multivariate_normal(observed, chance + error).pdf(shown(grid)) * stats.norm.pdf(grid[:, 0])
    exact = moments(grid, density / density.sum())
    scores, weights = Toy(shown, chance, error, observed, 1, 2).posterior(2)
    found = moments(scores, weights)
    assert abs(found[0] - exact[0]) < ERRORS * found[1] + 0.01 * np.sqrt(exact[2])
    assert abs(found[2] - exact[2]) < ERRORS * found[3] + 0.01 * exact[2]
    above, exactly = weights @ (scores[:, 0] > 0.0), density[grid[:, 0] > 0.0].sum() / density.sum()
    assert abs(above - exactly) < ERRORS * np.sqrt(weights**2 @ ((scores[:, 0] > 0.0) - above) ** 2) + 0.01
