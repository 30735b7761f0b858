"""Points of quasi-Monte Carlo: strata, uniform points, and numbers that are independent of one another."""

from __future__ import annotations

import numba
import numpy as np
import pytest
from scipy import stats

from engine.rules.point_set import ORDER, _in_order, _word, block_of, key_of, point, set_order

SEED = 2026


@numba.njit
def points(seed, replicate, entity, n):
    """The first `n` points of a number."""
    found, order = np.empty(n), np.empty(ORDER, np.uint64)
    key = key_of(seed, replicate, entity, 7)
    for i in range(n):
        set_order(key, block_of(i), order)
        found[i] = point(key, i, order)
    return found


@numba.njit
def over_seeds(seeds, entity, i):
    """Point `i` with each of many seeds."""
    found, order = np.empty(seeds), np.empty(ORDER, np.uint64)
    for seed in range(seeds):
        key = key_of(seed, 3, entity, 7)
        set_order(key, block_of(i), order)
        found[seed] = point(key, i, order)
    return found


@pytest.mark.known
@pytest.mark.parametrize("replicate", [0, 15])
def test_the_first_points_have_one_in_each_stratum(replicate):
    found = points(SEED, replicate, 1, 4096)
    for count in 2 ** np.arange(13):
        np.testing.assert_array_equal(np.sort((found[:count] * count).astype(int)), np.arange(count))


@pytest.mark.statistics
@pytest.mark.parametrize("i", [0, 1, 2, 5, 37, 1000])
def test_each_point_is_uniform_over_seeds_and_independent_of_other_numbers(i):
    """20,000 seeds: Kolmogorov-Smirnov at 0.1%, correlation within 4 standard errors."""
    one, other = over_seeds(20_000, 1, i), over_seeds(20_000, 2, i)
    assert stats.kstest(one, "uniform").pvalue > 0.001
    assert abs(np.corrcoef(one, other)[0, 1]) < 4.0 / np.sqrt(20_000)


@numba.njit
def places(first, second, seeds):
    found, order = np.empty((seeds, 2), np.int64), np.empty(ORDER, np.uint64)
    for seed in range(seeds):
        set_order(key_of(seed, 0, 3, 9), block_of(first), order)
        found[seed, 0] = _in_order(first, order)
        found[seed, 1] = _in_order(second, order)
    return found


@pytest.mark.statistics
@pytest.mark.parametrize("half", [2, 4, 8, 16, 32])
def test_a_block_of_points_is_permuted_and_every_pair_of_places_is_as_likely(half):
    """Only pairs of points enter the variance of a mean over numbers that are scrambled independently."""
    order = np.empty(ORDER, np.uint64)
    with np.errstate(over="ignore"):
        set_order(key_of(SEED, 0, 3, 9), block_of(half), order)
        whole = [int(_in_order(n, order)) for n in range(half, 2 * half)]
    assert sorted(whole) == list(range(half, 2 * half))
    found = places(half, half + half // 2, 60_000) - half
    counts = np.zeros((half, half))
    np.add.at(counts, (found[:, 0], found[:, 1]), 1)
    assert stats.chisquare(counts[~np.eye(half, dtype=bool)]).pvalue > 0.001


@pytest.mark.statistics
def test_a_sum_of_numbers_has_far_less_error_and_a_product_no_more():
    """64 points in 400 replicates, errors of means in units of random points'."""
    replicates = np.array([[points(seed, 0, entity, 64) for entity in (1, 2)] for seed in range(400)])
    plus = replicates.sum(axis=1).mean(axis=1).std() / np.sqrt(2.0 / 12.0 / 64.0)
    centred = replicates - 0.5
    times = centred.prod(axis=1).mean(axis=1).std() / np.sqrt(1.0 / 144.0 / 64.0)
    assert plus < 0.05
    # 400 replicates: a standard deviation has a relative error of 3.5%.
    assert abs(times - 1.0) < 4.0 * 0.035


@pytest.mark.known
def test_words_are_those_of_splitmix64():
    """The first three words of seed 0, as in the reference implementation of Vigna (splitmix64.c)."""
    with np.errstate(over="ignore"):
        words = [int(_word(np.uint64(0), counter)) for counter in range(3)]
    assert words == [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F]
