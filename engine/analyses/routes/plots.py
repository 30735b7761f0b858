"""Routes by which classes first attain capabilities: a figure, and the same as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from engine.plotting.panels import (
    NOBODY,
    capabilities_of,
    classes_of,
    format_missing,
    label_below,
    legend_above,
    panels,
    rows_of,
    stack,
    title,
)
from engine.plotting.style import BLUE, ORANGE, RED, SKY
from engine.text.format import format_share, spoken

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: Colour and hatch of each route, and of no attainment.
_ROUTES = {
    "trained": (BLUE, ""),
    "distilled": (SKY, "..."),
    "open_weights": (ORANGE, "///"),
    "stolen": (RED, "xxx"),
}


def _routes(results: xr.Dataset) -> list[str]:
    """The routes in the order of the figure; distillation only if some class attains by it."""
    distilled = bool(results["attainment_route"].sel(route="distilled").any())
    return [route for route in _ROUTES if distilled or route != "distilled"]


def routes_figure(results: xr.Dataset, policy: str = "baseline") -> Figure:
    """A panel for each capability: routes of first attainment by class, as shares of all futures."""
    chosen, names, classes = results.sel(policy=policy), capabilities_of(results), classes_of(results)
    figure, axes = panels(len(names), 0.75 + 0.19 * len(classes))
    for axis, capability in zip(axes, names, strict=False):
        shares = chosen["attainment_route"].sel(capability=capability)
        left = np.zeros(len(classes))
        for route in _routes(results):
            width = shares.sel(route=route).values
            colour, hatch = _ROUTES[route]
            stack(axis, left, width, colour, hatch, spoken(route))
            left = left + width
        stack(axis, left, 1.0 - left, *NOBODY, "not within the horizon")
        title(axis, results, capability)
        axis.set_xlim(0.0, 1.0)
        axis.grid(False)
        rows_of(axis, classes)
    missing = format_missing(len(names), "capabilities")
    label_below(figure, f"share of futures in which the class first attains the capability by the route{missing}")
    legend_above(figure, axes[0])
    return figure


def routes_in_words(results: xr.Dataset, policy: str = "baseline") -> str:
    """Text for `routes_figure`: shares of routes by class, means over the dangerous capabilities."""
    chosen = results.sel(policy=policy)
    kinds = chosen["capability_kind"].values.astype(str)
    of = "dangerous" if (kinds == "dangerous").any() else "valuable"
    shares = chosen["attainment_route"].isel(capability=np.flatnonzero(kinds == of)).mean("capability")
    parts = []
    for name in classes_of(results):
        values = [
            f"{format_share(float(shares.sel(actor_class=name, route=route)))} {spoken(route)}"
            for route in _routes(results)
        ]
        parts.append(f"{spoken(name)} {', '.join(values)}")
    return f"Share of futures by route, the mean over {of} capabilities: {'; '.join(parts)}."
