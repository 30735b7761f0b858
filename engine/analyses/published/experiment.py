"""Quantities that only replayed futures contain: costs of runs, and capabilities of released weights."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from engine.errors import InputError
from engine.replay import replay
from engine.scenario import Scenario
from engine.statistics.labelled import labelled
from engine.text.format import strings

Floats = NDArray[np.float64]


def replayed_futures(scenario: Scenario, count: int, worlds: int, seed: int) -> xr.Dataset:
    """The first future of each of the first `count` of `worlds` worlds of `scenario`, replayed under the baseline.

    They are the futures of `engine.simulate(scenario, worlds, ..., seed)` at the same addresses.

    * `first_trained(world, future, capability)`: decimal year in which anyone first trains a model with the
      capability; NaN if not within the horizon. `first_open`: first release of the weights of one.
    * `largest_cost(world, future, year)`: US$ of the most expensive run finished by then, 0 for none.
    * `models_within_an_oom(world, future, year)`: models finished in the year before `year` with at least a tenth of
      the training compute of the largest run so far, itself included; `represents` included.

    Raises InputError unless `count` is 1 to `worlds`.
    """
    check_replays(count, worlds)
    names, years = list(scenario.capabilities), np.asarray(scenario.years, dtype=np.float64)
    weights = scenario.weights
    parts = [
        _timeline(replay(scenario, w, 0, worlds=worlds, seed=seed).events, names, years, weights) for w in range(count)
    ]
    trained, opened, costs, models = (np.stack(part)[:, np.newaxis] for part in zip(*parts, strict=True))
    of_capabilities, of_years = ("world", "future", "capability"), ("world", "future", "year")
    return labelled(
        {
            "first_trained": (
                of_capabilities,
                trained,
                "time when a model with the capability is first trained",
                "year",
            ),
            "first_open": (of_capabilities, opened, "time when weights of one are first released", "year"),
            "largest_cost": (of_years, costs, "cost of the most expensive run so far", "US$"),
            "models_within_an_oom": (of_years, models, "models of the last year within an OOM of the largest", "1/yr"),
        },
        {
            "world": (("world",), np.arange(count), "world", "1"),
            "future": (("future",), np.arange(1), "future", "1"),
            "capability": (("capability",), strings(names), "capability", ""),
            "year": (("year",), years, "the start and every whole year after it", "year"),
        },
        horizon=float(scenario.horizon),
    )


def check_replays(count: int, worlds: int) -> None:
    """Raise InputError, with the right form, unless `count` futures can be replayed, one in each world."""
    if not 1 <= count <= worlds:
        raise InputError(f"replays must be 1 to the number of worlds, {worlds}, not {count}")


def _timeline(
    events: pd.DataFrame, names: list[str], years: Floats, weights: dict[str, int]
) -> tuple[Floats, Floats, Floats, Floats]:
    """(first trained, first open, by capability; cost of the largest, models within an OOM, by year) of one future."""
    trained = events[(events.event == "attainment") & (events.route == "trained")]
    opened = events[events.event == "weight_release"]
    opened = opened.assign(subject=opened.subject.str.split(", ")).explode("subject")
    first = [part.groupby("subject").time.min().reindex(names).to_numpy(float) for part in (trained, opened)]
    runs = events[events.event == "run_finish"]
    time, size, cost = (runs[name].to_numpy(float) for name in ("time", "log10_flop", "log10_usd"))
    models = runs.actor.map(weights).to_numpy(float)
    within = size >= np.maximum.accumulate(size) - 1.0
    costs = [(10.0 ** cost[time <= year]).max(initial=0.0) for year in years]
    counts = [models[within & (year - 1.0 < time) & (time <= year)].sum() for year in years]
    return first[0], first[1], np.array(costs), np.array(counts)
