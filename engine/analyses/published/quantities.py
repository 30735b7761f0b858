"""The quantities that are compared: description, unit, and the counterpart of a figure in single futures.

Values have the dimensions world and future. NaN stands for a future that does not count, inf for a value past the
horizon, or beyond the known range.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import xarray as xr

from engine.analyses.published.table import Figure

#: Figures of this quantity are not compared: they are added to the models of a simulation, which begins with none.
AT_START = "models_at_start"
#: Lags count only if the first comes at least this many years before the horizon, so that shorter lags are all seen.
FOLLOW_UP = 5.0
_FLOP = "a threshold of the scenario in FLOP, such as 1e26"
#: Tolerances: a day for years, rounding for thresholds.
_NEAR = 1e-6

#: Sources of values: futures with paths, replayed futures, or futures of the hindcast with prices.
Source = Literal["paths", "replays", "prices"]


@dataclass(frozen=True)
class Quantity:
    """A quantity of figures: its description, unit and source, and its value in every future."""

    words: str
    unit: str
    source: Source
    values: Callable[[xr.Dataset, Figure], xr.DataArray]


def _models_above(paths: xr.Dataset, figure: Figure) -> xr.DataArray:
    threshold = _threshold(figure)
    before = float(_at(paths.models_at_start, "threshold", threshold, figure, "level"))
    if np.isnan(before):
        raise figure.error("level", f"has no row {AT_START!r}; give the number above {threshold:g} at the start, or 0")
    return _at(_at(paths.future_models, "threshold", threshold, figure, "level"), "time", figure.time, figure) + before


def _models_within(replays: xr.Dataset, figure: Figure) -> xr.DataArray:
    return _at(replays.models_within_an_oom, "year", figure.time, figure)


def _largest_run(paths: xr.Dataset, figure: Figure) -> xr.DataArray:
    return 10.0 ** _at(paths.future_compute.max("actor"), "year", figure.time, figure).astype(float)


def _largest_cost(replays: xr.Dataset, figure: Figure) -> xr.DataArray:
    return _at(replays.largest_cost, "year", figure.time, figure)


def _largest_growth(paths: xr.Dataset, figure: Figure) -> xr.DataArray:
    return _growth(paths.future_compute.max("actor"), figure)


def _open_growth(paths: xr.Dataset, figure: Figure) -> xr.DataArray:
    return _growth(paths.future_open_compute, figure)


def _growth(log10: xr.DataArray, figure: Figure) -> xr.DataArray:
    """Factor per year from the year `level` to the year `time`; NaN if the value at the beginning is 0."""
    since = figure.level_number("the year from which growth counts")
    if not since < figure.time:
        raise figure.error("time", f"must come after the year {since:g} in level, not {figure.time:g}")
    begin, end = (_at(log10, "year", when, figure).astype(float) for when in (since, figure.time))
    return 10.0 ** ((end - begin) / (figure.time - since))


def _first_open(paths: xr.Dataset, figure: Figure) -> xr.DataArray:
    opened = _at(paths.future_first_open_above, "threshold", _threshold(figure), figure, "level")
    return opened.astype(float).fillna(np.inf)


def _open_lag_compute(paths: xr.Dataset, figure: Figure) -> xr.DataArray:
    threshold = _threshold(figure)
    if float(_at(paths.models_at_start, "threshold", threshold, figure, "level")) > 0.0:
        raise figure.error(
            "level", f"{threshold:g} was passed before the start, so its lag is unknown; use a higher threshold"
        )
    first = _at(paths.future_first_above, "threshold", threshold, figure, "level").min("actor")
    opened = _at(paths.future_first_open_above, "threshold", threshold, figure, "level")
    return _lag(first, opened, float(paths["time"][-1]))


def _open_lag_capability(replays: xr.Dataset, figure: Figure) -> xr.DataArray:
    return _pooled(_lag(replays.first_trained, replays.first_open, replays.attrs["horizon"]))


def _follower_lag(paths: xr.Dataset, figure: Figure) -> xr.DataArray:
    attained = paths.attainment_time
    own = _named(attained, "actor_class", figure)
    return _pooled(_lag(attained.min("actor_class"), own, float(paths["time"][-1])))


def _lag(first: xr.DataArray, then: xr.DataArray, horizon: float) -> xr.DataArray:
    """Months from `first` to `then`, decimal years; inf if past the horizon, NaN if the first is late or missing."""
    months = 12.0 * (then.astype(float).fillna(np.inf) - first.astype(float))
    return months.where(first <= horizon - FOLLOW_UP)


def _cost_fall(prices: xr.Dataset, figure: Figure) -> xr.DataArray:
    """Factor by which the cheapest run of any class has become cheaper since the start; inf where it falls to 1 US$."""
    cost = _named(prices.capability_cost, "capability", figure).min("actor_class").astype(float)
    end = _at(cost, "year", figure.time, figure)
    fall = 10.0 ** (cost.isel(year=0) - end)
    # Costs below one US$ are not distinguished.
    return fall.where(~(end <= 0.0), np.inf)


def _threshold(figure: Figure) -> float:
    return figure.level_number(_FLOP)


def _at(values: xr.DataArray, dim: str, place: float, figure: Figure, column: str = "time") -> xr.DataArray:
    """`values` at a `place` of a grid. Raises ObservationsError, naming the figure's cell, for any other place."""
    grid = values[dim].values.astype(float)
    nearest = int(np.argmin(np.abs(grid - place)))
    if not np.isclose(grid[nearest], place, rtol=_NEAR, atol=0.0):
        what = "is empty" if np.isnan(place) else f"{place:g} is not a {dim} of the results"
        points = f"{grid[0]:g} to {grid[-1]:g}, {grid.size} of them"
        raise figure.error(column, f"{what}; give one of {points}")
    return values.isel({dim: nearest}, drop=True)


def _named(values: xr.DataArray, dim: str, figure: Figure) -> xr.DataArray:
    names = [str(name) for name in values[dim].values]
    if figure.level not in names:
        raise figure.error("level", f"must be one of the scenario's: {', '.join(names)}; not {figure.level!r}")
    return values.isel({dim: names.index(figure.level)}, drop=True)


def _pooled(values: xr.DataArray) -> xr.DataArray:
    """Each capability of a future as a future of its own: (world, future) from (world, future, capability)."""
    ordered = values.transpose("world", "future", "capability")
    return xr.DataArray(ordered.values.reshape(ordered.sizes["world"], -1), dims=("world", "future"))


QUANTITIES: Mapping[str, Quantity] = {
    "models_above": Quantity("models so far, trained with at least this many FLOP", "1", "paths", _models_above),
    "models_within_an_oom": Quantity(
        "models of the year before, within one OOM of the largest run", "1/yr", "replays", _models_within
    ),
    "largest_run": Quantity("training compute of the largest run so far", "FLOP", "paths", _largest_run),
    "largest_run_growth": Quantity("growth of the largest run so far", "x/yr", "paths", _largest_growth),
    "largest_run_cost": Quantity("cost of the most expensive run so far", "US$", "replays", _largest_cost),
    "open_run_growth": Quantity("growth of the largest run with open weights so far", "x/yr", "paths", _open_growth),
    "first_open_above": Quantity("first open weights of at least this many FLOP", "year", "paths", _first_open),
    "open_lag_compute": Quantity(
        "from the first model of at least this many FLOP to the first with open weights",
        "months",
        "paths",
        _open_lag_compute,
    ),
    "open_lag_capability": Quantity(
        "from the first model with a capability to the first with open weights",
        "months",
        "replays",
        _open_lag_capability,
    ),
    "follower_lag": Quantity(
        "from the first attainment of a capability to that of a class", "months", "paths", _follower_lag
    ),
    "cost_fall": Quantity("fall of the cost of a capability since the start", "x", "prices", _cost_fall),
}
