"""Single futures as labelled variables, stored on request."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from engine.montecarlo import Chunk, Samples
from engine.results.dataset import describe
from engine.scenario import Scenario, WorldSampler

_OF_FUTURES = ("policy", "world", "future")
#: Numbers of the world that convert effective compute to a score.
_SCORE = ("score_origin", "score_slope", "score_ceiling")


def add_samples(dataset: xr.Dataset, samples: Samples, sampler: WorldSampler) -> xr.Dataset:
    """`dataset` with the samples of single futures, and the uncertain numbers of their worlds in carried units."""
    if samples.loss.shape[0] == 0:
        return dataset
    futures = samples_of(samples, sampler.scenario, Chunk(0, sampler.total, 0, samples.loss.shape[2]))
    worlds = worlds_of(sampler, 0, sampler.total, scores="future_access" in futures)
    named = dataset.assign({**futures.data_vars, **worlds.data_vars})
    return named.assign_coords({**futures.coords, **worlds.coords})


def samples_of(samples: Samples, scenario: Scenario, chunk: Chunk) -> xr.Dataset:
    """The samples of the futures of `chunk`, labelled except for the policies.

    `samples` contains only those futures, with at least their outcomes.
    """
    variables = _outcomes(scenario, samples)
    coordinates: dict[str, Any] = {
        "world": np.arange(chunk.world, chunk.world + chunk.worlds),
        "future": np.arange(chunk.future, chunk.future + chunk.futures),
        "malicious": ("actor_class", _malicious(scenario)),
    }
    if samples.access.shape[0] > 0:
        variables |= _paths(samples)
    if samples.largest.shape[0] > 0:
        variables |= sizes_of(samples)
        coordinates |= actors_and_years(scenario)
    if samples.bought.shape[0] > 0:
        variables |= _prices(samples)
        coordinates["investment"] = np.array(scenario.output.investments)
    named = {name: ((*_OF_FUTURES, *dims), values) for name, (dims, values) in variables.items()}
    return describe(xr.Dataset(named, coordinates))


def worlds_of(sampler: WorldSampler, first: int, count: int, *, scores: bool) -> xr.Dataset:
    """The uncertain numbers of `count` worlds from `first`, in carried units; with `scores` also those of the score."""
    names, numbers = list(sampler.scenario.uncertain()), sampler.scenario.uncertain().values()
    variables: dict[str, Any] = {"parameters": (("world", "parameter"), sampler.parameters(first, count))}
    if scores:
        worlds = sampler.worlds(first, count)
        variables |= {name: ("world", worlds[name]) for name in _SCORE}
    coordinates = {
        "world": np.arange(first, first + count),
        "parameter": _text(names),
        "parameter_units": ("parameter", _text([number.quantity.dimension.carried for number in numbers])),
    }
    return describe(xr.Dataset(variables, coordinates))


def _outcomes(scenario: Scenario, samples: Samples) -> dict[str, tuple[tuple[str, ...], Any]]:
    """The outcomes of each future; only dangerous capabilities have harm."""
    dangerous = np.array([capability.kind == "dangerous" for capability in scenario.capabilities.values()])
    return {
        "attainment_time": (("actor_class", "capability"), samples.attainment_time),
        "use_time": (("actor_class", "capability"), samples.use_time),
        "future_hosted_loss": ((), 1000.0 * samples.hosted_loss),
        "future_hosted_benefit": ((), 1000.0 * samples.hosted_benefit),
        "future_hosted_incidents": (
            ("capability",),
            np.where(dangerous, samples.hosted_incidents, np.nan).astype(np.float32),
        ),
        "future_loss": ((), 1000.0 * samples.loss),
        "future_benefit": ((), 1000.0 * samples.benefit),
        "future_exposure": (("capability",), np.where(dangerous, samples.exposure, np.float32(np.nan))),
        "future_incidents": (("capability",), np.where(dangerous, samples.incidents, np.nan).astype(np.float32)),
        "defence_ready": (("capability",), samples.defence_ready),
        "theft_probability": (("actor_class", "capability"), samples.theft_probability),
        "dangerous_theft_probability": (("actor_class",), samples.dangerous_theft_probability),
    }


def sizes_of(samples: Samples) -> dict[str, tuple[tuple[str, ...], Any]]:
    """The models of each future by their training compute: dimensions after the future, and values with the policy."""
    return {
        "future_compute": (("actor", "year"), samples.largest),
        "future_first_above": (("actor", "threshold"), samples.first_above),
        "future_models": (("threshold", "time"), samples.models),
        "future_open_models": (("threshold", "time"), samples.open_models),
        "future_open_compute": (("year",), samples.open_largest),
        "future_first_open_above": (("threshold",), samples.first_open_above),
    }


def _paths(samples: Samples) -> dict[str, tuple[tuple[str, ...], Any]]:
    """The paths of each future, year by year, without the sizes of its models."""
    return {
        "future_access": (("capability", "time"), samples.access),
        "future_effective_compute": (("actor", "year"), samples.effective_compute),
        "future_spending": (("actor_class", "time"), samples.spending),
        "future_runs_reaching": (("capability", "year"), samples.reaching[..., 0, :]),
        "future_runs_caught": (("capability", "threshold", "year"), samples.reaching[..., 1:, :]),
        "future_attaining": (("capability", "year"), samples.attaining[..., 0, :]),
        "future_attaining_caught": (("capability", "threshold", "year"), samples.attaining[..., 1:, :]),
        "effective_compute_at_first": (("capability", "actor_class"), samples.at_first),
    }


def _prices(samples: Samples) -> dict[str, tuple[tuple[str, ...], Any]]:
    """The effective compute that money would buy, and the cost of capabilities."""
    return {
        "effective_compute_bought": (("actor_class", "investment", "year"), samples.bought),
        "capability_cost": (("actor_class", "capability", "year"), samples.cost),
        "capability_compute": (("actor_class", "capability", "year"), samples.compute),
    }


def actors_and_years(scenario: Scenario) -> dict[str, Any]:
    """Coordinates of whole years and of actors."""
    classes, weights = scenario.actor_classes, scenario.weights
    return {
        "year": scenario.years,
        "actor": _text(list(weights)),
        "class_of_actor": ("actor", _text([name for name, spec in classes.items() for _ in spec.weights])),
        "represents": ("actor", np.array(list(weights.values()))),
    }


def _malicious(scenario: Scenario) -> np.ndarray[Any, Any]:
    """Whether each class attempts misuse in some world."""
    rates = [spec.attempt_rate for spec in scenario.actor_classes.values()]
    return np.array([not rate.is_constant or rate.parameters["value"] > 0.0 for rate in rates], dtype=np.int8)


def _text(names: list[str]) -> np.ndarray[Any, Any]:
    return np.array(names, dtype=object) if names else np.array([], dtype="U1")
