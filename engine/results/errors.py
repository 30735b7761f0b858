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


def quantile_standard_error(probabilities: Floats, times: Floats, distribution: Floats, spread: Floats) -> Floats:
    """Standard error of quantiles of a time, by inverting its distribution function (Woodruff 1952, JASA 47, 635).

    `distribution` (..., time) is the probability that the event has happened by each of `times` (year), and `spread`
    (..., time) its standard error as a multiple of sqrt(p(1 - p)) (`distribution_spread`); both are taken as linear in
    between. With s the standard error of the distribution function at the quantile q, returns half the distance
    between the times at which it reaches q - s and q + s: (..., quantile), in years. NaN where either lies outside
    what the distribution function reaches by the last time, or before all events.
    """
    reached = np.stack([_reached(distribution, np.broadcast_to(q, distribution.shape[:-1])) for q in probabilities])
    there = np.nan_to_num(reached)
    below = np.minimum(there.astype(np.int64), times.size - 2)
    of_quantiles = np.broadcast_to(spread, (len(probabilities), *spread.shape))
    low, high = (np.take_along_axis(of_quantiles, (below + n)[..., np.newaxis], -1)[..., 0] for n in (0, 1))
    ratio = low + (there - below) * (high - low)
    scale = np.sqrt(probabilities * (1.0 - probabilities))
    error = ratio * scale.reshape(-1, *[1] * (ratio.ndim - 1))
    halves = []
    for q, one, found in zip(probabilities, error, reached, strict=True):
        ends = [_reached(distribution, q + sign * one) for sign in (-1.0, 1.0)]
        years = [np.interp(end, np.arange(times.size), times) for end in ends]
        halves.append(np.where(np.isfinite(found), (years[1] - years[0]) / 2.0, np.nan))
    return np.asarray(np.stack(halves, axis=-1))


def _reached(distribution: Floats, probability: Floats) -> Floats:
    """Where along its last dimension `distribution` first reaches `probability` (...), in steps; NaN if nowhere.

    Between two steps it is linear. NaN too for a probability of 0 or less, which no time belongs to.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        after = (distribution < probability[..., np.newaxis] * (1.0 - 1e-12)).sum(axis=-1)
        last = distribution.shape[-1] - 1
        ends = [np.clip(step, 0, last)[..., np.newaxis] for step in (after - 1, after)]
        low, high = (np.take_along_axis(distribution, end, axis=-1)[..., 0] for end in ends)
        between = np.where(high > low, (probability - low) / (high - low), 1.0)
        step = np.maximum(after - 1 + np.minimum(between, 1.0), 0.0)
        return np.asarray(np.where((probability > 0.0) & (after <= last), step, np.nan))


def distribution_spread(distribution: Floats, error: Floats, widest: float, steps: int) -> Floats:
    """The standard errors of a distribution function (..., time) as multiples of sqrt(p(1 - p)), on a finer grid.

    They vary far less in time than the errors, so that they can be interpolated: linearly, to `steps` steps in each
    of the grid's. Before the first and after the last time with 0 < p < 1 they stay as they are there; `widest` takes
    their place where there is no such time, which is for worlds 1/sqrt(worlds - 1), all futures of a world alike.
    """
    binomial = np.sqrt(distribution * (1.0 - distribution))
    ratio = np.divide(error, binomial, out=np.full_like(error, np.nan), where=binomial > 0.0)
    # A distribution function is 0, then between, then 1: what is unknown comes before and after what is known.
    known = np.isfinite(ratio)
    first, last = known.argmax(axis=-1), known.shape[-1] - 1 - known[..., ::-1].argmax(axis=-1)
    nearest = np.clip(np.arange(known.shape[-1]), first[..., np.newaxis], last[..., np.newaxis])
    filled = np.where(known.any(axis=-1, keepdims=True), np.take_along_axis(ratio, nearest, axis=-1), widest)
    fine = np.arange(steps * (known.shape[-1] - 1) + 1) / steps
    below = np.minimum(fine.astype(np.int64), known.shape[-1] - 2)
    return np.asarray(filled[..., below] + (fine - below) * (filled[..., below + 1] - filled[..., below]))


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
