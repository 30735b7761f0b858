"""The families of distributions a scenario may use, each given by parameters or by an interval.

Every family maps written numbers to a `Distribution`. An interval is a pair of quantiles such as `{p5: 5, p95: 14}`.

The formulas are those of `scipy.stats`, which takes longer to import than a scenario to read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, betaincinv, ndtr, ndtri

from engine.errors import InputError

Floats = NDArray[np.float64]
Parameters = Mapping[str, float]
_QUANTILE = re.compile(r"p(\d{1,2}(?:\.\d+)?)")


class Distribution(NamedTuple):
    """A distribution: `scale` times the standard form of its family, plus `location`."""

    family: str
    location: float
    scale: float
    shape: tuple[float, ...] = ()  # sigma; the mode's share of the width; alpha and beta

    def quantile(self, probability: Floats | float) -> Floats:
        """Values at `probability`, any shape."""
        standard = standard_quantile(self.family, self.shape, np.asarray(probability, np.float64))
        return np.asarray(standard * self.scale + self.location)

    def probability(self, value: Floats | float) -> Floats:
        """Probabilities of at most `value`, any shape."""
        _, of_standard = _STANDARD[self.family]
        with np.errstate(all="ignore"):
            return np.asarray(of_standard((np.asarray(value, np.float64) - self.location) / self.scale, *self.shape))


def _triangular_quantile(p: Floats, mode: float) -> Floats:
    return np.where(p < mode, np.sqrt(mode * p), 1.0 - np.sqrt((1.0 - mode) * (1.0 - p)))


def _triangular_probability(value: Floats, mode: float) -> Floats:
    x = np.clip(value, 0.0, 1.0)
    # One side may be empty.
    left = x**2 / mode if mode > 0.0 else np.zeros_like(x)
    right = 1.0 - (1.0 - x) ** 2 / (1.0 - mode) if mode < 1.0 else np.ones_like(x)
    return np.where(x < mode, left, right)


#: Quantiles and probabilities of the standard form of each family.
_STANDARD: dict[str, tuple[Callable[..., Floats], Callable[..., Floats]]] = {
    "normal": (ndtri, ndtr),
    "lognormal": (
        lambda p, sigma: np.exp(sigma * ndtri(p)),
        lambda value, sigma: ndtr(np.log(np.maximum(value, 0.0)) / sigma),
    ),
    "uniform": (lambda p: p, lambda value: np.clip(value, 0.0, 1.0)),
    "triangular": (_triangular_quantile, _triangular_probability),
    "beta": (
        lambda p, alpha, beta: betaincinv(alpha, beta, p),
        lambda value, alpha, beta: betainc(alpha, beta, np.clip(value, 0.0, 1.0)),
    ),
}


def standard_quantile(family: str, shape: Sequence[Floats | float], probability: Floats) -> Floats:
    """Values of the standard form of a `family` at `probability`, any shape; each shape parameter may be an array."""
    of_standard, _ = _STANDARD[family]
    return np.asarray(of_standard(probability, *shape))


def distribution_of(family: str, parameters: Parameters) -> Distribution:
    """The distribution of a `family` with the `parameters` as written.

    Raises InputError, with the right form, if the parameters do not make a distribution.
    """
    try:
        with np.errstate(all="ignore"):
            distribution = FAMILIES[family](parameters)
            low, high = (float(distribution.quantile(probability)) for probability in (1e-6, 1.0 - 1e-6))
    except ArithmeticError:
        low = high = np.nan
    if not -np.inf < low < high < np.inf:
        raise InputError(f"no {family} can be computed from these parameters; use less extreme ones")
    return distribution


def _interval(parameters: Parameters, others: frozenset[str] = frozenset()) -> tuple[float, float, float, float] | None:
    """(lower probability, lower value, upper probability, upper value), or None if not an interval."""
    quantiles = sorted((float(m[1]) / 100.0, key) for key in parameters if (m := _QUANTILE.fullmatch(key)))
    if len(quantiles) != 2 or len(parameters) != 2 + len(others) or not others <= parameters.keys():
        return None
    (low_p, low_key), (high_p, high_key) = quantiles
    low, high = parameters[low_key], parameters[high_key]
    if not 0.0 < low_p < high_p < 1.0:
        raise InputError("an interval needs two different quantiles between p0 and p100, such as p5 and p95")
    if low > high:
        raise InputError(f"{low_key} ({low:g}) is above {high_key} ({high:g}); swap them")
    if low == high:
        raise InputError(f"{low_key} and {high_key} are both {low:g}; write the number alone if it is certain")
    return low_p, low, high_p, high


def _exactly(parameters: Parameters, *keys: str) -> bool:
    return parameters.keys() == set(keys)


def _refuse(family: str, parameters: Parameters, *forms: str) -> ValueError:
    given = ", ".join(parameters) or "nothing"
    return ValueError(f"{family} is given by {' or by '.join(forms)}, not by {given}")


def _positive(family: str, **values: float) -> None:
    for key, value in values.items():
        if not value > 0.0:
            raise InputError(f"{key} of {family} must be above 0, not {value:g}")


def _normal(parameters: Parameters) -> Distribution:
    if _exactly(parameters, "mean", "sd"):
        _positive("normal", sd=parameters["sd"])
        return Distribution("normal", parameters["mean"], parameters["sd"])
    if interval := _interval(parameters):
        low_p, low, high_p, high = interval
        low_z, high_z = float(ndtri(low_p)), float(ndtri(high_p))
        sd = (high - low) / (high_z - low_z)
        return Distribution("normal", low - sd * low_z, sd)
    raise _refuse("normal", parameters, "mean and sd", "two quantiles such as p5 and p95")


def _lognormal(parameters: Parameters) -> Distribution:
    if _exactly(parameters, "median", "sigma"):
        _positive("lognormal", median=parameters["median"], sigma=parameters["sigma"])
        return Distribution("lognormal", 0.0, parameters["median"], (parameters["sigma"],))
    if _exactly(parameters, "mean", "sd"):
        _positive("lognormal", mean=parameters["mean"], sd=parameters["sd"])
        variance = np.log1p((parameters["sd"] / parameters["mean"]) ** 2)
        median = parameters["mean"] * float(np.exp(-variance / 2.0))
        return Distribution("lognormal", 0.0, median, (float(np.sqrt(variance)),))
    if interval := _interval(parameters):
        low_p, low, high_p, high = interval
        _positive("lognormal", **{"the lower quantile": low})
        low_z, high_z = float(ndtri(low_p)), float(ndtri(high_p))
        sigma = np.log(high / low) / (high_z - low_z)
        return Distribution("lognormal", 0.0, low * float(np.exp(-sigma * low_z)), (float(sigma),))
    raise _refuse("lognormal", parameters, "median and sigma", "mean and sd", "two quantiles such as p5 and p95")


def _uniform(parameters: Parameters) -> Distribution:
    if _exactly(parameters, "low", "high"):
        low, high = parameters["low"], parameters["high"]
    elif interval := _interval(parameters):
        low_p, low_q, high_p, high_q = interval
        width = (high_q - low_q) / (high_p - low_p)
        low = low_q - low_p * width
        high = low + width
    else:
        raise _refuse("uniform", parameters, "low and high", "two quantiles such as p5 and p95")
    if not low < high:
        raise InputError(f"low ({low:g}) must be below high ({high:g})")
    return Distribution("uniform", low, high - low)


def _triangular(parameters: Parameters) -> Distribution:
    if _exactly(parameters, "low", "mode", "high"):
        low, mode, high = (parameters[key] for key in ("low", "mode", "high"))
        if not low <= mode <= high or low == high:
            raise InputError(f"low ({low:g}), mode ({mode:g}) and high ({high:g}) must be in this order")
        return Distribution("triangular", low, high - low, ((mode - low) / (high - low),))
    if interval := _interval(parameters, frozenset({"mode"})):
        low_p, low_q, high_p, high_q = interval
        mode = parameters["mode"]
        if not low_q < mode < high_q:
            raise InputError(f"mode ({mode:g}) must lie between the quantiles {low_q:g} and {high_q:g}")

        # If the mode is at the share s of the width, the quantiles are these shares of the width away from it; as s
        # rises from one quantile's probability to the other's, the first grows from 0 and the second falls to 0.
        def below(share: float) -> float:
            return share - float(np.sqrt(low_p * share))

        def above(share: float) -> float:
            return 1.0 - share - float(np.sqrt((1.0 - high_p) * (1.0 - share)))

        left, right = mode - low_q, high_q - mode
        from scipy.optimize import brentq

        share = float(brentq(lambda s: below(s) * right - above(s) * left, low_p, high_p, xtol=1e-15))
        width = (left + right) / (below(share) + above(share))
        return Distribution("triangular", mode - share * width, width, (share,))
    raise _refuse("triangular", parameters, "low, mode and high", "mode and two quantiles such as p5 and p95")


_BETA_STARTS = ((0.0, 0.0), (1.0, 1.0), (0.0, 2.0), (2.0, 0.0), (1.0, 4.0), (4.0, 1.0), (4.0, 4.0), (-1.0, -1.0))


def _like_a_normal(low_p: float, low: float, high_p: float, high: float) -> tuple[float, float]:
    """log alpha and log beta of the beta with the mean and sd of a normal of these quantiles: near, if narrow."""
    low_z, high_z = float(ndtri(low_p)), float(ndtri(high_p))
    sd = (high - low) / (high_z - low_z)
    mean = float(np.clip(low - sd * low_z, low / 2.0, (1.0 + high) / 2.0))
    size = max(mean * (1.0 - mean) / sd**2 - 1.0, 0.01)
    return float(np.log(mean * size)), float(np.log((1.0 - mean) * size))


def _beta(parameters: Parameters) -> Distribution:
    if _exactly(parameters, "alpha", "beta"):
        _positive("beta", alpha=parameters["alpha"], beta=parameters["beta"])
        return Distribution("beta", 0.0, 1.0, (parameters["alpha"], parameters["beta"]))
    if _exactly(parameters, "mean", "sd"):
        mean, sd = parameters["mean"], parameters["sd"]
        if not 0.0 < mean < 1.0 or not 0.0 < sd**2 < mean * (1.0 - mean):
            raise InputError("beta needs a mean between 0 and 1 and an sd below sqrt(mean (1 - mean))")
        size = mean * (1.0 - mean) / sd**2 - 1.0
        return Distribution("beta", 0.0, 1.0, (mean * size, (1.0 - mean) * size))
    if interval := _interval(parameters):
        low_p, low, high_p, high = interval
        if not 0.0 < low < high < 1.0:
            raise InputError(f"the quantiles of a beta must lie between 0 and 1, not at {low:g} and {high:g}")

        from scipy.optimize import root

        def missed(logs: np.ndarray) -> np.ndarray:
            return np.asarray(betainc(*np.exp(np.clip(logs, -12.0, 12.0)), [low, high])) - [low_p, high_p]

        for start in (*_BETA_STARTS, _like_a_normal(low_p, low, high_p, high)):
            found = root(missed, np.array(start))
            if found.success and np.abs(missed(found.x)).max() < 1e-9:
                return Distribution("beta", 0.0, 1.0, tuple(map(float, np.exp(found.x))))
        raise InputError("no beta distribution found with these quantiles; give alpha and beta")
    raise _refuse("beta", parameters, "alpha and beta", "mean and sd", "two quantiles such as p5 and p95")


FAMILIES: dict[str, Callable[[Parameters], Distribution]] = {
    "normal": _normal,
    "lognormal": _lognormal,
    "uniform": _uniform,
    "triangular": _triangular,
    "beta": _beta,
}
