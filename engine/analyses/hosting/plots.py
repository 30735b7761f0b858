"""Use of hosted services: a figure, and the same as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import xarray as xr

from engine.plotting.first_times import first_times_figure
from engine.plotting.panels import MOST_PANELS, capabilities_of, format_missing
from engine.text.format import format_share, spoken

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def use_figure(results: xr.Dataset, policy: str = "baseline") -> Figure:
    """A panel for each capability: the probability over time that a host has served a class with it."""
    return first_times_figure(results, policy, "use", "probability that a host has served the class with it")


def use_in_words(results: xr.Dataset, policy: str = "baseline") -> str:
    """Text for `use_figure`: the share of futures in which a host has served some class with each by the horizon."""
    last = results["use_probability"].sel(policy=policy).isel(time=-1).max("actor_class")
    parts = [
        f"{spoken(name)} {format_share(float(last.sel(capability=name)))}"
        for name in capabilities_of(results)[:MOST_PANELS]
    ]
    return (
        f"Probability that a host has served a class by {float(results['time'][-1]):g}, for the class with the highest: "
        f"{'; '.join(parts)}{format_missing(results.sizes['capability'], 'capabilities')}."
    )
