"""Figures with their errors as text, and the one rule for figures that need more futures.

The rule holds in text, figures and tables alike. A difference is distinguished from zero if it is more than `ERRORS`
standard errors away. The tail of losses is so heavy that a few futures may dominate their mean, and then its error is
unknown too; a mean of losses, or a difference of two, is given only if it is more than `HEAVY_TAILED_ERRORS` standard
errors. The effective number of worlds behind a mean, (sum of x)^2 / sum of x^2, is about the square of its size in
standard errors, so four standard errors require sixteen. Both numbers are conventions of this project.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any

import numpy as np

ERRORS, HEAVY_TAILED_ERRORS = 2.0, 4.0
#: The text in place of a figure for which a run is too small.
TOO_FEW = "too few futures"


class Verdict(StrEnum):
    """The verdict on a difference from the baseline."""

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
    """The verdict on a `difference` with its standard `error`."""
    if difference == error == 0.0:
        return Verdict.UNCHANGED
    if not is_clear(difference, error, heavy_tailed=heavy_tailed):
        return Verdict.UNCLEAR
    return Verdict.BETTER if (difference < 0.0) == less_is_better else Verdict.WORSE


def probability(value: float, error: float, lower: float, upper: float) -> str:
    """A probability in per cent: "84.1% +- 1.2%", near 0 and 1 with its limits: "99.98% (99.91 to 100%)".

    `lower` and `upper` are its 95% limits (`engine.results.standard_errors.probability_limits`). An event of all
    futures or of none has only one of them: "> 99.96%", "< 0.04%".
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
    """A share in per cent, `rounded` to the first digit of `scale`; never 0% or 100% unless exactly so."""
    power = 10.0 ** _places(100.0 * scale, digits=1)
    figure = float(rounded(round(100.0 * share * power, 6)) / power)
    return f"{figure:.{round(np.log10(power))}f}%" if figure not in (0.0, 100.0) else f"{figure:.0f}%"


def _places(error: float, digits: int = 2) -> int:
    """Decimal places that show an `error` with this number of digits, at most 6."""
    return int(np.clip(digits - 1 - np.floor(np.log10(error)), 0, 6)) if error > 0.0 else 0
