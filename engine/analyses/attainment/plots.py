"""Figures of when each class of actors attains each capability."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from engine.plotting.first_times import first_times_figure
from engine.plotting.panels import (
    MOST_PANELS,
    capabilities_of,
    classes_of,
    format_missing,
    format_spread,
    label_below,
    middle,
    panels,
    rows_of,
    spread_name,
    title,
    whiskers,
    years_along,
)
from engine.text.format import spoken
from engine.text.report_format import attained_by_the_end

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def attainment_figure(results: xr.Dataset, policy: str = "baseline") -> Figure:
    """A panel for each capability: the probability over time that some member of a class has it, by class.

    `results` are those of `engine.simulate`. Bands are 95% confidence limits for this number of futures. Dangerous
    capabilities come first; at most twelve capabilities are shown.
    """
    return first_times_figure(results, policy, "attainment", "probability that a member of the class has it")


def attainment_in_words(results: xr.Dataset, policy: str = "baseline") -> str:
    """Text for `attainment_figure`: where the highest and the lowest curve of each capability end."""
    chosen, horizon = results.sel(policy=policy), float(results["time"][-1])
    parts = []
    for capability in capabilities_of(results)[:MOST_PANELS]:
        one, classes = chosen.sel(capability=capability), classes_of(results)
        last = one["attainment_probability"].isel(time=-1).values
        high, low = int(last.argmax()), int(last.argmin())
        ends = {spoken(classes[i]): attained_by_the_end(one.isel(actor_class=i)) for i in (high, low)}
        if last[high] == last[low] and len(classes) > 1:
            ends = {"every class": next(iter(ends.values()))}
        parts.append(f"{spoken(capability)}: " + ", ".join(f"{name} {chance}" for name, chance in ends.items()))
    return (
        f"Curves rise from {results['time'].values[0]:g} to {horizon:g}, one for each class of actors in each panel. "
        f"Probability of having the capability by {horizon:g}, the highest and the lowest class: {'; '.join(parts)}"
        f"{format_missing(results.sizes['capability'], 'capabilities')}."
    )


def times_figure(results: xr.Dataset, policy: str = "baseline") -> Figure:
    """A panel for each capability: median and interval of the year in which each class first attains it.

    Whiskers go from the lowest to the highest quantile in the results. An arrow means that the rest lies past the
    horizon; a row is empty if even the lowest quantile does.
    """
    chosen, names, classes = results.sel(policy=policy), capabilities_of(results), classes_of(results)
    height = 0.75 + 0.19 * len(classes)
    figure, axes = panels(len(names), height, 0.6)
    horizon = float(results["time"][-1])
    for axis, capability in zip(axes, names, strict=False):
        times = chosen["attainment_time_quantile"].sel(capability=capability)
        for row, name in enumerate(classes):
            one = times.sel(actor_class=name)
            whiskers(axis, row, one, horizon, row)
        title(axis, results, capability)
        years_along(axis, results["time"].values)
        rows_of(axis, classes)
    label_below(
        figure,
        f"year of first attainment: {spread_name(results)}; an arrow goes past {horizon:g}"
        f"{format_missing(len(names), 'capabilities')}",
    )
    return figure


def times_in_words(results: xr.Dataset, policy: str = "baseline") -> str:
    """Text for `times_figure`: the earliest and the latest class for each capability."""
    chosen, horizon = results.sel(policy=policy), float(results["time"][-1])
    parts = []
    for capability in capabilities_of(results)[:MOST_PANELS]:
        times = chosen["attainment_time_quantile"].sel(capability=capability)
        medians = middle(times).values
        if times.isnull().all():
            parts.append(f"{spoken(capability)}: past {horizon:g} for every class")
            continue
        order = np.argsort(np.where(np.isnan(medians), np.inf, medians), kind="stable")
        ends = dict.fromkeys((int(order[0]), int(order[-1])))
        values = []
        for i in ends:
            least, most = (_year(float(times[i, q]), horizon) for q in (0, -1))
            median = _year(float(medians[i]), horizon)
            values.append(f"{spoken(classes_of(results)[i])} {format_spread(results, median, least, most)}")
        parts.append(f"{spoken(capability)}: {', '.join(values)}")
    return (
        f"Year of first attainment ({spread_name(results)}) of the earliest and the latest class. "
        f"{'; '.join(parts)}{format_missing(results.sizes['capability'], 'capabilities')}."
    )


def _year(value: float, horizon: float) -> str:
    return f"past {horizon:g}" if np.isnan(value) else f"{value:.1f}"
