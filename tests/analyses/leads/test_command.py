"""`effects`, `leads` and `thresholds`: they print and write what the functions find, and refuse what is wrong."""

from __future__ import annotations

import pytest
import xarray as xr
from shell import call

import engine
from engine.analyses.effects.analysis import counterfactuals, effects
from engine.analyses.effects.summary import effects_in_words
from engine.analyses.leads.analysis import leads
from engine.analyses.leads.summary import leads_in_words
from engine.analyses.thresholds.analysis import thresholds
from engine.analyses.thresholds.summary import thresholds_in_words

SIZE = ("--worlds", 4, "--futures", 2, "--seed", 5)
COMMANDS = ("effects", "leads", "thresholds")


def same(path, expected):
    """The file holds what is expected; the scenario was read from another one."""
    with xr.open_dataset(path) as written:
        xr.testing.assert_equal(written.load(), expected)


def test_effects_are_printed_and_written(monkeypatch, capsys, tmp_path, governed_file):
    target = tmp_path / "e.nc"
    options = ("--investment", 1e9, "--ceiling", 60, "--threads", 1, "-o", target)
    code, out, err = call(monkeypatch, capsys, "effects", governed_file, *SIZE, *options)
    assert (code, err) == (0, "")
    found = effects(counterfactuals(engine.load_scenario(governed_file), 4, 2, 5), 60.0)
    assert out == f"{effects_in_words(found, 1e9)}\n\nWritten to {target}\n"
    same(target, found)


def test_leads_and_thresholds_are_printed_for_each_policy_and_written(monkeypatch, capsys, tmp_path, governed_file):
    """By default without policies besides the baseline."""
    loaded = engine.load_scenario(governed_file)
    for command, analysis, words, more in (
        ("leads", lambda results: leads(results, 60.0), leads_in_words, ("--ceiling", 60)),
        ("thresholds", lambda results: thresholds(results, 0.3), thresholds_in_words, ("--obsolete", 0.3)),
    ):
        for options, policies in (((), []), (("--policies", "brake"), ["brake"])):
            target = tmp_path / f"{command}.nc"
            code, out, err = call(monkeypatch, capsys, command, governed_file, *SIZE, *more, *options, "-o", target)
            assert (code, err) == (0, "")
            found = analysis(engine.simulate(loaded, 4, 2, 5, policies=policies, keep="prices"))
            assert out.startswith("\n\n".join(words(found, name) for name in ["baseline", *policies]))
            assert out.endswith(f"\n\nWritten to {target}\n")
            same(target, found)


@pytest.mark.parametrize("command", COMMANDS)
def test_files_are_in_outputs_or_here_by_default(monkeypatch, capsys, tmp_path, governed_file, command):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "outputs").mkdir()
    out = call(monkeypatch, capsys, command, governed_file, *SIZE)[1]
    assert f"Written to outputs/governed-{command}.nc" in out
    assert (tmp_path / "outputs" / f"governed-{command}.nc").is_file()


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("-o", "no/such/folder/f.nc"), "does not exist; create it first"),
        (("--worlds", 0), "worlds must be 1"),
    ],
)
def test_what_no_command_takes(monkeypatch, capsys, tmp_path, governed_file, command, options, words):
    refused(monkeypatch, capsys, tmp_path, [command, governed_file, *options], words)


@pytest.mark.parametrize(
    ("command", "options", "words"),
    [
        ("leads", ("--policies", "brakes"), "no policy is called 'brakes'; did you mean 'brake'?"),
        ("thresholds", ("--policies", "brakes"), "no policy is called 'brakes'; did you mean 'brake'?"),
        ("effects", (*SIZE, "--ceiling", 0), "ceiling must be above 0 points, such as 100, not 0"),
        ("leads", (*SIZE, "--ceiling", -5), "ceiling must be above 0 points, such as 100, not -5"),
        ("thresholds", (*SIZE, "--obsolete", 50), "obsolete must lie between 0 and 1, such as 0.5, not 50"),
    ],
)
def test_what_some_commands_do_not_take(monkeypatch, capsys, tmp_path, governed_file, command, options, words):
    refused(monkeypatch, capsys, tmp_path, [command, governed_file, *options], words)


def refused(monkeypatch, capsys, folder, arguments, words):
    """One line, exit code 2, and no file."""
    monkeypatch.chdir(folder)
    code, out, err = call(monkeypatch, capsys, *arguments)
    assert (code, out) == (2, "")
    (line,) = err.splitlines()
    assert line.startswith("engine: ")
    assert words in line
    assert [path.name for path in folder.iterdir()] == ["governed.yaml"]


def test_an_investment_that_is_none_is_refused(monkeypatch, capsys, tmp_path, governed_file):
    """Before anything is written."""
    words = "investment must be above 0 US$, such as 1e8, not 0"
    refused(monkeypatch, capsys, tmp_path, ["effects", governed_file, *SIZE, "--investment", 0], words)
