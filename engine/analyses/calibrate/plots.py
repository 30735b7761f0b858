"""A figure of a calibration: prior and posterior."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from engine.analyses.calibrate.dataset import SPREADS
from engine.analyses.calibrate.summary import most_informed
from engine.plotting.style import BLACK, BLUE, ORANGE, drawn, new_figure, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: Most numbers in the figure.
_DRAWN = 12


def posterior_figure(found: xr.Dataset) -> Figure:
    """Left, the numbers that the observations inform most; right, observations and expectations of worlds.

    Bars are 90% intervals, thick bars 50%. Numbers are in standard deviations of their prior, from its median.
    """
    figure = new_figure(12.0, 6.4)
    left, right = figure.subplots(1, 2, width_ratios=[1.0, 1.15])
    chosen = most_informed(found, _DRAWN)[::-1]
    for row, p in enumerate(chosen):
        here = found.isel(parameter=p)
        middle, width = float(here["prior"].sel(quantile=0.5)), _spread(here["prior"])
        for name, colour, shift in (("prior", ORANGE, 0.16), ("posterior", BLUE, -0.16)):
            _interval(left, (here[name].values - middle) / width, row + shift, colour, name if row == 0 else "")
    names = [str(found["parameter"].values[p]).removeprefix("actor_classes.") for p in chosen]
    left.set_yticks(range(len(chosen)), names, fontsize=8)
    plain(left, title="numbers of the scenario", xlabel="prior standard deviations from the prior's median")
    figure.legend(*left.get_legend_handles_labels(), loc="outside lower center", ncols=2, fontsize=9, frameon=False)
    last = found["time"].values == found["time"].values.max()
    rows = np.flatnonzero(last & (found["observed"].values > 0.0))[::-1]
    for row, n in enumerate(rows):
        here = found.isel(observation=n)
        for name, colour, shift in (("prior", ORANGE, 0.16), ("posterior", BLUE, -0.16)):
            centred = here[f"{name}_expected"].values - float(here["observed"])
            _interval(right, centred, row + shift, colour, "")
    right.axvline(0.0, color=BLACK, linewidth=1.0)
    right.set_yticks(range(len(rows)), [str(found["label"].values[n]) for n in rows], fontsize=8)
    plain(right, title="expectation of worlds minus observation", xlabel="OOM (counts: log10(1 + n))")
    worth = float(found.attrs["effective_worlds"])
    figure.suptitle(
        f"{drawn(found.attrs['scenario_name'])}: prior and posterior, {worth:,.0f} effective worlds", fontsize=11
    )
    return figure


def _spread(quantiles: xr.DataArray) -> float:
    """The standard deviation of a Normal with the same central 90%."""
    return float(quantiles.sel(quantile=0.95) - quantiles.sel(quantile=0.05)) / SPREADS


def _interval(axis: Axes, quantiles: np.ndarray, height: float, colour: str, label: str) -> None:
    low, lower, middle, upper, high = quantiles
    axis.plot([low, high], [height, height], color=colour, linewidth=1.2)
    axis.plot([lower, upper], [height, height], color=colour, linewidth=4.0, label=label)
    axis.plot([middle], [height], "o", color="white", markersize=2.5, zorder=3)
