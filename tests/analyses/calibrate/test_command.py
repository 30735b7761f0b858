"""`calibrate` and `run --worlds-from`: posterior worlds are printed, written and played, and errors are one line."""

from __future__ import annotations

import json

import numpy as np
import pytest
import xarray as xr
from helpers import scenario_data
from shell import call
from small_calibration import SMALL, observed_tables

import engine
from engine.analyses.calibrate.discrepancy import Discrepancy
from engine.analyses.calibrate.experiment import calibrate
from engine.analyses.calibrate.summary import posterior_in_words, posterior_table
from engine.record import read_observations

KEPT = 30


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The small scenario, one that extends it and one that shares nothing, tables, and the posterior, as files."""
    folder = tmp_path_factory.mktemp("calibrate")
    (folder / "small.yaml").write_text(json.dumps(scenario_data(**SMALL)))
    (folder / "longer.yaml").write_text("extends: small.yaml\nhorizon: 2024\n")
    budget = {"actor_classes": {"actor": {"budget": {"lognormal": {"p5": 1e6, "p95": 1e7}}}}}
    (folder / "strange.yaml").write_text(json.dumps(scenario_data(**budget)))
    found = calibrate(
        engine.load_scenario(folder / "small.yaml"),
        read_observations(observed_tables(folder)),
        discrepancy=Discrepancy(0.2, 0.1),
        until=2022.0,
        worlds=200,
        futures=3,
        rounds=1,
        kept=KEPT,
        truths=100,
        seed=5,
    )
    engine.write_results(found, folder / "there.nc")
    (folder / "damaged.nc").write_bytes((folder / "there.nc").read_bytes()[:3000])
    return folder


@pytest.fixture
def here(monkeypatch, tmp_path, folder):
    """An empty folder to work in; files of the fixture are named relative to it."""
    for path in folder.iterdir():
        (tmp_path / path.name).symlink_to(path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def calibrated(*more):
    size = ("--worlds", 200, "--futures", 3, "--rounds", 1, "--keep", KEPT, "--seed", 5)
    return ("calibrate", "small.yaml", "--observations", "tables", *size, *more)


def run(*more, worlds=20, scenario="small.yaml"):
    return ("run", scenario, "--worlds", worlds, "--futures", 2, "--seed", 1, "--worlds-from", *more)


def test_a_posterior_is_printed_and_written(monkeypatch, capsys, here):
    errors = ("--error-compute", 0.2, "--error-counts", 0.1)
    code, out, err = call(
        monkeypatch, capsys, *calibrated(*errors, "--until", 2021, "--check", 100, "--top", 2, "-o", "p.nc")
    )
    assert (code, err) == (0, "")
    with xr.open_dataset("there.nc") as expected, xr.open_dataset("p.nc") as written:
        xr.testing.assert_equal(written.load(), expected.load())
        assert written.attrs["discrepancy"] == expected.attrs["discrepancy"]
        assert out.startswith(f"{posterior_in_words(expected, 2)}\n\nIn ")
        assert (here / "p.csv").read_text() == posterior_table(expected)
        assert f"an effective sample of {expected.attrs['effective_worlds']:,.0f}" in out
    assert "prior: median (90%)               posterior: median (90%)" in out
    assert out.endswith("Written to p.nc, p.csv, p.png\n")
    assert (here / "p.png").read_bytes().startswith(b"\x89PNG")


def test_files_are_here_by_default_and_figures_can_be_left_out(monkeypatch, capsys, here):
    out = call(monkeypatch, capsys, *calibrated("--kinds", "models, compute", "--no-figures"))[1]
    assert out.endswith("Written to small-posterior.nc, small-posterior.csv\n")
    with xr.open_dataset("small-posterior.nc") as written:
        assert set(written["kind"].values) == {"models", "compute"}
    assert not (here / "small-posterior.png").exists()


def test_a_run_plays_posterior_worlds_and_says_where_they_come_from(monkeypatch, capsys, here):
    for scenario in ("small.yaml", "longer.yaml"):
        code, out, _ = call(monkeypatch, capsys, *run("there.nc", "--samples", "-o", "r.nc", scenario=scenario))
        assert code == 0
        assert "40 futures in " in out
        with xr.open_dataset("there.nc") as posterior, engine.open_results("r.nc") as results:
            np.testing.assert_array_equal(results["parameters"].values, posterior["parameters"].values[:20])
            expected = f"posterior of small, conditioned on observations until 2022, id {posterior.attrs['id']}"
            assert results.attrs["worlds_from"] == expected


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (run("there.nc", scenario="strange.yaml"), "there.nc: strange shares no uncertain number with small"),
        (run("there.nc", worlds=KEPT + 1), f"there.nc: there are {KEPT} posterior worlds; use 1 to {KEPT}"),
        (run("damaged.nc"), "damaged.nc: not a readable netCDF file (damaged"),
        (run("absent.nc"), "absent.nc: no such file"),
        (run("small.yaml"), "small.yaml: not a readable netCDF file"),
        (run("there.nc", "--until-se", 0.1), "leave out --run-dir, --paths, --estimate and --worlds-from"),
        (calibrated("--kinds", "models,modles"), "worlds cannot be conditioned on 'modles'; use one or more of"),
        (calibrated("--kinds", "follower"), "worlds cannot be conditioned on 'follower'"),
        (
            calibrated("--until", 2010),
            "nothing to condition on: there is no observation of organisations, models, compute",
        ),
        (calibrated("--error-compute", 0), "compute of a discrepancy must be above 0, not 0"),
        (calibrated("--futures", 1), "separating chance from worlds needs at least two futures in each world"),
        (calibrated("--check", 99), "truths must be 100 to half of the worlds of a round, 100, not 99"),
        (calibrated("--rounds", -1), "rounds must be at least 0, not -1"),
        (calibrated("--keep", 0), "posterior worlds to keep must be at least 1, not 0"),
        (calibrated("-o", "p.csv"), "calibrate: p.csv: --output writes a dataset, name it .nc"),
        (calibrated("-o", "no/such/p.nc"), "does not exist; create it first"),
    ],
)
def test_bad_input_is_one_line_exit_code_2_and_no_file(monkeypatch, capsys, here, arguments, words):
    before = sorted(path.name for path in here.iterdir())
    code, out, err = call(monkeypatch, capsys, *arguments)
    assert (code, out) == (2, "")
    (line,) = err.splitlines()
    assert line.startswith("engine: ")
    assert words in line
    assert sorted(path.name for path in here.iterdir()) == before


def test_posterior_worlds_cannot_be_kept_in_a_folder(monkeypatch, capsys, here):
    code, out, err = call(monkeypatch, capsys, *run("there.nc", "--run-dir", "kept"))
    assert (code, out) == (2, "")
    assert err == "engine: a run folder stores only runs of drawn worlds; leave out --run-dir or --worlds-from\n"
    assert not (here / "kept").exists()
