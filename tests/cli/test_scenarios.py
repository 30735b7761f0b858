"""`engine scenarios` and `engine new`: what there is to start from, and a file of one's own."""

from __future__ import annotations

import pytest
from shell import call

import engine
from engine.scenario import library, scenario_hash


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """Every test runs in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_every_scenario_is_listed_in_one_line(monkeypatch, capsys):
    code, out, err = call(monkeypatch, capsys, "scenarios")
    assert (code, err) == (0, "")
    assert [line.split()[0] for line in out.splitlines()] == library.names()
    assert "A leader, and followers with a tenth of its budget" in out


def test_a_name_gives_the_file(monkeypatch, capsys):
    code, out, _ = call(monkeypatch, capsys, "scenarios", "secrecy")
    assert code == 0
    assert out == f"{library.path_of('secrecy')}\n"
    code, _, err = call(monkeypatch, capsys, "scenarios", "secret")
    assert (code, err) == (2, "engine: no scenario is called 'secret'; did you mean 'secrecy'?\n")


def test_what_is_written_runs_and_says_how(monkeypatch, capsys, elsewhere):
    code, out, _ = call(monkeypatch, capsys, "new", "mine.yaml")
    assert (code, out) == (0, "Written to mine.yaml. Change it, then:\n  engine run mine.yaml\n")
    code, out, _ = call(monkeypatch, capsys, "run", "mine.yaml", "--worlds", 2, "--futures", 1)
    assert code == 0
    assert "Written to mine.nc" in out
    with engine.open_results(elsewhere / "mine.nc") as results:
        assert list(results["policy"].values) == ["baseline", "cap"]


def test_what_is_written_changes_numbers_that_all_say_where_they_come_from(monkeypatch, capsys):
    call(monkeypatch, capsys, "new", "mine.yaml")
    mine, baseline = engine.load_scenario("mine.yaml"), engine.load_scenario("baseline")
    changed = mine.actor_classes["startup"].budget_growth
    assert changed != baseline.actor_classes["startup"].budget_growth
    code, out, _ = call(monkeypatch, capsys, "validate", "mine.yaml")
    assert code == 0
    assert "and 0 have neither" in out


@pytest.mark.parametrize("name", library.names())
def test_a_copy_is_the_same_scenario_under_its_own_name(monkeypatch, capsys, name):
    assert call(monkeypatch, capsys, "new", "mine.yaml", "--from", name)[0] == 0
    mine, copied = engine.load_scenario("mine.yaml"), engine.load_scenario(name)
    assert mine.name == "mine"
    assert scenario_hash(mine) == scenario_hash(copied)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["mine.txt"], "mine.txt: a scenario is YAML; name it mine.yaml"),
        ([".yaml"], ".yaml: a scenario is YAML; name it mine.yaml"),
        (["no/mine.yaml"], "no/mine.yaml: no does not exist; create it first"),
        (["there.yaml"], "there.yaml: exists already and is not overwritten; give another name"),
        (["mine.yaml", "--from", "basline"], "no scenario is called 'basline'; did you mean 'baseline'?"),
    ],
)
def test_what_cannot_be_written_is_refused_in_one_line(monkeypatch, capsys, elsewhere, arguments, words):
    (elsewhere / "there.yaml").write_text("mine")
    code, out, err = call(monkeypatch, capsys, "new", *arguments)
    assert (code, out, err) == (2, "", f"engine: {words}\n")
    assert [path.name for path in elsewhere.iterdir()] == ["there.yaml"]
    assert (elsewhere / "there.yaml").read_text() == "mine"
