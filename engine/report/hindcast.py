"""Figures of a hindcast: every series observed beside what was foretold, and how well that was calibrated."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from engine.report.style import BLACK, BLUE, GREY, ORANGE, PURPLE, SKY, new_figure, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: Rows of the figure: kind, and what stands at its left.
_ROWS = {
    "compute": "log10 FLOP of the\nbest model so far",
    "organisations": "organisations\n(cumulative)",
    "models": "models\n(cumulative)",
    "open_models": "open-weights models\n(cumulative)",
    "open_compute": "log10 FLOP of the best\nopen model so far",
}
#: Ticks of counts, which are drawn as log10(1 + count).
_COUNTS = np.array([0, 1, 3, 10, 30, 100, 300, 1000])


def series_figure(found: xr.Dataset) -> Figure:
    """A panel for each series: what was known, foretold (median, 50% and 90% bands) and observed, by year."""
    kinds = found["kind"].values.astype(str)
    rows = [kind for kind in _ROWS if (kinds == kind).any()]
    series = {kind: _series(found, kind) for kind in rows}
    columns = max(len(of_kind) for of_kind in series.values())
    figure = new_figure(1.75 * columns + 1.0, 1.75 * len(rows) + 0.9)
    axes = figure.subplots(len(rows), columns, squeeze=False, sharey="row")
    for row, kind in enumerate(rows):
        for column, axis in enumerate(axes[row]):
            if column >= len(series[kind]):
                axis.set_visible(False)
                continue
            name, places = series[kind][column]
            _draw(axis, found, kind, places)
            plain(axis, title=name)
        axes[row, 0].set_ylabel(_ROWS[kind], fontsize=8)
    figure.suptitle(f"{found.attrs['scenario_name']}: foretold and observed, end of each year", fontsize=11)
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=5, fontsize=9, frameon=False)
    return figure


def scores_figure(found: xr.Dataset) -> Figure:
    """Left the mean score of each forecaster; right the histograms of the probability integral transform."""
    groups = [g for g in ("counts", "ranks", "open weights") if int(found["observations"].sel(group=g))]
    figure = new_figure(11.0, 3.4)
    bars, *histograms = figure.subplots(1, 1 + len(groups), width_ratios=[1.7, *[1.0] * len(groups)])
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
        title = f"{group}: {fifty:.0%} in the 50% bands,\n{ninety:.0%} in the 90% bands"
        plain(axis, title=title, xlabel="probability integral transform")
        axis.set_xlim(0.0, 1.0)
    histograms[0].set_ylabel("share of observations", fontsize=8)
    return figure


def _series(found: xr.Dataset, kind: str) -> list[tuple[str, np.ndarray]]:
    """(name, observations in order of time) of each series of a kind."""
    mine = np.flatnonzero(found["kind"].values.astype(str) == kind)
    keys = [(float(found["level"][n]), int(found["rank"][n])) for n in mine]
    of_series: dict[tuple[float, int], list[int]] = {}
    for (level, rank), n in zip(keys, mine, strict=True):
        of_series.setdefault((0.0 if np.isnan(level) else level, rank), []).append(int(n))
    return [(_name(kind, *key), np.array(places)) for key, places in sorted(of_series.items())]


def _name(kind: str, level: float, rank: int) -> str:
    if kind == "compute":
        return f"organisation of rank {rank}"
    return "all" if level == 0.0 else f"above 1e{np.log10(level):g} FLOP"


def _draw(axis: Axes, found: xr.Dataset, kind: str, places: np.ndarray) -> None:
    counts = kind not in ("compute", "open_compute")

    def drawn(values: np.ndarray) -> np.ndarray:
        return np.log10(1.0 + values) if counts else values

    here = found.isel(observation=places)
    years = here["time"].values - 1.0
    bands = drawn(here["predicted"].values).T
    axis.fill_between(years, bands[0], bands[4], color=SKY, alpha=0.35, linewidth=0, label="foretold, 90%")
    axis.fill_between(years, bands[1], bands[3], color=BLUE, alpha=0.35, linewidth=0, label="foretold, 50%")
    axis.plot(years, bands[2], color=BLUE, linewidth=1.5, label="foretold, median")
    past = _past(found, here)
    axis.plot(past["past_time"] - 1.0, drawn(past["known"].values), "o", color=PURPLE, markersize=3, label="known")
    axis.plot(years, drawn(here["observed"].values), "x", color=BLACK, markersize=5, label="observed")
    if counts:
        axis.set_yticks(np.log10(1.0 + _COUNTS), [str(count) for count in _COUNTS])
    first = min([years.min(), *(past["past_time"].values - 1.0)])
    axis.set_xlim(first - 0.4, years.max() + 0.4)


def _past(found: xr.Dataset, here: xr.Dataset) -> xr.Dataset:
    """What was known of the same series."""
    level, rank = float(here["level"][0]), int(here["rank"][0])
    same = (found["past_kind"] == here["kind"][0]) & (found["past_rank"] == rank)
    same &= found["past_level"].isnull() if np.isnan(level) else np.isclose(found["past_level"], level)
    return found[["known"]].isel(past=np.flatnonzero(same))
