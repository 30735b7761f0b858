"""The probability over time of a first event of each class, such as its attainment of a capability."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import xarray as xr

from engine.plotting.panels import (
    capabilities_of,
    classes_of,
    format_missing,
    label_below,
    label_left,
    legend_above,
    panels,
    title,
    years_along,
)
from engine.plotting.style import drawn, look

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def first_times_figure(
    results: xr.Dataset, policy: str, event: str, words: str, besides: Callable[[Axes, xr.Dataset], None] | None = None
) -> Figure:
    """A panel for each capability: the variable `event`_probability over time by class, with its 95% limits.

    `words` stand at the vertical scale; `besides` draws more into a panel, from the results of its capability.
    """
    chosen, names, classes = results.sel(policy=policy), capabilities_of(results), classes_of(results)
    figure, axes = panels(len(names))
    years = chosen["time"].values
    gap = max(1, len(years) // 8)
    for axis, capability in zip(axes, names, strict=False):
        one = chosen.sel(capability=capability)
        for index, name in enumerate(classes):
            curve = one[f"{event}_probability"].sel(actor_class=name).values
            limits = one[f"{event}_probability_limits"].sel(actor_class=name)
            low, high = limits.transpose("limit", "time").values
            style = look(index)
            # Markers distinguish lines in grey print; each class has them at different years.
            every = (2 * index % gap, gap)
            line = {"color": style.colour, "linestyle": style.dash, "linewidth": 1.4, "label": drawn(name)}
            axis.plot(years, curve, **line, marker=style.marker, markersize=3.5, markevery=every)
            axis.fill_between(years, low, high, color=style.colour, alpha=0.2, linewidth=0)
        if besides:
            besides(axis, one)
        title(axis, results, capability)
        years_along(axis, years)
        axis.set_ylim(0.0, 1.02)
    label_below(figure, f"year{format_missing(len(names), 'capabilities')}")
    label_left(figure, words, "(band: 95% limits)")
    legend_above(figure, axes[0])
    return figure
