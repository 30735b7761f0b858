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
    "baseline": ("b771fb244b7acfbf", "8c04eb8f278bfb4d"),
    "data_wall": ("a5e5ffb0106978b9", "0841d96187fe85db"),
    "fast_algorithms": ("641475ddedc9ebb1", "6afeffa9c388b37e"),
    "hindcast_2018": ("2f8d14c1736d2651", "eccdee606a23aa94"),
    "minimal": ("509c74352b6c3e5b", "86ff2ceead1dfb43"),
    "open_science": ("90999faab14fb91f", "4558d9a7e56c195d"),
    "performance_ceiling": ("1d65db938f929bc7", "ac7b370e52f4e252"),
    "policies": ("20319254325bde5a", "ac7b370e52f4e252"),
    "secrecy": ("40b2ba8578c51208", "35008882e3076fb6"),
    "slow_hardware": ("b971011e040d86ce", "aafeb1261fefd032"),
    "stagnation": ("2789053151a41897", "9e519c1ab79f6c17"),
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
