"""The worst worlds that are still plausible, by policy, with addresses of futures to replay.

A reverse stress test asks which conditions would cause a bad outcome, not how likely it is. Worlds whose numbers are
jointly far-fetched are no answer.
"""

from __future__ import annotations

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy.special import chdtrc, ndtri

from engine.analyses.stress.failing_worlds import Floats, same_worlds
from engine.analyses.stress.robustness import world_means
from engine.errors import InputError
from engine.scenario import BASELINE
from engine.statistics.labelled import own_parameters
from engine.text.format import format_value, strings

#: Number of reported parameters that make a world bad.
DRIVERS = 5
_NUMBERS = {
    "value": ("mean over futures of the metric in the world", "metric"),
    "future_value": ("metric in the worst future of the world", "metric"),
    "baseline_value": ("mean over futures of the metric in the world under the baseline", "metric"),
    "baseline_future_value": ("metric in the same future under the baseline", "metric"),
    "plausibility": ("share of worlds expected to be at least as unusual", "1"),
}


def normal_scores(values: Floats) -> Floats:
    """Van der Waerden scores of each column of `values` (world, parameter), normal quantiles of rank / (n + 1).

    Tied values share their mean rank (Conover 1999, Practical Nonparametric Statistics, section 5.10). A column with a
    single value scores 0.
    """
    from scipy.stats import rankdata

    return np.asarray(ndtri(rankdata(values, axis=0) / (len(values) + 1.0)))


def plausibility(parameters: xr.DataArray) -> xr.DataArray:
    """The plausibility of each world, jointly in all its parameters: (world), from 0 to 1.

    The sum of squared normal scores is compared with chi-square of as many degrees of freedom as there are parameters
    that vary; 0.05 means that 5% of worlds are expected to be at least as unusual. This assumes that parameters are
    independent, and counts only the distance of each from its own median. 1 if no parameter varies.
    """
    values = parameters.transpose("world", "parameter").values
    chance = _chance(normal_scores(values[:, (values != values[:1]).any(axis=0)]))
    attrs = {"long_name": "share of worlds expected to be at least as unusual", "units": "1"}
    return xr.DataArray(chance, dims="world", name="plausibility", attrs=attrs)


def _chance(scores: Floats) -> Floats:
    """The plausibility (world) of worlds with normal scores (world, parameter) of numbers that vary."""
    degrees = scores.shape[1]
    return np.asarray(chdtrc(degrees, (scores**2).sum(axis=1))) if degrees else np.ones(len(scores))


def worst_worlds(
    parameters: xr.DataArray, outcomes: xr.Dataset, metric: str, count: int = 3, plausible: float = 0.95
) -> xr.Dataset:
    """The `count` worst worlds of each policy on a metric among plausible ones: dims (policy, rank, driver).

    `parameters` (world, parameter) has the coordinate `parameter_units`; `outcomes` are metrics (policy, world, future)
    with the attribute `better`. Worlds are ranked by their mean over futures, and left out if their `plausibility`, in
    the parameters that can matter to the policy, is below 1 - `plausible`, or if they have no number (NaN). Returns
    `world` and `future` (labels of the coordinates `world` and `future`, counted from 0 without them: the
    address to replay; the future is the worst of the world; -1 if there are fewer worlds), `value`, `future_value`, the
    same of the baseline (NaN without one), `plausibility`, and the five parameters that contribute most to the bad
    value: `driver_parameter` ("" if there are fewer), `driver_value`, `driver_units`, `driver_score` (van der Waerden
    score: how unusual the value is) and `driver_push`: the score times the correlation over all worlds of the
    parameter's scores with those of the metric (van der Waerden's correlation), above 0 if the value is on the bad
    side. A parameter that acts only with others may be missed. Raises InputError for an unknown metric, or worlds
    other than those of `parameters`.
    """
    if metric not in outcomes:
        raise InputError(f"no metric {metric!r}; there are {', '.join(map(str, outcomes.data_vars))}")
    same_worlds(parameters, outcomes)
    samples = outcomes[metric].transpose("policy", "world", "future")
    means = world_means(outcomes[[metric]])[metric]
    sign = -1.0 if samples.attrs.get("better") == "more" else 1.0
    policies = [str(name) for name in outcomes["policy"].values]
    all_scores = normal_scores(parameters.transpose("world", "parameter").values)
    shape = (len(policies), count)
    numbers = {name: np.full(shape, np.nan) for name in _NUMBERS}
    address = {name: np.full(shape, -1, dtype=np.int64) for name in ("world", "future")}
    drivers = _no_drivers(shape)
    for p, policy in enumerate(policies):
        own = own_parameters(parameters, [policy]).transpose("world", "parameter")
        scores = all_scores[:, np.isin(parameters["parameter"].values, own["parameter"].values)]
        chance = _chance(scores)
        push = _pushes(scores, sign * means.values[p])
        for r, world in enumerate(_worst(sign * means.values[p], chance >= 1.0 - plausible, count)):
            future = int(np.argmax(sign * samples.values[p, world]))
            address["world"][p, r], address["future"][p, r] = (
                _label(samples, "world", world),
                _label(samples, "future", future),
            )
            numbers["value"][p, r] = means.values[p, world]
            numbers["future_value"][p, r] = samples.values[p, world, future]
            if BASELINE in policies:
                numbers["baseline_value"][p, r] = means.values[policies.index(BASELINE), world]
                numbers["baseline_future_value"][p, r] = samples.values[policies.index(BASELINE), world, future]
            numbers["plausibility"][p, r] = chance[world]
            _fill_drivers(drivers, (p, r), own, scores[world], push[world], world)
    result = _dataset(policies, address, numbers, drivers, str(samples.attrs.get("units", "1")))
    return result.assign_attrs(metric=metric, better="more" if sign < 0.0 else "less", plausible=plausible)


def _worst(losses: Floats, eligible: NDArray[np.bool_], count: int) -> list[int]:
    """Indices of the largest losses (world) among eligible ones; among equals, the first comes first."""
    left = np.flatnonzero(eligible & ~np.isnan(losses))
    return [int(world) for world in left[np.argsort(-losses[left], kind="stable")][:count]]


def _label(samples: xr.DataArray, dim: str, position: int) -> int:
    return int(samples[dim].values[position])


def _no_drivers(shape: tuple[int, int]) -> dict[str, np.ndarray]:
    full = (*shape, DRIVERS)
    return {
        "driver_parameter": np.full(full, "", dtype=object),
        "driver_units": np.full(full, "", dtype=object),
        "driver_value": np.full(full, np.nan),
        "driver_score": np.full(full, np.nan),
        "driver_push": np.full(full, np.nan),
    }


def _pushes(scores: Floats, losses: Floats) -> Floats:
    """Normal scores (world, parameter) times their correlations with those of `losses` (world), NaN left out."""
    known = np.isfinite(losses)
    if known.sum() < 2:
        return np.zeros_like(scores)
    harm, x = normal_scores(losses[known][:, np.newaxis])[:, 0], scores[known]
    spread = np.sqrt((x**2).sum(axis=0) * (harm**2).sum())
    return scores * np.divide(x.T @ harm, spread, out=np.zeros(x.shape[1]), where=spread > 0.0)


def _fill_drivers(
    drivers: dict[str, np.ndarray], at: tuple[int, int], own: xr.DataArray, scores: Floats, push: Floats, world: int
) -> None:
    """The parameters of one world that worsen the metric most; `scores` and `push` (parameter)."""
    for k, j in enumerate([j for j in np.argsort(-push, kind="stable")[:DRIVERS] if push[j] > 0.0]):
        drivers["driver_parameter"][(*at, k)] = str(own["parameter"].values[j])
        drivers["driver_units"][(*at, k)] = str(own["parameter_units"].values[j])
        drivers["driver_value"][(*at, k)] = own.values[world, j]
        drivers["driver_score"][(*at, k)] = scores[j]
        drivers["driver_push"][(*at, k)] = push[j]


def _dataset(
    policies: list[str],
    address: dict[str, NDArray[np.int64]],
    numbers: dict[str, Floats],
    drivers: dict[str, np.ndarray],
    unit: str,
) -> xr.Dataset:
    two, three = ("policy", "rank"), ("policy", "rank", "driver")
    ranks = np.arange(address["world"].shape[1])
    result = xr.Dataset(
        coords={
            "policy": ("policy", strings(policies), {"long_name": "policy"}),
            "rank": ("rank", ranks, {"long_name": "rank of the world, worst first", "units": "1"}),
            "driver": ("driver", np.arange(DRIVERS), {"long_name": "rank of the parameter by its push", "units": "1"}),
        }
    )
    for name, positions in address.items():
        result[name] = two, positions, {"long_name": f"{name} to replay", "units": "1"}
    for name, (long_name, units) in _NUMBERS.items():
        result[name] = two, numbers[name], {"long_name": long_name, "units": unit if units == "metric" else units}
    for name, long_name, attrs in (
        ("driver_parameter", "parameter that makes the world bad", {}),
        ("driver_units", "unit of the parameter", {}),
        ("driver_value", "value of the parameter", {"units": "see driver_units"}),
        ("driver_score", "normal score of the value", {"units": "1"}),
        ("driver_push", "normal score times its correlation with the metric, above 0 for worse", {"units": "1"}),
    ):
        result[name] = three, drivers[name], {"long_name": long_name, **attrs}
    return result


def worst_worlds_in_words(found: xr.Dataset) -> str:
    """The result of `worst_worlds` as text: by policy, the worlds, the futures to replay, and the causes."""
    metric, unit = str(found.attrs["metric"]), str(found["value"].attrs["units"])
    lines = [
        f"The worst worlds on {metric}, without worlds more unusual than {found.attrs['plausible']:.0%} are expected "
        "to be. Scores show how unusual a number is, in standard deviations of a normal distribution."
    ]
    for policy in found["policy"].values:
        for r in range(found.sizes["rank"]):
            one = found.sel(policy=policy).isel(rank=r)
            if int(one["world"]) < 0:
                continue
            value, base, worst = (
                format_value(float(one[name]), unit) for name in ("value", "baseline_value", "future_value")
            )
            compared = "" if policy == BASELINE else f" (baseline {base})"
            lines.append(
                f"{policy}: world {int(one['world'])}, {value}{compared}; its worst future is {int(one['future'])}, "
                f"{worst}{_drivers_in_words(one)}."
            )
    return "\n".join(lines)


def _drivers_in_words(one: xr.Dataset) -> str:
    names = ("driver_parameter", "driver_value", "driver_units", "driver_score")
    rows = zip(*(one[name].values for name in names), strict=True)
    parts = [f"{name} {format_value(float(value), unit)} ({score:+.1f})" for name, value, unit, score in rows if name]
    return f". Causes: {', '.join(parts)}" if parts else ""
