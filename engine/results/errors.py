"""Standard errors of the Monte Carlo method, for runs whose futures come in worlds.

Futures of one world share its numbers, so that worlds, not futures, are what is drawn independently.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
Statistic = Callable[..., Floats]


def clustered_standard_error(sums: Floats, squares: Floats, worlds: int, futures: int) -> Floats:
    """Standard error of the mean of a number of futures, which come in worlds.

    The error comes from the spread between worlds (one-way cluster sampling, Cochran 1977, section 9A): `sums` and
    `squares` are the sum and the sum of squares over worlds of the number of futures in which an event happened, or
    of the difference of that number between two policies. NaN with a single world.
    """
    if worlds == 1:
        return np.full(np.shape(sums), np.nan)
    variance = np.maximum(squares - sums * sums / worlds, 0.0) / (worlds - 1)
    return np.asarray(np.sqrt(variance / worlds) / futures)


def binomial_standard_error(sums: Floats, futures: int) -> Floats:
    """Standard error of the probability of an event that happened in `sums` of independent `futures`."""
    share = sums / futures
    return np.asarray(np.sqrt(share * (1.0 - share) / futures))


def estimate(statistic: Statistic, *groups: Counts) -> tuple[Floats, Floats]:
    """(value, standard error) of a `statistic` of counts, by leaving out one group of worlds at a time.

    The delete-a-group jackknife (Kott 2001, J. Official Statistics 17, 521; Wolter 2007, chapter 4). Each of `groups`
    is (group, ...), the first the number of futures in each group and policy; the statistic takes their sums over
    groups. The error is NaN where fewer than two groups hold futures.
    """
    held = np.flatnonzero(groups[0].reshape(len(groups[0]), -1).any(axis=1))
    totals = [group.sum(axis=0) for group in groups]
    value = statistic(*totals)
    if len(held) < 2:
        return value, np.full(np.shape(value), np.nan)
    without = np.stack([statistic(*(t - group[g] for t, group in zip(totals, groups, strict=True))) for g in held])
    spread = _in_order((without - _in_order(without) / len(held)) ** 2)
    return value, np.asarray(np.sqrt((len(held) - 1) / len(held) * spread))


def _in_order(values: Floats) -> Floats:
    """The sum over the first dimension, one after another: the same bits whatever other dimensions there are."""
    return np.asarray(values.cumsum(axis=0)[-1])


def estimate_difference(statistic: Statistic, *groups: Counts) -> tuple[Floats, Floats]:
    """The same of a statistic (policy, ...) less its value under the first policy.

    Policies see the same luck group by group, so that the error is that of paired differences.
    """

    def difference(*sums: Counts) -> Floats:
        value = statistic(*sums)
        return np.asarray(value - value[:1])

    return estimate(difference, *groups)
