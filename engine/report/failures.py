"""Which assumptions break a policy."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from engine.analysis.stress.worlds import FOUND, IN_WORDS
from engine.analysis.telling import strings, told, told_ranges, told_share
from engine.report.panels import policies_of
from engine.report.sensitivity import number_in_words
from engine.report.stress import beside_itself
from engine.report.style import (
    BLACK,
    GREY,
    PAGE_WIDTH,
    RED,
    new_figure,
    plain,
    spoken,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

#: Limits of a box that the figure shows, at most.
_MOST_LIMITS = 8
#: Worlds are cut into so many groups of equal number by a number's value.
_GROUPS = 10


def failures_figure(found: xr.Dataset, policy: str) -> Figure:
    """A panel for each number that tells where `policy` fails: how often it fails by the number's value.

    `found` is what `stress_test` gives, with requirements. Dots are shares of failing worlds in tenths of all worlds by
    the value of the number, with two standard errors; shaded are the limits within which the policy mostly fails, and
    the line is its share of failures in all worlds. A second set of limits is of the worlds outside the first. Where
    nothing was found, the figure says so. Raises ValueError for a policy that was not played, or without requirements.
    """
    one = _of_policy(found, policy)
    count = 0 if beside_itself(found, policy) else _boxes(one)
    if not count:
        figure = new_figure(0.75 * PAGE_WIDTH, 1.0)
        figure.text(0.5, 0.5, fill(failures_in_words(found, policy), 90), ha="center", va="center", fontsize=9)
        return figure
    limits = [_limited(one.isel(box=box))[:_MOST_LIMITS] for box in range(count)]
    heights = [0.8 + 2.0 * -(-limit.size // 4) for limit in limits]
    figure = new_figure(PAGE_WIDTH, sum(heights) + 0.4)
    outside = np.ones(found.sizes["world"], dtype=bool)
    parts = figure.subfigures(count, 1, squeeze=False, height_ratios=heights)[:, 0]
    for number, (part, limit) in enumerate(zip(parts, limits, strict=True)):
        box = one.isel(box=number)
        part.suptitle(_heading(one, box, policy, number), fontsize=9)
        _box(part, found, box, one["fails"].values.astype(bool), outside, limit)
        outside = outside & ~_inside(found, box)
    handles, labels = parts[0].axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=3, fontsize=8, frameon=False)
    return figure


def failures_in_words(found: xr.Dataset, policy: str) -> str:
    """What `failures_figure` shows, in words: how often a policy fails, and within which limits it mostly does."""
    one = _of_policy(found, policy)
    worlds, failing = found.sizes["world"], int(one["failing_worlds"])
    about = f"{spoken(policy)} fails in {failing:,} of {worlds:,} worlds ({told_share(failing / worlds)})"
    if beside_itself(found, policy):
        return f"{spoken(policy)} would be compared with itself: what is required is a share of what it has."
    if not _boxes(one):
        verdict = str(one["box_verdict"].item())
        return f"{about}: {IN_WORDS.get(verdict, verdict)}."
    parts = []
    for number in range(_boxes(one)):
        box = one.isel(box=number)
        density, held_out, coverage = (_of_box(box, name) for name in ("density", "density_held_out", "coverage"))
        where = "It fails more often where" if number == 0 else "Of the other worlds it fails more often where"
        parts.append(
            f"{where} {told_ranges(_spoken_limits(box))}: there {density} of worlds fail ({held_out} of those kept "
            f"back to test it), which are {coverage} of all its failures."
        )
    return " ".join([f"{about}.", *parts])


def _of_policy(found: xr.Dataset, policy: str) -> xr.Dataset:
    if "fails" not in found:
        raise ValueError("this stress test has no requirements, so that no policy fails; give some, as 'loss <= 1e12'")
    if policy not in policies_of(found):
        raise ValueError(f"no policy {policy!r} was tested; there are {', '.join(policies_of(found))}")
    return found.sel(policy=policy)


def _boxes(one: xr.Dataset) -> int:
    return int(one["box_count"]) if str(one["box_verdict"].item()) == FOUND else 0


def _limited(box: xr.Dataset) -> NDArray[np.int64]:
    """Places of the numbers that a box limits, the surest limits first."""
    limited = np.flatnonzero((box["box_lower"].notnull() | box["box_upper"].notnull()).values)
    return limited[np.argsort(box["box_quasi_p"].values[limited], kind="stable")]


def _inside(found: xr.Dataset, box: xr.Dataset) -> Bools:
    """Whether each world is within the limits of a box."""
    values = found["parameters"].transpose("world", "parameter").values
    low, high = (
        np.nan_to_num(box[f"box_{side}"].values, nan=end) for side, end in (("lower", -np.inf), ("upper", np.inf))
    )
    return np.asarray(((values >= low) & (values <= high)).all(axis=1))


def _of_box(box: xr.Dataset, name: str) -> str:
    return told_share(float(box[f"box_{name}"]))


def _spoken_limits(box: xr.Dataset) -> xr.Dataset:
    names = strings([number_in_words(str(name)) for name in box["parameter"].values])
    limits = xr.Dataset({"lower": box["box_lower"], "upper": box["box_upper"]})
    return limits.assign_coords(parameter=("parameter", names))


def _heading(one: xr.Dataset, box: xr.Dataset, policy: str, number: int) -> str:
    density, coverage, mass = (_of_box(box, name) for name in ("density", "coverage", "mass"))
    share = told_share(float(one["failing_worlds"]) / one.sizes["world"])
    where = "where all of these hold" if number == 0 else "elsewhere, where all of these hold"
    return (
        f"{spoken(policy)} fails in {share} of worlds; {where}, in {density} (density)\n"
        f"they hold in {mass} of worlds, which are {coverage} of all failures (coverage)"
    )


def _box(
    part: SubFigure, found: xr.Dataset, box: xr.Dataset, fails: Bools, outside: Bools, limits: NDArray[np.int64]
) -> None:
    """A panel for each limited number, of the worlds outside earlier boxes."""
    axes = part.subplots(-(-limits.size // 4), min(max(limits.size, 2), 4), squeeze=False, sharey=True)
    values = found["parameters"].transpose("world", "parameter").values[outside]
    for axis in axes.flat[limits.size :]:
        axis.set_visible(False)
    for axis, column in zip(axes.flat, limits, strict=False):
        name, unit = (str(box[key].values[column]) for key in ("parameter", "parameter_units"))
        low, high = (float(box[f"box_{side}"].values[column]) for side in ("lower", "upper"))
        plain(axis, title=fill(number_in_words(name), 30), xlabel=_unit(unit))
        _by_value(axis, values[:, column], fails[outside])
        least, most = values[:, column].min(), values[:, column].max()
        ends = least if np.isnan(low) else low, most if np.isnan(high) else high
        axis.axvspan(*ends, color=RED, alpha=0.15, linewidth=0, label="limits within which it mostly fails")
        axis.axhline(
            100.0 * fails[outside].mean(), color=GREY, linestyle="--", linewidth=1.0, label="of all these worlds"
        )
        axis.set_xlim(least, most)
        axis.set_ylim(0.0, 102.0)
        axis.xaxis.set_major_locator(_few())
        axis.xaxis.set_major_formatter(lambda value, _, unit=unit: told(value, unit).split()[0])
    part.supylabel("worlds that fail, %", fontsize=8)


def _by_value(axis: Axes, values: Floats, fails: Bools) -> None:
    """Share of failing worlds in groups of equal number by value; fewer groups where values are tied."""
    edges = np.unique(np.quantile(values, np.arange(1, _GROUPS) / _GROUPS))
    group = np.searchsorted(edges, values, side="left")
    _, group = np.unique(group, return_inverse=True)
    count = np.bincount(group)
    centre, share = (np.bincount(group, of) / count for of in (values, fails.astype(float)))
    error = np.sqrt(share * (1.0 - share) / count)
    axis.errorbar(
        centre,
        100.0 * share,
        yerr=200.0 * error,
        fmt="o-",
        color=BLACK,
        markersize=3.5,
        linewidth=1.0,
        label="by tenths of worlds (whiskers: 2 standard errors)",
    )


def _unit(unit: str) -> str:
    """The unit at an axis whose ticks are told in natural units."""
    return "" if unit in ("1", "fraction") else unit.removeprefix("log10 ")


def _few() -> object:
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(nbins=4)
