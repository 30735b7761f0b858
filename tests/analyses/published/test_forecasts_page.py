"""The tables of forecasts in docs/published.md: made by the script, of the table that comes with the package."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest
import xarray as xr

import engine
from engine.analyses.published.forecast_experiment import replayed_harm, risk_with_access
from engine.analyses.published.forecast_quantities import Sources, losses_of
from engine.analyses.published.forecast_table import read_forecasts
from engine.analyses.published.forecasts import forecast_comparison
from engine.analyses.published.prior_predictive import prior_predictive

ROOT = Path(__file__).parents[3]
MAKER = runpy.run_path(str(ROOT / "scripts" / "make_forecasts.py"), run_name="maker")
PAGE = ROOT / "docs" / "published.md"


@pytest.fixture(scope="module")
def found():
    """The comparison of a run of two worlds of the baseline: what was published and asked is that of any run."""
    read, spec = read_forecasts(), engine.load_scenario("baseline")
    futures = engine.simulate(spec, 2, 1, 2026, policies=["baseline"], keep="prices").squeeze("policy", drop=True)
    harm, risk = replayed_harm(spec, 2, 2, 2026, losses_of(read)), risk_with_access(spec, 2, 2026, losses_of(read))
    used = Sources(futures, harm, risk)
    return forecast_comparison(read, used).assign(prior_predictive(used))


def asked(page: str) -> list[list[str]]:
    """The first two cells of each row of the page's table of forecasts, and its rows of capabilities."""
    rows = [line.strip("|").split("|") for line in page.splitlines() if line.startswith("|")]
    start = next(n for n, cells in enumerate(rows) if cells[0].strip() == "forecast")
    until = next(n for n, cells in enumerate(rows) if cells[0].strip() == "capability")
    return [[cell.strip() for cell in cells[:2]] for cells in rows[start:until]] + [
        [c[0].strip()] for c in rows[until:]
    ]


def test_the_page_shows_every_forecast_as_it_was_published(found):
    """Kind: a row is added to the table, and the page does not show it."""
    page = PAGE.read_text(encoding="utf-8")
    assert asked(MAKER["written"](page, found)) == asked(page), "run scripts/make_forecasts.py"


def test_the_script_replaces_what_is_between_its_marks_and_nothing_else(found):
    page = f"before\n{MAKER['MARK']}what was there\n{MAKER['END']}after\n"
    made = MAKER["written"](page, found)
    assert made.startswith(f"before\n{MAKER['MARK']}")
    assert made.endswith(f"{MAKER['END']}after\n")
    assert "what was there" not in made
    assert MAKER["written"](made, found) == made
    with pytest.raises(SystemExit, match="has no mark"):
        MAKER["written"]("nothing", found)


def test_shares_are_whole_per_cents():
    shares = xr.DataArray([0.9951, 0.994, 0.004, 0.5])
    assert MAKER["per_cents"](shares) == ">99/99/0/50"
