"""Scenarios that come with the engine: found by name from any folder, in commands, in Python and in `extends:`."""

from __future__ import annotations

from pathlib import Path

import pytest

import engine
from engine.scenario import library, scenario_hash

SCENARIOS = Path(__file__).parents[2] / "scenarios"


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """Every test runs in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def refusal(path):
    """The one line with which a scenario is refused."""
    with pytest.raises(engine.ScenarioError) as stop:
        engine.load_scenario(path)
    (line,) = str(stop.value).splitlines()
    return line


def test_the_library_is_what_stands_in_the_folder_of_scenarios():
    assert library.names() == sorted(path.stem for path in SCENARIOS.glob("*.yaml"))
    assert {library.path_of(name).resolve() for name in library.names()} == set(SCENARIOS.glob("*.yaml"))


@pytest.mark.parametrize("name", library.names())
def test_a_name_gives_the_scenario_of_its_file_with_its_description(name):
    scenario = engine.load_scenario(name)
    assert scenario_hash(scenario) == scenario_hash(engine.load_scenario(SCENARIOS / f"{name}.yaml"))
    assert (scenario.name, scenario.file) == (name, name)
    summary = library.summary_of(name)
    assert summary
    assert scenario.description.startswith(summary)
    assert "\n" not in summary


def test_a_file_is_taken_rather_than_a_name(elsewhere):
    (elsewhere / "minimal").write_text("extends: baseline\nhorizon: 2031\n")
    assert engine.load_scenario("minimal").horizon == 2031
    (elsewhere / "mine.yaml").write_text("extends: minimal\n")
    assert engine.load_scenario("mine.yaml").horizon == 2031


def test_a_folder_is_not_taken_rather_than_a_name(elsewhere):
    """Such as that of a run, which is no scenario."""
    (elsewhere / "minimal").mkdir()
    assert engine.load_scenario("minimal").name == "minimal"
    (elsewhere / "other").mkdir()
    assert refusal("other") == "other: is a folder; name the scenario file in it"


def test_a_scenario_extends_one_by_name(elsewhere):
    (elsewhere / "mine.yaml").write_text("extends: policies\nhorizon: 2031\n")
    mine = engine.load_scenario("mine.yaml")
    assert mine.name == "mine"
    assert mine.horizon == 2031
    assert mine.policy_names == engine.load_scenario("policies").policy_names


@pytest.mark.parametrize(
    ("given", "mend"),
    [
        ("basline", "did you mean the scenario baseline? `engine scenarios` lists all"),
        ("scenarios/baseline.yaml", "did you mean the scenario baseline? `engine scenarios` lists all"),
        ("q", "no scenario has this name either; `engine scenarios` lists all"),
        ("q.yaml", "check the path"),
    ],
)
def test_an_unknown_scenario_is_refused_with_near_names(elsewhere, given, mend):
    assert refusal(given) == f"{given}: no such file; {mend}"
    (elsewhere / "mine.yaml").write_text(f"extends: {given}\n")
    assert refusal("mine.yaml") == (
        f"mine.yaml:1: extends: no such file: {given} (paths are relative to the folder of this file); {mend}"
    )
