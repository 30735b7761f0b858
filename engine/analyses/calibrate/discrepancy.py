"""The discrepancy between a correct world and observations: errors of the tables and omissions of the model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr

from engine.errors import InputError
from engine.record.naive_forecasts import COUNTS
from engine.statistics.labelled import Floats


@dataclass(frozen=True)
class Discrepancy:
    """Observation = value in a future + a Gaussian error, in OOM; counts are log10(1 + count).

    The error is a Gaussian process (Kennedy & O'Hagan 2001, JRSS B 63, 425). For one kind of observation, a part of it
    is correlated over time and over sizes, so that the rows of one table do not count as independent. Kinds are
    independent. All numbers are assumptions.

    Raises InputError if a number is out of range.
    """

    compute: float = 0.6
    """Standard deviation of log10 FLOP: errors of estimates of compute, and an equal error of the model."""
    counts: float = 0.3
    """Standard deviation of log10(1 + count): missing or late records, and the error of the model."""
    years: float = 3.0
    """Years over which the correlation falls to 1/e."""
    sizes: float = 1.0
    """OOM of thresholds, or of ranks, over which the correlation falls to 1/e."""
    alone: float = 0.25
    """Share of the variance that is independent for every observation."""

    def __post_init__(self) -> None:
        for name in ("compute", "counts", "years", "sizes"):
            if not 0.0 < getattr(self, name) < np.inf:
                raise InputError(f"{name} of a discrepancy must be above 0, not {getattr(self, name)}")
        if not 0.0 < self.alone <= 1.0:
            raise InputError(f"alone of a discrepancy must be above 0 and at most 1, not {self.alone}")

    def covariance(self, observations: xr.Dataset) -> Floats:
        """Covariance of the error between `observations`, OOM squared, float64 (observation, observation)."""
        kinds, times = observations["kind"].values.astype(str), observations["time"].values
        counted = np.isin(kinds, COUNTS)
        levels = np.where(counted, observations["level"].values, np.maximum(observations["rank"].values, 1))
        apart = _distances(times) / self.years + _distances(np.log10(levels)) / self.sizes
        shared = (1.0 - self.alone) * np.exp(-apart) * (kinds[:, np.newaxis] == kinds)
        sd = np.where(counted, self.counts, self.compute)
        return np.outer(sd, sd) * (shared + self.alone * np.eye(len(sd)))


def _distances(values: Floats) -> Floats:
    return np.abs(values[:, np.newaxis] - values)
