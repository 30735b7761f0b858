"""Where numbers come from is counted in three kinds, and those of which nothing is said are named."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from helpers import scenario_data

import engine
from engine.scenario.origins import MOST_NAMED, counts, origins_in_words, parts, without_source

SCENARIOS = Path(__file__).parents[2] / "scenarios"


def given(scenario):
    return sum(len(part.given) for part in parts(scenario))


def test_a_scenario_without_a_source_is_not_one_without_assumptions():
    """A kind of fault: "0 numbers are labelled assumptions" is said of a scenario of which hardly any has a source."""
    scenario = engine.load_scenario(SCENARIOS / "minimal.yaml")
    words = origins_in_words(scenario)
    assert words.startswith(
        "Of the 17 numbers of the scenario, 0 have a source, 0 are labelled as assumptions, in whole or in part, and "
        "17 have neither: hardware.price_performance, hardware.release_gap_mean, "
    )
    assert words.endswith("and 5 others.")
    assert words.count(",") < MOST_NAMED + 4
    assert len(without_source(scenario)) == given(scenario) == 17


def test_every_number_of_the_baseline_says_where_it_comes_from():
    scenario = engine.load_scenario(SCENARIOS / "baseline.yaml")
    assert without_source(scenario) == []
    said = re.fullmatch(
        r"Of the (\d+) numbers of the scenario, (\d+) have a source, (\d+) are labelled as assumptions, in whole or in "
        r"part, and 0 have neither\.",
        origins_in_words(scenario),
    )
    assert said
    whole, sourced, assumed = map(int, said.groups())
    assert whole == given(scenario) == sourced + assumed
    assert 30 < sourced < assumed


def test_the_numbers_without_a_source_are_the_others():
    """A source at a part is that of its numbers; what is left at its default is none of the author's."""
    sourced = {"budget": {"value": 1e8, "unit": "US$", "source": "A survey"}, "security": 0.5}
    capability = {"requirement_spread": 0.2, "source": "Assumption"}
    measure = {"measure": "compute_cap", "max_compute": 1e26, "start": {"value": 2027, "source": "A law"}}
    scenario = engine.parse_scenario(
        scenario_data(
            actor_classes={"actor": sourced},
            capabilities={"skill": capability},
            policies={"cap": {"measures": [measure]}},
        )
    )
    found = without_source(scenario)
    assert {"actor_classes.actor.security", "policies.cap.compute_cap.max_compute"} <= set(found)
    assert not [path for path in found if path.startswith("capabilities") or path.endswith(("budget", "start"))]
    assert len(found) == sum(of_group["none stated"] for of_group in counts(scenario).values())
    paths = {path for path, *_ in scenario.number_paths()}
    assert set(found) <= paths


@pytest.mark.parametrize("most", [0, 1, 3])
def test_no_more_are_named_than_asked_for(most):
    scenario = engine.load_scenario(SCENARIOS / "minimal.yaml")
    words = origins_in_words(scenario, most)
    assert words.count("hardware.") == most
    assert words.endswith(f" and {17 - most} others." if most else "17 have neither.")
