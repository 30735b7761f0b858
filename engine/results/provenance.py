"""What a results file says about itself: names, units, and where it came from."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Iterator
from importlib import metadata
from typing import Literal

import numpy as np
import xarray as xr

from engine._version import __version__
from engine.scenario import Sampling, Scenario, scenario_hash

#: Bytes of a variable that are read at once for its content id, so that no file is too large for it.
_SLAB = 2**25

PACKAGES = ("numpy", "numba", "scipy", "xarray", "netCDF4", "simpy", "pydantic")

LONG_NAMES = {
    "policy": "policy, a named list of governance measures; baseline is the empty list",
    "actor_class": "class of actors",
    "capability": "capability",
    "capability_kind": "whether the capability is dangerous or valuable",
    "route": "route by which a capability was attained",
    "time": "time",
    "quantile": "probability of a quantile",
    "threshold": "training compute threshold",
    "period": "time over which losses are added up: a whole year, or all years within the horizon",
    "loss": "loss, in constant 2023 US$",
    "level": "level of value at risk and expected shortfall",
    "limit": "lower or upper confidence limit",
    "world": "world, one draw of the uncertain numbers",
    "future": "future, one stochastic history in a world",
    "parameter": "uncertain number of the scenario",
    "year": "the start and every whole year after it",
    "investment": "fixed investment in a training run, in constant 2023 US$",
    "actor": "simulated member of a class",
    "class_of_actor": "class that the actor is a member of",
    "represents": "real actors that the simulated one stands for",
    "parameter_units": "unit in which the parameter is carried",
    "attainment_probability": "probability that a member of the class has attained the capability by this time",
    "attainment_probability_difference": "attainment_probability less that of the baseline, in the same futures",
    "attainment_delay": "mean delay of first attainment against the baseline; times are cut at the horizon",
    "attainment_time_quantile": "quantile of the time of first attainment by the class; NaN past the horizon",
    "attainment_route": "probability that the class first attains the capability by this route before the horizon",
    "first_attainer": "probability that the class is the first of all to attain the capability before the horizon",
    "lead_time": "quantile of the first class's lead over this one, given that any class attains; NaN past the horizon",
    "actors_with_access": "quantile of the number of real actors with access to the capability",
    "actors_with_access_mean": "mean number of real actors with access to the capability",
    "effective_compute": "quantile of the effective compute of the class's best model so far; NaN for no model",
    "performance_score": "quantile of the performance score of the class's best model so far",
    "runs_above": "quantile of the number of models so far trained with at least the threshold",
    "runs_above_mean": "mean number of models so far trained with at least the threshold",
    "exposure": "quantile of the years between first malicious access and a ready defence, within the horizon",
    "exposure_mean": "mean years between first malicious access and a ready defence, within the horizon",
    "incidents_mean": "mean number of incidents within the horizon",
    "loss_exceedance": "probability that the loss of the period is at least this",
    "loss_quantile": "quantile of the loss of the period",
    "loss_mean": "mean loss of the period",
    "loss_largest_share": "share of the mean loss that the largest hundredth of periods holds",
    "value_at_risk": "loss of the period that is not exceeded with this probability",
    "expected_shortfall": "mean loss of the worst share of periods, one less the level",
    "benefit": "quantile of the benefit of valuable capabilities within the horizon, not discounted",
    "benefit_mean": "mean benefit of valuable capabilities within the horizon, not discounted",
    "attainment_time": "time of first attainment by the class; NaN for not within the horizon",
    "parameters": "uncertain numbers of each world",
    "malicious": "1 for a class that attempts misuse",
    "score_origin": "effective compute where the unbounded score is 0",
    "score_slope": "score gained by an OOM of effective compute at the origin",
    "score_ceiling": "the highest score",
    "future_loss": "loss within the horizon",
    "future_benefit": "benefit of valuable capabilities within the horizon, not discounted",
    "future_exposure": "years between first malicious access and a ready defence, within the horizon",
    "future_incidents": "incidents within the horizon",
    "defence_ready": "time when a defence is ready; NaN for not within the horizon",
    "theft_probability": "probability that the class steals the capability within the horizon, given all else",
    "future_access": "number of real actors with access",
    "future_effective_compute": "effective compute of the actor's best model so far; NaN for none",
    "future_spending": "what the class's simulated members have spent so far on runs that end within the horizon",
    "future_runs_reaching": "number of models so far that reach the capability",
    "future_runs_caught": "number of those models that were trained with at least the threshold",
    "future_attaining": "number of real actors that have attained the capability by training so far",
    "future_attaining_caught": "number of those whose run that attained it was trained with at least the threshold",
    "effective_compute_at_first": "effective compute of the class's best model when one with the capability is first "
    "trained by anyone; NaN for no model",
    "future_compute": "training compute of the actor's largest model so far; NaN for none",
    "future_first_above": "time of the actor's first model trained with at least the threshold; NaN for none",
    "future_models": "number of models so far that were trained with at least the threshold",
    "future_open_models": "number of those models whose weights are open, measures aside",
    "future_open_compute": "training compute of the largest model so far whose weights are open; NaN for none",
    "future_first_open_above": "time when the weights of a model trained with at least the threshold are first open; "
    "NaN for never",
    "effective_compute_bought": "effective compute of a run that the class begins with the investment",
    "capability_cost": "cost of the cheapest run of the class that reaches the capability; NaN for none",
    "capability_compute": "training compute of that run",
}

UNITS = {
    "time": "year",
    "quantile": "1",
    "threshold": "FLOP",
    "attainment_probability": "1",
    "attainment_delay": "year",
    "exposure": "year",
    "exposure_mean": "year",
    "incidents_mean": "1",
    "loss_exceedance": "1",
    "loss_quantile": "US$",
    "loss_mean": "US$",
    "loss_largest_share": "1",
    "value_at_risk": "US$",
    "expected_shortfall": "US$",
    "benefit": "US$",
    "benefit_mean": "US$",
    "loss": "US$",
    "level": "1",
    "attainment_time_quantile": "year",
    "attainment_route": "1",
    "first_attainer": "1",
    "lead_time": "year",
    "actors_with_access": "1",
    "actors_with_access_mean": "1",
    "effective_compute": "log10(FLOP)",
    "performance_score": "1",
    "runs_above": "1",
    "runs_above_mean": "1",
    "attainment_time": "year",
    "future_loss": "US$",
    "future_benefit": "US$",
    "future_exposure": "year",
    "future_incidents": "1",
    "defence_ready": "year",
    "theft_probability": "1",
    "future_access": "1",
    "future_effective_compute": "log10(FLOP)",
    "future_spending": "US$",
    "future_runs_reaching": "1",
    "future_runs_caught": "1",
    "future_attaining": "1",
    "future_attaining_caught": "1",
    "effective_compute_at_first": "log10(FLOP)",
    "future_compute": "log10(FLOP)",
    "future_first_above": "year",
    "future_models": "1",
    "future_open_models": "1",
    "future_open_compute": "log10(FLOP)",
    "future_first_open_above": "year",
    "effective_compute_bought": "log10(FLOP)",
    "capability_cost": "log10(US$)",
    "capability_compute": "log10(FLOP)",
    "year": "year",
    "investment": "US$",
    "represents": "1",
    "malicious": "1",
    "score_origin": "log10(FLOP)",
    "score_slope": "1/OOM",
    "score_ceiling": "1",
}


def long_name(variable: str) -> str:
    """What a variable or coordinate is, in words."""
    if variable.endswith("_se"):
        return f"Monte Carlo standard error of {variable.removesuffix('_se')}, worlds as clusters"
    if variable.endswith("_limits"):
        return (
            f"limits within which endlessly many futures would place {variable.removesuffix('_limits')}, in 95% of runs"
        )
    if variable.endswith("_difference") and variable not in LONG_NAMES:
        return f"{variable.removesuffix('_difference')} less that of the baseline, in the same futures"
    return LONG_NAMES[variable]


def units(variable: str) -> str | None:
    """The unit of a variable or coordinate, None for what has none."""
    return UNITS.get(variable.removesuffix("_limits").removesuffix("_se").removesuffix("_difference"))


def provenance(
    scenario: Scenario, worlds: int, futures: int, seed: int, sampling: Sampling | Literal["design"]
) -> dict[str, object]:
    """Global attributes by CF-1.11 and ACDD-1.3, and all that is needed to run again.

    No date is among them, so that the same seed gives the same dataset; it is added when a file is written.
    """
    packages = ", ".join(f"{name} {metadata.version(name)}" for name in PACKAGES)
    return {
        "Conventions": "CF-1.11, ACDD-1.3",
        "title": f"Diffusion of AI capabilities: {scenario.name}",
        "summary": scenario.description or f"Monte Carlo results of the scenario {scenario.name}.",
        "keywords": "artificial intelligence, capability diffusion, compute efficiency, risk, Monte Carlo",
        "source": f"capability diffusion engine {__version__}, Monte Carlo clock",
        "references": "Pilz, Heim & Brown 2024, arXiv:2311.15377v2",
        "license": "as the scenario's author decides",
        "processing_level": "simulated",
        "scenario_name": scenario.name,
        "scenario_file": scenario.file,
        "scenario_text": scenario.text,
        "scenario_yaml": scenario.yaml,
        "scenario_sha256": scenario_hash(scenario),
        "seed": np.int64(seed),
        "worlds": np.int64(worlds),
        "futures": np.int64(futures),
        "sampling": sampling,
        "engine_version": __version__,
        "python_version": platform.python_version(),
        "package_versions": packages,
        "platform": f"{platform.system()} {platform.machine()}",
    }


#: Attributes of results that what is derived from them keeps.
_KEPT = (
    *("Conventions", "source", "references", "license", "scenario_name", "scenario_file", "scenario_yaml"),
    *("scenario_sha256", "seed", "worlds", "futures", "sampling", "engine_version", "package_versions", "platform"),
)


def derived(dataset: xr.Dataset, source: xr.Dataset, title: str, **attrs: object) -> xr.Dataset:
    """`dataset`, an analysis called `title` of the results `source`, with where it comes from and further `attrs`."""
    for name, coordinate in dataset.coords.items():
        if "long_name" not in coordinate.attrs:
            coordinate.attrs["long_name"] = long_name(str(name))
            if unit := units(str(name)):
                coordinate.attrs["units"] = unit
    dataset.attrs = {
        **{key: source.attrs[key] for key in _KEPT if key in source.attrs},
        "title": f"{title}: {source.attrs.get('scenario_name', '')}",
        **attrs,
    }
    return dataset


def content_id(dataset: xr.Dataset) -> str:
    """SHA-256 of every value and name in `dataset`: the same results have the same id, whenever written."""
    digest = hashlib.sha256()
    for name in sorted(map(str, dataset.variables)):
        variable = dataset.variables[name]
        digest.update(f"{name}{variable.dims}{variable.shape or (1,)}".encode())
        if variable.dtype.kind in "OU":
            digest.update(repr(np.atleast_1d(variable.values).tolist()).encode())
        else:
            for slab in _slabs(variable):
                digest.update(slab.values.tobytes())
    return digest.hexdigest()


def _slabs(variable: xr.Variable) -> Iterator[xr.Variable]:
    """Parts of `variable` along its first dimensions, in order, none above `_SLAB`; if it can be, of whole chunks."""
    if variable.nbytes <= _SLAB:
        # Not itself, for a variable of a file keeps what is read of it.
        yield variable[...]
        return
    dimension, rows = variable.dims[0], variable.shape[0]
    at_once = _SLAB * rows // variable.nbytes
    if at_once == 0:
        for row in range(rows):
            yield from _slabs(variable[row])
        return
    chunk = variable.encoding.get("preferred_chunks", {}).get(dimension, 1)
    step = at_once - at_once % chunk or at_once
    for first in range(0, rows, step):
        yield variable[first : first + step]
