"""Monte Carlo errors: the distance of a figure of this run from that of infinitely many futures.

Futures of one world share its numbers, and worlds of one replicate are spread evenly; replicates are independent of one
another (`engine.scenario.samplers`). Every world belongs to the group of its replicate, and everything is counted by
group. The error of any statistic of the counts follows from its change
when one group is left out: the delete-a-group jackknife (Kott 2001, J. Official Statistics 17, 521; Wolter 2007,
Introduction to Variance Estimation, chapter 4). A run of a single world groups its futures instead, and its errors are
those of chance within that world.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
Statistic = Callable[..., Floats]
Variable = tuple[tuple[str, ...], Any]

#: The probability with which confidence limits enclose the true figure.
CONFIDENCE = 0.95
#: The coordinate `limit` of confidence limits.
LIMITS = ("lower", "upper")


class Estimate(NamedTuple):
    """A statistic and the influence of each group on it."""

    value: Floats  # (...)
    influence: Floats  # (group, ...), in sum 0; its mean square is the variance of one group

    @property
    def groups(self) -> int:
        """Number of groups with futures."""
        return len(self.influence)

    @property
    def error(self) -> Floats:
        """The standard error (...); NaN with fewer than two groups."""
        if self.groups < 2:
            return np.full(np.shape(self.value), np.nan)
        return np.asarray(np.sqrt(_in_order(self.influence**2) / (self.groups * (self.groups - 1))))

    def limits(self) -> Floats:
        """Confidence limits (..., limit) that allow for skewness, which heavy tails give to means.

        Hall's transformation of Student's t (Hall 1992, J. Royal Statistical Society B 54, 221): if one group
        contributes much of a mean, the true mean may be far above the estimate, and less far below. NaN with fewer
        than two groups.
        """
        if self.groups < 2:
            return np.full((*np.shape(self.value), 2), np.nan)
        square, cube = (_in_order(self.influence**power) / self.groups for power in (2, 3))
        with np.errstate(invalid="ignore", divide="ignore"):
            skewness = np.nan_to_num(cube / square**1.5)[..., np.newaxis]
        quantiles = confidence_multiple(self.groups - 1) * np.array([1.0, -1.0])
        skewed = np.abs(skewness) > 1e-6
        bend, root = np.where(skewed, skewness, 1.0), np.sqrt(self.groups)
        inside = 1.0 + bend * (quantiles / root - bend / (6.0 * root**2))
        bent = np.where(skewed, 3.0 * root * (np.cbrt(inside) - 1.0) / bend, quantiles)
        return np.asarray(self.value[..., np.newaxis] - self.error[..., np.newaxis] * bent)


def confidence_multiple(degrees: int) -> float:
    """Standard errors on either side of an interval of `CONFIDENCE`, by Student's t with these degrees of freedom."""
    return float(stdtrit(degrees, 0.5 + 0.5 * CONFIDENCE))


def estimated(statistic: Statistic, *groups: Counts) -> Estimate:
    """A `statistic` of counts with the influence of each group.

    Each of `groups` is (group, ...), the first the number of futures in each group and policy; the statistic takes
    their sums over groups. Groups without futures count for nothing.
    """
    held = np.flatnonzero(groups[0].reshape(len(groups[0]), -1).any(axis=1))
    totals = [group.sum(axis=0) for group in groups]
    value = statistic(*totals)
    if len(held) < 2:
        return Estimate(value, np.zeros((len(held), *np.shape(value))))
    without = np.stack([statistic(*(t - group[g] for t, group in zip(totals, groups, strict=True))) for g in held])
    return Estimate(value, (1 - len(held)) * (without - _in_order(without) / len(held)))


def estimated_difference(statistic: Statistic, *groups: Counts) -> Estimate:
    """The same for a statistic (policy, ...) minus its value under the first policy.

    Policies have the same random draws group by group, so the error is that of paired differences.
    """

    def difference(*sums: Counts) -> Floats:
        value = statistic(*sums)
        return np.asarray(value - value[:1])

    return estimated(difference, *groups)


def _in_order(values: Floats) -> Floats:
    """The sequential sum over the first dimension: the same bits for any other dimensions."""
    return np.asarray(values.cumsum(axis=0)[-1])


def by_group(*counts: Counts) -> list[Counts]:
    """Counts of a tally (policy, group, ...) with the group first, the form for estimates."""
    return [np.moveaxis(count, 1, 0) for count in counts]


def per_future(futures: Counts, number: Counts) -> Floats:
    """A statistic: the mean of a number (policy, ...) over `futures` (policy,)."""
    return np.asarray(number / futures.reshape(-1, *[1] * (number.ndim - 1)))


def with_error(name: str, dims: tuple[str, ...], statistic: Statistic, *groups: Counts) -> dict[str, Variable]:
    """A statistic and its standard error, as variables `name` and `name`_se of these `dims`."""
    found = estimated(statistic, *groups)
    return {name: (dims, found.value), f"{name}_se": (dims, found.error)}


def compared(name: str, dims: tuple[str, ...], statistic: Statistic, *groups: Counts) -> dict[str, Variable]:
    """A statistic, its paired difference from the baseline, and the errors of both."""
    return {
        **with_error(name, dims, statistic, *groups),
        **paired(f"{name}_difference", dims, statistic, *groups),
    }


def paired(name: str, dims: tuple[str, ...], statistic: Statistic, *groups: Counts) -> dict[str, Variable]:
    """The paired difference of a statistic from the baseline and its standard error, as `name` and `name`_se."""
    change = estimated_difference(statistic, *groups)
    return {name: (dims, change.value), f"{name}_se": (dims, change.error)}


def probability_limits(probability: Floats, effective: Floats, degrees: int) -> Floats:
    """Confidence limits (..., limit) of a `probability` known from an `effective` number of independent futures.

    The score interval (Wilson 1927, J. American Statistical Association 22, 209) with the effective sample size of a
    cluster sample, which itself has this number of `degrees` of freedom (Korn & Graubard 1998, Survey Methodology
    24, 193). It stays within 0 and 1, and has a width where an event happened in no future or in all of them. NaN where
    the effective number is.
    """
    z = confidence_multiple(degrees)
    squared = z * z / effective
    middle = (probability + 0.5 * squared) / (1.0 + squared)
    with np.errstate(invalid="ignore"):
        half = z / (1.0 + squared) * np.sqrt(probability * (1.0 - probability) / effective + 0.25 * squared / effective)
    limits = np.stack([middle - half, middle + half], axis=-1)
    # Rounding must not exceed 0 and 1.
    limits[..., 0] = np.where(probability == 0.0, 0.0, np.maximum(limits[..., 0], 0.0))
    limits[..., 1] = np.where(probability == 1.0, 1.0, np.minimum(limits[..., 1], 1.0))
    return np.asarray(np.where(np.isnan(effective)[..., np.newaxis], np.nan, limits))


def quantile_standard_error(probabilities: Floats, values: Floats, distribution: Floats, spread: Floats) -> Floats:
    """Standard errors (..., quantile) of quantiles: half the distance between their `quantile_limits` at one error."""
    low, high = np.moveaxis(quantile_limits(probabilities, values, distribution, spread, 1.0), -1, 0)
    return np.asarray((high - low) / 2.0)


def quantile_limits(
    probabilities: Floats, values: Floats, distribution: Floats, spread: Floats, multiple: float
) -> Floats:
    """Limits of quantiles, by inverting a distribution function (Woodruff 1952, JASA 47, 635).

    `distribution` (..., value) is the probability of at most each of `values`, rising, and `spread` (..., value) its
    standard error as a multiple of sqrt(p(1 - p)) (`distribution_spread`); both are taken as linear in between. With s
    the standard error of the distribution function at the quantile q, returns the values at which it reaches
    q - `multiple` s and q + `multiple` s: (..., quantile, limit), in the unit of `values`. NaN if one lies
    above the distribution function at the last value, or before all events.
    """
    reached = np.stack([_reached(distribution, np.broadcast_to(q, distribution.shape[:-1])) for q in probabilities])
    there = np.nan_to_num(reached)
    below = np.minimum(there.astype(np.int64), values.size - 2)
    of_quantiles = np.broadcast_to(spread, (len(probabilities), *spread.shape))
    low, high = (np.take_along_axis(of_quantiles, (below + n)[..., np.newaxis], -1)[..., 0] for n in (0, 1))
    ratio = low + (there - below) * (high - low)
    scale = np.sqrt(probabilities * (1.0 - probabilities))
    error = ratio * scale.reshape(-1, *[1] * (ratio.ndim - 1))
    limits = []
    for q, one, found in zip(probabilities, error, reached, strict=True):
        ends = [_reached(distribution, q + sign * multiple * one) for sign in (-1.0, 1.0)]
        at = [np.interp(np.where(np.isfinite(found), end, np.nan), np.arange(values.size), values) for end in ends]
        limits.append(np.stack(at, axis=-1))
    return np.asarray(np.stack(limits, axis=-2))


def _reached(distribution: Floats, probability: Floats) -> Floats:
    """The position along its last dimension where `distribution` first reaches `probability` (...); NaN for none.

    It is linear between two steps. NaN also for a probability of 0 or less, which has no value.
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
    """The standard errors of a distribution function (..., value) as multiples of sqrt(p(1 - p)), on a finer grid.

    They vary far less along it than the errors, so they can be interpolated linearly, to `steps` steps per step of the
    grid. Before the first and after the last value with 0 < p < 1 they are constant. Without such a value they are
    `widest`, which for worlds is 1/sqrt(worlds - 1): all futures of a world equal.
    """
    binomial = np.sqrt(distribution * (1.0 - distribution))
    ratio = np.divide(error, binomial, out=np.full_like(error, np.nan), where=binomial > 0.0)
    # A distribution function is 0, then between, then 1: unknown multiples come before and after the known ones.
    known = np.isfinite(ratio)
    first, last = known.argmax(axis=-1), known.shape[-1] - 1 - known[..., ::-1].argmax(axis=-1)
    nearest = np.clip(np.arange(known.shape[-1]), first[..., np.newaxis], last[..., np.newaxis])
    filled = np.where(known.any(axis=-1, keepdims=True), np.take_along_axis(ratio, nearest, axis=-1), widest)
    fine = np.arange(steps * (known.shape[-1] - 1) + 1) / steps
    below = np.minimum(fine.astype(np.int64), known.shape[-1] - 2)
    return np.asarray(filled[..., below] + (fine - below) * (filled[..., below + 1] - filled[..., below]))
