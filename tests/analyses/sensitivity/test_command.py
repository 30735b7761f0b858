"""The commands `sensitivity` and `convergence`, and runs until they are precise."""

from __future__ import annotations

import shlex

import pytest
import xarray as xr
from shell import call

import engine
from engine.analyses.convergence.summary import convergence_in_words
from engine.analyses.sensitivity.experiment import pawn_of, sobol, together, tornado_of, variance_of
from engine.analyses.sensitivity.summary import sensitivity_summary

MINIMAL = "minimal"


def test_sensitivity_prints_and_writes_sobol_indices_by_default(monkeypatch, capsys, tmp_path):
    target = tmp_path / "s.nc"
    code, out, err = call(monkeypatch, capsys, "sensitivity", MINIMAL, "--base", 16, "--seed", 2, "-o", target)
    assert (code, err) == (0, "")
    found = sobol(engine.load_scenario(MINIMAL), base=16, seed=2)
    assert out.startswith(sensitivity_summary(found))
    with xr.open_dataset(target) as written:
        assert written.attrs["id"] == together(found).attrs["id"]


def test_sensitivity_by_other_methods_under_a_policy(monkeypatch, capsys, tmp_path, governed_file):
    target = tmp_path / "s.nc"
    asked = ("--method", "tornado, pawn,variance", "--metric", "loss_oom", "--policy", "brake", "--top", 2)
    size = ("--worlds", 30, "--futures", 2, "--seed", 3)
    code, out, err = call(monkeypatch, capsys, "sensitivity", governed_file, *asked, *size, "-o", target)
    assert (code, err) == (0, "")
    loaded = engine.load_scenario(governed_file)
    results = engine.simulate(loaded, 30, 2, 3, policies=["brake"], keep="samples")
    parts = [
        tornado_of(loaded, ["loss_oom"], policy="brake", futures=2, seed=3),
        pawn_of(results, ["loss_oom"], policy="brake"),
        variance_of(results, ["loss_oom"], policy="brake"),
    ]
    assert out.startswith(sensitivity_summary(together(*parts), top=2))
    assert "Under brake" in out


def test_sensitivity_of_a_results_file(monkeypatch, capsys, tmp_path, compared):
    monkeypatch.chdir(tmp_path)
    engine.write_results(compared, "mine.nc")
    code, out, err = call(monkeypatch, capsys, "sensitivity", "mine.nc", "--metric", "exposure")
    assert (code, err) == (0, "")
    assert "PAWN" in out
    assert "Shares of variance" in out
    assert "Written to mine-sensitivity.nc" in out


def test_convergence_of_a_file_and_of_a_scenario(monkeypatch, capsys, tmp_path):
    results = engine.simulate(engine.load_scenario(MINIMAL), 50, 4, 6)
    engine.write_results(results, tmp_path / "m.nc")
    expected = convergence_in_words(results, 0.01)
    code, out, err = call(monkeypatch, capsys, "convergence", tmp_path / "m.nc", "--se", 0.01)
    assert (code, out.rstrip("\n"), err) == (0, expected, "")
    size = ("--worlds", 50, "--futures", 4, "--seed", 6)
    assert call(monkeypatch, capsys, "convergence", MINIMAL, "--se", 0.01, *size)[1].rstrip("\n") == expected


@pytest.mark.parametrize("sampling", ["random", "lhs"])
def test_a_run_until_precise_is_the_plain_run_it_names(monkeypatch, capsys, tmp_path, sampling):
    """The command that it prints gives the same results; the error asked for is met, as it was not at first."""
    precise, plain = tmp_path / "precise.nc", tmp_path / "plain.nc"
    size = ("--worlds", 100, "--futures", 4, "--seed", 6, "--sampling", sampling)
    code, out, err = call(monkeypatch, capsys, "run", MINIMAL, *size, "--until-se", 0.02, "-o", precise)
    assert (code, err) == (0, "")
    (command,) = [line for line in out.splitlines() if line.startswith("  engine run")]
    assert call(monkeypatch, capsys, *shlex.split(command)[1:], "-o", plain)[0] == 0
    with engine.open_results(precise) as one, engine.open_results(plain) as other:
        assert one.attrs["id"] == other.attrs["id"]
        assert one.attrs["worlds"] == other.attrs["worlds"] > 100
        assert float(one.attainment_probability_se.max()) <= 0.02
        assert one.attrs["target_standard_error"] == 0.02


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["sensitivity", MINIMAL, "--method", "sobl"], "no method is called 'sobl'; did you mean 'sobol'?"),
        (["sensitivity", MINIMAL, "--base", 10], "base must be a power of two"),
        (["sensitivity", MINIMAL, "--policy", "cap"], "no policy besides baseline"),
        (["sensitivity", "none.nc"], "none.nc: no such file"),
        (["sensitivity", "none.nc", "--method", "sobol"], "sobol needs runs of its own: name a scenario"),
        (["sensitivity", "none.yaml"], "no such file"),
        (["convergence", MINIMAL, "--se", 0], "target_se must be above 0"),
        (["convergence", MINIMAL, "--worlds", 1], "need at least 2 worlds"),
        (["run", MINIMAL, "--until-se", 0.03, "--worlds", 1], "worlds must be 2 to most_worlds"),
        (["run", MINIMAL, "--until-se", 1e-4, "--most-worlds", 1000], "more than the 1,000 allowed; allow more"),
    ],
    ids=lambda value: "-".join(map(str, value)) if isinstance(value, list) else "",
)
def test_bad_input_is_one_line_exit_code_2_and_no_file(monkeypatch, capsys, tmp_path, arguments, words):
    target = () if arguments[0] == "convergence" else ("-o", tmp_path / "x.nc")
    code, out, err = call(monkeypatch, capsys, *arguments, *target)
    assert (code, out) == (2, "")
    (line,) = err.splitlines()
    assert words in line
    assert not list(tmp_path.iterdir())
