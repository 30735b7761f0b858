"""The command `hindcast`: what it prints, writes and refuses."""

from __future__ import annotations

import json
import re

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from helpers import scenario_data
from shell import call

import engine
from engine.analyses.hindcast.experiment import hindcast
from engine.analyses.hindcast.summary import hindcast_in_words
from engine.record import read_observations, with_past

SMALL = {
    "start": 2018,
    "horizon": 2026,
    "hardware": {"price_performance": {"lognormal": {"p5": 3e17, "p95": 3e18}, "unit": "FLOP/US$"}},
    "actor_classes": {
        "lab": {"count": 3, "budget_spread": 0.5, "run_duration": 0.5, "run_pause": 0.5, "openness": 0.5}
    },
    "output": {"flop_thresholds": [1e25, 1e27]},
}
COUNTS = "threshold_flop,year,organisations_above,models_above,open_weight_models_above\n"
EARLY = COUNTS + "1e25,2016,0,0,\n1e25,2017,1,1,0\n1e25,2018,2,3,1\n1e25,2019,3,6,2\n1e27,2018,0,0,0\n"
LATER = COUNTS + "1e25,2023,3,30,12\n1e27,2023,1,2,0\n"
RANKS = "year,rank_1,best_open_weights\n2017,25.1,\n2018,25.9,25\n2019,26,\n2022,26.4,26.1\n"
SIZE = ("--worlds", 6, "--futures", 2, "--seed", 7)


@pytest.fixture
def past(tmp_path):
    """A scenario of three labs that starts in 2018, as a file; tables beside it."""
    path = tmp_path / "past.yaml"
    path.write_text(json.dumps(scenario_data(**SMALL)))
    for name, text in (("counts", EARLY), ("later", LATER), ("ranks", RANKS)):
        (tmp_path / f"{name}.csv").write_text(text)
    return path


def tables(folder, *names):
    return [part for name in names for part in ("--observations", folder / f"{name}.csv")]


def test_a_hindcast_is_printed_and_written(monkeypatch, capsys, tmp_path, past):
    target = tmp_path / "h.nc"
    given = tables(tmp_path, "counts", "ranks")
    code, out, err = call(monkeypatch, capsys, "hindcast", past, *given, *SIZE, "-o", target)
    assert (code, err) == (0, "")
    observations = with_past(read_observations([tmp_path / "counts.csv", tmp_path / "ranks.csv"]), 2018.0)
    found = hindcast(engine.load_scenario(past), observations, worlds=6, futures=2, seed=7)
    joined = "2 earlier observations come from the package's own tables\n"
    assert out.startswith(f"{joined}{hindcast_in_words(found)}\n\n12 futures in ")
    paths = [target, tmp_path / "h.csv", tmp_path / "h.png", tmp_path / "h-scores.png"]
    assert out.endswith(f"Written to {', '.join(map(str, paths))}\n")
    with xr.open_dataset(target) as written:
        xr.testing.assert_equal(written.load(), found)
        assert written.attrs["id"] == found.attrs["id"]
    assert pd.read_csv(paths[1])["label"].tolist() == found["label"].values.tolist()
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in paths[2:])


def test_later_tables_are_judged_as_far_as_is_asked(monkeypatch, capsys, tmp_path, past):
    """Years mean their ends: with --after 2018 and --until 2022 the ends of 2019 and 2022 count."""
    monkeypatch.chdir(tmp_path)
    given = tables(tmp_path, "counts", "ranks", "later")
    more = ("--after", 2018, "--until", 2022, "--no-figures")
    code, out, err = call(monkeypatch, capsys, "hindcast", past, *given, *SIZE, *more)
    assert (code, err) == (0, "")
    assert "observations, after the end of 2018 and to the end of 2022" in out
    with xr.open_dataset("past-hindcast-after-2018.nc") as written:
        assert np.unique(written["time"]).tolist() == [2020.0, 2023.0]
        assert written["past_time"].max() == 2019.0
    assert not list(tmp_path.glob("*.png"))
    call(monkeypatch, capsys, "hindcast", past, *given, *SIZE, "--no-figures", "--after", 2023.5)
    with xr.open_dataset("past-hindcast-after-2023.5.nc") as written:
        assert np.unique(written["time"]).tolist() == [2024.0]
        assert written["observed"].values.tolist() == [30.0, 2.0, 12.0, 0.0, 3.0, 1.0]


def test_what_was_known_before_later_tables_is_of_the_engines_own(monkeypatch, capsys, tmp_path, past):
    target = tmp_path / "l.nc"
    more = (*tables(tmp_path, "later"), "--no-figures", "-o", target)
    code, out, err = call(monkeypatch, capsys, "hindcast", past, *more, *SIZE)
    assert (code, err) == (0, "")
    assert re.match(r"\d+ earlier observations come from the package's own tables\n", out)
    with xr.open_dataset(target) as written:
        assert np.unique(written["time"]).tolist() == [2024.0]
        known = written.sel(past=(written["past_kind"] == "models") & (written["past_level"] == 1e25))
        assert known["known"].values.tolist() == [0.0, 0.0, 0.0, 0.0]
        assert written["past_time"].max() == 2018.0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--observations", "none.csv"], "none.csv: no such file or folder; name a CSV file of observations"),
        (["-o", "h.csv"], "hindcast: h.csv: --output writes a dataset, name it .nc"),
        (["-o", "no/such/folder/h.nc"], "does not exist; create it first"),
        (["--observations", "counts.csv", "--until", "2017"], "nothing to score: there is no observation after 2018"),
        (["--observations", "counts.csv", "--after", "2019"], "nothing to score: there is no observation after 2020"),
        (
            ["--observations", "counts.csv", "--after", "2015"],
            "past starts in 2018 and knows all observations until then",
        ),
        ([], "5th organisation's best model, end of 2018: past has only 3 organisations; give its classes more"),
        (
            ["--observations", "counts.csv", "-o", "counts.nc"],
            "counts.csv: would overwrite input from counts.csv; give --output another name",
        ),
        (["--worlds", 0], "worlds must be"),
        (["--worlds-from", "none.nc"], "none.nc: no such file"),
    ],
    ids=lambda value: "-".join(map(str, value)) if isinstance(value, list) else "",
)
def test_bad_input_is_one_line_exit_code_2_and_no_file(monkeypatch, capsys, tmp_path, past, arguments, words):
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.iterdir())
    code, out, err = call(monkeypatch, capsys, "hindcast", past, *SIZE, *arguments)
    assert (code, out) == (2, "")
    (line,) = err.splitlines()
    assert line.startswith("engine: ")
    assert words in line
    assert sorted(tmp_path.iterdir()) == before


def test_the_scenario_and_observations_of_the_engine_are_found_from_any_folder(monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)
    code, out, _ = call(monkeypatch, capsys, "hindcast", *SIZE, "--no-figures")
    assert code == 0
    assert "Written to hindcast_2018-hindcast.nc" in out
