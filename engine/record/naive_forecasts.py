"""Naive forecasts without a model: the last value, and the trend, each as a point and with a spread.

The naive and the drift method, and their forecast variances, are those of Hyndman & Athanasopoulos 2021, Forecasting:
Principles and Practice, 3rd edition, sections 5.2 and 5.5. Counts are transformed to log10(1 + count), compute to
log10 FLOP. Observations are cumulative counts and best values so far, which cannot fall, so no forecast is below the
last value.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import xarray as xr
from scipy.special import ndtri

from engine.statistics.labelled import Floats

#: The forecasters with which the engine is compared, and their methods.
FORECASTERS = {
    "last_value": "the last value stays",
    "last_value_spread": "the last value, with the spread of a random walk",
    "trend": "the mean yearly change continues",
    "trend_spread": "the mean yearly change, with the spread of a random walk with drift",
}
#: Kinds of observations that are counts.
COUNTS = ("organisations", "models", "open_models")
#: Number of members that represent a forecast distribution, at equal steps of probability.
MEMBERS = 1000


class _Past(NamedTuple):
    """Known values of one quantity, at most one per year."""

    times: Floats  # (n,) decimal years, rising
    values: Floats  # (n,) transformed

    @property
    def drift(self) -> float:
        """Mean yearly change: from the first value to the last."""
        return float((self.values[-1] - self.values[0]) / (self.times[-1] - self.times[0]))

    def spread(self, drift: float, fitted: int) -> float:
        """Standard deviation of a yearly change about `drift`, which takes `fitted` degrees of freedom."""
        years = np.diff(self.times)
        return float(np.sqrt(((np.diff(self.values) - drift * years) ** 2 / years).sum() / (len(years) - fitted)))


def transformed(values: Floats, kinds: np.ndarray) -> Floats:
    """Counts as log10(1 + count), other kinds unchanged; `kinds` are along the last dimension of `values`."""
    counts = np.isin(kinds, COUNTS)
    return np.where(counts, np.log10(1.0 + np.where(counts, values, 0.0)), values)


def naive_forecasts(known: xr.Dataset, expected: xr.Dataset) -> dict[str, Floats]:
    """Each forecaster's forecast of `expected`, transformed: float64 (observation, member) at equal probabilities.

    Members of a point forecast are equal. NaN where `known` has fewer values than the forecaster needs: one for
    the last value, two for a trend or a spread, three for the spread of a trend.
    """
    probabilities = ndtri((np.arange(MEMBERS) + 0.5) / MEMBERS)
    found = {name: np.full((expected.sizes["observation"], MEMBERS), np.nan) for name in FORECASTERS}
    columns = (expected[name].values for name in ("kind", "level", "rank", "time"))
    for n, (kind, level, rank, time) in enumerate(zip(*columns, strict=True)):
        past = _past(known, kind, level, rank)
        size = len(past.times)
        if size == 0:
            continue
        last, ahead = past.values[-1], time - past.times[-1]
        found["last_value"][n] = last
        if size > 1:
            spread = past.spread(0.0, fitted=0) * np.sqrt(ahead)
            found["last_value_spread"][n] = np.maximum(last, last + spread * probabilities)
            found["trend"][n] = max(last, last + past.drift * ahead)
        if size > 2:
            years = past.times[-1] - past.times[0]
            spread = past.spread(past.drift, fitted=1) * np.sqrt(ahead * (1.0 + ahead / years))
            found["trend_spread"][n] = np.maximum(last, last + past.drift * ahead + spread * probabilities)
    return found


def _past(known: xr.Dataset, kind: str, level: float, rank: int) -> _Past:
    levels, times = known["level"].values, known["time"].values
    same = (known["kind"].values == kind) & (known["rank"].values == rank)
    same &= np.isnan(levels) if np.isnan(level) else np.isclose(levels, level, rtol=1e-6)
    mine = np.flatnonzero(same)[np.argsort(times[same])]
    return _Past(
        times[mine], transformed(known["observed"].values[mine].astype(np.float64), known["kind"].values[mine])
    )
