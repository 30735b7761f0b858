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
    "baseline": ("d15847d12196b041", "658af339a99eee3a"),
    "closed_world": ("2c8ee5e61796865d", "0c62406e31f788d8"),
    "data_wall": ("52b48881c266609b", "fc61cb2fc0b70dbe"),
    "fast_algorithms": ("2263088d343ad19c", "0f61a1cf397ff444"),
    "hindcast_2018": ("88611b87312cf87f", "e75d93a121be99cc"),
    "minimal": ("bf01bac12ba28811", "86ff2ceead1dfb43"),
    "open_science": ("a55f40f257569133", "9ae7eaa7c810dbf0"),
    "performance_ceiling": ("37c34226eaef6f59", "603ffea83ea4c82d"),
    "policies": ("f88f732f4ce97c52", "603ffea83ea4c82d"),
    "secrecy": ("3454789c4e300ac8", "a6b0ab0fa34a4e6a"),
    "slow_hardware": ("133a2f0088a8e793", "b3bad1c9cbaae103"),
    "stagnation": ("e2ec48e04c883130", "59db4100abe452af"),
    "two_blocs": ("96c03f38664654d1", "f152f6d3916fcb60"),
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
