"""The values of many numbers at given probabilities, by a few calls for all of them in place of several for each.

The exact quantile of a beta number takes longer than all else that a world needs, so it is interpolated: the logit of
the number is a smooth function of the normal score of its probability. A Chebyshev polynomial (Trefethen 2019,
Approximation Theory and Approximation Practice, chapter 8) agrees with it to 1e-10 or better.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from functools import lru_cache, partial
from typing import TypeVar

import numpy as np
from numpy.polynomial.chebyshev import chebinterpolate, chebval
from numpy.typing import NDArray
from scipy.special import betaincinv, expit, ndtr, ndtri

from engine.scenario.families import Distribution, standard_quantile
from engine.scenario.numbers import Number

Floats = NDArray[np.float64]
Key = TypeVar("Key", bound=Hashable)

#: The polynomials hold for normal scores of this size: for probabilities from 2^-53 to 1 - 2^-53.
_LARGEST_SCORE = 8.3
_DEGREE = 64
#: A very skewed beta number, whose polynomial has a larger error than this, is computed exactly.
_LARGEST_ERROR = 1e-10
_SMOOTH = "smooth beta"


class Quantiles:
    """The quantile functions of `numbers`, of which none is constant."""

    def __init__(self, numbers: Sequence[Number]) -> None:
        distributions = [number.distribution for number in numbers]
        self._families = [
            (rows, _standard(kind, [distributions[row].shape for row in rows]))
            for kind, rows in _rows_by([_kind(distribution) for distribution in distributions])
        ]
        self._units = _rows_by([number.quantity.dimension.units[number.unit] for number in numbers])
        self._below, self._upto = _columns([number.edges for number in numbers])
        self._location, self._scale = _columns([(d.location, d.scale) for d in distributions])
        self._minimum, self._maximum = _columns([(number.minimum, number.maximum) for number in numbers])
        self._low, self._high, self._lowest = _columns(
            [(number.quantity.low, number.quantity.high, number.quantity.lowest(number.unit)) for number in numbers]
        )

    def __call__(self, probabilities: Floats) -> Floats:
        """Values in carried units at `probabilities`, both (world, number)."""
        # A row for each number: results do not depend on the worlds that are computed together.
        p = self._below + np.ascontiguousarray(probabilities.T) * (self._upto - self._below)
        values = np.empty_like(p)
        with np.errstate(all="ignore"):
            for rows, of_standard in self._families:
                values[rows] = of_standard(p[rows])
            values = np.clip(values * self._scale + self._location, self._minimum, self._maximum)
            for unit, rows in self._units:
                values[rows] = unit.to_carried(values[rows])
        values = np.where(np.isnan(values), self._lowest, np.clip(values, self._low, self._high))
        return np.ascontiguousarray(values.T)


def _kind(distribution: Distribution) -> str:
    """The family; betas that are interpolated are one of their own."""
    smooth = distribution.family == "beta" and _polynomial(*distribution.shape) is not None
    return _SMOOTH if smooth else distribution.family


def _standard(kind: str, shapes: Sequence[tuple[float, ...]]) -> Callable[[Floats], Floats]:
    """The quantile function (number, world) of standard distributions of one kind with these `shapes`."""
    if kind == _SMOOTH:
        polynomials = [np.asarray(_polynomial(*shape)) for shape in shapes]
        return partial(_interpolated, np.stack(polynomials, axis=1)[..., np.newaxis])
    return partial(standard_quantile, kind, list(_columns(shapes)))


def _interpolated(coefficients: Floats, p: Floats) -> Floats:
    """Beta quantiles (number, world) by polynomials with `coefficients` (degree, number, 1)."""
    score = np.clip(ndtri(p) / _LARGEST_SCORE, -1.0, 1.0)
    return np.asarray(expit(chebval(score, coefficients, tensor=False)))


@lru_cache(maxsize=1024)
def _polynomial(alpha: float, beta: float) -> Floats | None:
    """Chebyshev coefficients (degree,) of the logit of a beta by its score; None if their error is too large."""

    def logit(score: Floats) -> Floats:
        # From the nearer end, because 1 - x would lose digits.
        from_0 = betaincinv(alpha, beta, ndtr(np.minimum(score, 0.0) * _LARGEST_SCORE))
        from_1 = betaincinv(beta, alpha, ndtr(-np.maximum(score, 0.0) * _LARGEST_SCORE))
        return np.where(score < 0.0, np.log(from_0 / (1.0 - from_0)), np.log((1.0 - from_1) / from_1))

    with np.errstate(all="ignore"):
        coefficients = np.asarray(chebinterpolate(logit, _DEGREE), np.float64)  # type: ignore[arg-type,type-var]
        between = np.cos(np.pi * np.arange(1, _DEGREE + 1) / (_DEGREE + 1))  # extremes of the error of interpolation
        error = np.abs(chebval(between, coefficients) - logit(between)).max()
    return coefficients if error < _LARGEST_ERROR else None


def _rows_by(keys: Sequence[Key]) -> list[tuple[Key, list[int]]]:
    """(key, places with this key), each key once."""
    return [(key, [row for row, other in enumerate(keys) if other == key]) for key in dict.fromkeys(keys)]


def _columns(rows: Sequence[tuple[float, ...]]) -> Floats:
    """Each column of a table as a column: (column, row, 1)."""
    return np.array(rows, dtype=np.float64).T[..., np.newaxis]
