"""A scenario that extends another: what is merged, what is replaced, what is removed, and where mistakes are."""

from __future__ import annotations

from pathlib import Path

import pytest

import engine
from engine.scenario import load as loading
from engine.scenario.merging import merged
from engine.scenario.source import as_one_file, read_source

SCENARIOS = Path(__file__).parents[2] / "scenarios"
BASE = """\
name: the base
description: What is extended.
start: 2025
horizon: 2040
hardware:
  price_performance: {lognormal: {p5: 1e17, p95: 1e18}, min: 1e16, source: a paper}
  price_performance_ceiling: 1e22
  formats:
    - {name: FP8, format_gain: 2}
    - {name: FP4, format_gain: 2}
actor_classes:
  leader: {count: 3, budget: 1e8, budget_growth: 2, run_duration: 0.5, run_pause: 1}
  beta: {count: 10, budget: 1e7, run_duration: 0.5, run_pause: 1}
capabilities:
  skill: {kind: valuable, requirement: 1e26}
"""


def said(scenario, *but):
    """All that a scenario says, whatever files it was read from."""
    return {key: getattr(scenario, key) for key in type(scenario).model_fields if key not in but}


@pytest.fixture
def load(tmp_path):
    """Loads the scenario `text` from upper.yaml, beside base.yaml and other `files`."""

    def write_and_load(text, **files):
        for name, content in {"base": BASE, "upper": text, **files}.items():
            (tmp_path / f"{name}.yaml").write_text(content)
        return engine.load_scenario(tmp_path / "upper.yaml")

    return write_and_load


@pytest.fixture
def problems(load, tmp_path):
    """The problems of such a scenario, with file names as in its folder."""

    def refuse(text, **files):
        with pytest.raises(engine.ScenarioError) as stop:
            load(text, **files)
        return str(stop.value).replace(f"{tmp_path}/", "").splitlines()

    return refuse


def test_a_file_that_adds_nothing_is_the_scenario_it_extends(load, tmp_path):
    extended = load("extends: base.yaml\n")
    base = engine.load_scenario(tmp_path / "base.yaml")
    assert said(extended, "name") == said(base, "name")


def test_mappings_are_merged_key_by_key(load):
    classes = load("extends: base.yaml\nactor_classes: {leader: {budget: 2e8}}\n").actor_classes
    assert list(classes) == ["leader", "beta"]
    assert str(classes["leader"].budget) == "2e+08 US$"
    assert str(classes["leader"].budget_growth) == "2 x/yr"
    assert classes["leader"].count == 3


def test_classes_may_be_added(load):
    new = "extends: base.yaml\nactor_classes:\n  late: {count: 1, budget: 1e6, run_duration: 1, run_pause: 1}\n"
    assert load(new).class_names == ["leader", "beta", "late"]


@pytest.mark.parametrize("name", ["beta", "value", "normal"])
@pytest.mark.parametrize("group", ["actor_classes", "capabilities"])
def test_a_name_that_is_also_a_family_is_merged_like_any_other(load, group, name):
    """Only inside a section does `beta:` make a mapping a number."""
    entries = {
        "actor_classes": "{count: 4, budget: 1e8, run_duration: 1, run_pause: 1}",
        "capabilities": "{kind: dangerous, requirement: 1e27}",
    }
    extended = load(f"extends: base.yaml\n{group}:\n  {name}: {entries[group]}\n")
    assert set(getattr(extended, group)) == {"leader", "beta", name} if group == "actor_classes" else {"skill", name}


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("3e17", "3e+17 FLOP/US$"),
        ("{value: 17, unit: log10 FLOP/US$}", "17 log10 FLOP/US$"),
        ("{normal: {mean: 17, sd: 0.1}, unit: log10 FLOP/US$}", "normal(mean 17, sd 0.1) log10 FLOP/US$"),
        ("{lognormal: {median: 1e18, sigma: 1}}", "lognormal(median 1e+18, sigma 1) FLOP/US$"),
    ],
)
def test_a_number_is_replaced_as_a_whole(load, written, shown):
    """Neither the cut nor the source of the old number outlives it."""
    number = load(f"extends: base.yaml\nhardware: {{price_performance: {written}}}\n").hardware.price_performance
    assert str(number) == shown
    assert number.minimum == -float("inf")
    assert number.source == ""


def test_a_list_is_replaced_as_a_whole(load):
    formats = load("extends: base.yaml\nhardware: {formats: [{name: FP2, format_gain: 3}]}\n").hardware.formats
    assert [entry.name for entry in formats] == ["FP2"]


@pytest.mark.parametrize("null", ["", " null", " ~"])
def test_null_removes_a_key(load, null):
    scenario = load(
        f"extends: base.yaml\ndescription:{null}\nactor_classes:\n  beta:{null}\n  leader:\n    budget_growth:{null}\n"
    )
    assert scenario.description == ""
    assert scenario.class_names == ["leader"]
    assert str(scenario.actor_classes["leader"].budget_growth) == "1 x/yr"


def test_a_name_is_not_inherited(load):
    """A variant is another scenario; its results must not pass for those of what it extends."""
    assert load("extends: base.yaml\n").name == "upper"
    assert load("extends: base.yaml\nname: mine\n").name == "mine"
    assert load("extends: base.yaml\n").description == "What is extended."


def test_a_chain_is_merged_from_below(load):
    middle = "extends: base.yaml\nhorizon: 2050\ndescription: The middle.\n"
    scenario = load("extends: middle.yaml\nhorizon: 2060\n", middle=middle)
    assert (scenario.start, scenario.horizon, scenario.description) == (2025, 2060, "The middle.")


def test_a_path_starts_from_the_folder_of_the_file(tmp_path):
    (tmp_path / "inner").mkdir()
    (tmp_path / "base.yaml").write_text(BASE)
    (tmp_path / "inner" / "middle.yaml").write_text("extends: ../base.yaml\nhorizon: 2050\n")
    (tmp_path / "upper.yaml").write_text("extends: inner/middle.yaml\n")
    assert engine.load_scenario(tmp_path / "upper.yaml").horizon == 2050


def test_a_mistake_is_in_the_file_that_made_it(problems):
    """Each at its own line, whichever file of the chain it stands in."""
    text = "# a variant\nextends: middle.yaml\nactor_classes:\n  leader:\n    budget: much\n"
    middle = "extends: base.yaml\n\nhorizon: late\n"
    lines = problems(text, base=BASE.replace("kind: valuable", "kind: useful"), middle=middle)
    assert [line.split(": ")[0:2] for line in lines] == [
        ["middle.yaml:3", "horizon"],
        ["upper.yaml:5", "actor_classes.leader.budget"],
        ["base.yaml:15", "capabilities.skill.kind"],
    ]


def test_a_mistake_inside_a_replaced_number_is_at_the_new_one(problems):
    text = "extends: base.yaml\nhardware:\n  price_performance:\n    lognormal:\n      p5: 1e18\n      p95: high\n"
    assert problems(text) == ["upper.yaml:6: hardware.price_performance.lognormal.p95: must be a number, not 'high'"]


def test_what_two_files_do_together_is_named_where_it_stands(problems):
    """A budget raised above the ceiling of the file below."""
    (line,) = problems("extends: base.yaml\n\nhardware:\n  price_performance: 1e23\n")
    assert line.startswith("base.yaml:7: hardware.price_performance_ceiling: the ceiling is below")


def test_a_removed_key_that_is_needed_is_missing_where_it_was_removed(problems):
    text = "extends: base.yaml\nactor_classes:\n  leader:\n    budget:\n"
    assert problems(text) == ["upper.yaml:3: actor_classes.leader.budget: missing; add this key"]


def test_a_broken_file_below_is_named(problems):
    assert problems("extends: base.yaml\n", base="start: 2025\n\tend: 2040\n") == [
        "base.yaml:2: not valid YAML: indented by a tab; indent with spaces"
    ]


def test_the_text_holds_every_file_of_the_chain(load, tmp_path):
    text = "extends: base.yaml\nhorizon: 2050\n"
    scenario = load(text)
    assert scenario.text == f"# {tmp_path}/base.yaml\n{BASE}\n# {tmp_path}/upper.yaml\n{text}"
    assert scenario.file == str(tmp_path / "upper.yaml")


@pytest.mark.parametrize("path", sorted(SCENARIOS.glob("*.yaml")), ids=lambda path: path.stem)
def test_one_file_says_the_same_as_a_chain(tmp_path, path):
    whole = engine.load_scenario(path)
    (tmp_path / "whole.yaml").write_text(whole.yaml)
    assert said(engine.load_scenario(tmp_path / "whole.yaml")) == said(whole)


def test_a_chain_written_as_one_file_loads_alone(load, tmp_path):
    extended = load("extends: base.yaml\nactor_classes: {beta: null}\ndescription: '2025-01-01'\n")
    (tmp_path / "whole.yaml").write_text(extended.yaml)
    assert said(engine.load_scenario(tmp_path / "whole.yaml")) == said(extended)


@pytest.mark.parametrize(
    "data",
    [
        {"a": "1e8"},
        {"a": 1e300, "b": -0.0, "c": 10**30},
        {"a": [True, None, "null", "é\n"], "b": {"c": "# no: comment"}},
    ],
)
def test_data_written_as_yaml_is_read_as_it_was(tmp_path, data):
    (tmp_path / "data.yaml").write_text(as_one_file(data), encoding="utf-8")
    assert read_source(tmp_path / "data.yaml", "data.yaml").data == data


def test_a_key_removed_at_the_top_is_missing_in_the_file_that_removed_it(problems):
    assert problems("extends: base.yaml\nhorizon:\n") == ["upper.yaml: horizon: missing; add this key"]


def test_a_name_that_is_a_number_is_refused(problems):
    assert problems("extends: base.yaml\nname: 5\n") == ["upper.yaml:2: name: must be text (put it in quotes), not 5"]


def test_files_that_extend_one_another_share_one_bound_of_values(load, problems, tmp_path, monkeypatch):
    text = "extends: base.yaml\ndescription: Above.\n"
    load(text)
    base, upper = (read_source(tmp_path / f"{name}.yaml", name) for name in ("base", "upper"))
    assert merged(base, upper).nodes == base.nodes + upper.nodes
    monkeypatch.setattr(loading, "MAX_NODES", base.nodes + upper.nodes)
    assert load(text).description == "Above."
    monkeypatch.setattr(loading, "MAX_NODES", base.nodes + upper.nodes - 1)
    (line,) = problems(text)
    assert line.startswith("base.yaml:")
    assert "values in all, after aliases are expanded" in line


def test_how_large_a_chain_may_be_as_one_file(load, problems, monkeypatch):
    text = "extends: base.yaml\ndescription: \u00e9\n"
    size = len(load(text).yaml.encode())
    monkeypatch.setattr(loading, "MAX_BYTES", size)
    assert load(text).description == "\u00e9"
    monkeypatch.setattr(loading, "MAX_BYTES", size - 1)
    (line,) = problems(text)
    assert line.startswith(f"upper.yaml: larger than {size - 1} bytes as one file with the scenarios it extends")


def test_a_link_to_itself_cannot_be_extended(problems, tmp_path):
    """Python before 3.13 raises RuntimeError for one."""
    (tmp_path / "loop.yaml").symlink_to("loop.yaml")
    (line,) = problems("extends: loop.yaml\n")
    assert line.startswith(
        ("upper.yaml:1: extends: 'loop.yaml' is not a possible", "upper.yaml:1: extends: no such file")
    )
