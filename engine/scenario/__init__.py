"""What a user writes: YAML files, validated into a `Scenario`, drawn into worlds."""

from engine.scenario.errors import Problem, ScenarioError
from engine.scenario.fingerprint import scenario_hash
from engine.scenario.load import load_copy, load_scenario, parse_scenario
from engine.scenario.numbers import Number
from engine.scenario.schema import BASELINE, Scenario
from engine.scenario.worlds import (
    SAMPLINGS,
    Change,
    Design,
    Policies,
    Sampling,
    Worlds,
    WorldSampler,
    check_addresses,
    integer,
)

__all__ = [
    "BASELINE",
    "SAMPLINGS",
    "Change",
    "Design",
    "Number",
    "Policies",
    "Problem",
    "Sampling",
    "Scenario",
    "ScenarioError",
    "WorldSampler",
    "Worlds",
    "check_addresses",
    "integer",
    "load_copy",
    "load_scenario",
    "parse_scenario",
    "scenario_hash",
]
