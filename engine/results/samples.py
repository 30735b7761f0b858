"""Single futures as labelled variables, kept on request."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from engine.montecarlo import Samples
from engine.results.dataset import describe
from engine.scenario import Scenario, WorldSampler

_OF_FUTURES = ("policy", "world", "future")
#: Numbers of the world by which effective compute becomes a score.
_SCORE = ("score_origin", "score_slope", "score_ceiling")


def add_samples(dataset: xr.Dataset, samples: Samples, sampler: WorldSampler) -> xr.Dataset:
    """`dataset` with what is kept of single futures, and the uncertain numbers of their worlds in carried units."""
    if samples.loss.shape[0] == 0:
        return dataset
    scenario = sampler.scenario
    names, numbers = list(scenario.uncertain()), scenario.uncertain().values()
    variables = _outcomes(scenario, samples)
    of_worlds: dict[str, Any] = {"parameters": (("world", "parameter"), sampler.parameters(0, sampler.total))}
    coordinates: dict[str, Any] = {
        "world": np.arange(samples.loss.shape[1]),
        "future": np.arange(samples.loss.shape[2]),
        "malicious": ("actor_class", _malicious(scenario)),
        "parameter": _text(names),
        "parameter_units": ("parameter", _text([number.quantity.dimension.carried for number in numbers])),
    }
    if samples.access.shape[0] > 0:
        variables |= _paths(samples)
        worlds = sampler.worlds()
        of_worlds |= {name: ("world", worlds[name]) for name in _SCORE}
        coordinates |= _path_coordinates(scenario)
    if samples.bought.shape[0] > 0:
        variables |= _prices(samples)
        coordinates["investment"] = np.array(scenario.output.investments)
    named = {name: ((*_OF_FUTURES, *dims), values) for name, (dims, values) in variables.items()}
    return describe(dataset.assign({**named, **of_worlds}).assign_coords(coordinates))


def _outcomes(scenario: Scenario, samples: Samples) -> dict[str, tuple[tuple[str, ...], Any]]:
    """What comes of each future; harm is of dangerous capabilities alone."""
    dangerous = np.array([capability.kind == "dangerous" for capability in scenario.capabilities.values()])
    return {
        "attainment_time": (("actor_class", "capability"), samples.attainment_time),
        "future_loss": ((), 1000.0 * samples.loss),
        "future_benefit": ((), 1000.0 * samples.benefit),
        "future_exposure": (("capability",), np.where(dangerous, samples.exposure, np.float32(np.nan))),
        "future_incidents": (("capability",), np.where(dangerous, samples.incidents, np.nan).astype(np.float32)),
        "defence_ready": (("capability",), samples.defence_ready),
        "theft_probability": (("actor_class", "capability"), samples.theft_probability),
    }


def _paths(samples: Samples) -> dict[str, tuple[tuple[str, ...], Any]]:
    """What each future led to, year by year."""
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
    """What money would have bought, and what capabilities would have cost."""
    return {
        "effective_compute_bought": (("actor_class", "investment", "year"), samples.bought),
        "capability_cost": (("actor_class", "capability", "year"), samples.cost),
        "capability_compute": (("actor_class", "capability", "year"), samples.compute),
    }


def _path_coordinates(scenario: Scenario) -> dict[str, Any]:
    members = [(name, n, spec) for name, spec in scenario.actor_classes.items() for n in range(spec.count)]
    return {
        "year": scenario.years,
        "actor": _text([f"{name} {n + 1}" for name, n, _ in members]),
        "class_of_actor": ("actor", _text([name for name, _, _ in members])),
        "represents": ("actor", np.array([spec.represents for _, _, spec in members])),
    }


def _malicious(scenario: Scenario) -> np.ndarray[Any, Any]:
    """Whether each class attempts misuse in some world."""
    rates = [spec.attempt_rate for spec in scenario.actor_classes.values()]
    return np.array([not rate.is_constant or rate.parameters["value"] > 0.0 for rate in rates], dtype=np.int8)


def _text(names: list[str]) -> np.ndarray[Any, Any]:
    return np.array(names, dtype=object) if names else np.array([], dtype="U1")
