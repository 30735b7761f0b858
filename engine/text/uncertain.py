"""Figures with their errors in text, and the one rule for what a run has too few futures to say.

The rule holds in text, figures and tables alike. A difference is distinguished from zero if it is more than `ERRORS`
standard errors away. Losses have so heavy a tail that a few futures may carry their mean, and then its error is not
known either; a mean of losses, or a difference of two, is given only if it is more than `HEAVY_TAILED_ERRORS` standard
errors. The effective number of worlds that carry a mean, (sum of x)^2 / sum of x^2, is about the square of its size in
standard errors, so four ask for sixteen. Both numbers are conventions of this project.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any

import numpy as np

ERRORS, HEAVY_TAILED_ERRORS = 2.0, 4.0
#: What stands in place of a figure that a run is too small for.
TOO_FEW = "too few futures"


class Verdict(StrEnum):
    """What a difference from the baseline says."""

    BETTER = "better"
    WORSE = "worse"
    UNCLEAR = "sign unclear"
    UNCHANGED = "unchanged"


def is_clear(value: float, error: float, *, heavy_tailed: bool = False) -> bool:
    """Whether this many futures suffice to give a mean or the sign of a difference. An unknown error does not."""
    return bool(abs(value) > (HEAVY_TAILED_ERRORS if heavy_tailed else ERRORS) * error)


def is_known(value: float, error: float) -> bool:
    """Whether this many futures suffice to give a heavy-tailed mean, or a difference of two; exactly 0 needs none."""
    return value == error == 0.0 or is_clear(value, error, heavy_tailed=True)


def verdict(difference: float, error: float, *, less_is_better: bool, heavy_tailed: bool = False) -> Verdict:
    """What a `difference` with its standard `error` says."""
    if difference == error == 0.0:
        return Verdict.UNCHANGED
    if not is_clear(difference, error, heavy_tailed=heavy_tailed):
        return Verdict.UNCLEAR
    return Verdict.BETTER if (difference < 0.0) == less_is_better else Verdict.WORSE


def probability(value: float, error: float, lower: float, upper: float) -> str:
    """A probability in per cent: "84.1% +- 1.2%", near 0 and 1 with its limits: "99.98% (99.91 to 100%)".

    `lower` and `upper` are its 95% limits (`engine.results.standard_errors.probability_limits`). What happened in all
    futures or in none is known only to lie beyond one of them: "> 99.96%", "< 0.04%".
    """
    if np.isnan(value):
        return "unknown"
    if np.isnan(error) or np.isnan(lower):
        return f"{value:.1%} +- ?"
    if value == 1.0:
        return "> " + _per_cent(lower, 1.0 - lower, np.floor)
    if value == 0.0:
        return "< " + _per_cent(upper, upper, np.ceil)
    if value + ERRORS * error > 1.0 or value - ERRORS * error < 0.0:
        nearest = min(upper - value, value - lower)
        low = _per_cent(lower, nearest, np.floor).rstrip("%")
        return f"{_per_cent(value, nearest, np.round)} ({low} to {_per_cent(upper, nearest, np.ceil)})"
    places = _places(100.0 * error)
    return f"{value:.{places}%} +- {error:.{places}%}"


def _per_cent(share: float, scale: float, rounded: Callable[[float], Any]) -> str:
    """A share in per cent, `rounded` to the first digit of `scale`; never 0% or 100% unless it is that."""
    power = 10.0 ** _places(100.0 * scale, digits=1)
    figure = float(rounded(round(100.0 * share * power, 6)) / power)
    return f"{figure:.{round(np.log10(power))}f}%" if figure not in (0.0, 100.0) else f"{figure:.0f}%"


def _places(error: float, digits: int = 2) -> int:
    """Decimal places that show an `error` in so many digits, at most 6."""
    return int(np.clip(digits - 1 - np.floor(np.log10(error)), 0, 6)) if error > 0.0 else 0
