"""Single futures to tell as examples: one as most are, and one as bad as one in a hundred."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from engine.scenario import BASELINE
from engine.statistics.metrics import metric_names, outcomes

Floats = NDArray[np.float64]

#: A typical future is near to the median of each of these, and of first attainments.
TYPICAL_BY = ("loss", "incidents", "exposure", "benefit")
#: Of these metrics the first that differs between futures says how bad a future is, each in turn where the one before
#: is the same in all bad futures: "the 99th percentile of loss" is no bad future where nothing is ever lost.
_BADNESS = ("loss", "exposure", "incidents", "benefit")


@dataclass(frozen=True)
class Example:
    """One future: its address, the metric by which it was chosen ("" for several), and its value and unit there."""

    world: int
    future: int
    metric: str = ""
    value: float = np.nan
    units: str = ""


def typical_future(results: xr.Dataset, policy: str = BASELINE) -> Example:
    """The future whose outcomes lie nearest to the medians of all futures under `policy`.

    Outcomes are `TYPICAL_BY`, where the scenario has them, and the first attainment of each capability by anyone (the
    horizon for never). How far a future is from a median is counted by ranks: the share of all futures that
    lie between, so that units do not matter. Squares of these shares are added; attainments together weigh as much as
    one other outcome. Of equals the first address. `results` keep single futures.

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

    Where all futures beyond the middle lose the same, as where nothing is lost, the percentile is that of exposure, of
    incidents, or of too little benefit, whichever first differs; None where all are alike. Of equals the first address.
    `results` keep single futures.

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
    """How far each value is from the median: the share of values between, 0 to 0.5; 0 for all that equal it."""
    array = np.asarray(values, dtype=np.float64)
    ordered = np.sort(array)
    below = np.searchsorted(ordered, array, side="left") / len(array)
    upto = np.searchsorted(ordered, array, side="right") / len(array)
    return np.maximum(np.maximum(below - 0.5, 0.5 - upto), 0.0)


def _at(results: xr.Dataset, place: int) -> Example:
    world, future = divmod(place, results.sizes["future"])
    return Example(int(results["world"].values[world]), int(results["future"].values[future]))
