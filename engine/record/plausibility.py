"""Results beyond what anybody is known to have estimated or measured: which, from when on, and in words."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import xarray as xr

from engine.record.bounds import Bound, read_bounds
from engine.scenario import BASELINE
from engine.text.format import format_value, quantile_name

#: Most values of single futures that are read at once.
_MOST_VALUES = 8_000_000
_FUTURES = ("world", "future")
#: Powers of ten beyond this are written as this one.
_FAR = 300.0
#: What each variable is called: as a bound, and as a result of a class, a capability or a threshold.
NAMES = {
    "effective_compute": ("effective compute", "effective compute of {actor_class}"),
    "runs_above": ("threshold that models exceed", "number of models of at least {threshold}"),
    "future_compute": ("training compute of the largest model", "training compute of the largest model"),
    "capability_compute": (
        "training compute that reaches a capability",
        "training compute with which {actor_class} can reach {capability}",
    ),
    "capability_cost": ("cost of reaching a capability", "cost of reaching {capability} for {actor_class}"),
}


@dataclass(frozen=True)
class Departure:
    """Where results first lie beyond a `bound`: the quantile nearest to the median that does, and its first year.

    `value` is the result there, in the unit of the bound, or the number of models above a `threshold`. The names of
    dimensions that the variable lacks are empty.
    """

    bound: Bound
    quantile: float
    year: float
    value: float
    policy: str = ""
    actor_class: str = ""
    capability: str = ""
    threshold: float = math.nan


@cache
def bounds() -> tuple[Bound, ...]:
    """The bounds that come with the package."""
    return read_bounds()


def checked(results: xr.Dataset, of: Sequence[Bound] | None = None) -> list[Bound]:
    """Those bounds, by default of all, with which `results` can be compared: they have the variable and a threshold."""
    return [
        bound
        for bound in (bounds() if of is None else of)
        if bound.variable in results
        and results[bound.variable].size > 0
        and (not bound.is_of_threshold or bool((results["threshold"] >= bound.value).any()))
    ]


def departures(results: xr.Dataset, of: Sequence[Bound] | None = None) -> list[Departure]:
    """The strongest departure of `results` beyond each bound, by default of all; none for a bound that they keep.

    The strongest is that of the quantile nearest to the median, in the earliest year, then of the first policy, class
    and capability. Quantiles are those of the results; single futures are counted to the same quantiles.
    """
    return [found for bound in checked(results, of) if (found := _strongest(bound, results)) is not None]


def _strongest(bound: Bound, results: xr.Dataset) -> Departure | None:
    beyond = _beyond_of_futures(bound, results) if _is_of_futures(bound, results) else _beyond(bound, results)
    when = "year" if "year" in beyond.dims else "time"
    beyond = beyond.transpose("quantile", when, ...)
    anywhere = np.asarray(beyond.values.reshape(*beyond.shape[:2], -1).any(axis=-1), dtype=np.bool_)
    quantiles = [float(q) for q in results["quantile"].values]
    passing = [
        (round(abs(quantiles[q] - 0.5), 9), int(years.argmax()), q) for q, years in enumerate(anywhere) if years.any()
    ]
    if not passing:
        return None
    _, year, q = min(passing)
    cell = beyond.isel({"quantile": q, when: year})
    first = np.argwhere(cell.values)[0].tolist()
    place = {str(dim): position for dim, position in zip(cell.dims, first, strict=True)}
    at = cell.isel(place)
    there: dict[str, Any] = {dim: at[dim].item() for dim in place}
    return Departure(bound, quantiles[q], float(at[when]), _value(bound, results, {**place, when: year}, q), **there)


def _is_of_futures(bound: Bound, results: xr.Dataset) -> bool:
    return "future" in results[bound.variable].dims


def _beyond(bound: Bound, results: xr.Dataset) -> xr.DataArray:
    """Whether each quantile in the results lies beyond the bound; NaN does not."""
    values = _of_high_thresholds(bound, results)
    if bound.is_of_threshold:
        return values >= 1.0
    return values > bound.limit if bound.is_above else values < bound.limit


def _of_high_thresholds(bound: Bound, results: xr.Dataset) -> xr.DataArray:
    values = results[bound.variable]
    if not bound.is_of_threshold:
        return values
    return values.isel(threshold=np.flatnonzero(values["threshold"].values >= bound.value))


def _beyond_of_futures(bound: Bound, results: xr.Dataset) -> xr.DataArray:
    """Whether each quantile over single futures lies beyond the bound, from the number of futures that do."""
    beyond = (block > bound.limit if bound.is_above else block < bound.limit for block in _blocks(bound, results))
    counts = (block.sum(_FUTURES) for block in beyond)
    count = sum(counts, start=next(counts))
    rank = xr.DataArray(_ranks(results), dims="quantile")
    return count > _number(results) - rank if bound.is_above else count >= rank


def _number(results: xr.Dataset) -> int:
    return results.sizes["world"] * results.sizes["future"]


def _ranks(results: xr.Dataset) -> list[int]:
    """The rank of each quantile among the futures, from 1: the least value that enough futures do not exceed."""
    wanted = results["quantile"].values * _number(results) * (1.0 - 1e-12)
    return [max(1, math.ceil(rank)) for rank in wanted.tolist()]


def _blocks(bound: Bound, results: xr.Dataset) -> Iterator[xr.DataArray]:
    """The variable of a bound, a block of futures after another, because files may exceed memory."""
    values = results[bound.variable]
    worlds, futures = values.sizes["world"], values.sizes["future"]
    of_future = max(1, values.size // max(1, worlds * futures))
    some = min(futures, max(1, _MOST_VALUES // of_future))
    several = max(1, _MOST_VALUES // (of_future * some))
    for world in range(0, worlds, several):
        for future in range(0, futures, some):
            block = values.isel(world=slice(world, world + several), future=slice(future, future + some)).load()
            yield _of_all_actors(block)


def _of_all_actors(values: xr.DataArray) -> xr.DataArray:
    return values.fillna(-np.inf).max("actor") if "actor" in values.dims else values


def _value(bound: Bound, results: xr.Dataset, place: dict[str, int], quantile: int) -> float:
    """The result at a place (positions by dimension), in the unit of the bound; a number of models is itself."""
    if not _is_of_futures(bound, results):
        found = float(_of_high_thresholds(bound, results).isel(place).isel(quantile=quantile))
    else:
        values = _of_all_actors(results[bound.variable].isel(place))
        # A future without a model, or without a run that reaches the capability, is on the near side of the bound.
        known = values.fillna(-np.inf if bound.is_above else np.inf).values.ravel()
        found = float(np.sort(known)[_ranks(results)[quantile] - 1])
    # A file of strangers may hold any number.
    return 10.0 ** float(np.clip(found, -_FAR, _FAR)) if bound.is_log10 else found


def departure_in_words(found: Departure, name: Callable[[str], str] = str) -> str:
    """A departure as one sentence, with the bound and its source. `name` is how names of the scenario are written."""
    bound = found.bound
    what = NAMES[bound.variable][1].format(
        actor_class=name(found.actor_class),
        capability=name(found.capability),
        threshold=format_value(found.threshold, bound.unit),
    )
    quantile = f"the median {what}" if found.quantile == 0.5 else f"the {quantile_name(found.quantile)} of the {what}"
    under = "" if found.policy in ("", BASELINE) else f" under {name(found.policy)}"
    limit = format_value(bound.value, bound.unit)
    if bound.is_of_threshold:
        passes = f"reaches {format_value(found.value)} in {int(found.year)}{under}; beyond {limit} lies"
    else:
        verb = "passes" if bound.is_above else "falls below"
        value = format_value(math.log10(found.value), f"log10 {bound.unit}")
        passes = f"{verb} {limit} in {int(found.year)}{under} ({value}); the bound is"
    return f"Beyond any estimate: {quantile} {passes} {bound.reason} ({bound.source})."


def bound_in_words(bound: Bound) -> str:
    """The side and the bound: "above 2e47 FLOP"."""
    return f"{bound.side} {format_value(bound.value, bound.unit)}"


def none_in_words(results: xr.Dataset) -> str:
    """That no quantile of `results` lies beyond a bound, with the bounds that were compared."""
    have = [f"{100.0 * float(q):.3g}%" for q in results["quantile"].values[[0, -1]]]
    names = "; ".join(f"{NAMES[bound.variable][0]} {bound_in_words(bound)}" for bound in checked(results))
    between = f"between {have[0]} and {have[1]} " if have[0] != have[1] else ""
    return f"No quantile {between}lies beyond the estimates known to us (bounds: {names})."
