"""The command `stress`: what it prints, writes and refuses."""

from __future__ import annotations

import pytest
import xarray as xr
from shell import call

import engine
from engine.analyses.stress.summary import stress_in_words

SIZE = ("--worlds", 24, "--futures", 3, "--seed", 4)


def test_stress_prints_and_writes_what_python_gives(monkeypatch, capsys, tmp_path, governed_file):
    target, whole = tmp_path / "stress.nc", tmp_path / "results.nc"
    asked = ("--policies", "brake,support", "--require", "exposure <= 95%", "--require", "loss <= 1e9")
    code, out, err = call(monkeypatch, capsys, "stress", governed_file, *SIZE, *asked, "-o", target, "--results", whole)
    assert (code, err) == (0, "")
    results = engine.simulate(
        engine.load_scenario(governed_file), 24, 3, 4, policies=["brake", "support"], keep="samples"
    )
    found = engine.stress_test(results, requirements=["exposure <= 95%", "loss <= 1e9"])
    assert out.startswith(stress_in_words(found))
    assert "72 futures under each of 3 policies in" in out
    assert f"Written to {target} and {whole}" in out
    with xr.open_dataset(target) as written, engine.open_results(whole) as played:
        assert written.attrs["id"] == found.attrs["id"]
        assert played.attrs["id"] == results.attrs["id"]


def test_stress_writes_beside_by_default_and_takes_metrics(monkeypatch, capsys, tmp_path, governed_file):
    monkeypatch.chdir(tmp_path)
    code, out, _ = call(
        monkeypatch, capsys, "stress", governed_file, *SIZE, "--metric", "incidents", "--metric", "loss"
    )
    assert code == 0
    assert "Written to governed-stress.nc" in out
    with xr.open_dataset("governed-stress.nc") as written:
        assert list(written["metric"].values) == ["incidents", "loss", "exposure", "benefit"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--policies", "brakes"], "no policy is called 'brakes'; did you mean 'brake'?"),
        (["--metric", "exposre"], "there is no metric 'exposre'; did you mean 'exposure'?"),
        (["--require", "exposure less 3"], "is no requirement: write METRIC <= NUMBER"),
        (["--plausible", 0], "--plausible must be above 0 and at most 1"),
        (["--worlds", 0], "worlds must be 1"),
        (["-o", "no/such/folder/s.nc"], "does not exist; create it first"),
        (["--results", "no/such/folder/s.nc"], "does not exist; create it first"),
    ],
    ids=lambda value: "-".join(map(str, value)) if isinstance(value, list) else "",
)
def test_bad_input_is_one_line_exit_code_2_and_no_file(monkeypatch, capsys, tmp_path, governed_file, arguments, words):
    monkeypatch.chdir(tmp_path)
    code, out, err = call(monkeypatch, capsys, "stress", governed_file, *SIZE, *arguments)
    assert (code, out) == (2, "")
    (line,) = err.splitlines()
    assert words in line
    assert [path.name for path in tmp_path.iterdir()] == ["governed.yaml"]
