"""Scenarios: YAML files of users, validated into a `Scenario`, drawn into worlds."""

from engine.scenario.errors import Problem, ScenarioError
from engine.scenario.fingerprint import scenario_hash
from engine.scenario.load import load_copy, load_scenario, parse_scenario
from engine.scenario.numbers import Number
from engine.scenario.samplers import FUTURES, SAMPLING, WORLDS, samplers
from engine.scenario.schema import BASELINE, Scenario
from engine.scenario.worlds import (
    Change,
    Design,
    Policies,
    Worlds,
    WorldSampler,
    check_addresses,
    integer,
)

__all__ = [
    "BASELINE",
    "FUTURES",
    "SAMPLING",
    "WORLDS",
    "Change",
    "Design",
    "Number",
    "Policies",
    "Problem",
    "Scenario",
    "ScenarioError",
    "WorldSampler",
    "Worlds",
    "check_addresses",
    "integer",
    "load_copy",
    "load_scenario",
    "parse_scenario",
    "samplers",
    "scenario_hash",
]
