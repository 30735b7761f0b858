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
    "baseline": ("b771fb244b7acfbf", "13a60ba90a635d0f"),
    "data_wall": ("a5e5ffb0106978b9", "2a61ded594cd73fb"),
    "fast_algorithms": ("641475ddedc9ebb1", "47becfe26d9947cf"),
    "hindcast_2018": ("2f8d14c1736d2651", "4058c46206cc1823"),
    "minimal": ("509c74352b6c3e5b", "3dcbb706c6e41f6f"),
    "open_science": ("90999faab14fb91f", "7c4db57753ee0a72"),
    "performance_ceiling": ("1d65db938f929bc7", "b938195d00801a3b"),
    "policies": ("20319254325bde5a", "b938195d00801a3b"),
    "secrecy": ("40b2ba8578c51208", "549897fdeee960ba"),
    "slow_hardware": ("b971011e040d86ce", "c671349a35e344a7"),
    "stagnation": ("2789053151a41897", "afd7f48c9bc453fc"),
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
