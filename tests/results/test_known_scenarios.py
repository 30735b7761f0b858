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
    "baseline": ("add98091c4f181cf", "9057a671a1c928b6"),
    "closed_world": ("c0d8037808d66cb4", "3ae93918a4da332d"),
    "data_wall": ("a37498eb451e6157", "6f27e4c24c7b32b8"),
    "fast_algorithms": ("1021943abf333763", "1befebcdb057de56"),
    "hindcast_2018": ("459a4f1e0995367f", "e654073485375eaf"),
    "hosted_only": ("b82dc7f9dc214c59", "5666f94e59b95eaa"),
    "minimal": ("fb14080fc5220768", "86ff2ceead1dfb43"),
    "open_science": ("7194c2b4e9cba628", "31c6a12fc142122f"),
    "performance_ceiling": ("2be9532b3af9ca21", "5974d81a4b975395"),
    "policies": ("e5c7c11e435426bc", "5974d81a4b975395"),
    "secrecy": ("2c2e5b34b3355d18", "1ddfbc2c534e2000"),
    "slow_hardware": ("f6b9319ed6facb67", "01b98463a5be0336"),
    "stagnation": ("550f79b21339e3b8", "ac0286b42ac6bbde"),
    "two_blocs": ("ccf755d424f2cbb5", "d7ecc0cba52a2099"),
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
