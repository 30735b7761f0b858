"""Simulation-based calibration: ranks are uniform where the likelihood is right, and tell where it is not."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from engine.analyses.calibrate.likelihood import Likelihood
from engine.analyses.calibrate.simulation_based_check import BINS, DRAWS, simulation_based_check

WORLDS, FUTURES, TRUTHS = 2000, 4, 400
ERROR = 0.09 * np.eye(2)
NAMES = ["first", "second", "unseen"]


@pytest.fixture(scope="module")
def toy():
    """What futures show of three numbers, the last not at all; the numbers; and the likelihood, which is exact."""
    rng = np.random.default_rng(1)
    scores = rng.standard_normal((WORLDS, 3))
    means = scores @ np.array([[1.0, 0.0, 0.0], [0.5, 1.0, 0.0]]).T
    shown = means[:, np.newaxis] + 0.5 * rng.standard_normal((WORLDS, FUTURES, 2))
    return shown, scores, Likelihood.pooled(shown, ERROR, np.zeros(2))


def check(toy, likelihood=None, truths=TRUTHS, seed=2):
    shown, scores, exact = toy
    return simulation_based_check(shown, scores, NAMES, likelihood or exact, ERROR, truths, seed=seed)


@pytest.fixture(scope="module")
def right(toy):
    return check(toy)


@pytest.mark.statistics
def test_with_the_right_likelihood_ranks_are_uniform(right):
    assert np.all(right["p_value"].values > 0.001)
    assert right.attrs["p_value_of_all"] > 0.001
    assert right.attrs["p_value_of_smallest"] > 0.001
    assert right["effective_worlds_of_truth"].median() > 200


@pytest.mark.known
def test_the_dataset_says_what_the_ranks_are(right):
    ranks = right["rank_of_truth"].values
    assert ranks.shape == (TRUTHS, 3)
    assert (ranks.min(), ranks.max()) == (0, DRAWS)
    assert list(right["parameter"].values) == NAMES
    assert right.attrs["truths"] == TRUTHS
    for p in range(3):
        counts = np.histogram(ranks[:, p], BINS, (0, DRAWS + 1))[0]
        np.testing.assert_array_equal(right["rank_histogram"].values[p], counts)
        assert right["p_value"].values[p] == pytest.approx(stats.chisquare(counts).pvalue)
    assert right.attrs["p_value_of_smallest"] == pytest.approx(1.0 - (1.0 - right["p_value"].values.min()) ** 3)


@pytest.mark.statistics
def test_a_likelihood_that_is_too_narrow_is_found_out(toy):
    exact = toy[2]
    found = check(toy, Likelihood(exact.root / 3.0, exact.directions, exact.observed))
    assert np.all(found["p_value"].values[:2] < 1e-4)
    assert found.attrs["p_value_of_all"] < 1e-4
    assert found.attrs["p_value_of_smallest"] < 1e-4
    # Truths lie outside the posterior too often, on both sides alike.
    counts = found["rank_histogram"].values[:2]
    assert np.all(counts[:, [0, -1]] > 1.5 * TRUTHS / BINS)


@pytest.mark.statistics
def test_a_likelihood_that_is_shifted_is_found_out(toy):
    class Shifted(Likelihood):
        def of(self, observed):
            return super().of(observed + 0.5)

    exact = toy[2]
    found = check(toy, Shifted(exact.root, exact.directions, exact.observed))
    assert found["p_value"].values[0] < 1e-4
    assert found.attrs["p_value_of_all"] < 1e-4
    # The number of which nothing is seen cannot tell.
    assert found["p_value"].values[2] > 0.001


def test_a_truth_is_left_out_of_its_own_posterior():
    """Without chance and error a world is its own likeliest; without it the nearest is, above as often as below."""
    scores = np.random.default_rng(5).standard_normal((400, 1))
    shown, error = np.repeat(scores[:, np.newaxis], 2, axis=1), np.array([[1e-12]])
    likelihood = Likelihood.pooled(shown, error, np.zeros(1))
    ranks = simulation_based_check(shown, scores, ["only"], likelihood, error, 100)["rank_of_truth"].values
    assert set(ranks.ravel()) == {0, DRAWS}
    assert 30 < (ranks == DRAWS).sum() < 70


def test_a_check_is_repeatable_and_its_seed_decides(toy):
    once, again, other = (check(toy, truths=100, seed=seed)["rank_of_truth"] for seed in (3, 3, 4))
    assert once.equals(again)
    assert not once.equals(other)


@pytest.mark.parametrize("truths", [99, WORLDS // 2 + 1])
def test_too_few_or_too_many_truths_are_refused(toy, truths):
    with pytest.raises(ValueError, match=f"^truths must be 100 to half of the worlds of a round, 1000, not {truths}$"):
        check(toy, truths=truths)
