"""The command line: what it prints, writes and refuses."""

import os
import subprocess
import sys

import pandas as pd
import pytest

import engine
from engine import cli


def call(monkeypatch, capsys, *arguments):
    """(exit code, standard output, standard error) of the command line."""
    monkeypatch.setattr(sys, "argv", ["engine", *map(str, arguments)])
    with pytest.raises(SystemExit) as stop:
        cli.main()
    out, err = capsys.readouterr()
    return stop.value.code or 0, out, err


def test_run_writes_a_file_and_says_when_each_class_attains(monkeypatch, capsys, tmp_path):
    target = tmp_path / "minimal.nc"
    code, out, err = call(
        monkeypatch, capsys, "run", "scenarios/minimal.yaml", "--worlds", 20, "--futures", 3, "--seed", 1, "-o", target
    )
    assert (code, err) == (0, "")
    assert "example_capability (valuable)" in out
    assert "leader" in out
    assert "follower" in out
    assert "+-" in out
    with engine.open_results(target) as results:
        assert results.attrs["worlds"] == 20
        assert results.attrs["seed"] == 1


def test_describe_shows_where_a_file_came_from(monkeypatch, capsys, tmp_path):
    target = tmp_path / "r.nc"
    results = engine.simulate(engine.load_scenario("scenarios/minimal.yaml"), 5, 2, seed=9)
    engine.write_results(results, target)
    code, out, _ = call(monkeypatch, capsys, "describe", target)
    assert code == 0
    for word in ("minimal", "attainment_probability", "seed 9", "numba", "dimensions"):
        assert word in out


def test_replay_tells_a_story_and_writes_its_events(monkeypatch, capsys, tmp_path):
    events = tmp_path / "events.csv"
    code, out, _ = call(
        monkeypatch, capsys, "replay", "scenarios/minimal.yaml", "--world", 3, "--future", 1, "--events", events
    )
    assert code == 0
    assert "world 3, future 1" in out
    history = engine.replay(engine.load_scenario("scenarios/minimal.yaml"), 3, 1)
    assert len(pd.read_csv(events)) == len(history.events)


def test_validate_counts_what_a_scenario_holds(monkeypatch, capsys):
    code, out, _ = call(monkeypatch, capsys, "validate", "scenarios/baseline.yaml")
    assert code == 0
    assert "6 actor classes with 60 actors, 8 capabilities" in out


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["run", "scenarios/minimal.yaml", "--worlds", 0], "worlds must be 1"),
        (["run", "scenarios/minimal.yaml", "-o", "no/such/folder/r.nc"], "does not exist"),
        (["run", "scenarios/none.yaml"], "no such file"),
        (["replay", "scenarios/minimal.yaml", "--world", 1000, "--future", 0], "count from 0"),
        (["describe", "setup.cfg"], "not a readable netCDF file"),
        (["describe", "scenarios"], "is a folder"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(monkeypatch, capsys, arguments, word):
    code, out, err = call(monkeypatch, capsys, *arguments)
    assert code == 2
    assert out == ""
    assert len(err.splitlines()) == 1
    assert word in err


def test_a_pipe_gets_no_progress_bar(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "engine", "run", "scenarios/minimal.yaml", "--worlds", "10", "-o", tmp_path / "r.nc"],
        capture_output=True,
        text=True,
        env=os.environ,
        check=True,
    )
    assert done.stderr == ""
    assert "Written to" in done.stdout
