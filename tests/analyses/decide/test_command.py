"""`decide` and `rare`: they print and write what the functions find, and refuse what is wrong."""

from __future__ import annotations

import pytest
import xarray as xr
from shell import call

import engine
from engine.analyses.decide.experiment import decide
from engine.analyses.decide.options import option_grid
from engine.analyses.decide.summary import decision_in_words
from engine.analyses.decide.value import ValueCurve
from engine.analyses.rare.experiment import RareEvent, rare_in_words, rare_probability

DECIDE = ("decide", "--actor-class", "lab", "--worlds", 3, "--futures", 2)
RARE = ("rare", "--actor-class", "outsider", "--within", 4, "--worlds", 30, "--futures", 2)


def test_a_decision_is_printed_and_written(monkeypatch, capsys, tmp_path, governed_file):
    target = tmp_path / "d.nc"
    options = ("--budgets", "1, 10", "--starts", "0,2", "--data", "1", "--capture", 0.5, "--rivalry", 0.5)
    more = ("--discount", 0.05, "--policies", "caution", "--seed", 7, "-o", target)
    code, out, err = call(monkeypatch, capsys, *DECIDE, *options, *more, governed_file)
    assert (code, err) == (0, "")
    found = decide(
        engine.load_scenario(governed_file),
        "lab",
        option_grid([1.0, 10.0], [0.0, 2.0], [1.0]),
        curve=ValueCurve(0.5, 0.5, 0.05),
        policies=["caution"],
        worlds=3,
        futures=2,
        seed=7,
    )
    assert out == f"{decision_in_words(found)}\n\nWritten to {target}\n"
    with xr.open_dataset(target) as written:
        xr.testing.assert_equal(written.load(), found)


def test_a_rare_event_is_printed_and_written(monkeypatch, capsys, tmp_path, governed_file):
    target = tmp_path / "r.nc"
    more = ("--capabilities", "early", "--route", "any", "--policy", "brake", "--seed", 7, "-o", target)
    code, out, err = call(monkeypatch, capsys, *RARE, *more, governed_file)
    assert (code, err) == (0, "")
    event = RareEvent("outsider", 4.0, ("early",), "any")
    found = rare_probability(engine.load_scenario(governed_file), event, 30, 2, 7, policy="brake")
    assert out == f"{rare_in_words(found)}\n\nWritten to {target}\n"
    with xr.open_dataset(target) as written:
        xr.testing.assert_equal(written.load(), found)


def test_files_are_here_by_default(monkeypatch, capsys, tmp_path, governed_file):
    monkeypatch.chdir(tmp_path)
    few = ("--budgets", "1", "--starts", "0", "--data", "1")
    for arguments, name in (((*DECIDE, *few), "governed-decide.nc"), (RARE, "governed-rare.nc")):
        assert f"Written to {name}" in call(monkeypatch, capsys, *arguments, governed_file)[1]
        assert (tmp_path / name).is_file()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("decide", "--actor-class", "labs"), "no actor class is called 'labs'; did you mean 'lab'?"),
        (
            (*DECIDE, "--budgets", "1;10"),
            "--budgets takes numbers with commas between them, such as 0.1,1,10, not '1;10'",
        ),
        ((*DECIDE, "--starts", "now"), "--starts takes numbers with commas between them"),
        ((*DECIDE, "--data", "x"), "--data takes numbers with commas between them"),
        ((*DECIDE, "--budgets", "0"), "budget_factor (--budgets) must be above 0, such as 0.1, not 0"),
        (
            (*DECIDE, "--budgets", ","),
            "there is no option to train; give at least one each of --budgets, --starts and --data",
        ),
        ((*DECIDE, "--data", "0"), "data_factor (--data) must be above 0, such as 10 or inf, not 0"),
        ((*DECIDE, "--starts", "-1"), "entry_lag (--starts) must be at least 0 years, not -1"),
        (
            (*DECIDE, "--starts", "0,100"),
            "entry_lag (--starts) must be below 12 years, for governed is from 2020 to 2032",
        ),
        ((*DECIDE, "--starts", "12"), "entry_lag (--starts) must be below 12 years"),
        ((*DECIDE, "--starts", "1000"), "entry_lag (--starts) must be below 12 years"),
        ((*DECIDE, "--discount", 5), "discount_rate (--discount) must be 0 to 1 a year, not 5"),
        ((*DECIDE, "--capture", 5), "capture must be 0 to 1, not 5"),
        ((*DECIDE, "--policies", "brakes"), "no policy is called 'brakes'; did you mean 'brake'?"),
        ((*DECIDE, "-o", "no/such/folder/d.nc"), "does not exist; create it first"),
        (("rare", "--actor-class", "labs", "--within", 2), "no actor class is called 'labs'; did you mean 'lab'?"),
        ((*RARE, "--within", 40), "years must be above 0 and at most 12, the scenario's span, not 40"),
        ((*RARE, "--capabilities", "soon"), "no capability is called soon; use one or more of: early, late"),
        ((*RARE, "--policy", "brakes"), "no policy is called 'brakes'; did you mean 'brake'?"),
        ((*RARE, "-o", "no/such/folder/r.nc"), "does not exist; create it first"),
    ],
)
def test_bad_input_is_one_line_exit_code_2_and_no_file(monkeypatch, capsys, tmp_path, governed_file, arguments, words):
    monkeypatch.chdir(tmp_path)
    code, out, err = call(monkeypatch, capsys, *arguments, governed_file)
    assert (code, out) == (2, "")
    (line,) = err.splitlines()
    assert line.startswith("engine: ")
    assert words in line
    assert [path.name for path in tmp_path.iterdir()] == ["governed.yaml"]
