"""The scenarios of the project have known names and ids, and so have the futures that they give.

Guards against a kind of fault: a scenario or its results change when code or files are moved.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import engine
from engine.results.provenance import content_id
from engine.scenario import scenario_hash

SCENARIOS = Path(__file__).parents[2] / "scenarios"
#: By name: the first digits of `scenario_sha256`, and of the id of what comes of each future under all policies.
#: Whoever changes a scenario, or what happens in a future, changes these, and says so in the change log.
KNOWN = {
    "baseline": ("eca1a49ffb9ff8bd", "658af339a99eee3a"),
    "closed_world": ("e86c7ccbd08d0fe2", "0c62406e31f788d8"),
    "data_wall": ("9714e79502d20dd9", "fc61cb2fc0b70dbe"),
    "fast_algorithms": ("88b39d1e492cbf2a", "0f61a1cf397ff444"),
    "hindcast_2018": ("6f1468b64f2d7f76", "e75d93a121be99cc"),
    "minimal": ("7f4ff68115cf6c64", "86ff2ceead1dfb43"),
    "open_science": ("b0ad0d2e87019537", "9ae7eaa7c810dbf0"),
    "performance_ceiling": ("258184622cced6a1", "603ffea83ea4c82d"),
    "policies": ("5fcfff13ecbf8e1f", "603ffea83ea4c82d"),
    "secrecy": ("0f0c06d863872485", "a6b0ab0fa34a4e6a"),
    "slow_hardware": ("865a0bcf97a49fbd", "b3bad1c9cbaae103"),
    "stagnation": ("db21e4361805dfd5", "59db4100abe452af"),
    "two_blocs": ("39c4cac486b3d25b", "f152f6d3916fcb60"),
}
WORLDS, FUTURES, SEED = 20, 5, 2026
OF_FUTURES = ["attainment_time", "future_loss", "future_benefit", "future_exposure"]


def ids(name):
    """The ids of the scenario of this `name`."""
    scenario = engine.load_scenario(SCENARIOS / f"{name}.yaml")
    results = engine.simulate(scenario, WORLDS, FUTURES, SEED, keep="samples", execution=engine.Execution(threads=1))
    assert results.attrs["scenario_name"] == scenario.name == name
    assert results.attrs["scenario_sha256"] == scenario_hash(scenario)
    return scenario_hash(scenario)[:16], content_id(results[OF_FUTURES])[:16]


def test_all_scenarios_are_known():
    assert sorted(path.stem for path in SCENARIOS.glob("*.yaml")) == sorted(KNOWN)


@pytest.mark.parametrize("name", KNOWN)
def test_a_scenario_and_its_futures_have_the_known_ids(name):
    assert ids(name) == KNOWN[name]
