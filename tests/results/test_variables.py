"""The description of results: simulated datasets are as it says, and the page on results is made of it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from small_run import SEED

import engine
from engine.results.netcdf_check import misfit
from engine.results.variables import ALL, ATTRIBUTES, TABLE, held

ROOT = Path(__file__).parents[2]
KEEPING = {
    "counts": {},
    "samples": {"keep": "samples"},
    "paths": {"keep": "paths"},
    "prices": {"keep": "prices"},
}


@pytest.mark.parametrize("kept", KEEPING)
def test_a_simulated_dataset_holds_what_is_described_and_nothing_else(kept, governed):
    results = engine.simulate(governed, 3, 2, SEED, **KEEPING[kept])
    assert set(results.variables) == set(held(kept))
    for name, one in held(kept).items():
        assert results[name].dims == one.dims, name
        assert (name in results.coords) == one.is_coordinate, name
        assert results[name].attrs.get("units") == one.units, name
    assert set(results.attrs) <= set(ATTRIBUTES)
    assert misfit(results) == ""


def test_errors_and_differences_follow_by_rule():
    error, difference = ALL["loss_mean_difference_se"], ALL["loss_mean_difference"]
    assert error.long_name == "Monte Carlo standard error of loss_mean_difference, worlds as clusters"
    assert difference.long_name == "loss_mean less that of the baseline, in the same futures"
    assert (error.dims, error.units, error.least) == (difference.dims, "US$", 0.0)
    assert difference.least < 0.0 == ALL["loss_mean"].least
    assert not any(name.endswith(("_se", "_difference")) for name in TABLE)


def test_the_page_on_results_is_made_of_the_description():
    """Kind: documentation of variables that is written a second time, and is out of date."""
    script = ROOT / "scripts" / "make_results_reference.py"
    done = subprocess.run([sys.executable, script, "--check"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    page = (ROOT / "docs" / "results.md").read_text(encoding="utf-8")
    assert all(f"* `{name}`" in page for name in (*TABLE, *ATTRIBUTES))
