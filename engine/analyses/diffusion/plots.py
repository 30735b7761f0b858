"""How capabilities diffuse: access to them and the best models of each class, as figures and as text."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from engine.plotting.panels import (
    MOST_PANELS,
    capabilities_of,
    classes_of,
    format_missing,
    format_spread,
    label_below,
    label_left,
    legend_above,
    median_name,
    middle,
    panels,
    spread_name,
    title,
    years_along,
)
from engine.plotting.style import GREEN, PAGE_WIDTH, PURPLE, drawn, look, new_figure, plain
from engine.record.forms import format_level
from engine.text.format import spoken

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def access_figure(results: xr.Dataset, policy: str = "baseline") -> Figure:
    """The access effect: a panel for each capability, with the number of real actors with access over time.

    Panels show the median, the mean, and bands between the inner and the outer quantiles of `actors_with_access`. The
    scale is linear from 0 to 1 and logarithmic above.
    """
    chosen, names = results.sel(policy=policy), capabilities_of(results)
    figure, axes = panels(len(names))
    years = chosen["time"].values
    for axis, capability in zip(axes, names, strict=False):
        kind = str(chosen["capability_kind"].sel(capability=capability).item())
        colour = PURPLE if kind == "dangerous" else GREEN
        _bands(axis, chosen["actors_with_access"].sel(capability=capability), colour)
        mean = chosen["actors_with_access_mean"].sel(capability=capability).values
        axis.plot(years, mean, color="black", linestyle=":", linewidth=1.2, label="mean")
        title(axis, results, capability)
        years_along(axis, years)
        _counts(axis, max(float(chosen[n].max()) for n in ("actors_with_access", "actors_with_access_mean")))
    label_below(figure, f"year{format_missing(len(names), 'capabilities')}")
    label_left(figure, "actors with access")
    legend_above(figure, axes[0])
    return figure


def access_in_words(results: xr.Dataset, policy: str = "baseline") -> str:
    """Text for `access_figure`: the number of actors with each capability half way and at the horizon."""
    chosen = results.sel(policy=policy)
    years = chosen["time"].values
    half = len(years) // 2
    parts = []
    for capability in capabilities_of(results)[:MOST_PANELS]:
        counts = chosen["actors_with_access"].sel(capability=capability)
        medians = middle(counts).values
        ends = [f"{float(counts.isel(time=-1, quantile=i)):,.0f}" for i in (0, -1)]
        last = format_spread(results, f"{medians[-1]:,.0f}", *ends)
        parts.append(f"{spoken(capability)} {medians[half]:,.0f} in {years[half]:g} and {last} in {years[-1]:g}")
    missing = format_missing(results.sizes["capability"], "capabilities")
    return f"Actors with access ({spread_name(results)}): {'; '.join(parts)}{missing}."


def performance_figure(results: xr.Dataset, policy: str = "baseline") -> Figure:
    """The performance effect: a panel for each class, with the effective compute of its best model over time.

    Panels show the median, and bands between the inner and the outer quantiles; grey lines are the medians of all
    other classes.
    """
    chosen, classes = results.sel(policy=policy), classes_of(results)
    figure, axes = panels(len(classes), 2.1)
    years, best = chosen["time"].values, chosen["effective_compute"]
    medians = [middle(best.sel(actor_class=name)).values for name in classes]
    for index, (axis, name) in enumerate(zip(axes, classes, strict=False)):
        for other in medians[:index] + medians[index + 1 :]:
            axis.plot(years, other, color="#BBBBBB", linewidth=0.8)
        _bands(axis, best.sel(actor_class=name), look(index).colour)
        axis.set_title(fill(drawn(name), 26), fontsize=9)
        years_along(axis, years)
    if len(classes) > 1:
        axes[0].plot([], [], color="#BBBBBB", linewidth=0.8, label=f"{median_name(results)} of each other class")
    label_below(figure, f"year{format_missing(len(classes), 'classes')}")
    label_left(figure, "effective compute of the best model", "(log10 FLOP)")
    legend_above(figure, axes[0])
    return figure


def performance_in_words(results: xr.Dataset, policy: str = "baseline") -> str:
    """Text for `performance_figure`: each class's best model at the start and at the horizon."""
    chosen, parts = results.sel(policy=policy), []
    for name in classes_of(results)[:MOST_PANELS]:
        best = chosen["effective_compute"].sel(actor_class=name)
        known = middle(best).dropna("time")
        if not known.size:
            parts.append(f"{spoken(name)} none")
            continue
        # Later points may be beyond the scale; both ends refer to the same moment.
        start, end = (float(known["time"][i]) for i in (0, -1))
        ends = [_flop(float(best.sel(time=end).isel(quantile=i))) for i in (0, -1)]
        last = format_spread(results, _flop(float(known[-1])), *ends)
        parts.append(f"{spoken(name)} from {_flop(float(known[0]))} in {start:g} to {last} in {end:g}")
    missing = format_missing(results.sizes["actor_class"], "classes")
    text = f"Effective compute of the best model so far, FLOP ({spread_name(results)})"
    return f"{text}: {'; '.join(parts)}{missing}."


def models_figure(results: xr.Dataset, policy: str = "baseline") -> Figure:
    """Number of models trained with at least each threshold of FLOP: median and outer quantiles."""
    chosen = results.sel(policy=policy)["runs_above"]
    figure = new_figure(0.75 * PAGE_WIDTH, 3.8)
    axis = figure.subplots()
    plain(axis, xlabel="year", ylabel=f"models so far: {spread_name(results)}")
    years = chosen["time"].values
    for index, threshold in enumerate(chosen["threshold"].values):
        one, style = chosen.sel(threshold=threshold), look(index)
        label = format_level(threshold)
        axis.plot(years, middle(one), color=style.colour, linestyle=style.dash, linewidth=1.6, label=label)
        low, high = one.isel(quantile=0), one.isel(quantile=-1)
        axis.fill_between(years, low, high, color=style.colour, alpha=0.12, linewidth=0)
    years_along(axis, years)
    _counts(axis, float(chosen.max()))
    figure.legend(title="trained with at least", loc="outside right upper", fontsize=8, title_fontsize=8, frameon=False)
    return figure


def models_in_words(results: xr.Dataset, policy: str = "baseline") -> str:
    """Text for `models_figure`: number of models above each threshold at the horizon."""
    chosen = results.sel(policy=policy)["runs_above"].isel(time=-1)
    parts = []
    for threshold in chosen["threshold"].values:
        one = chosen.sel(threshold=threshold)
        counts = [f"{float(part):,.0f}" for part in (middle(one), one[0], one[-1])]
        parts.append(f"{format_spread(results, *counts)} of at least {format_level(threshold)}")
    return f"Models by {float(chosen['time']):g} ({spread_name(results)}): {'; '.join(parts)}."


def _bands(axis: Axes, values: xr.DataArray, colour: str) -> None:
    """The median of `values` (time, quantile) with bands between its inner and its outer quantiles, labelled."""
    quantiles, years = values["quantile"].values, values["time"].values
    for k in range(len(quantiles) // 2):
        low, high = float(quantiles[k]), float(quantiles[-1 - k])
        axis.fill_between(
            years,
            values.sel(quantile=low),
            values.sel(quantile=high),
            color=colour,
            alpha=0.18 + 0.14 * k,
            linewidth=0,
            label=f"{100 * low:g}% to {100 * high:g}% of futures",
        )
    name = median_name(values.to_dataset(name="values"))
    axis.plot(years, middle(values), color=colour, linewidth=1.8, label=name)


def _counts(axis: Axes, most: float) -> None:
    """A scale for counts from 0 to `most`: linear up to 1, logarithmic above, with whole numbers at its ticks."""
    axis.set_yscale("symlog", linthresh=1.0, linscale=0.4)
    powers = 10.0 ** np.arange(0, np.ceil(np.log10(max(most, 2.0))) + 1)
    # With few powers of ten, most of the scale would have no number.
    ticks = [0.0, *(step * power for power in powers for step in ((1, 2, 5) if most < 100.0 else (1,)))]
    axis.set_yticks(ticks, [f"{tick:,.0f}" for tick in ticks])
    axis.set_ylim(0.0, 1.3 * max(most, 2.0))
    axis.minorticks_off()


def _flop(value: float) -> str:
    return "none" if np.isnan(value) else f"10^{value:.1f}"
