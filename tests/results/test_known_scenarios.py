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
    "baseline": ("8d1939b1ac4a5047", "658af339a99eee3a"),
    "closed_world": ("6eb1fb32ac30d61b", "0c62406e31f788d8"),
    "data_wall": ("64c0bb38c2e43774", "fc61cb2fc0b70dbe"),
    "fast_algorithms": ("a5defafe4f0c28aa", "0f61a1cf397ff444"),
    "hindcast_2018": ("6ac83b2ff933b2f8", "e75d93a121be99cc"),
    "hosted_only": ("cec04241875609b8", "e5563d35e1ec2db0"),
    "minimal": ("cdd1ecd532247d74", "86ff2ceead1dfb43"),
    "open_science": ("02aa98b22a8e5748", "9ae7eaa7c810dbf0"),
    "performance_ceiling": ("9ce9f06677cfb3e6", "603ffea83ea4c82d"),
    "policies": ("47f37ba65c55163b", "603ffea83ea4c82d"),
    "secrecy": ("665c818ded05ae7d", "a6b0ab0fa34a4e6a"),
    "slow_hardware": ("a4b40d309ab29c86", "b3bad1c9cbaae103"),
    "stagnation": ("26605ca1940ead61", "59db4100abe452af"),
    "two_blocs": ("ac625969e3dd86da", "f152f6d3916fcb60"),
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
