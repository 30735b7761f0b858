"""Figures with many similar small panels, one for each capability or class, and their shared parts."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import fill
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from engine.plotting.style import PAGE_WIDTH, drawn, look, new_figure, plain
from engine.text.format import quantile_name

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: Most panels of a figure. Further ones are left out, and the figure says so.
MOST_PANELS = 12
_COLUMNS = 4
#: Characters in a line of a title, and in an inch of a label or a legend.
_TITLE, _LETTERS = 26, 14

#: Colour and hatch for "never".
NOBODY = ("#DDDDDD", "")


def capabilities_of(results: xr.Dataset) -> list[str]:
    """The capabilities in the order in which figures show them: the dangerous first, else as in the scenario."""
    kinds = dict(zip(map(str, results["capability"].values), map(str, results["capability_kind"].values), strict=True))
    return sorted(kinds, key=lambda name: kinds[name] != "dangerous")


def of_kind(results: xr.Dataset, kind: str) -> list[str]:
    """The capabilities of a `kind`, dangerous or valuable, in the order of the scenario."""
    names, kinds = results["capability"].values, results["capability_kind"].values
    return [str(name) for name, one in zip(names, kinds, strict=True) if one == kind]


def classes_of(results: xr.Dataset) -> list[str]:
    """The actor classes, in the order of the scenario."""
    return [str(name) for name in results["actor_class"].values]


def policies_of(results: xr.Dataset) -> list[str]:
    """The simulated policies, the baseline first."""
    return [str(name) for name in results["policy"].values]


def title(axis: Axes, results: xr.Dataset, capability: str) -> None:
    """A capability and its kind as the title of a panel."""
    kind = str(results["capability_kind"].sel(capability=capability).item())
    axis.set_title(f"{fill(drawn(capability), _TITLE)}\n({kind})", fontsize=9)


def panels(count: int, height: float = 2.0, head: float = 0.9) -> tuple[Figure, list[Axes]]:
    """A figure of `count` panels, at most four in a row and `MOST_PANELS` in all, each `height` inches high.

    `head` inches are reserved for legend and labels. All panels have the same scales.
    """
    shown = min(count, MOST_PANELS)
    columns = min(_COLUMNS, shown)
    rows = -(-shown // columns)
    width = PAGE_WIDTH if columns > 2 else 0.33 * PAGE_WIDTH * columns + 1.2
    figure = new_figure(width, height * rows + head)
    axes = list(figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True).flat)
    for axis in axes[:shown]:
        plain(axis)
    for axis in axes[shown:]:
        axis.set_visible(False)
        # The panel above an empty place shows the years of its column.
        axes[axes.index(axis) - columns].tick_params(labelbottom=True)
    return figure, axes[:shown]


def format_missing(count: int, what: str) -> str:
    """An addition to a label if some panels are not shown; otherwise empty."""
    return f"; {MOST_PANELS} of {count} {what} are shown" if count > MOST_PANELS else ""


def legend_above(figure: Figure, axis: Axes, columns: int = 6) -> None:
    """One legend for all panels, above them, with the labels of `axis`."""
    handles, labels = axis.get_legend_handles_labels()
    longest = max(map(len, labels), default=0)
    # The line of an entry and its margins are as wide as eight characters.
    columns = max(1, min(columns, int(_LETTERS * figure.get_figwidth() / (longest + 8))))
    lines = -(-len(labels) // columns)
    # There is space for two lines; more would squeeze a figure with few panels.
    figure.set_figheight(figure.get_figheight() + 0.17 * max(lines - 2, 0))
    figure.legend(handles, labels, loc="outside upper center", ncols=columns, fontsize=8, frameon=False)


def label_below(figure: Figure, words: str) -> None:
    """One label for all horizontal scales, in as many lines as it needs."""
    figure.supxlabel(fill(words, int(_LETTERS * figure.get_figwidth())), fontsize=9)


def label_left(figure: Figure, words: str, note: str = "") -> None:
    """One label for all vertical scales, in as many lines as it needs, and a note in a line of its own."""
    lines = [fill(part, int(_LETTERS * 0.7 * figure.get_figheight())) for part in (words, note) if part]
    figure.supylabel("\n".join(lines), fontsize=9)


def years_along(axis: Axes, years: np.ndarray) -> None:
    """A scale of years from the first to the last, with whole years at its ticks if there are some."""
    from matplotlib.ticker import MaxNLocator

    axis.set_xlim(years[0], years[-1])
    axis.xaxis.set_major_locator(MaxNLocator(4, integer=bool(years[-1] - years[0] >= 4.0)))


def rows_of(axis: Axes, names: Sequence[str], labelled: bool = True) -> None:
    """A row for each of `names` from the top down, with its name if `labelled`."""
    axis.set_yticks(range(len(names)), [drawn(name) for name in names] if labelled else [])
    axis.set_ylim(len(names) - 0.4, -0.6)


def outer(results: xr.Dataset) -> tuple[float, float]:
    """The lowest and the highest quantile in the results."""
    quantiles = results["quantile"].values
    return float(quantiles[0]), float(quantiles[-1])


def interval_name(results: xr.Dataset) -> str:
    """The interval between the outermost quantiles: "5% to 95% of futures"."""
    low, high = outer(results)
    return f"{100 * low:g}% to {100 * high:g}% of futures"


def median_name(results: xr.Dataset) -> str:
    """The name of the result of `middle`: "median", or "40% quantile" if that is the nearest in the results."""
    return quantile_name(float(middle(results["quantile"])))


def spread_name(results: xr.Dataset) -> str:
    """The meaning of markers and whiskers, or lines and bands: "median, and 5% to 95% of futures"."""
    several = results.sizes["quantile"] > 1
    return f"{median_name(results)}, and {interval_name(results)}" if several else f"{median_name(results)} of futures"


def format_spread(results: xr.Dataset, median: str, least: str, most: str) -> str:
    """A median with its interval: "4 (2 to 7)"; a single quantile has no interval."""
    return f"{median} ({least} to {most})" if results.sizes["quantile"] > 1 else median


def middle(values: xr.DataArray) -> xr.DataArray:
    """The median of an array over `quantile`, or the nearest quantile."""
    # Rounded, so that the lower of two equally near ones is taken.
    return values.isel(quantile=int(np.abs(values["quantile"].values - 0.5).round(9).argmin()))


def whiskers(axis: Axes, row: float, values: xr.DataArray, end: float, index: int) -> None:
    """A marker at the `middle` of `values` (quantile), with a whisker from the lowest quantile to the highest.

    A whisker ends in an arrow at `end` if the highest lies past it (NaN); nothing is drawn where even the lowest does.
    `index` is the index of the item among its kind (`style.look`).
    """
    low, median, high = float(values[0]), float(middle(values)), float(values[-1])
    if np.isnan(low):
        return
    one = look(index)
    upper = end if np.isnan(high) else high
    axis.plot([low, upper], [row, row], color=one.colour, linewidth=1.6, solid_capstyle="butt")
    if np.isnan(high):
        axis.plot([end], [row], marker=">", markersize=5, color=one.colour, clip_on=False)
    if not np.isnan(median):
        (dot,) = axis.plot([median], [row], marker=one.marker, markersize=6.5, color=one.colour, clip_on=False)
        dot.set(markeredgecolor="white", markeredgewidth=0.6)


def stack(axis: Axes, left: np.ndarray, width: np.ndarray, colour: str, hatch: str, label: str) -> None:
    """One part of stacked horizontal bars, a row for each."""
    rows = np.arange(len(left))
    bars = axis.barh(rows, width, 0.72, left=left, color=colour, hatch=hatch, label=label)
    for bar in bars:
        bar.set(edgecolor="white", linewidth=0.4)
