"""The page's figures, from a dataset of two sides (`Simulator.simulated`) to Plotly's format.

They are plain mappings in Plotly's format, made in milliseconds without Plotly. Side A is solid and side B dashed in
all of them; an actor class has the same colour and marker as in the report.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr

from engine.explorer.sides import SIDES
from engine.plotting.style import BLUE, ORANGE, Look, look_of
from engine.text.format import spoken

Figure = dict[str, Any]

#: Styles of side A and side B where there are no classes.
SIDE_LOOKS = (Look(BLUE, "solid", "circle"), Look(ORANGE, "dash", "diamond"))
SIDE_NAMES = ("A", "B")
#: Number of dots of the scatter, under each side.
DOTS = 300
#: Approximate number of points of a curve.
_POINTS = 45
_SYMBOLS = dict(
    zip("osD^vPX", ("circle", "square", "diamond", "triangle-up", "triangle-down", "cross", "x"), strict=True)
)
_LINES = ("solid", "dash")


def attainment_figure(results: xr.Dataset, capability: str, actor_class: str) -> Figure:
    """The probability that some member of each class has the capability, by year, with bands of 95% limits.

    The selected class is drawn bold.
    """
    one = results[["attainment_probability", "attainment_probability_limits"]].sel(capability=capability)
    traces = []
    for name in _names(results["actor_class"]):
        for s, side in enumerate(SIDES):
            row = _thinned(one.sel(policy=side, actor_class=name))
            value = row["attainment_probability"].values
            low, high = row["attainment_probability_limits"].transpose("limit", "time").values
            look = look_of(results, "actor_class", name)
            traces.append(_band(row["time"].values, low, high, look.colour, 0.22, name))
            about = f"{spoken(name)}, {SIDE_NAMES[s]}: %{{y:.1%}} by %{{x:.1f}}"
            traces.append(_line(row["time"].values, value, look, s, name, about, bold=name == actor_class))
    figure = _figure([*traces, *_keys_of_sides()], "year", "probability of attainment")
    figure["layout"]["yaxis"] |= {"range": [-0.02, 1.02], "tickformat": ".0%"}
    return figure


def access_figure(results: xr.Dataset, capability: str) -> Figure:
    """Real actors with access to the capability, by year: the mean, and 5% to 95% of futures as a band."""
    one = results[["actors_with_access", "actors_with_access_mean"]].sel(capability=capability)
    traces = []
    for s, side in enumerate(SIDES):
        row = _thinned(one.sel(policy=side))
        low, high = (row["actors_with_access"].sel(quantile=q).values for q in (0.05, 0.95))
        look = SIDE_LOOKS[s]
        traces.append(_band(row["time"].values, low, high, look.colour, 0.15, side))
        about = f"{SIDE_NAMES[s]}: %{{y:.3g}} actors in %{{x:.1f}}"
        traces.append(_line(row["time"].values, row["actors_with_access_mean"].values, look, s, side, about, bold=True))
    return _figure(traces, "year", "actors with access")


def compute_figure(results: xr.Dataset, actor_class: str) -> Figure:
    """Effective compute of the best model of each class, by year: medians, and 5% to 95% for the selected class."""
    best = _thinned(results[["effective_compute"]])["effective_compute"]
    traces = []
    for name in _names(results["actor_class"]):
        for s, side in enumerate(SIDES):
            row = best.sel(policy=side, actor_class=name)
            look = look_of(results, "actor_class", name)
            low, middle, high = (row.sel(quantile=q).values for q in (0.05, 0.5, 0.95))
            if name == actor_class:
                both = np.isfinite(low) & np.isfinite(high)
                traces.append(_band(row["time"].values[both], low[both], high[both], look.colour, 0.15, name))
            about = f"{spoken(name)}, {SIDE_NAMES[s]}: 10^%{{y:.1f}} in %{{x:.1f}}"
            traces.append(_line(row["time"].values, middle, look, s, name, about, bold=name == actor_class))
    figure = _figure(traces, "year", "effective compute, log10 FLOP")
    figure["layout"]["showlegend"] = False
    return figure


def dots_figure(
    results: xr.Dataset, capability: str, actor_class: str, timeline: tuple[int, int] | None = None
) -> Figure:
    """Some hundred futures, each a dot under A and one under B: attainment by the class, and an outcome.

    The vertical axis is the loss of a future for a dangerous capability, else its benefit if there is any, else the
    share of futures in which the class attains sooner. A dot carries (world, future) as `customdata`; the future of the
    `timeline` has a ring.
    """
    horizon = float(results["time"][-1])
    picked = _picked(results, timeline)
    height = _height(results, capability, actor_class)
    start = float(results["time"][0])
    later = horizon + 0.04 * (horizon - start)
    traces: list[Figure] = []
    for s, side in enumerate(SIDES):
        times = results["attainment_time"].sel(policy=side, actor_class=actor_class, capability=capability).values
        years = np.where(np.isnan(times), later, times)[picked[:, 0], picked[:, 1]]
        heights = height.values[s][picked[:, 0], picked[:, 1]]
        traces.append(_dots(years, heights, picked, s))
        if timeline is not None:
            traces.append(_ring(float(years[-1]), float(heights[-1]), s))
    figure = _figure(traces, f"year attained by {spoken(actor_class)}", height.name)
    ticks = [year for year in range(int(np.ceil(start)), int(horizon) + 1) if year % _every(horizon - start) == 0]
    figure["layout"]["xaxis"] |= {
        "tickvals": [*[tick for tick in ticks if tick < horizon], later],
        "ticktext": [*[str(tick) for tick in ticks if tick < horizon], "later"],
        "range": [start - 0.02 * (horizon - start), later + 0.03 * (horizon - start)],
    }
    figure["layout"]["yaxis"] |= height.attrs
    figure["layout"] |= {"hovermode": "closest", "clickmode": "event"}
    return figure


def _height(results: xr.Dataset, capability: str, actor_class: str) -> xr.DataArray:
    """The height of each future's dot, (policy, world, future), with its axis as attributes and its label as name."""
    kind = str(results["capability_kind"].sel(capability=capability).item())
    horizon = float(results["time"][-1])
    for wanted, variable, words in (
        ("dangerous", "future_loss", "loss, all capabilities"),
        ("valuable", "future_benefit", "benefit, all capabilities"),
    ):
        if kind == wanted and float(results[variable].max()) > 0.0:
            money = results[variable].astype(np.float64)
            return _money_axis(money, f"{words} to {horizon:g}, US$")
    times = results["attainment_time"].sel(actor_class=actor_class, capability=capability).fillna(np.inf)
    flat = times.values.reshape(len(SIDES), -1)
    sooner = np.stack([np.searchsorted(np.sort(one), one) / one.size for one in flat]).reshape(times.shape)
    axis = {"tickformat": ".0%", "range": [-0.03, 1.03]}
    return xr.DataArray(sooner, dims=times.dims, name="share of futures that are sooner", attrs=axis)


def _money_axis(money: xr.DataArray, name: str) -> xr.DataArray:
    """Money on a logarithmic axis; zero stands below it."""
    oom = np.log10(np.maximum(money.values, 1.0))
    some = oom[oom > 0.0]
    low, high = np.floor(np.quantile(some, 0.01)), np.ceil(some.max())
    none = low - 0.08 * (high - low) - 0.3
    values = np.where(oom > 0.0, np.maximum(oom, low), none)
    step = max(1, int(np.ceil((high - low) / 6)))
    ticks = np.arange(low, high + 1, step)
    axis = {
        "tickvals": [none, *ticks.tolist()],
        "ticktext": ["none", *map(_amount, ticks)],
        "range": [none - 0.04 * (high - none), high + 0.03 * (high - none)],
    }
    return xr.DataArray(values, dims=money.dims, name=name, attrs=axis)


def _amount(oom: float) -> str:
    """A power of ten of US$ in plain words: "10 billion"."""
    for least, word in ((12, "trillion"), (9, "billion"), (6, "million"), (3, "thousand")):
        if oom >= least:
            return f"{10 ** (oom - least):,.0f} {word}"
    return f"{10**oom:,.0f}"


def _picked(results: xr.Dataset, timeline: tuple[int, int] | None) -> np.ndarray:
    """The addresses (dot, 2) of the futures drawn: evenly spread over all, and that of the timeline last."""
    worlds, futures = results.sizes["world"], results.sizes["future"]
    size = worlds * futures
    places = np.unique(np.linspace(0, size - 1, min(DOTS, size)).astype(np.int64))
    # A stride that divides the number of futures would always select the same future of a world.
    places = (places + np.arange(places.size)) % size if size > 2 * DOTS else places
    found = np.stack([places // futures, places % futures], axis=1)
    if timeline is None:
        return found
    others = found[(found != timeline).any(axis=1)]
    return np.concatenate([others, [timeline]])


def _every(years: float) -> int:
    return next(step for step in (1, 2, 5, 10, 20) if years / step <= 8 or step == 20)


def _names(labels: xr.DataArray) -> list[str]:
    return [str(name) for name in labels.values]


def _thinned(row: xr.Dataset) -> xr.Dataset:
    """About `_POINTS` points of time, including the last."""
    size = row.sizes["time"]
    return row.isel(time=slice((size - 1) % (step := max(1, size // _POINTS)), None, step))


def _line(x: np.ndarray, y: np.ndarray, look: Look, side: int, group: str, about: str, *, bold: bool = False) -> Figure:
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "x": _sent(x),
        "y": _sent(y),
        "name": spoken(group) if group not in SIDES else f"side {SIDE_NAMES[SIDES.index(group)]}",
        "legendgroup": group,
        "showlegend": side == 0 or group in SIDES,
        "line": {"color": look.colour, "width": 3.0 if bold else 1.6, "dash": _LINES[side]},
        "marker": {
            "symbol": _SYMBOLS.get(look.marker, look.marker),
            "size": 7 if bold else 6,
            "maxdisplayed": 7,
            "color": look.colour if side == 0 else "white",
            "line": {"color": look.colour, "width": 1.5},
        },
        "hovertemplate": f"{about}<extra></extra>",
    }


def _band(x: np.ndarray, low: np.ndarray, high: np.ndarray, colour: str, alpha: float, group: str) -> Figure:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return {
        "type": "scatter",
        "mode": "lines",
        "x": _sent(np.concatenate([x, x[::-1]])),
        "y": _sent(np.concatenate([high, low[::-1]])),
        "fill": "toself",
        "fillcolor": f"rgba({red},{green},{blue},{alpha})",
        "line": {"width": 0},
        "legendgroup": group,
        "showlegend": False,
        "hoverinfo": "skip",
    }


def _keys_of_sides() -> list[Figure]:
    """Legend entries for the lines of each side."""
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "x": [None],
            "y": [None],
            "name": f"side {name}",
            "line": {"color": "#333333", "width": 2, "dash": dash},
        }
        for name, dash in zip(SIDE_NAMES, _LINES, strict=True)
    ]


def _dots(years: np.ndarray, heights: np.ndarray, picked: np.ndarray, side: int) -> Figure:
    look = SIDE_LOOKS[side]
    return {
        "type": "scatter",
        "mode": "markers",
        "x": _sent(years),
        "y": _sent(heights),
        "customdata": picked.tolist(),
        "name": f"side {SIDE_NAMES[side]}",
        "marker": {"symbol": look.marker, "size": 7, "color": look.colour, "opacity": 0.55},
        "hovertemplate": "world %{customdata[0]}, future %{customdata[1]}, side "
        f"{SIDE_NAMES[side]}<br>click to replay it<extra></extra>",
    }


def _ring(year: float, height: float, side: int) -> Figure:
    marker = {"symbol": f"{SIDE_LOOKS[side].marker}-open", "size": 16, "color": "black", "line": {"width": 2.5}}
    return {
        "type": "scatter",
        "mode": "markers+text",
        "x": [year],
        "y": [height],
        "text": [SIDE_NAMES[side]],
        "textposition": "top center" if side == 0 else "bottom center",
        "textfont": {"size": 13, "color": "black"},
        "marker": marker,
        "showlegend": False,
        "hoverinfo": "skip",
    }


def _figure(traces: Sequence[Figure], across: str, upwards: Any) -> Figure:
    axis = {"gridcolor": "#E5E5E5", "linecolor": "#666666", "zeroline": False, "ticks": "outside", "automargin": True}
    return {
        "data": list(traces),
        "layout": {
            "margin": {"l": 56, "r": 12, "t": 8, "b": 40},
            "font": {"family": "system-ui, sans-serif", "size": 13, "color": "#222222"},
            "paper_bgcolor": "white",
            "plot_bgcolor": "white",
            "xaxis": {**axis, "title": {"text": across, "standoff": 8}},
            "yaxis": {**axis, "title": {"text": str(upwards), "standoff": 8}},
            "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "xanchor": "left"},
            "hovermode": "closest",
            "uirevision": "same",
        },
    }


def _sent(values: np.ndarray) -> list[float | None]:
    """Values as sent to the browser: five digits, because a figure shows no more."""
    return [None if not np.isfinite(value) else float(f"{value:.6g}") for value in values]
