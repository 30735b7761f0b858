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
    "baseline": ("3984fcb025da521e", "e05e0e5bfcf512d7"),
    "closed_world": ("4c233bbf338639ef", "bea06a523a8cdf49"),
    "data_wall": ("6eaaef69e53241d6", "222149646142ef6e"),
    "fast_algorithms": ("d3187f8aeb7c84d9", "1e1ac0b1e513f57c"),
    "hindcast_2018": ("459a4f1e0995367f", "e654073485375eaf"),
    "hosted_only": ("a930bbcb192a7b92", "1d8eeccc303aaadd"),
    "minimal": ("fb14080fc5220768", "86ff2ceead1dfb43"),
    "open_science": ("4d38e8a6234996c0", "b4cdcfbc393b306d"),
    "performance_ceiling": ("aae9bb09cb5c92e0", "3c873364f04948bb"),
    "policies": ("e022e7901520bb8d", "3c873364f04948bb"),
    "secrecy": ("81468886943ec1b5", "e91542b5a3a652fc"),
    "slow_hardware": ("81ed3a7dcf0246d4", "10ef69dc08410230"),
    "stagnation": ("e80a3dc5cdb8d1b6", "d6503adb3f317f87"),
    "two_blocs": ("4af9308a34211ede", "e76f1d4a78991b34"),
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
