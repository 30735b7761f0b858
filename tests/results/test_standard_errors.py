"""Standard errors against textbook formulas, and against what they promise: coverage of simulated data."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from engine.montecarlo.tally import GROUPS, amount_bin
from engine.results.risk import amount_quantile, shortfall
from engine.results.standard_errors import (
    Estimate,
    _reached,
    distribution_spread,
    estimated,
    estimated_difference,
    probability_limits,
    quantile_limits,
    quantile_standard_error,
)


def mean(futures, sums):
    return sums / futures


def estimate(statistic, *groups):
    """(value, standard error)."""
    found = estimated(statistic, *groups)
    return found.value, found.error


def estimate_difference(statistic, *groups):
    found = estimated_difference(statistic, *groups)
    return found.value, found.error


def between_worlds(by_world, futures):
    """The textbook error of a mean of worlds (Cochran 1977, section 9A) from counts (run, world, ...) of futures."""
    return by_world.std(axis=1, ddof=1) / np.sqrt(by_world.shape[1]) / futures


@pytest.mark.property
@given(
    sums=st.lists(st.integers(-(10**6), 10**6), min_size=2, max_size=64),
    futures=st.integers(1, 1000),
)
def test_the_jackknife_of_a_mean_is_its_textbook_error(sums, futures):
    """Groups of one size: sd of the means of groups / sqrt(groups), exactly (Wolter 2007, section 4.2)."""
    sums, sizes = np.array(sums), np.full(len(sums), futures)
    value, error = estimate(mean, sizes, sums)
    assert value == pytest.approx(sums.mean() / futures, rel=1e-12)
    assert error == pytest.approx((sums / futures).std(ddof=1) / np.sqrt(len(sums)), rel=1e-9, abs=1e-9)


@pytest.mark.property
@given(sums=st.lists(st.integers(0, 100), min_size=2, max_size=12), empty=st.integers(0, 4))
def test_groups_without_futures_count_for_nothing(sums, empty):
    """Fewer worlds than groups: the same as if there were only as many groups."""
    sums, futures = np.array(sums), np.full(len(sums), 7)
    padded = [np.concatenate([counts, np.zeros(empty, int)]) for counts in (futures, sums)]
    np.testing.assert_array_equal(estimate(mean, *padded), estimate(mean, futures, sums))


def test_one_group_gives_a_value_without_an_error():
    """Also if the others are there but empty; value and error keep the shape of the statistic."""
    futures, sums = np.zeros((GROUPS, 2), int), np.zeros((GROUPS, 2), int)
    futures[3], sums[3] = 10, [5, 20]
    for groups in ((futures, sums), (futures[3:4], sums[3:4])):
        value, error = estimate(mean, *groups)
        np.testing.assert_array_equal(value, [0.5, 2.0])
        np.testing.assert_array_equal(error, [np.nan, np.nan])
        assert np.isnan(estimate_difference(mean, *groups)[1]).all()


@pytest.mark.property
@given(sums=st.lists(st.integers(0, 10**9), min_size=2, max_size=64))
def test_the_difference_of_identical_policies_is_0_without_an_error(sums):
    counts = np.repeat(np.array(sums)[:, np.newaxis], 3, axis=1)
    value, error = estimate_difference(mean, np.full_like(counts, 11), counts)
    np.testing.assert_array_equal(value, 0.0)
    np.testing.assert_array_equal(error, 0.0)


@pytest.mark.property
@given(data=st.data(), groups=st.integers(2, 20))
def test_the_error_of_a_difference_is_that_of_paired_differences(data, groups):
    """Not that of two samples: what both policies share drops out."""
    numbers = st.lists(st.integers(0, 1000), min_size=groups, max_size=groups)
    baseline, policy = np.array(data.draw(numbers)), np.array(data.draw(numbers))
    sums = np.stack([baseline, policy], axis=1)
    value, error = estimate_difference(mean, np.full((groups, 2), 5), sums)
    paired = (policy - baseline) / 5.0
    np.testing.assert_array_equal(value[0], 0.0)
    assert value[1] == pytest.approx(paired.mean(), abs=1e-9)
    np.testing.assert_array_equal(error[0], 0.0)
    assert error[1] == pytest.approx(paired.std(ddof=1) / np.sqrt(groups), rel=1e-9, abs=1e-9)


def covered(value, error, truth):
    """Share of intervals of Student's t with 15 degrees of freedom, of 95%, that hold the truth."""
    return (np.abs(value - truth) <= stats.t.ppf(0.975, GROUPS - 1) * error).mean()


@pytest.mark.statistics
def test_intervals_of_a_mean_hold_the_truth_as_often_as_they_say():
    """640 worlds that differ, 5 futures in each, 4,000 times: 95% within 4 standard errors (of 0.34%).

    The groups are of 40 worlds, as in a run; were futures taken for independent, the intervals would be too short.
    """
    rng = np.random.default_rng(2)
    of_world = rng.gamma(2.0, 2.0, (4_000, 640, 1))
    number = rng.poisson(np.broadcast_to(of_world, (4_000, 640, 5)))
    sums = number.sum(axis=-1).reshape(4_000, 40, GROUPS).sum(axis=1).T
    value, error = estimate(mean, np.full_like(sums, 200), sums)
    assert covered(value, error, 4.0) == pytest.approx(0.95, abs=4 * 0.0034)
    naive = number.reshape(4_000, -1).std(axis=1) / np.sqrt(3_200)
    assert covered(value, naive, 4.0) < 0.9


@pytest.mark.statistics
@pytest.mark.parametrize(("statistic", "known"), [(amount_quantile, "quantile"), (shortfall, "mean beyond it")])
def test_intervals_of_risk_hold_the_truth_about_as_often_as_they_say(statistic, known):
    """Lognormal losses of 1,280 worlds that differ, 4 years in each, 300 times, at a level of 0.9: 91% to 98%.

    Of 95% that is 4 standard errors (of 1.3%) and what the jackknife of a quantile promises only for large groups.
    """
    rng = np.random.default_rng(3)
    runs, level, between, within = 300, 0.9, 0.4, 0.6
    log_loss = rng.normal(0.0, between, (runs, 1_280, 1)) + rng.normal(0.0, within, (runs, 1_280, 4))
    bins = np.vectorize(amount_bin, otypes=[np.int64])((1e4 * np.exp(log_loss)).astype(np.int64))
    counts = np.zeros((GROUPS, runs, 752), np.int64)
    group = np.broadcast_to(np.arange(1_280)[:, np.newaxis] % GROUPS, (1_280, 4))
    for run in range(runs):
        np.add.at(counts, (group, run, bins[run]), 1)
    levels = np.array([level])
    futures = np.full((GROUPS, runs), 320)
    value, error = estimate(lambda _, losses: statistic(losses, levels)[..., 0], futures, counts)
    spread, z = np.hypot(between, within), stats.norm.ppf(level)
    beyond = np.exp(spread**2 / 2) * stats.norm.cdf(spread - z) / (1 - level)
    truth = 1e7 * {"quantile": np.exp(spread * z), "mean beyond it": beyond}[known]
    assert 0.91 <= covered(value, error, truth) <= 0.98


@pytest.mark.known
def test_the_error_of_a_quantile_is_that_of_the_distribution_by_the_density():
    """A uniform distribution over 10 years: s = sqrt(q(1 - q) / 100) by the density 1/10."""
    times = np.linspace(2025.0, 2035.0, 11)
    spread = np.full(11, 0.1)
    error = quantile_standard_error(np.array([0.25, 0.5, 0.9]), times, (times - 2025.0) / 10.0, spread)
    np.testing.assert_allclose(error, 10.0 * 0.1 * np.sqrt([0.25 * 0.75, 0.25, 0.09]), rtol=1e-9)


def test_a_quantile_whose_ends_are_not_known_has_no_error():
    """Past the horizon, within an error of it, and within an error of no event at all; two distributions at once."""
    times = np.linspace(2025.0, 2035.0, 11)
    half = np.stack([(times - 2025.0) / 20.0, (times - 2025.0) / 10.0])
    error = quantile_standard_error(np.array([0.005, 0.25, 0.48, 0.6]), times, half, np.full((2, 11), 0.1))
    np.testing.assert_array_equal(np.isnan(error), [[True, False, True, True], [True, False, False, False]])
    assert np.isnan(quantile_standard_error(np.array([0.5]), times, half, np.full((2, 11), np.nan))).all()


def test_the_spread_of_a_distribution_is_that_of_its_errors_between_them():
    """Binomial errors of 25 futures at three times: 1/5 at all finer times; unknown where p jumps from 0 to 1."""
    chance = np.array([[0.0, 0.3, 1.0], [0.0, 0.0, 1.0]])
    spread = distribution_spread(chance, np.sqrt(chance * (1.0 - chance) / 25), 0.7, 4)
    np.testing.assert_allclose(spread, [[0.2] * 9, [0.7] * 9], rtol=1e-12)


@pytest.mark.statistics
@pytest.mark.parametrize("step", [12, 60], ids=["fine", "coarse"])
def test_the_error_of_a_median_is_the_spread_of_medians(step):
    """100 worlds that differ, 10 futures in each, 400 times: errors are those of the medians within 15%.

    Times are Normal, 2 years between worlds and 1 within; the spread of 400 medians is known to 3.5%. Errors of the
    distribution are known at every `step` of 240 times, once so coarsely that it rises from 4% to 87% in one step.
    """
    rng = np.random.default_rng(8)
    runs, worlds, futures = 400, 100, 10
    grid = np.linspace(2020.0, 2040.0, 241)
    times = 2030.5 + rng.normal(0.0, 2.0, (runs, worlds, 1)) + rng.normal(0.0, 1.0, (runs, worlds, futures))
    by_world = np.stack([(times <= end).sum(axis=2) for end in grid[::step]], axis=-1).astype(float)
    distribution = np.stack([(times <= end).mean(axis=(1, 2)) for end in grid], axis=-1)
    known = between_worlds(by_world, futures)
    spread = distribution_spread(distribution[:, ::step], known, 1.0 / np.sqrt(worlds - 1), step)
    error = quantile_standard_error(np.array([0.5]), grid, distribution, spread)[:, 0]
    medians = np.median(times, axis=(1, 2))
    assert error.mean() == pytest.approx(medians.std(ddof=1), rel=0.15)
    naive = np.sqrt(0.25 / (worlds * futures)) / (0.3989 / np.sqrt(5.0))
    assert error.mean() > 2.0 * naive


@pytest.mark.statistics
def test_limits_of_a_mean_allow_for_skewness():
    """Means of 16 groups of 20 lognormal amounts, 4,000 times: limits hold the truth more often than plain intervals.

    The mean of the lognormal with a spread of 1.5 is exp(1.125), and few amounts carry it. Plain intervals miss on one
    side nearly always, for they are too low whenever the estimate is.
    """
    rng = np.random.default_rng(11)
    amounts = rng.lognormal(0.0, 1.5, (GROUPS, 4_000, 20))
    found = estimated(mean, np.full((GROUPS, 4_000), 20), amounts.sum(axis=-1))
    truth, limits = np.exp(1.5**2 / 2), found.limits()
    plain = covered(found.value, found.error, truth)
    held = ((limits[:, 0] <= truth) & (truth <= limits[:, 1])).mean()
    assert 0.92 < held < 0.96
    assert plain < held - 0.01


def test_limits_of_a_symmetric_mean_are_those_of_student():
    sums = np.array([3, 5, 4, 6, 2, 4, 5, 3])
    found = estimated(mean, np.full(8, 1), sums)
    half = stats.t.ppf(0.975, 7) * sums.std(ddof=1) / np.sqrt(8)
    np.testing.assert_allclose(found.limits(), [4.0 - half, 4.0 + half], rtol=1e-6)
    assert np.isnan(Estimate(np.array(1.0), np.zeros((1,))).limits()).all()


@pytest.mark.statistics
@pytest.mark.parametrize("probability", [0.0005, 0.01, 0.3, 0.999])
def test_limits_of_a_probability_hold_it_as_often_as_they_say(probability):
    """2,000 independent futures, 20,000 times: at least 92% (a discrete number cannot give 95% exactly)."""
    rng = np.random.default_rng(12)
    found = rng.binomial(2_000, probability, 20_000) / 2_000
    limits = probability_limits(found, np.full(found.shape, 2_000.0), 1_000_000)
    assert ((limits[:, 0] <= probability) & (probability <= limits[:, 1])).mean() > 0.92
    assert (limits[found == 0.0, 1] > 0.0).all()
    assert (limits[found == 1.0, 0] < 1.0).all()


@pytest.mark.known
def test_limits_of_a_probability_are_those_of_wilson():
    """In all of 10,000 futures: at least n / (n + z^2), 99.96%."""
    limits = probability_limits(np.array([1.0, 0.0, 0.5]), np.array([10_000.0, 10_000.0, np.nan]), 10**9)
    z2 = stats.norm.ppf(0.975) ** 2
    np.testing.assert_allclose(limits[0], [10_000 / (10_000 + z2), 1.0], rtol=1e-6)
    np.testing.assert_allclose(limits[1], [0.0, z2 / (10_000 + z2)], rtol=1e-6)
    assert np.isnan(limits[2]).all()


def test_limits_of_a_quantile_are_where_the_distribution_is_off_by_its_error():
    """A uniform distribution over 10 years, known to 0.1 sqrt(q(1 - q)): two errors about the median are 1 year."""
    times = np.linspace(2025.0, 2035.0, 11)
    limits = quantile_limits(np.array([0.5, 0.99]), times, (times - 2025.0) / 10.0, np.full(11, 0.1), 2.0)
    np.testing.assert_allclose(limits[0], [2029.0, 2031.0], rtol=1e-12)
    assert limits[1, 0] == pytest.approx(2034.701, abs=1e-3)
    assert np.isnan(limits[1, 1])


@pytest.mark.known
def test_limits_of_two_groups_lie_at_12_706_errors():
    """Two groups are symmetric, so that they are Student's with one degree of freedom."""
    found = estimated(mean, np.array([1, 1]), np.array([3, 5]))
    np.testing.assert_allclose(found.limits(), [4.0 - 12.706204736174698, 4.0 + 12.706204736174698], rtol=1e-9)


@pytest.mark.known
def test_where_a_distribution_reaches_a_probability():
    """Nowhere one of 0 or less, and nowhere one above its end; of a jump, where it is."""
    places = [
        _reached(np.array([0.1, 0.3, 0.3, 0.8]), np.array(p)) for p in (-0.1, 0.0, 0.05, 0.1, 0.2, 0.55, 0.8, 0.9)
    ]
    np.testing.assert_allclose(places, [np.nan, np.nan, 0.0, 0.0, 0.5, 2.5, 3.0, np.nan], rtol=1e-12)
