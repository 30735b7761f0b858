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
    "baseline": ("cad8d51dd2c4a374", "658af339a99eee3a"),
    "closed_world": ("28234c981fcb9c6d", "0c62406e31f788d8"),
    "data_wall": ("d399f86f70d1f613", "fc61cb2fc0b70dbe"),
    "fast_algorithms": ("bfef78642e7d9828", "0f61a1cf397ff444"),
    "hindcast_2018": ("3cc8254031d625f0", "e75d93a121be99cc"),
    "hosted_only": ("79d88ef92cf934d6", "e5563d35e1ec2db0"),
    "minimal": ("6e0c8413a1352ea1", "86ff2ceead1dfb43"),
    "open_science": ("510552cdeeeb3fb1", "9ae7eaa7c810dbf0"),
    "performance_ceiling": ("f741f04b98611894", "603ffea83ea4c82d"),
    "policies": ("9692570d470df793", "603ffea83ea4c82d"),
    "secrecy": ("3ef7cb250cffc14b", "a6b0ab0fa34a4e6a"),
    "slow_hardware": ("25ccc032ad5f1811", "b3bad1c9cbaae103"),
    "stagnation": ("d12a69fa3116e01d", "59db4100abe452af"),
    "two_blocs": ("96583be3756c0718", "f152f6d3916fcb60"),
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
