"""What would be observed of a future: counts above thresholds, compute by rank, followers, as tables have them.

A future begins at the start of its scenario without models, the world does not. So what was known at the start is
joined to it: models so far are those known and those trained since; the n-th best model so far of an organisation is
the better of the known n-th and the n-th of the future. The latter takes the organisations that led at the start for
those that lead among the simulated ones; if they are others, the n-th best of both together is higher.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from engine.analysis.labels import Floats
from engine.execution import Execution
from engine.execution.playing import run
from engine.montecarlo import Chunk, Job, Samples
from engine.results.samples import samples_of
from engine.scenario import Scenario

#: log10 FLOP of the model of an organisation that has none: below every model of the tables.
NO_MODEL = 9.0
_AT_ONCE = 1e-6


def observables(paths: xr.Dataset, expected: xr.Dataset, known: xr.Dataset) -> xr.DataArray:
    """What of `expected` comes out in each future of `paths`, float64 (world, future, observation).

    `paths` are results of one policy with `keep_paths`; `expected` and `known` are observations
    (`engine.analysis.observations`), `known` those made by the start. Counts are numbers, compute log10 FLOP,
    followers decimal years; inf for a follower that does not come within the horizon.

    Raises ValueError, saying what would be right, for what the results cannot show.
    """
    values = np.empty((paths.sizes["world"], paths.sizes["future"], expected.sizes["observation"]))
    history = _History(known)
    for n in range(values.shape[-1]):
        what = expected.isel(observation=n)
        values[..., n] = _SEEN[str(what["kind"].item())](paths, what, history)
    coordinates = {name: expected[name] for name in ("kind", "level", "rank", "time", "label")}
    return xr.DataArray(
        values,
        {"world": paths["world"], "future": paths["future"], **coordinates},
        ("world", "future", "observation"),
        attrs={"long_name": "what would be observed: a count, log10 FLOP, or a decimal year"},
    )


def observables_of(job: Job, expected: xr.Dataset, known: xr.Dataset, execution: Execution | None = None) -> Floats:
    """The same of all futures of `job`, which keeps paths of one policy: float64 (world, future, observation).

    Futures are played chunk by chunk and let go, so that memory grows only with the number of observations.
    """
    execution = execution or Execution()
    values = np.empty((job.sampler.total, job.futures, expected.sizes["observation"]))

    def store(chunk: Chunk, kept: Samples) -> None:
        paths = samples_of(kept, job.sampler.scenario, chunk).isel(policy=0)
        paths = paths.assign_coords(threshold=np.array(job.sampler.scenario.output.flop_thresholds))
        paths = paths.assign_coords(time=job.sampler.scenario.time_grid)
        worlds = slice(chunk.world, chunk.world + chunk.worlds)
        futures = slice(chunk.future, chunk.future + chunk.futures)
        values[worlds, futures] = observables(paths, expected, known)

    run(job, execution, execution.chunk_of(job), None, store)
    return values


def check_observable(scenario: Scenario, expected: xr.Dataset) -> None:
    """Raise ValueError, saying what would be right, unless futures of `scenario` show all that is `expected`."""
    for n in range(expected.sizes["observation"]):
        what = expected.isel(observation=n)
        label, kind, time = what["label"].item(), what["kind"].item(), float(what["time"])
        level = float(what["level"])
        thresholds = np.array(scenario.output.flop_thresholds)
        if not np.isnan(level) and not np.isclose(thresholds, level, rtol=1e-6).any():
            raise ValueError(f"{label}: add {level:g} to output.flop_thresholds of {scenario.name}")
        if not kind.endswith("follower") and time > scenario.horizon + _AT_ONCE:
            raise ValueError(
                f"{label}: past the horizon of {scenario.name}, {scenario.horizon:g}; leave later observations out "
                "with --until, or move the horizon"
            )
        if kind.endswith("compute") and not np.isclose(scenario.years, time, atol=_AT_ONCE).any():
            raise ValueError(f"{label}: compute is followed at whole years from the start, {scenario.start:g}")
        actors = sum(member.count * member.represents for member in scenario.actor_classes.values())
        if int(what["rank"]) > actors:
            raise ValueError(f"{label}: {scenario.name} has only {actors} organisations; give its classes more")


class _History:
    """What was known at the start: the latest of each kind, threshold and rank."""

    def __init__(self, known: xr.Dataset) -> None:
        self._latest: dict[tuple[str, float, int], float] = {}
        ordered = known.sortby("time")
        columns = (ordered[name].values for name in ("kind", "level", "rank", "observed"))
        for kind, level, rank, value in zip(*columns, strict=True):
            self._latest[_key(kind, level, rank)] = float(value)

    def __call__(self, kind: str, what: xr.Dataset, none: float) -> float:
        return self._latest.get(_key(kind, what["level"].item(), what["rank"].item()), none)


def _key(kind: str, level: float, rank: int) -> tuple[str, float, int]:
    return str(kind), 0.0 if np.isnan(level) else float(level), int(rank)


_Seen = Callable[[xr.Dataset, xr.Dataset, _History], Floats]


def _organisations(paths: xr.Dataset, what: xr.Dataset, history: _History) -> Floats:
    first = _at_level(paths["future_first_above"], what)
    since = (first <= float(what["time"]) + _AT_ONCE).dot(paths["represents"], dim="actor")
    return np.maximum(_array(since), history("organisations", what, 0.0))


def _models(paths: xr.Dataset, what: xr.Dataset, history: _History) -> Floats:
    return _counted(paths["future_models"], what) + history("models", what, 0.0)


def _open_models(paths: xr.Dataset, what: xr.Dataset, history: _History) -> Floats:
    return _counted(paths["future_open_models"], what) + history("open_models", what, 0.0)


def _compute(paths: xr.Dataset, what: xr.Dataset, history: _History) -> Floats:
    best = paths["future_compute"].sel(year=float(what["time"]), method="nearest", tolerance=_AT_ONCE)
    ranked = _nth(-_array(best.fillna(NO_MODEL), "actor"), paths["represents"].values, int(what["rank"]))
    return np.maximum(-ranked, history("compute", what, NO_MODEL))


def _open_compute(paths: xr.Dataset, what: xr.Dataset, history: _History) -> Floats:
    best = paths["future_open_compute"].sel(year=float(what["time"]), method="nearest", tolerance=_AT_ONCE)
    return np.maximum(_array(best.fillna(NO_MODEL)), history("open_compute", what, NO_MODEL))


def _follower(paths: xr.Dataset, what: xr.Dataset, history: _History) -> Floats:
    first = _at_level(paths["future_first_above"], what).fillna(np.inf)
    return _nth(_array(first, "actor"), paths["represents"].values, int(what["rank"]))


def _open_follower(paths: xr.Dataset, what: xr.Dataset, history: _History) -> Floats:
    return _array(_at_level(paths["future_first_open_above"], what).fillna(np.inf))


_SEEN: dict[str, _Seen] = {
    "organisations": _organisations,
    "models": _models,
    "open_models": _open_models,
    "compute": _compute,
    "open_compute": _open_compute,
    "follower": _follower,
    "open_follower": _open_follower,
}


def _at_level(values: xr.DataArray, what: xr.Dataset) -> xr.DataArray:
    level = float(what["level"])
    return values.sel(threshold=level, method="nearest", tolerance=1e-6 * level)


def _counted(numbers: xr.DataArray, what: xr.Dataset) -> Floats:
    """Numbers so far at the point of the time grid that is nearest."""
    return _array(_at_level(numbers, what).sel(time=float(what["time"]), method="nearest"))


def _array(values: xr.DataArray, *last: str) -> Floats:
    return values.transpose("world", "future", *last).to_numpy().astype(np.float64)


def _nth(values: Floats, weights: NDArray[np.integer], n: int) -> Floats:
    """The `n`-th smallest of `values` (..., actor), where each counts as often as `weights` (actor) says."""
    if (weights == 1).all():
        return np.asarray(np.partition(values, n - 1, axis=-1)[..., n - 1])
    order = np.argsort(values, axis=-1)
    place = (np.cumsum(weights[order], axis=-1) >= n).argmax(axis=-1)
    return np.take_along_axis(values, np.take_along_axis(order, place[..., np.newaxis], -1), -1)[..., 0]
