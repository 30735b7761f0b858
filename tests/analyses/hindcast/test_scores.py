"""Scores of ensembles: closed forms, and right forecasts are found to be right and wrong ones wrong."""

from __future__ import annotations

import numpy as np
import pytest
from helpers import within
from scipy import stats
from scoringrules import crps_normal

from engine.analyses.hindcast.scores import BINS, covered, crps, pit

#: Observations, each with a forecast of its own.
NUMBER = 2000
#: Largest sum of squares of ten shares that chance gives once in a thousand times.
MOST = stats.chi2.ppf(0.999, BINS - 1)


def chi_square(shares):
    """How far the shares of many observations are from even ones."""
    expected = len(shares) / BINS
    return float(((shares.sum(axis=0) - expected) ** 2 / expected).sum())


@pytest.fixture(scope="module")
def normal():
    """(members, observed) of Normals with a mean of their own, of which forecasters know that mean and the spread."""
    rng = np.random.default_rng(3)
    means = rng.normal(0.0, 5.0, (NUMBER, 1))
    return means + rng.standard_normal((NUMBER, 199)), means[:, 0] + rng.standard_normal(NUMBER)


@pytest.fixture(scope="module")
def poisson():
    """The same of counts, most of them small."""
    rng = np.random.default_rng(4)
    means = rng.gamma(1.0, 3.0, (NUMBER, 1))
    return rng.poisson(means, (NUMBER, 199)).astype(float), rng.poisson(means[:, 0]).astype(float)


@pytest.mark.known
@pytest.mark.parametrize(("mean", "sd"), [(0.0, 1.0), (23.0, 0.4)])
def test_the_score_of_a_normal_is_its_closed_form(mean, sd):
    """Gneiting & Raftery 2007, section 4.2; an ensemble of the Normal's quantiles stands for it."""
    observed = mean + sd * np.array([-2.0, 0.0, 0.7, 4.0])
    members = stats.norm.ppf((np.arange(4000) + 0.5) / 4000, mean, sd)
    z = (observed - mean) / sd
    closed = sd * (z * (2.0 * stats.norm.cdf(z) - 1.0) + 2.0 * stats.norm.pdf(z) - 1.0 / np.sqrt(np.pi))
    found = crps(np.tile(members, (4, 1)), observed)
    np.testing.assert_allclose(found, closed, atol=1e-3 * sd)
    np.testing.assert_allclose(found, crps_normal(observed, mean, sd), atol=1e-3 * sd)


@pytest.mark.known
def test_the_score_of_a_point_is_its_absolute_error_and_of_nothing_none():
    members = np.array([[3.0] * 7, [3.0] * 7, [3.0] * 6 + [np.nan]])
    np.testing.assert_allclose(crps(members, np.array([3.0, 1.5, 3.0])), [0.0, 1.5, np.nan], atol=1e-12)


@pytest.mark.known
def test_the_score_of_a_few_members_is_that_of_their_distribution():
    """Mean distance from what was observed, less half the mean distance between any two members."""
    members, observed = np.array([[4.0, 1.0, 2.0]]), np.array([3.0])
    apart = np.abs(members[0][:, np.newaxis] - members[0]).mean()
    np.testing.assert_allclose(crps(members, observed), np.abs(members - 3.0).mean() - 0.5 * apart)


@pytest.mark.known
def test_every_place_among_the_members_is_as_probable():
    members = np.tile(np.arange(1.0, BINS), (BINS, 1))
    np.testing.assert_allclose(pit(members, np.arange(BINS) + 0.5), np.eye(BINS), atol=1e-12)


@pytest.mark.known
def test_a_share_is_spread_over_the_members_that_equal_it():
    """Of nine members and the observed itself: 0 has six places of ten with five equals, and 1 the other five."""
    members = np.array([[0.0] * 5 + [1.0] * 4])
    np.testing.assert_allclose(pit(members, np.array([0.0]))[0], [1 / 6] * 6 + [0.0] * 4, atol=1e-12)
    np.testing.assert_allclose(pit(members, np.array([1.0]))[0], [0.0] * 5 + [1 / 5] * 5, atol=1e-12)
    np.testing.assert_allclose(pit(np.full((1, 50), 2.0), np.array([2.0]))[0], [1 / BINS] * BINS, atol=1e-12)


@pytest.mark.parametrize("members", [10, 199, 1000])
def test_what_no_member_foretold_lies_in_the_outer_bins(members):
    ensembles = np.tile(np.linspace(1.0, 2.0, members), (2, 1))
    shares = pit(ensembles, np.array([0.0, 3.0]))
    np.testing.assert_allclose(shares[:, [0, -1]], np.eye(2), atol=1e-12)


@pytest.mark.statistics
@pytest.mark.parametrize("what", ["normal", "poisson"])
def test_right_forecasts_have_even_shares(request, what):
    members, observed = request.getfixturevalue(what)
    shares = pit(members, observed)
    assert shares.shape == (NUMBER, BINS)
    np.testing.assert_allclose(shares.sum(axis=1), 1.0, rtol=1e-9)
    assert shares.min() >= 0.0
    assert chi_square(shares) < MOST


@pytest.mark.statistics
@pytest.mark.parametrize("what", ["normal", "poisson"])
def test_forecasts_that_are_too_sure_or_too_low_have_not(request, what):
    members, observed = request.getfixturevalue(what)
    middle = members.mean(axis=1, keepdims=True)
    for wrong in (middle + 0.5 * (members - middle), members - 0.5):
        assert chi_square(pit(wrong, observed)) > 3.0 * MOST


@pytest.mark.known
def test_a_band_holds_its_ends():
    """Of the members 1 to 20 the first, a twentieth, is the lower end of the 90% band, and the last lies above it."""
    members, observed = np.tile(np.arange(1.0, 21.0), (4, 1)), np.array([0.99, 1.0, 19.0, 19.01])
    np.testing.assert_array_equal(covered(members, observed, 0.9), [False, True, True, False])
    np.testing.assert_array_equal(covered(np.full((2, 9), 3.0), np.array([3.0, 3.1]), 0.5), [True, False])


@pytest.mark.statistics
@pytest.mark.parametrize("band", [0.5, 0.9])
def test_bands_of_right_forecasts_hold_what_they_should(normal, poisson, band):
    """Of 199 members a band of 90% spans 180 of the 200 gaps. Bands of counts, which hold both ends, hold no less."""
    error = np.sqrt(band * (1.0 - band) / NUMBER)
    assert within(covered(*normal, band).mean(), band, error)
    assert covered(*poisson, band).mean() > band - 4.0 * error
