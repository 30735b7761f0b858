"""Boxes of failing worlds from `stress_test`: their limits as text, and failures by the value of each number."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from engine.analyses.stress.failing_worlds import FOUND
from engine.plotting.style import BLACK, GREY, RED, SKY, plain
from engine.text.format import format_range, format_ranges, format_share, format_value, number_in_words, strings

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import SubFigure

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

#: Panels in each row.
COLUMNS = 4
#: Most limits of a box that are drawn, the most certain ones.
_MOST_LIMITS = 8
#: Number of groups of equal size into which worlds are divided by a number's value.
_GROUPS = 10
#: Shares of worlds below the ticks of a number's axis.
_TICKS = np.array([0.05, 0.5, 0.95])


def box_count(one: xr.Dataset) -> int:
    """The number of boxes that a stress test found for one policy."""
    return int(one["box_count"]) if str(one["box_verdict"].item()) == FOUND else 0


def limited(box: xr.Dataset) -> NDArray[np.int64]:
    """Indices (parameter) of the numbers that a box limits, the most certain limits first."""
    places = np.flatnonzero((box["box_lower"].notnull() | box["box_upper"].notnull()).values)
    return places[np.argsort(box["box_quasi_p"].values[places], kind="stable")][:_MOST_LIMITS]


def limits_in_words(box: xr.Dataset) -> str:
    """All limits of a box as one part of a sentence: "theft rate of malicious group is above 0.24 1/yr"."""
    names = strings([number_in_words(str(name)) for name in box["parameter"].values])
    limits = xr.Dataset({"lower": box["box_lower"], "upper": box["box_upper"]})
    return format_ranges(limits.assign_coords(parameter=("parameter", names)))


def share_of(box: xr.Dataset, name: str) -> str:
    """A measure of a box as per cent: its `density`, `density_held_out`, `coverage` or `mass`."""
    return format_share(float(box[f"box_{name}"]))


def inside(found: xr.Dataset, box: xr.Dataset) -> Bools:
    """Whether each world (world) lies within the limits of a box."""
    values = found["parameters"].transpose("world", "parameter").values
    low = np.nan_to_num(box["box_lower"].values, nan=-np.inf)
    high = np.nan_to_num(box["box_upper"].values, nan=np.inf)
    return np.asarray(((values >= low) & (values <= high)).all(axis=1))


def draw_box(part: SubFigure, found: xr.Dataset, box: xr.Dataset, fails: Bools, worlds: Bools) -> None:
    """A panel for each number that a box limits: share of failures by its value, and the limits.

    `fails` (world) marks failing worlds, and `worlds` (world) the worlds in which the box was sought.
    """
    places = limited(box)
    axes = part.subplots(-(-places.size // COLUMNS), min(places.size, COLUMNS), squeeze=False, sharey=True)
    values = found["parameters"].transpose("world", "parameter").values[worlds]
    for axis in axes.flat[places.size :]:
        axis.set_visible(False)
    for axis, place in zip(axes.flat, places, strict=False):
        name, unit = (str(box[key].values[place]) for key in ("parameter", "parameter_units"))
        low, high = (float(box[f"box_{side}"].values[place]) for side in ("lower", "upper"))
        words = format_range(low, high, unit)
        plain(axis, title=f"{fill(number_in_words(name), 32)}\n(limit: {words})", xlabel=_axis_label(unit))
        _by_value(axis, values[:, place], fails[worlds], low, high)
        axis.axhline(100.0 * fails[worlds].mean(), color=BLACK, linestyle="--", linewidth=1.0, label="all worlds")
        marks = np.quantile(values[:, place], _TICKS)
        axis.set_xticks(100.0 * _TICKS, [format_value(float(mark), unit).split()[0] for mark in marks])
        axis.set_xlim(0.0, 100.0)
        axis.set_ylim(0.0, 102.0)
    part.supylabel("worlds in which it fails, %", fontsize=8)


def _by_value(axis: Axes, values: Floats, fails: Bools, low: float, high: float) -> None:
    """Shares of failing worlds in tenths of worlds by value; fewer and wider groups if values are tied."""
    edges = np.unique(np.quantile(values, np.arange(1, _GROUPS) / _GROUPS))
    _, group = np.unique(np.searchsorted(edges, values, side="left"), return_inverse=True)
    count = np.bincount(group)
    share = np.bincount(group, fails.astype(float)) / count
    error = np.sqrt(share * (1.0 - share) / count)
    width = 100.0 * count / count.sum()
    start = 100.0 * (count.cumsum() - count) / count.sum()
    axis.bar(
        start, 100.0 * share, width, align="edge", color=SKY, edgecolor="white", label="a tenth of the worlds each"
    )
    axis.errorbar(
        start + width / 2,
        100.0 * share,
        yerr=200.0 * error,
        fmt="none",
        color=GREY,
        linewidth=1.0,
        label="2 standard errors",
    )
    ends = (0.0 if np.isnan(low) else (values < low).mean(), 1.0 if np.isnan(high) else (values <= high).mean())
    axis.axvspan(*(100.0 * end for end in ends), color=RED, alpha=0.18, linewidth=0, label="within the limits")
    for end in ends:
        if 0.0 < end < 1.0:
            axis.axvline(100.0 * end, color=RED, linewidth=1.2)


def _axis_label(unit: str) -> str:
    """The label of the axis of a number: its natural unit, and the quantiles of worlds at the ticks."""
    natural = "" if unit in ("1", "fraction") else f", {unit.removeprefix('log10 ')}"
    return f"value that 5%, half and 95%\nof worlds do not exceed{natural}"
