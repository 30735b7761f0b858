"""Which class is first, and how far ahead: a figure, and the same as text."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from engine.plotting.panels import (
    MOST_PANELS,
    NOBODY,
    capabilities_of,
    classes_of,
    format_missing,
    format_spread,
    legend_above,
    middle,
    rows_of,
    spread_name,
    stack,
    whiskers,
)
from engine.plotting.style import PAGE_WIDTH, drawn, look, new_figure, plain
from engine.text.format import format_share, spoken

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def lead_figure(results: xr.Dataset, policy: str = "baseline") -> Figure:
    """Left, the probability that each class is first; right, its years behind the first.

    A class that is first itself is 0 years behind. Whiskers go from the lowest to the highest quantile.
    """
    chosen, names, classes = results.sel(policy=policy), capabilities_of(results)[:MOST_PANELS], classes_of(results)
    step = 0.8 / len(classes)
    figure = new_figure(PAGE_WIDTH, 1.2 + len(names) * max(0.45, 0.11 * len(classes)))
    first, lead = figure.subplots(1, 2, sharey=True, width_ratios=[1.0, 1.5])
    plain(first, xlabel="probability of being first")
    missing = format_missing(results.sizes["capability"], "capabilities")
    words = f"years behind the first: {spread_name(results)} in which any attains (arrow: past the horizon{missing})"
    plain(lead, xlabel=fill(words, 50))
    left = np.zeros(len(names))
    span = float(results["time"][-1] - results["time"][0])
    longest = chosen["lead_time"].max()
    end = min(span, 1.05 * float(longest)) if np.isfinite(longest) and longest > 0 else span
    for index, name in enumerate(classes):
        width = chosen["first_attainer"].sel(capability=names, actor_class=name).values
        hatch = "" if index < 7 else "///"
        stack(first, left, width, look(index).colour, hatch, drawn(name))
        left = left + width
        for row, capability in enumerate(names):
            one = chosen["lead_time"].sel(capability=capability, actor_class=name)
            place = row + (index - (len(classes) - 1) / 2) * step
            whiskers(lead, place, one, end, index)
    stack(first, left, np.clip(1.0 - left, 0.0, None), *NOBODY, "nobody within the horizon")
    first.set_xlim(0.0, 1.0)
    lead.set_xlim(0.0, end)
    rows_of(first, names)
    first.grid(False)
    for row in range(1, len(names)):
        lead.axhline(row - 0.5, color="#CCCCCC", linewidth=0.6)
    legend_above(figure, first, 4)
    return figure


def lead_in_words(results: xr.Dataset, policy: str = "baseline") -> str:
    """Text for `lead_figure`: the likeliest first class of each capability, and the lag of the last class."""
    chosen, classes, parts = results.sel(policy=policy), classes_of(results), []
    for capability in capabilities_of(results)[:MOST_PANELS]:
        chances = chosen["first_attainer"].sel(capability=capability).values
        leads = chosen["lead_time"].sel(capability=capability)
        if not chances.any():
            parts.append(f"{spoken(capability)}: nobody within the horizon")
            continue
        medians = middle(leads).values
        last = int(np.argmax(np.where(np.isnan(medians), np.inf, medians)))
        best = int(np.argmax(chances))
        text = f"{spoken(capability)}: {spoken(classes[best])} first with {format_share(float(chances[best]))}"
        if len(classes) > 1:
            years = [_years(float(part)) for part in (medians[last], leads[last, 0], leads[last, -1])]
            text += f", farthest behind {spoken(classes[last])}: {format_spread(results, *years)}"
        parts.append(text)
    text = "; ".join(parts) + format_missing(results.sizes["capability"], "capabilities")
    behind = f"years behind ({spread_name(results)} in which any class attains)"
    return f"The likeliest first class, and the class farthest behind: {behind}. {text}."


def _years(value: float) -> str:
    return "past the horizon" if np.isnan(value) else f"{value:.1f}"
