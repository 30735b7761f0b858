"""Figures of the most influential uncertain numbers for each outcome, and of the share of chance."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from engine.analyses.sensitivity.sobol_tornado import CHANCE
from engine.errors import InputError
from engine.plotting.panels import rows_of
from engine.plotting.style import BLACK, BLUE, GREY, ORANGE, PAGE_WIDTH, SKY, new_figure, plain
from engine.text.format import format_share, format_with_error, number_in_words, spoken

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

Floats = NDArray[np.float64]

#: Numbers shown for each outcome, and outcomes shown.
_MOST_NUMBERS, _MOST_OUTCOMES = 10, 8
_INFLUENCES = {
    "total": "share of the variance of the outcome (Sobol' indices)",
    "pawn_median": "effect of the number on the distribution of worlds' means (PAWN), from 0 to 1",
}
_NOT_VARYING = "the outcome does not vary"


def sensitivity_figure(found: xr.Dataset) -> Figure:
    """Above, the share of chance in each outcome's variance; below, its ten most influential numbers.

    `found` is the result of `variance_of`, `pawn_of` or `sobol`, or several of them `together`. Influence is measured
    by Sobol' indices if there are any, else by PAWN, with the level of noise. Whiskers are two standard errors. At
    most eight outcomes are shown. Raises InputError for any other dataset.
    """
    chance, influence = _chance(found), _influence(found)
    count = min(found.sizes["outcome"], _MOST_OUTCOMES)
    above = 1.0 + 0.3 * count if chance else 0.0
    rows = -(-count // 2) if influence else 0
    below = rows * 2.8 + 0.7 if influence else 0.0
    figure = new_figure(PAGE_WIDTH, above + below)
    heights = [height for height in (above, below) if height]
    parts = list(figure.subfigures(len(heights), 1, squeeze=False, height_ratios=heights)[:, 0])
    if chance:
        _shares(parts.pop(0), found, *chance)
    if influence:
        _numbers(parts.pop(0), found, influence, count)
    return figure


def sensitivity_in_words(found: xr.Dataset) -> str:
    """Text for `sensitivity_figure`: for each outcome, the share of chance and the most influential numbers."""
    chance, influence = _chance(found), _influence(found)
    parts = []
    for outcome in range(min(found.sizes["outcome"], _MOST_OUTCOMES)):
        words = []
        if chance:
            share, error = (values[outcome] for values in chance)
            known = f"{format_share(share)} (+- {200.0 * error:.1f} points)" if error > 0.0 else format_share(share)
            words.append(f"chance explains {known}" if np.isfinite(share) else _NOT_VARYING)
        if influence:
            one = found.isel(outcome=outcome)
            order = _largest(one, influence)
            words.append(_most_in_words(one, influence, order) if order.size else _NOT_VARYING)
        parts.append(f"{_name(found, outcome)}: {', '.join(dict.fromkeys(words))}")
    by = f" Influence: {_INFLUENCES[influence]}." if influence else ""
    split = " Chance is the variance that remains if all uncertain numbers are known." if chance else ""
    return f"{'. '.join(parts)}.{split}{by}"


def _chance(found: xr.Dataset) -> tuple[Floats, Floats] | None:
    """(share of chance in the variance, its standard error) x (outcome); None if `found` lacks it."""
    if "aleatory_share" in found:
        return found["aleatory_share"].values, found["aleatory_share_se"].values
    if "total" in found and CHANCE in found["factor"].values:
        one = found.sel(factor=CHANCE)
        return one["total"].values, one["total_se"].values
    return None


def _influence(found: xr.Dataset) -> str:
    """The variable that measures the influence of numbers; "" if there is none."""
    influence = next((name for name in _INFLUENCES if name in found), "")
    if not influence and _chance(found) is None:
        raise InputError("this is no sensitivity analysis; give the result of sobol, pawn_of or variance_of")
    return influence


def _name(found: xr.Dataset, outcome: int) -> str:
    """The name of an outcome: "exposure", "log10 of loss"; its long name if it refers to one class or capability."""
    name = str(found["outcome"].values[outcome])
    if "." in name:
        return str(found["outcome_long_name"].values[outcome])
    return f"log10 of {spoken(name.removesuffix('_oom'))}" if name.endswith("_oom") else spoken(name)


def _largest(one: xr.Dataset, influence: str) -> NDArray[np.int64]:
    """Indices of the most influential numbers of one outcome, the largest first, without chance."""
    values = one[influence].values.astype(float)
    names = one[one[influence].dims[0]].values
    order = np.argsort(-np.nan_to_num(values, nan=-np.inf), kind="stable")
    order = order[np.isfinite(values[order]) & (names[order] != CHANCE)]
    return np.asarray(order[:_MOST_NUMBERS])


def _most_in_words(one: xr.Dataset, influence: str, order: NDArray[np.int64]) -> str:
    """The two most influential numbers of one outcome, and the count of numbers above noise."""
    names = [number_in_words(str(name)) for name in one[one[influence].dims[0]].values[order[:2]]]
    values = one[influence].values[order]
    if influence == "total":
        errors = one["total_se"].values[order]
        sure = [format_with_error(float(v), float(e)) for v, e in zip(values, errors, strict=True)]
        return "most influential " + ", ".join(f"{n} {v}" for n, v in zip(names, sure, strict=False))
    words = ", ".join(f"{name} {value:.2f}" for name, value in zip(names, values, strict=False))
    above, noise = int(one["above_noise"].sum()), float(one["noise_level"])
    return f"most influential {words} ({above} of {one.sizes['parameter']} numbers exceed noise, {noise:.2f})"


def _shares(part: SubFigure, found: xr.Dataset, shares: Floats, errors: Floats) -> None:
    """A bar for each outcome, split into the shares of the numbers and of chance."""
    from matplotlib.ticker import PercentFormatter

    count = min(len(shares), _MOST_OUTCOMES)
    axis = part.subplots()
    missing = f" ({count} of {len(shares)} outcomes are shown)" if count < len(shares) else ""
    plain(axis, xlabel=f"share of the variance of single futures; whiskers: 2 standard errors{missing}")
    for row, (share, error) in enumerate(zip(shares[:count], errors[:count], strict=True)):
        if np.isnan(share):
            axis.text(0.5, row, _NOT_VARYING, ha="center", va="center", fontsize=8)
            continue
        chance = float(np.clip(share, 0.0, 1.0))
        numbers = 1.0 - chance
        first = row == int(np.flatnonzero(np.isfinite(shares))[0])
        labels = ("uncertain numbers", "chance") if first else ("_", "_")
        axis.barh(row, numbers, 0.66, color=SKY, label=labels[0])
        axis.barh(row, chance, 0.66, left=numbers, color="#DDDDDD", hatch="///", edgecolor="white", label=labels[1])
        if np.isfinite(error):
            axis.errorbar(numbers, row, xerr=2.0 * error, color=BLACK, linewidth=1.2, capsize=2)
        for place, width in ((0.01, numbers), (0.99, chance)):
            if width > 0.08:
                box = {"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1.0}
                align = "left" if place < 0.5 else "right"
                axis.text(place, row, format_share(width), ha=align, va="center", fontsize=8, bbox=box)
    axis.set_xlim(0.0, 1.0)
    axis.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axis.grid(False)
    rows_of(axis, [_name(found, outcome) for outcome in range(count)])
    if axis.get_legend_handles_labels()[0]:
        part.legend(loc="outside upper center", ncols=2, fontsize=8, frameon=False)


def _numbers(part: SubFigure, found: xr.Dataset, influence: str, count: int) -> None:
    """A panel for each outcome with its most influential numbers."""
    axes = part.subplots(-(-count // 2), min(count, 2), squeeze=False)
    draw = _sobol if influence == "total" else _pawn
    for outcome, axis in enumerate(axes.flat):
        if outcome >= count:
            axis.set_visible(False)
            continue
        one = found.isel(outcome=outcome)
        order = _largest(one, influence)
        plain(axis, title=_name(found, outcome))
        axis.set_xlim(left=0.0)
        if not order.size:
            axis.text(0.5, 0.5, _NOT_VARYING, ha="center", transform=axis.transAxes, fontsize=8)
            axis.set_yticks([])
            continue
        names = [number_in_words(str(name)) for name in one[one[influence].dims[0]].values[order]]
        draw(axis, one, order)
        axis.set_axisbelow(True)
        rows_of(axis, names)
        axis.set_yticks(range(len(names)), [fill(name, 46) for name in names], fontsize=7)
    largest = max(axis.dataLim.x1 for axis in axes.flat)
    for axis in axes.flat:
        axis.set_xlim(0.0, 1.05 * largest if np.isfinite(largest) and largest > 0.0 else 1.0)
    part.supxlabel(_INFLUENCES[influence], fontsize=9)
    handles: dict[str, Any] = {}
    for axis in axes.flat:
        handles |= {label: handle for handle, label in zip(*axis.get_legend_handles_labels(), strict=True)}
    if handles:
        part.legend(
            list(handles.values()), list(handles), loc="outside upper center", ncols=4, fontsize=8, frameon=False
        )


def _pawn(axis: Axes, one: xr.Dataset, order: NDArray[np.int64]) -> None:
    """PAWN indices as bars, those above noise in another colour, and the levels of noise."""
    values, above = one["pawn_median"].values[order], one["above_noise"].values[order].astype(bool)
    for mask, colour, hatch, label in (
        (above, BLUE, "", "influences the outcome"),
        (~above, "#CCCCCC", "///", "within noise"),
    ):
        if mask.any():
            rows = np.flatnonzero(mask)
            axis.barh(rows, values[mask], 0.7, color=colour, hatch=hatch, edgecolor="white", label=label)
    axis.axvline(float(one["noise_level"]), color=BLACK, linestyle="--", linewidth=1.0, label="largest noise")
    axis.axvline(float(one["dummy_median"]), color=GREY, linestyle=":", linewidth=1.0, label="mean noise")


def _sobol(axis: Axes, one: xr.Dataset, order: NDArray[np.int64]) -> None:
    """Total and first-order indices with two standard errors."""
    for name, shift, colour, marker, label in (
        ("total", -0.16, BLUE, "o", "with all interactions (total, 2 standard errors)"),
        ("first_order", 0.16, ORANGE, "D", "by itself (first order, 2 standard errors)"),
    ):
        rows = np.arange(order.size) + shift
        errors = 2.0 * np.nan_to_num(one[f"{name}_se"].values[order])
        values = one[name].values[order]
        axis.errorbar(values, rows, xerr=errors, fmt=marker, color=colour, markersize=4.5, linewidth=1.2, label=label)
