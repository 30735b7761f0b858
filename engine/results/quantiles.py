"""Quantiles and means from counts on fixed grids."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def binned_quantile(counts: NDArray[np.int64], edges: Floats, probabilities: Floats, total: Floats) -> Floats:
    """Quantiles of a continuous quantity from its counts in bins.

    `counts` is (..., bin), `edges` (bin + 1,) in the quantity's unit, `probabilities` (quantile,), `total` (...) the
    number of futures, counted or not. Quantiles are linear inside a bin, so the error is less than a bin's width. NaN
    if the quantile lies among futures that were not counted (right-censored). Returns (..., quantile).
    """
    wanted = _wanted(probabilities, total[..., np.newaxis])
    found, before, inside = _bins(counts, wanted)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = (wanted - before) / inside
    result = edges[found] + share * (edges[found + 1] - edges[found])
    counted = counts.sum(axis=-1)[..., np.newaxis]
    return np.asarray(np.where((counted > 0) & (before + inside >= wanted), result, np.nan))


def level_quantile(counts: NDArray[np.int64], edges: Floats, probabilities: Floats, total: float) -> Floats:
    """Quantiles of a whole number from its counts by level: the least number that enough futures do not exceed.

    `counts` is (..., level), `edges` (level + 1,) the least number of each level. Exact where a level is one
    number; inside wider levels linear. Returns (..., quantile).
    """
    wanted = np.broadcast_to(_wanted(probabilities, np.asarray(total)), (*counts.shape[:-1], probabilities.size))
    found, before, inside = _bins(counts, wanted)
    share = np.clip((wanted - before) / np.maximum(inside, 1), 0.0, 1.0)
    return np.asarray(edges[found] + share * (edges[found + 1] - edges[found] - 1.0))


def _bins(counts: NDArray[np.int64], wanted: Floats) -> tuple[NDArray[np.intp], NDArray[np.int64], NDArray[np.int64]]:
    """The first bin whose cumulated count reaches what is `wanted` (..., quantile), or the last bin.

    Returns (bin, counted before it, counted in it), each (..., quantile).
    """
    cumulated = np.cumsum(counts, axis=-1)
    reached = [(cumulated < wanted[..., q, np.newaxis]).sum(axis=-1) for q in range(wanted.shape[-1])]
    found = np.minimum(np.stack(reached, axis=-1), counts.shape[-1] - 1)
    inside = np.take_along_axis(counts, found, axis=-1)
    return found, np.take_along_axis(cumulated, found, axis=-1) - inside, inside


def _wanted(probabilities: Floats, total: Floats) -> Floats:
    """The number of futures at or below a quantile, so that 7% of 100 is 7 despite rounding."""
    return np.asarray(probabilities * total * (1.0 - 1e-12))
