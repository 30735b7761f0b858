"""Observable values of a future: counts above thresholds, compute by rank, followers, as in tables.

A future begins without models at the start of its scenario; the real world does not. So observations at the start are
added: models so far are those known and those trained since; the n-th best organisation's model so far is the better
of the known n-th and the n-th of the future. The latter assumes that the organisations that led at the start are those
that lead among the simulated ones; if they are others, the n-th best of both together is higher.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from engine.errors import InputError
from engine.execution import Execution
from engine.execution.runner import run
from engine.montecarlo import Chunk, Job, Samples
from engine.results.samples import actors_and_years, sizes_of
from engine.scenario import Scenario
from engine.scenario.sections import MAX_THRESHOLDS
from engine.statistics.labelled import Floats

#: log10 FLOP for an organisation without a model: below every model of the tables.
NO_MODEL = 9.0
_AT_ONCE = 1e-6


def observables(paths: xr.Dataset, expected: xr.Dataset, known: xr.Dataset) -> xr.DataArray:
    """The values of `expected` observations in each future of `paths`, float64 (world, future, observation).

    `paths` are results of one policy with the sizes of models; `expected` and `known` are observations
    (`engine.record`), `known` those by the start. Counts are numbers, compute is log10 FLOP, followers are decimal
    years; inf for a follower that does not come within the horizon.

    Raises InputError, with the right form, for observations that the results cannot give.
    """
    values = np.empty((paths.sizes["world"], paths.sizes["future"], expected.sizes["observation"]))
    _see(_Shown(paths.variables), _asked(expected, known), values)
    coordinates = {name: expected[name] for name in ("kind", "level", "rank", "time", "label")}
    return xr.DataArray(
        values,
        {"world": paths["world"], "future": paths["future"], **coordinates},
        ("world", "future", "observation"),
        attrs={"long_name": "observable value: a count, log10 FLOP, or a decimal year"},
    )


def observables_of(job: Job, expected: xr.Dataset, known: xr.Dataset, execution: Execution | None = None) -> Floats:
    """The same for all futures of `job`, which stores sizes of one policy: float64 (world, future, observation).

    Futures are simulated chunk by chunk and released, so that memory grows only with the number of observations.
    """
    execution, scenario = execution or Execution(), job.sampler.scenario
    values = np.empty((job.sampler.total, job.futures, expected.sizes["observation"]))
    asked = _asked(expected, known)
    along = {"threshold": np.array(scenario.output.flop_thresholds), "time": scenario.time_grid}
    coordinates = xr.Dataset(coords={**actors_and_years(scenario), **along}).variables

    def store(chunk: Chunk, kept: Samples) -> None:
        sizes = {name: xr.Variable(("world", "future", *dims), of[0]) for name, (dims, of) in sizes_of(kept).items()}
        worlds = slice(chunk.world, chunk.world + chunk.worlds)
        futures = slice(chunk.future, chunk.future + chunk.futures)
        _see(_Shown({**sizes, **coordinates}), asked, values[worlds, futures])

    run(job, execution, execution.chunk_of(job), None, store)
    return values


def with_thresholds(scenario: Scenario, expected: xr.Dataset) -> Scenario:
    """`scenario` with the thresholds of `expected` observations added to those above which models are counted.

    Raises InputError if they are too many.
    """
    levels = np.unique(expected["level"].values[np.isfinite(expected["level"].values)])
    mine = list(scenario.output.flop_thresholds)
    new = [float(level) for level in levels if not np.isclose(mine, level, rtol=1e-6).any()]
    if not new:
        return scenario
    if len(mine) + len(new) > MAX_THRESHOLDS:
        raise InputError(
            f"{len(mine) + len(new)} thresholds of observations and scenario are more than the {MAX_THRESHOLDS} "
            "that a run counts; leave some out"
        )
    output = scenario.output.model_copy(update={"flop_thresholds": sorted([*mine, *new])})
    return scenario.model_copy(update={"output": output})


def check_observable(scenario: Scenario, expected: xr.Dataset) -> None:
    """Raise InputError, with the right form, unless futures of `scenario` can give all `expected` observations."""
    for n in range(expected.sizes["observation"]):
        what = expected.isel(observation=n)
        label, kind, time = what["label"].item(), what["kind"].item(), float(what["time"])
        moment = float(what["observed"]) if kind.endswith("follower") else time
        if moment > scenario.horizon + _AT_ONCE:
            raise InputError(
                f"{label}: past the horizon of {scenario.name}, {scenario.horizon:g}; leave later observations out "
                "with --until, or move the horizon"
            )
        if kind.endswith("compute") and time > scenario.years[-1] + _AT_ONCE:
            raise InputError(f"{label}: compute is recorded until the last whole year, {scenario.years[-1]:g}")
        actors = sum(member.real for member in scenario.actor_classes.values())
        if int(what["rank"]) > actors:
            raise InputError(f"{label}: {scenario.name} has only {actors} organisations; give its classes more")


class What(NamedTuple):
    """One observation without its value."""

    kind: str
    level: float
    rank: int
    time: float


class _Asked(NamedTuple):
    """One observation to be seen in futures, and its known value at the start; 0 or NO_MODEL if nothing is known."""

    what: What
    before: float
    label: str


def _asked(expected: xr.Dataset, known: xr.Dataset) -> list[_Asked]:
    """What is asked of each future, in the order of `expected`."""
    history = _History(known)
    columns = (expected[name].values for name in ("kind", "level", "rank", "time", "label"))
    asked = []
    for kind, level, rank, time, label in zip(*columns, strict=True):
        what = What(str(kind), float(level), int(rank), float(time))
        none = NO_MODEL if what.kind.endswith("compute") else 0.0
        asked.append(_Asked(what, history(what, none), str(label)))
    return asked


def _see(shown: _Shown, asked: list[_Asked], values: Floats) -> None:
    """Set the `values` (world, future, observation) of what is asked. Raises InputError if `shown` lacks it."""
    for n, (what, before, label) in enumerate(asked):
        try:
            values[..., n] = _SEEN[what.kind](shown, what, before)
        except LookupError as error:
            raise InputError(f"{label}: {error.args[0]}") from None


class _History:
    """Known values at the start: the latest of each kind, threshold and rank.

    Values that are not in the tables have the lower bound from their neighbours: as many are above a threshold as above
    the next higher one, and the model of a rank is as large as that of the next.
    """

    def __init__(self, known: xr.Dataset) -> None:
        ordered = known.sortby("time")
        columns = (ordered[name].values for name in ("kind", "level", "rank", "observed"))
        self._latest = {
            (str(kind), _size(level), int(rank)): float(value)
            for kind, level, rank, value in zip(*columns, strict=True)
        }

    def __call__(self, what: What, none: float) -> float:
        return max(
            (
                value
                for (kind, size, rank), value in self._latest.items()
                if kind == what.kind and size >= _size(what.level) and rank >= what.rank
            ),
            default=none,
        )


def _size(level: float) -> float:
    """A threshold as a key: log10 FLOP to six digits, or 0 for none."""
    return 0.0 if np.isnan(level) else round(float(np.log10(level)), 6)


class _Shown:
    """Paths of futures as arrays (world, future, ...), each loaded and sorted once for all observations."""

    def __init__(self, paths: Mapping[Any, xr.Variable]) -> None:
        self._paths = paths
        self._taken: dict[tuple[str, str, int], NDArray[Any]] = {}
        self._ranked: dict[tuple[str, str, int], tuple[NDArray[Any], NDArray[np.integer]]] = {}
        self._levels: dict[float, int] = {}
        self.weights = paths["represents"].values
        self.each_for_itself = bool((self.weights == 1).all())

    def at_level(self, name: str, level: float) -> NDArray[Any]:
        """The variable `name` at a threshold."""
        return self._at(name, "threshold", self._level(level))

    def open_largest(self, what: What) -> Floats:
        """Compute of the largest model with open weights at a time, in the same way."""

        def opened(place: int) -> Floats:
            return _or_none(self._at("future_open_compute", "year", place).astype(np.float64))

        return self._between(what.time, opened)

    def counted(self, name: str, what: What) -> Floats:
        """Cumulative numbers at the nearest point of the time grid."""
        nearest = int(np.abs(self._paths["time"].values - what.time).argmin())
        return self.at_level(name, what.level)[..., nearest].astype(np.float64)

    def largest(self, what: What) -> Floats:
        """Compute of the organisation of a rank at a time, interpolated between whole years; NO_MODEL for none."""

        def ranked(place: int) -> Floats:
            return _or_none(-self._nth("future_compute", "year", place, what.rank, -1.0))

        return self._between(what.time, ranked)

    def earliest(self, what: What) -> Floats:
        """The time at which the organisation of a rank is above a threshold; inf for never."""
        first = self._nth("future_first_above", "threshold", self._level(what.level), what.rank, 1.0)
        return np.where(np.isnan(first), np.inf, first)

    def _nth(self, name: str, along: str, place: int, n: int, sign: float) -> Floats:
        """The `n`-th smallest of `sign` times a variable; an actor counts as often as it represents; NaN comes last."""
        if n > self.weights.sum():
            raise LookupError(f"there are only {self.weights.sum()} organisations")
        key = (name, along, place)
        if key not in self._ranked:
            values = np.float32(sign) * self._at(*key)
            if self.each_for_itself:
                self._ranked[key] = np.sort(values, axis=-1), np.arange(1, values.shape[-1] + 1)
            else:
                order = np.argsort(values, axis=-1)
                self._ranked[key] = np.take_along_axis(values, order, -1), np.cumsum(self.weights[order], axis=-1)
        values, counted = self._ranked[key]
        if counted.ndim == 1:
            return values[..., n - 1].astype(np.float64)
        where = (counted >= n).argmax(axis=-1)[..., np.newaxis]
        return np.take_along_axis(values, where, -1)[..., 0].astype(np.float64)

    def _at(self, name: str, along: str, place: int) -> NDArray[Any]:
        key = (name, along, place)
        if key not in self._taken:
            variable = self._paths[name].isel({along: place}).transpose("world", "future", ...)
            self._taken[key] = np.ascontiguousarray(variable.to_numpy())
        return self._taken[key]

    def _level(self, level: float) -> int:
        if level not in self._levels:
            places = np.flatnonzero(np.isclose(self._paths["threshold"].values, level, rtol=1e-6))
            if not len(places):
                raise LookupError(f"models above {level:g} FLOP were not counted; add it to output.flop_thresholds")
            self._levels[level] = int(places[0])
        return self._levels[level]

    def _between(self, year: float, at: Callable[[int], Floats]) -> Floats:
        """The value at a time, interpolated from values `at` the adjacent whole years."""
        place = year - float(self._paths["year"].values[0])
        if not -_AT_ONCE <= place <= self._paths["year"].size - 1 + _AT_ONCE:
            raise LookupError(f"compute is not recorded at {year:g}")
        whole = round(place)
        if abs(place - whole) < _AT_ONCE:
            return at(whole)
        earlier = int(place)
        return at(earlier) + (place - earlier) * (at(earlier + 1) - at(earlier))


def _or_none(compute: Floats) -> Floats:
    """log10 FLOP, NO_MODEL for none."""
    return np.where(np.isnan(compute), NO_MODEL, compute)


def _organisations(shown: _Shown, what: What, before: float) -> Floats:
    above = shown.at_level("future_first_above", what.level) <= what.time + _AT_ONCE
    number = np.count_nonzero(above, axis=-1) if shown.each_for_itself else above @ shown.weights
    return np.maximum(number, before)


def _models(shown: _Shown, what: What, before: float) -> Floats:
    return shown.counted("future_models", what) + before


def _open_models(shown: _Shown, what: What, before: float) -> Floats:
    return shown.counted("future_open_models", what) + before


def _compute(shown: _Shown, what: What, before: float) -> Floats:
    return np.maximum(shown.largest(what), before)


def _open_compute(shown: _Shown, what: What, before: float) -> Floats:
    return np.maximum(shown.open_largest(what), before)


def _follower(shown: _Shown, what: What, before: float) -> Floats:
    return shown.earliest(what)


def _open_follower(shown: _Shown, what: What, before: float) -> Floats:
    first = shown.at_level("future_first_open_above", what.level)
    return np.where(np.isnan(first), np.inf, first)


_Seen = Callable[[_Shown, What, float], Floats]
_SEEN: dict[str, _Seen] = {
    "organisations": _organisations,
    "models": _models,
    "open_models": _open_models,
    "compute": _compute,
    "open_compute": _open_compute,
    "follower": _follower,
    "open_follower": _open_follower,
}
