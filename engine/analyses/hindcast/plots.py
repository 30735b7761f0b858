"""Figures of a hindcast: every observed series with its forecast, and the calibration of forecasts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from engine.plotting.style import BLACK, BLUE, GREY, ORANGE, PURPLE, SKY, drawn, new_figure, plain
from engine.record.forms import format_level

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.ticker import Locator

#: Rows of the figure: the kinds in each, and its label.
_ROWS = {
    ("compute",): "log10 FLOP of the\norganisation's best so far",
    ("organisations",): "organisations so far",
    ("models",): "models so far",
    ("open_models", "open_compute"): "open-weights models so far",
}
#: Ticks of counts, which are drawn as log10(1 + count).
_COUNTS = np.array([0, 1, 3, 10, 30, 100, 300, 1000, 3000, 10_000])


def series_figure(found: xr.Dataset) -> Figure:
    """A panel for each series: known values, forecast (median, 50% and 90% bands) and observations by year.

    Followers have no series.
    """
    rows = {words: [panel for kind in kinds for panel in _series(found, kind)] for kinds, words in _ROWS.items()}
    rows = {words: panels for words, panels in rows.items() if panels}
    columns = max((len(panels) for panels in rows.values()), default=0)
    figure = new_figure(max(1.75 * columns + 1.0, 6.0), 1.75 * len(rows) + 0.9)
    if not rows:
        figure.text(0.5, 0.5, "no series of counts or compute was scored", ha="center")
        return figure
    axes = figure.subplots(len(rows), columns, squeeze=False)
    for row, (words, panels) in enumerate(rows.items()):
        for axis, (name, kind, places) in zip(axes[row], panels, strict=False):
            plain(axis, title=name)
            _draw(axis, found, kind, places)
        for axis in axes[row, len(panels) :]:
            axis.set_visible(False)
        axes[row, 0].set_ylabel(words, fontsize=8)
    figure.suptitle(
        f"{drawn(found.attrs['scenario_name'])}: forecast and observed (2018 is the start of that year)", fontsize=11
    )
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=5, fontsize=9, frameon=False)
    return figure


def scores_figure(found: xr.Dataset) -> Figure:
    """Left, the mean score of each forecaster; right, histograms of the probability integral transform.

    Followers, which only the engine forecasts, are drawn if there is nothing else.
    """
    groups = [g for g in ("counts", "ranks", "open weights") if int(found["observations"].sel(group=g))]
    groups = groups or ["followers"]
    figure = new_figure(11.0, 3.4)
    bars, *histograms = figure.subplots(1, 1 + len(groups), width_ratios=[1.6, *[1.0] * len(groups)])
    names = [str(name) for name in found["forecaster"].values]
    colours = [BLUE, "#BBBBBB", GREY, "#F5CE87", ORANGE]
    width = 0.8 / len(names)
    for n, name in enumerate(names):
        scores = [float(found["mean_crps"].sel(scale="oom", group=g, forecaster=name)) for g in groups]
        places = np.arange(len(groups)) + (n - (len(names) - 1) / 2) * width
        bars.bar(places, scores, width, color=colours[n % len(colours)], label=name.replace("_", " "))
    plain(bars, title="mean CRPS, smaller is better", ylabel="OOM (counts: log10(1 + n))")
    bars.set_xticks(range(len(groups)), groups)
    bars.legend(fontsize=7, frameon=False)
    for axis, group in zip(histograms, groups, strict=True):
        shares = found["pit_histogram"].sel(group=group)
        axis.bar(found["bin"], shares, 1.0 / shares.size, color=SKY, edgecolor="white")
        axis.axhline(1.0 / shares.size, color=BLACK, linestyle="--", linewidth=1.0)
        fifty, ninety = found["coverage"].sel(group=group).values
        title = f"{group}\n50% bands contain {fifty:.0%}\n90% bands contain {ninety:.0%}"
        plain(axis, title=title, xlabel="probability integral transform")
        axis.set_xlim(0.0, 1.0)
        axis.set_ylim(0.0, max(0.3, 1.1 * float(found["pit_histogram"].sel(group=groups).max())))
    histograms[0].set_ylabel("share of observations", fontsize=8)
    return figure


def _series(found: xr.Dataset, kind: str) -> list[tuple[str, str, np.ndarray]]:
    """(name, kind, observations in order of time) of each series of a kind."""
    mine = np.flatnonzero(found["kind"].values.astype(str) == kind)
    of_series: dict[tuple[float, int], list[int]] = {}
    for n in mine:
        level = float(found["level"][n])
        of_series.setdefault((0.0 if np.isnan(level) else level, int(found["rank"][n])), []).append(int(n))
    return [(_name(kind, *key), kind, np.array(places)) for key, places in sorted(of_series.items())]


def _name(kind: str, level: float, rank: int) -> str:
    if kind == "open_compute":
        return "log10 FLOP of the best"
    return f"rank {rank}" if kind == "compute" else f"above {format_level(level)}"


def _draw(axis: Axes, found: xr.Dataset, kind: str, places: np.ndarray) -> None:
    """One series. Forecasts begin at the last known value."""
    counts = kind not in ("compute", "open_compute")

    def drawn(values: np.ndarray) -> np.ndarray:
        return np.log10(1.0 + values) if counts else values

    here, past = found.isel(observation=places), _past(found, found.isel(observation=places))
    known_years, known = past["past_time"].values, drawn(past["known"].values)
    years, observed = here["time"].values, drawn(here["observed"].values)
    bands = drawn(here["predicted"].values).T
    when = years
    if len(known):
        when, bands = np.append(known_years[-1], years), np.column_stack([np.full(5, known[-1]), bands])
    axis.fill_between(when, bands[0], bands[4], color=SKY, alpha=0.35, linewidth=0, label="forecast, 90%")
    axis.fill_between(when, bands[1], bands[3], color=BLUE, alpha=0.35, linewidth=0, label="forecast, 50%")
    axis.plot(when, bands[2], color=BLUE, linewidth=1.5, label="forecast, median")
    axis.plot(known_years, known, "o", color=PURPLE, markersize=3, label="known")
    axis.plot(years, observed, "x", color=BLACK, markersize=5, label="observed")
    axis.set_xlim(min([years.min(), *known_years]) - 0.4, years.max() + 0.4)
    axis.xaxis.set_major_locator(_whole_years())
    if counts:
        ticks = _COUNTS[max(10.0, 2.0 * 10.0 ** max(bands.max(), observed.max())) >= _COUNTS]
        axis.set_yticks(np.log10(1.0 + ticks), [f"{count:,}" for count in ticks])
    else:
        seen = np.concatenate([known, observed, bands[2, -1:]])
        axis.set_ylim(seen.min() - 1.0, max(seen.max(), bands[4].max()) + 0.5)


def _whole_years() -> Locator:
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(nbins=4, integer=True)


def _past(found: xr.Dataset, here: xr.Dataset) -> xr.Dataset:
    """Known values of the same series."""
    level, rank = float(here["level"][0]), int(here["rank"][0])
    same = (found["past_kind"] == here["kind"][0]) & (found["past_rank"] == rank)
    same &= found["past_level"].isnull() if np.isnan(level) else np.isclose(found["past_level"], level)
    return found[["known"]].isel(past=np.flatnonzero(same))
