"""docs/scenario.md: its lists are those of the schema, and what it shows is true."""

from __future__ import annotations

import re
import runpy
import shutil
import sys
from pathlib import Path

import pytest

import engine
from engine.scenario.families import FAMILIES
from engine.scenario.measures import MEASURES

ROOT = Path(__file__).parents[2]
SCRIPT = Path("scripts") / "make_scenario_reference.py"
PAGE = Path("docs") / "scenario.md"
TEXT = (ROOT / PAGE).read_text()
*EXAMPLES, BROKEN = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)
(ANSWER,) = re.findall(r"```text\n(.*?)```", TEXT, re.DOTALL)


@pytest.fixture
def house(tmp_path):
    """A copy of the script and its page."""
    for path in (SCRIPT, PAGE):
        (tmp_path / path).parent.mkdir()
        shutil.copy(ROOT / path, tmp_path / path)
    return tmp_path


@pytest.fixture
def call(monkeypatch):
    """Runs the script of a house; gives its exit code, or what it says in place of one."""

    def run(house, *arguments):
        monkeypatch.setattr(sys, "argv", [str(SCRIPT), *arguments])
        try:
            runpy.run_path(str(house / SCRIPT), run_name="__main__")
        except SystemExit as stop:
            return stop.code
        return 0

    return run


def test_the_lists_are_up_to_date(call):
    assert call(ROOT, "--check") == 0


def test_an_old_entry_is_noticed_and_mended(call, house):
    page = house / PAGE
    page.write_text(TEXT.replace("* `secrecy` (", "* `silence` ("))
    assert "out of date" in call(house, "--check")
    assert "silence" in page.read_text()
    assert call(house) == 0
    assert page.read_text() == TEXT
    assert call(house, "--check") == 0


def test_what_is_written_by_hand_is_kept(call, house):
    page = house / PAGE
    page.write_text(TEXT.replace("# Writing a scenario", "# How to write a scenario"))
    assert call(house, "--check") == 0


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_is_a_scenario(tmp_path, example):
    shutil.copy(ROOT / "scenarios" / "minimal.yaml", tmp_path)
    (tmp_path / "mine.yaml").write_text(example)
    assert engine.load_scenario(tmp_path / "mine.yaml").name == "mine"


def test_the_mistakes_are_answered_as_shown(tmp_path):
    shutil.copy(ROOT / "scenarios" / "minimal.yaml", tmp_path)
    (tmp_path / "mine.yaml").write_text(BROKEN)
    with pytest.raises(engine.ScenarioError) as stop:
        engine.load_scenario(tmp_path / "mine.yaml")
    said = str(stop.value).replace(f"{tmp_path}/", "").splitlines()
    assert [f"engine: {line}" for line in said] == ANSWER.splitlines()


def test_every_family_is_described():
    assert set(re.findall(r"^\| `(\w+)`(?:, [^|]*)? \| `\{", TEXT, re.MULTILINE)) == set(FAMILIES)


def keys_under(heading):
    """The keys in the list under a heading, in order."""
    (part,) = re.findall(rf"^#+ {re.escape(heading)}\n(.*?)(?=^#|\Z)", TEXT, re.DOTALL | re.MULTILINE)
    return re.findall(r"^\* `(\w+)` \(", part, re.MULTILINE)


def test_what_measures_share_is_listed_once_and_each_kind_has_its_own_keys():
    shared = keys_under("policies.NAME.measures")
    assert {"measure", "start", "trigger", "classes", "compliance"} < set(shared)
    for kind, model in MEASURES.items():
        own = keys_under(kind)
        assert own
        assert not set(own) & set(shared)
        assert set(own) | set(shared) | {"source"} == set(model.model_fields)


def test_a_measure_of_an_example_is_shared_by_two_policies(tmp_path):
    """What the page says of anchors: written once, the same in both."""
    shutil.copy(ROOT / "scenarios" / "minimal.yaml", tmp_path)
    (example,) = (text for text in EXAMPLES if "&licensing" in text)
    (tmp_path / "mine.yaml").write_text(example)
    policies = engine.load_scenario(tmp_path / "mine.yaml").policies
    assert policies["licences"].measures[0] == policies["licences_and_brake"].measures[0]


def test_every_link_to_a_heading_has_one():
    """An anchor is a heading in lower case, spaces as hyphens, without points."""
    headings = re.findall(r"^#+ (.*)$", TEXT, re.MULTILINE)
    anchors = {heading.lower().replace(" ", "-").replace(".", "") for heading in headings}
    assert set(re.findall(r"\(#([^)]*)\)", TEXT)) <= anchors
