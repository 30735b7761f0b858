"""Is the run large enough? Figures of Monte Carlo standard errors, of levels and of paired differences."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from engine.plotting.panels import classes_of, policies_of, rows_of
from engine.plotting.style import BLUE, ORANGE, PAGE_WIDTH, new_figure, plain
from engine.scenario import BASELINE

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Floats = NDArray[np.float64]

#: Means and their names. Losses are those to the horizon, which every run has.
_MEANS = {
    "exposure": "exposure_mean",
    "incidents": "incidents_mean",
    "loss": "loss_mean",
    "benefit": "benefit_mean",
}


def precision_figure(results: xr.Dataset) -> Figure:
    """Standard errors: left, of probabilities of attainment by class; right, of the main means, relative to them.

    `results` are those of `engine.simulate`. A dot is the median of all errors in the row, and a line goes from the
    least to the largest: at the left over capabilities and times, at the right over capabilities. Circles show the
    baseline, diamonds the paired differences of all policies from it.
    """
    classes, means = classes_of(results), _relative(results)
    chances = {name: _of_class(results, name) for name in classes}
    figure = new_figure(PAGE_WIDTH, 1.5 + 0.34 * max(len(classes), len(means)))
    left, right = figure.subplots(1, 2)
    plain(
        left,
        title="probability of attainment by a class",
        xlabel="standard error, percentage points",
    )
    _rows(left, chances)
    left.set_xlim(left=0.0)
    plain(right, title="means to the horizon", xlabel="standard error, % of the mean under the baseline")
    _rows(right, means)
    _logarithmic(right, means)
    _legend(figure, paired=len(policies_of(results)) > 1)
    return figure


def precision_in_words(results: xr.Dataset) -> str:
    """Text for `precision_figure`: the size of errors, the differences that they resolve, and how to halve them."""
    worlds, futures = int(results.attrs["worlds"]), int(results.attrs["futures"])
    size = f"{worlds:,} worlds of {futures:,} futures each"
    chances = [_of_class(results, name) for name in classes_of(results)]
    levels = np.concatenate([level for level, _ in chances])
    paired = np.concatenate([difference for _, difference in chances])
    if not levels.size:
        return f"This run of {size} does not show the errors of its numbers; simulate more worlds."
    parts = [
        f"With {size}, probabilities of attainment have a standard error of at most {levels.max():.2g} percentage "
        f"points (median {np.median(levels):.2g}). Two separate runs of this size resolve differences of "
        f"{2.0 * np.sqrt(2.0) * levels.max():.2g} points or more."
    ]
    if paired.size:
        parts.append(
            f"A policy's change in the same futures differs clearly from zero beyond {2.0 * paired.max():.2g} points."
        )
    text = [f"{name} {_range(level)}" for name, (level, _) in _relative(results).items() if level.size]
    if text:
        parts.append(f"Standard errors of means, in % of the mean: {', '.join(text)}.")
    least = [f"{name} {2.0 * pair.max():.2g}%" for name, (_, pair) in _relative(results).items() if pair.size]
    if least:
        parts.append(f"A policy's change differs clearly from zero where it exceeds {', '.join(least)} of the mean.")
    parts.append(
        "These errors are for a single world; uncertain numbers need more worlds."
        if worlds == 1
        else f"Four times as many worlds halve every error: {4 * worlds:,} worlds, or {4 * worlds * futures:,} futures."
    )
    return " ".join(parts)


def _of_class(results: xr.Dataset, name: str) -> tuple[Floats, Floats]:
    """Standard errors of a class's probabilities and of their paired differences, points; zeros are left out."""
    one = results.sel(actor_class=name)
    level = one["attainment_probability_se"].sel(policy=BASELINE)
    return _known(100.0 * level), _known(100.0 * _of_others(one["attainment_probability_difference_se"]))


def _relative(results: xr.Dataset) -> dict[str, tuple[Floats, Floats]]:
    """Standard errors of means under the baseline, and of paired differences from them, in % of the means.

    Means that are 0 or unknown are left out, and so are quantities without any other mean.
    """
    found = {}
    for words, name in _MEANS.items():
        one = results.sel(period="total") if "period" in results[name].dims else results
        mean = one[name].sel(policy=BASELINE)
        mean = mean.where(mean > 0.0)
        level = _known(100.0 * one[f"{name}_se"].sel(policy=BASELINE) / mean)
        paired = _known(100.0 * _of_others(one[f"{name}_difference_se"]) / mean)
        if level.size:
            found[words] = (level, paired)
    return found


def _of_others(values: xr.DataArray) -> xr.DataArray:
    """Values of all policies other than the baseline."""
    # Load first: xarray before 2026.9 loses a dimension of an unread file if nothing is selected.
    return values.compute().isel(policy=values["policy"].values != BASELINE)


def _known(values: xr.DataArray) -> Floats:
    """Errors above 0: an error of 0 belongs to a constant in all futures, and NaN is unknown."""
    array = values.to_numpy().astype(np.float64).ravel()
    return array[array > 0.0]


def _rows(axis: Axes, rows: dict[str, tuple[Floats, Floats]]) -> None:
    """A row for each of `rows`: levels above, differences below, each as a line with a dot at the median."""
    apart = 0.15 if any(paired.size for _, paired in rows.values()) else 0.0
    for row, pair in enumerate(rows.values()):
        for values, shift, colour, marker in zip(pair, (-apart, apart), (BLUE, ORANGE), "oD", strict=True):
            if values.size:
                place = [row + shift, row + shift]
                axis.plot([values.min(), values.max()], place, color=colour, linewidth=1.6, solid_capstyle="butt")
                axis.plot([np.median(values)], place[:1], marker=marker, color=colour, markersize=6)
    rows_of(axis, list(rows))


def _logarithmic(axis: Axes, rows: dict[str, tuple[Floats, Floats]]) -> None:
    """A logarithmic scale with plain numbers: errors of differences may be a thousandth of those of levels."""
    from matplotlib.ticker import FuncFormatter, NullFormatter

    values = [errors for pair in rows.values() for errors in pair if errors.size]
    if not values:
        axis.text(0.5, 0.5, "no harm and no benefit in this run", ha="center", transform=axis.transAxes, fontsize=8)
        return
    every = np.concatenate(values)
    axis.set_xscale("log")
    axis.set_xlim(10.0 ** np.floor(np.log10(every.min())), 10.0 ** np.ceil(np.log10(every.max() * 1.01)))
    axis.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.xaxis.set_minor_formatter(NullFormatter())


def _legend(figure: Figure, paired: bool) -> None:
    from matplotlib.lines import Line2D

    handles = [Line2D([], [], color=BLUE, marker="o", label="under the baseline")]
    if paired:
        handles.append(Line2D([], [], color=ORANGE, marker="D", label="difference of a policy in the same futures"))
    over = f"{'policies, ' if paired else ''}capabilities and (left) times"
    figure.legend(
        handles=handles,
        loc="outside lower center",
        ncols=2,
        fontsize=8,
        frameon=False,
        title=f"dot: median; line: least to largest, over {over}",
        title_fontsize=8,
    )


def _range(values: Floats) -> str:
    """ "4.2%", or "6.0% to 11.7%" of several."""
    low, high = f"{values.min():.2g}%", f"{values.max():.2g}%"
    return low if low == high else f"{low} to {high}"
