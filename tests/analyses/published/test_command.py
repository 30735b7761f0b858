"""`published`: it prints and writes what the functions find, and refuses what is wrong."""

from __future__ import annotations

import pandas as pd
import pytest
import xarray as xr
from shell import call

import engine
from engine.analyses.published.analysis import published_comparison
from engine.analyses.published.experiment import replayed_futures
from engine.analyses.published.summary import published_in_words
from engine.analyses.published.table import read_figures

HEADER = "quantity,level,time,central,low,high,interval,unit,published,source,url,note"
ROWS = (
    "models_at_start,1e24,2020,3,,,count,1,2020,Us 2020,https://a.b,",
    "models_above,1e24,2025,10,5,20,90%,1,2020,Us 2020,https://a.b,",
    "open_lag_capability,,,6,1,12,90%,months,2020,Us 2020,https://a.b,",
    "cost_fall,early,2024,10,10,,at least,x,2020,Us 2020,https://a.b,",
)


@pytest.fixture
def figures(tmp_path):
    path = tmp_path / "figures.csv"
    path.write_text("\n".join((HEADER, *ROWS, "")))
    return path


def test_figures_are_compared_printed_and_written(monkeypatch, capsys, tmp_path, governed_file, figures):
    target = tmp_path / "p.nc"
    more = ("--scenario", governed_file, "--hindcast", governed_file, "--figures", figures, "--replays", 9)
    size = ("--worlds", 3, "--futures", 2, "--seed", 7, "-o", target)
    code, out, err = call(monkeypatch, capsys, "published", *more, *size)
    assert (code, err) == (0, "")
    scenario = engine.load_scenario(governed_file)
    how = {"policies": ["baseline"], "keep": "prices"}
    found = published_comparison(
        read_figures(figures),
        {
            "paths": engine.simulate(scenario, 3, 2, 7, **how),
            "replays": replayed_futures(scenario, 3, 3, 7),
            "prices": engine.simulate(scenario, 3, 2, 7, **how),
        },
    )
    assert out == f"{published_in_words(found)}\n\nWritten to {target} and {target.with_suffix('.csv')}\n"
    assert "governed: 3 worlds x 2 futures, seed 7; 3 of them replayed; costs of governed" in out
    with xr.open_dataset(target) as written:
        xr.testing.assert_equal(written.load(), found)
    assert pd.read_csv(target.with_suffix(".csv")).quantity.tolist() == [
        "models_above",
        "open_lag_capability",
        "cost_fall",
    ]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--figures", "none.csv"), "none.csv: no such file"),
        (("--scenario", "none.yaml"), "none.yaml"),
        (("-o", "p.csv"), "published: p.csv: --output writes a dataset, name it .nc"),
        (("-o", "no/such/folder/p.nc"), "does not exist; create it first"),
        (("--replays", 0), "replays must be 1 to the number of worlds, 3, not 0"),
        (("--worlds", 0), "worlds must be"),
    ],
)
def test_bad_input_is_one_line_exit_code_2_and_no_file(
    monkeypatch, capsys, tmp_path, governed_file, figures, arguments, words
):
    monkeypatch.chdir(tmp_path)
    figures.write_text("\n".join((HEADER, *ROWS[:3], "")))
    given = ("--worlds", 3, "--futures", 1, "--scenario", governed_file, "--figures", figures)
    code, out, err = call(monkeypatch, capsys, "published", *given, *arguments)
    assert (code, out) == (2, "")
    (line,) = err.splitlines()
    assert line.startswith("engine: ")
    assert words in line
    assert sorted(path.name for path in tmp_path.iterdir()) == ["figures.csv", "governed.yaml"]
