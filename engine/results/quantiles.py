"""Quantiles and means from counts on fixed grids."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def binned_quantile(counts: NDArray[np.int64], edges: Floats, probabilities: Floats, total: Floats) -> Floats:
    """Quantiles of a continuous quantity from its counts in bins.

    `counts` is (..., bin), `edges` (bin + 1,) in the quantity's unit, `probabilities` (quantile,), `total` (...) the
    number of futures, counted or not. Linear inside a bin, so off by less than a bin's width. NaN where the
    quantile lies among futures that were not counted (right-censored). Returns (..., quantile).
    """
    cumulated = np.cumsum(counts, axis=-1, dtype=np.float64)
    wanted = _wanted(probabilities, total[..., np.newaxis])
    result = np.full((*counts.shape[:-1], probabilities.size), np.nan)
    for index in np.ndindex(counts.shape[:-1]):
        # The first bin whose cumulated count reaches what is wanted, and how far into it that is.
        bins = np.searchsorted(cumulated[index], wanted[index], side="left")
        for q, found in enumerate(bins):
            if found < counts.shape[-1] and cumulated[index][-1] > 0:
                before = cumulated[index][found - 1] if found else 0.0
                share = (wanted[index][q] - before) / counts[index][found]
                result[index][q] = edges[found] + share * (edges[found + 1] - edges[found])
    return result


def level_quantile(counts: NDArray[np.int64], edges: Floats, probabilities: Floats, total: float) -> Floats:
    """Quantiles of a whole number from its counts by level: the least number that enough futures do not exceed.

    `counts` is (..., level), `edges` (level + 1,) the least number of each level. Exact where a level is one
    number; inside wider levels linear. Returns (..., quantile).
    """
    cumulated = np.cumsum(counts, axis=-1, dtype=np.float64)
    result = np.zeros((*counts.shape[:-1], probabilities.size))
    for index in np.ndindex(counts.shape[:-1]):
        wanted = _wanted(probabilities, np.asarray(total))
        bins = np.minimum(np.searchsorted(cumulated[index], wanted, side="left"), counts.shape[-1] - 1)
        for q, found in enumerate(bins):
            before = cumulated[index][found - 1] if found else 0.0
            share = (wanted[q] - before) / max(counts[index][found], 1)
            width = edges[found + 1] - edges[found] - 1.0
            result[index][q] = edges[found] + np.clip(share, 0.0, 1.0) * width
    return result


def _wanted(probabilities: Floats, total: Floats) -> Floats:
    """How many futures lie at or below a quantile, so that 7% of 100 is 7 whatever the rounding."""
    return np.asarray(probabilities * total * (1.0 - 1e-12))
