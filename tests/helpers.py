"""Small scenarios and worlds in which every mechanism is off but those a test turns on."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np

from engine import Scenario, parse_scenario
from engine.execution import Execution, run_in_memory
from engine.montecarlo import Job, Keep, Samples, Tally
from engine.montecarlo.tally import GROUPS
from engine.rules.regime import Regime, new_regime, set_regime
from engine.scenario import WorldSampler
from engine.scenario.policies import POLICY
from engine.scenario.worlds import WORLD

#: Ten years, chips of 1e18 FLOP/US$ and nothing that changes; binary fractions of years are exact.
NEUTRAL: dict[str, Any] = {"start": 2020, "horizon": 2030, "hardware": {"price_performance": 1e18}}
#: One actor that trains a model of 1e26 FLOP once a year, without pause.
CLASS: dict[str, Any] = {"count": 1, "budget": 1e8, "run_duration": 1, "run_pause": 0}
#: A capability that an actor of `CLASS` attains with its first run.
CAPABILITY: dict[str, Any] = {"kind": "dangerous", "requirement": 1e26}


def merged(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """`changes` laid over `base`, mapping by mapping."""
    result = copy.deepcopy(dict(base))
    for key, value in changes.items():
        inner = result.get(key)
        result[key] = merged(inner, value) if isinstance(inner, dict) and isinstance(value, Mapping) else value
    return result


def scenario_data(**changes: Any) -> dict[str, Any]:
    """The neutral scenario with `changes`, as a YAML file would give it.

    The actor classes and capabilities are those of `changes`, each laid over the neutral one; by default
    one class, `actor`, and one capability, `skill`.
    """
    classes = changes.pop("actor_classes", {"actor": {}})
    capabilities = changes.pop("capabilities", {"skill": {}})
    data = merged(NEUTRAL, changes)
    data["actor_classes"] = {name: merged(CLASS, given) for name, given in classes.items()}
    data["capabilities"] = {name: merged(CAPABILITY, given) for name, given in capabilities.items()}
    return data


def scenario(**changes: Any) -> Scenario:
    """The neutral scenario with `changes`, validated."""
    return parse_scenario(scenario_data(**changes))


def oom(value: float, unit: str = "OOM") -> dict[str, Any]:
    """A number given in OOM, or in another `unit`."""
    return {"value": value, "unit": unit}


def _with_attributes(record: Any) -> Any:
    """A record whose fields are attributes too, as rules that are not compiled take it (NUMBA_DISABLE_JIT)."""
    return record.view(np.dtype((np.record, record.dtype)))


def _world_of(spec: Scenario) -> Any:
    return _with_attributes(np.asarray(WorldSampler(spec, 1, 0).worlds(0, 1)).view(WORLD)[0])


@cache
def _neutral_world() -> Any:
    return _world_of(scenario())


def world(spec: Scenario | None = None, **fields: Any) -> Any:
    """The one world of a `spec` without uncertain numbers, with `fields` set, in carried units (log10, years).

    A field of classes, capabilities or formats is given as a list, for the first of them. Actors of classes that are
    added so stand for themselves.
    """
    record = (_neutral_world() if spec is None else _world_of(spec)).copy()
    record["represents"] = np.maximum(record["represents"], 1)
    for name, value in fields.items():
        if isinstance(value, list):
            record[name][: len(value)] = value
        else:
            record[name] = value
    return record


def policy(spec: Scenario, name: str = "policy") -> Any:
    """The one drawing of a policy of a `spec` without uncertain numbers."""
    drawn = np.asarray(WorldSampler(spec, 1, 0).draw(0, 1)[1]).view(POLICY)
    return _with_attributes(drawn[0, spec.policy_number(name)])


def regime(spec: Scenario, record: Any, luck: tuple[int, int, int] = (0, 0, 0)) -> Regime:
    """When the dated measures of a policy `record` are in force, and who obeys them, in the one world of `spec`."""
    actors = sum(member.simulated for member in spec.actor_classes.values())
    found = new_regime(int(record["n_measures"]), actors, len(spec.actor_classes))
    set_regime(luck, world(spec), record, found)
    return found


def with_measures(*measures: Mapping[str, Any], **changes: Any) -> Scenario:
    """The neutral scenario with `changes` and a policy `policy` of `measures`."""
    return scenario(policies={"policy": {"measures": list(measures)}}, **changes)


#: The baseline's record, and a regime in which nothing is in force.
NO_POLICY = (policy(scenario(), "baseline"), new_regime(0, 0, 0))


def within(measured: float, expected: float, standard_error: float, errors: float = 4.0) -> bool:
    """Whether `measured` is within a number of standard `errors` of what is `expected`."""
    return bool(abs(measured - expected) <= errors * standard_error)


def error_of_groups(by_world: np.ndarray) -> np.ndarray:
    """The standard error of the mean of worlds (world, ...) by hand: each of 16 replicates left out in turn."""
    group = np.arange(len(by_world)) % GROUPS
    without = np.stack([by_world[group != g].mean(axis=0) for g in range(GROUPS)])
    return np.sqrt((GROUPS - 1) / GROUPS * ((without - without.mean(axis=0)) ** 2).sum(axis=0))


def run(
    sampler: WorldSampler, futures: int, policies: Sequence[str] = ("baseline",), *, kept: Keep = "counts", **how: Any
) -> tuple[Tally, Samples]:
    """What `engine.execution` counts and keeps of so many futures in each world, played in the way `how` says."""
    return run_in_memory(Job(sampler, futures, tuple(policies), kept), Execution(**how))
