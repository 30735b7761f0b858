"""Single futures as examples: a typical one, and one at a bad percentile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from engine.scenario import BASELINE
from engine.statistics.metrics import metric_names, outcomes

Floats = NDArray[np.float64]

#: A typical future is near the median of each of these, and of first attainments.
TYPICAL_BY = ("loss", "incidents", "exposure", "benefit")
#: The first of these metrics that differs between bad futures measures how bad a future is: "the 99th percentile of
#: loss" is no bad future if nothing is ever lost.
_BADNESS = ("loss", "exposure", "incidents", "benefit")


@dataclass(frozen=True)
class Example:
    """One future: its address, the metric by which it was chosen ("" for several), and the value and unit of that."""

    world: int
    future: int
    metric: str = ""
    value: float = np.nan
    units: str = ""


def typical_future(results: xr.Dataset, policy: str = BASELINE) -> Example:
    """The future whose outcomes are nearest to the medians of all futures under `policy`.

    Outcomes are `TYPICAL_BY`, if the scenario has them, and the first attainment of each capability by anyone (the
    horizon for never). The distance of a future from a median is measured by ranks, as the share of all futures in
    between, so that units do not matter. Squares of these shares are summed; all attainments together have the weight
    of one other outcome. Among equals, the first address is chosen. `results` contain single futures.

    Raises InputError for results without single futures.
    """
    one = results.sel(policy=[policy])
    known = metric_names(one)
    found = outcomes(one, [name for name in TYPICAL_BY if name in known] or known[:1])
    parts = [from_median(found[name].values.ravel()) ** 2 for name in found]
    first = one["attainment_time"].fillna(float(results["time"][-1])).min("actor_class").isel(policy=0)
    by_capability = first.transpose("capability", "world", "future").values.reshape(first.sizes["capability"], -1)
    parts.append(np.mean([from_median(times) ** 2 for times in by_capability], axis=0))
    return _at(results, int(np.argmin(np.sum(parts, axis=0))))


def bad_future(results: xr.Dataset, policy: str = BASELINE, level: float = 0.99) -> Example | None:
    """A future at the `level` percentile of loss under `policy`: only 1 in 100 is worse, for 0.99.

    If all futures above the median lose the same, for instance nothing, the percentile is that of exposure, of
    incidents, or of low benefit, whichever differs first; None if all futures are alike. Among equals, the first
    address is chosen. `results` contain single futures.

    Raises InputError for results without single futures.
    """
    one = results.sel(policy=[policy])
    names = [name for name in _BADNESS if name in metric_names(one)]
    if not names:
        return None
    found = outcomes(one, names)
    for name in names:
        metric = found[name]
        sign = 1.0 if metric.attrs["better"] == "less" else -1.0
        values = sign * metric.values.ravel()
        order = np.argsort(values, kind="stable")
        there = order[max(int(np.ceil(level * len(values) - 1e-9)) - 1, 0)]
        if values[there] > np.median(values):
            at = _at(results, int(np.flatnonzero(values == values[there])[0]))
            return Example(at.world, at.future, name, float(sign * values[there]), str(metric.attrs["units"]))
    return None


def from_median(values: Sequence[float] | Floats) -> Floats:
    """Distance of each value from the median: the share of values in between, 0 to 0.5; 0 for values equal to it."""
    array = np.asarray(values, dtype=np.float64)
    ordered = np.sort(array)
    below = np.searchsorted(ordered, array, side="left") / len(array)
    upto = np.searchsorted(ordered, array, side="right") / len(array)
    return np.maximum(np.maximum(below - 0.5, 0.5 - upto), 0.0)


def _at(results: xr.Dataset, place: int) -> Example:
    world, future = divmod(place, results.sizes["future"])
    return Example(int(results["world"].values[world]), int(results["future"].values[future]))
