"""The command line: what it prints, writes and refuses."""

import os
import subprocess
import sys

import pandas as pd
import pytest
from shell import call

import engine
from engine.scenario import library

pytestmark = pytest.mark.quick

#: The minimal scenario with two policies, of which one delays the leader and the other waits for an event.
POLICIES = f"""
extends: {library.path_of("minimal")}
policies:
  licences:
    measures:
      - {{measure: licensing, classes: [leader], threshold: 1e24, licence_delay: {{uniform: {{low: 0.5, high: 1}}}}}}
  brake:
    measures:
      - {{measure: compute_cap, trigger: emergence, trigger_capability: example_capability, relative_cap: 0.5}}
"""
SIZE = ("--worlds", 12, "--futures", 3, "--seed", 4)


@pytest.fixture
def mine(tmp_path):
    """A scenario with policies."""
    path = tmp_path / "mine.yaml"
    path.write_text(POLICIES)
    return path


def estimated(err, size):
    """Whether the estimate of a run of this size is all there is on standard error."""
    return err.startswith(f"{size}: ") and err.count("\n") == 1 and err.endswith(" on disk\n")


def test_run_writes_a_file_and_says_when_each_class_attains(monkeypatch, capsys, tmp_path):
    target = tmp_path / "minimal.nc"
    code, out, err = call(
        monkeypatch, capsys, "run", "minimal", "--worlds", 20, "--futures", 3, "--seed", 1, "-o", target
    )
    assert code == 0
    assert estimated(err, "60 futures")
    assert "example_capability (valuable)" in out
    assert "leader" in out
    assert "follower" in out
    assert "+-" in out
    with engine.open_results(target) as results:
        assert results.attrs["worlds"] == 20
        assert results.attrs["seed"] == 1


def test_describe_shows_where_a_file_came_from(monkeypatch, capsys, tmp_path):
    target = tmp_path / "r.nc"
    results = engine.simulate(engine.load_scenario("minimal"), 5, 2, seed=9)
    engine.write_results(results, target)
    code, out, _ = call(monkeypatch, capsys, "describe", target)
    assert code == 0
    for word in ("minimal", "attainment_probability", "seed 9", "numba", "dimensions"):
        assert word in out


def test_replay_tells_a_story_and_writes_its_events(monkeypatch, capsys, tmp_path):
    events = tmp_path / "events.csv"
    code, out, _ = call(monkeypatch, capsys, "replay", "minimal", "--world", 3, "--future", 1, "--events", events)
    assert code == 0
    assert "world 3, future 1" in out
    history = engine.replay(engine.load_scenario("minimal"), 3, 1)
    assert len(pd.read_csv(events)) == len(history.events)


def test_run_plays_all_policies_or_those_that_are_named(monkeypatch, capsys, tmp_path, mine):
    for options, names in (
        ((), ["baseline", "licences", "brake"]),
        (("--policies", "brake, baseline"), ["baseline", "brake"]),
        (("--policies", "baseline"), ["baseline"]),
    ):
        code, out, err = call(monkeypatch, capsys, "run", mine, *options, *SIZE, "-o", tmp_path / "r.nc")
        assert code == 0
        assert estimated(err, "36 futures" + (f" x {len(names)} policies" if len(names) > 1 else ""))
        assert ("36 futures under each of" in out) == (len(names) > 1)
        assert all((f"\n{name} " in out) == (len(names) > 1 and name in names) for name in ("licences", "brake"))
        with engine.open_results(tmp_path / "r.nc") as results:
            assert list(results.policy.values) == names


def test_compare_prints_and_writes_the_paired_differences(monkeypatch, capsys, tmp_path, mine):
    """The table and the file are those of the same run from Python."""
    table, file = tmp_path / "table.csv", tmp_path / "r.nc"
    code, out, err = call(monkeypatch, capsys, "compare", mine, *SIZE, "-o", table, "--results", file)
    assert (code, err) == (0, "")
    for word in (
        "mine: 12 worlds x 3 futures, seed 4",
        "licences",
        "brake",
        "example_capability (valuable)",
        str(table),
    ):
        assert word in out
    results = engine.simulate(engine.load_scenario(mine), 12, 3, 4)
    with engine.open_results(file) as written:
        assert written.attrs["id"] == results.attrs["id"]
    expected = engine.paired_table(results)
    read = pd.read_csv(table, keep_default_na=False, na_values={"baseline": [""], "value": [""]})
    pd.testing.assert_frame_equal(read[list(expected.columns)], expected, check_dtype=False)
    assert set(read.policy) == {"licences", "brake"}


def test_compare_takes_policies_and_classes(monkeypatch, capsys, tmp_path, mine):
    table = tmp_path / "table.csv"
    options = ("--policies", "licences", "--classes", "follower, leader")
    code, out, _ = call(monkeypatch, capsys, "compare", mine, *SIZE, *options, "-o", table)
    assert code == 0
    assert set(pd.read_csv(table).policy) == {"licences"}
    assert "brake" not in out
    assert out.index("years later: follower") < out.index("years later: leader")


def test_compare_writes_beside_or_into_outputs_by_default(monkeypatch, capsys, tmp_path, mine):
    monkeypatch.chdir(tmp_path)
    assert "Written to mine.csv" in call(monkeypatch, capsys, "compare", mine, *SIZE)[1]
    (tmp_path / "outputs").mkdir()
    assert "Written to outputs/mine.csv" in call(monkeypatch, capsys, "compare", mine, *SIZE)[1]
    assert (tmp_path / "mine.csv").read_bytes() == (tmp_path / "outputs" / "mine.csv").read_bytes()


ONE = ("--world", 3, "--future", 1, "--worlds", 12, "--seed", 4)


def test_replay_tells_a_policy_beside_the_baseline(monkeypatch, capsys, tmp_path, mine):
    """Events of both are written, each with its policy."""
    events = tmp_path / "events.csv"
    code, out, err = call(monkeypatch, capsys, "replay", mine, *ONE, "--policy", "licences", "--events", events)
    assert (code, err) == (0, "")
    loaded = engine.load_scenario(mine)
    first, second = (engine.replay(loaded, 3, 1, policy=name, worlds=12, seed=4) for name in ("baseline", "licences"))
    assert out.rstrip("\n") == engine.side_by_side(first, second).rstrip("\n")
    assert "first difference" in out
    table = pd.read_csv(events)
    assert table.policy.value_counts().to_dict() == {"baseline": len(first.events), "licences": len(second.events)}


def test_replay_tells_two_policies_side_by_side(monkeypatch, capsys, mine):
    code, out, _ = call(monkeypatch, capsys, "replay", mine, *ONE, "--policy", "licences, brake")
    loaded = engine.load_scenario(mine)
    both = [engine.replay(loaded, 3, 1, policy=name, worlds=12, seed=4) for name in ("licences", "brake")]
    assert code == 0
    assert out.rstrip("\n") == engine.side_by_side(*both).rstrip("\n")


def test_replay_tells_a_policy_alone(monkeypatch, capsys, mine):
    code, out, _ = call(monkeypatch, capsys, "replay", mine, *ONE, "--policy", "licences", "--alone", "--all")
    history = engine.replay(engine.load_scenario(mine), 3, 1, policy="licences", worlds=12, seed=4)
    assert code == 0
    assert out.rstrip("\n") == history.narrative(everything=True).rstrip("\n")
    assert "In force: licensing" in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run", "--policies", "licence"], "no policy is called 'licence'; did you mean 'licences'?"),
        (["compare", "--policies", "licences,tax"], "no policy is called 'tax'; use one of: baseline, licences, brake"),
        (
            ["compare", "--policies", "baseline"],
            "a comparison needs a policy besides baseline; use one of: licences, brake",
        ),
        (["compare", "--policies", ""], "a comparison needs a policy besides baseline; use one of: licences, brake"),
        (["compare", "--classes", "leadr"], "no actor class is called 'leadr'; did you mean 'leader'?"),
        (["compare", "-o", "no/such/folder/t.csv"], "does not exist; create it first"),
        (["compare", "--results", "no/such/folder/r.nc"], "does not exist; create it first"),
        (["compare", "--worlds", 0], "worlds must be 1"),
        (["replay", *ONE, "--policy", "licence"], "no policy is called 'licence'; did you mean 'licences'?"),
        (["replay", *ONE, "--policy", "licences,brake,baseline"], "--policy takes one or two policies"),
        (["replay", *ONE, "--policy", "licences,brake", "--alone"], "with --alone one"),
        (["replay", *ONE, "--policy", "brake", "--events", "no/such/folder/e.csv"], "does not exist; create it first"),
    ],
    ids=lambda value: "-".join(map(str, value)) if isinstance(value, list) else "",
)
def test_bad_policies_are_one_line_exit_code_2_and_no_file(monkeypatch, capsys, tmp_path, mine, arguments, words):
    monkeypatch.chdir(tmp_path)
    code, out, err = call(monkeypatch, capsys, arguments[0], mine, *arguments[1:])
    assert (code, out) == (2, "")
    (line,) = err.splitlines()
    assert line.startswith("engine: ")
    assert words in line
    assert [path.name for path in tmp_path.iterdir()] == ["mine.yaml"]


def test_a_scenario_without_policies_says_where_some_are(monkeypatch, capsys):
    code, out, err = call(monkeypatch, capsys, "compare", "minimal")
    assert (code, out) == (2, "")
    assert err == "engine: minimal has no policy besides baseline; add some, or use the scenario `policies`\n"


def test_validate_counts_what_a_scenario_holds(monkeypatch, capsys):
    code, out, _ = call(monkeypatch, capsys, "validate", "baseline")
    assert code == 0
    assert "6 actor classes with 49 actors, 8 capabilities, 0 policies" in out
    assert "are labelled as assumptions, in whole or in part, and 0 have neither." in out


def test_validate_counts_policies(monkeypatch, capsys, mine):
    code, out, _ = call(monkeypatch, capsys, "validate", mine)
    assert code == 0
    assert "1 capabilities, 2 policies besides the baseline, 4 uncertain numbers" in out


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["run", "minimal", "--worlds", 0], "worlds must be 1"),
        (["run", "minimal", "-o", "no/such/folder/r.nc"], "does not exist"),
        (["run", "none.yaml"], "no such file"),
        (["replay", "minimal", "--world", 1024, "--future", 0], "count from 0"),
        (["describe", __file__], "not a readable netCDF file"),
        (["describe", library.FOLDER], "is a folder"),
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
        [sys.executable, "-m", "engine", "run", "minimal", "--worlds", "10", "-o", tmp_path / "r.nc"],
        capture_output=True,
        text=True,
        env=os.environ,
        check=True,
    )
    assert estimated(done.stderr, "20 futures")
    assert "Written to" in done.stdout
