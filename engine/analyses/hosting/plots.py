"""Use of hosted services: a figure, and the same as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import xarray as xr

from engine.plotting.first_times import first_times_figure
from engine.plotting.panels import MOST_PANELS, capabilities_of, format_missing
from engine.plotting.style import BLACK
from engine.text.format import format_share, spoken

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


#: Least difference between classes that are served that is drawn.
_VISIBLE = 0.01


def use_figure(results: xr.Dataset, policy: str = "baseline") -> Figure:
    """A panel for each capability: attainment by class over time, and use of services.

    Use is drawn for the class that is served most often, and for the one served least often if it differs.
    """
    return first_times_figure(results, policy, "attainment", "probability that the class has it, or is served", _use)


def _use(axis: Axes, one: xr.Dataset) -> None:
    """Draw the use of one capability into its panel."""
    years, use = one["time"].values, one["use_probability"]
    most, least = use.max("actor_class").values, use.min("actor_class").values
    axis.plot(years, most, color=BLACK, linewidth=2.2, linestyle=(0, (1, 1)), label="served by a host")
    if (most - least).max() > _VISIBLE:
        axis.plot(years, least, color=BLACK, linewidth=1.2, linestyle=(0, (4, 2)), label="served least often")


def use_in_words(results: xr.Dataset, policy: str = "baseline") -> str:
    """Text for `use_figure`: the share of futures in which a host has served some class with each by the horizon."""
    last = results["use_probability"].sel(policy=policy).isel(time=-1).max("actor_class")
    parts = [
        f"{spoken(name)} {format_share(float(last.sel(capability=name)))}"
        for name in capabilities_of(results)[:MOST_PANELS]
    ]
    return (
        f"Probability that a host has served a class by {float(results['time'][-1]):g}, the highest of any class: "
        f"{'; '.join(parts)}{format_missing(results.sizes['capability'], 'capabilities')}."
    )
