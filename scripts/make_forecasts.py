"""Write the tables of forecasts of docs/published.md, from `engine published --forecasts` with the seed of the page.

.venv/bin/python scripts/make_forecasts.py [FILE.nc]

FILE.nc is what that command has written; without it the script runs the command, which takes four to five minutes.
"""

import re
import sys
import tempfile
from itertools import groupby
from pathlib import Path

import numpy as np
import xarray as xr

from engine.analyses.published.command import command
from engine.analyses.published.forecast_quantities import dangerous
from engine.analyses.published.forecast_summary import amounts, forecast_cells, place
from engine.analyses.published.summary import author
from engine.text.format import format_value

PAGE = Path(__file__).resolve().parents[1] / "docs" / "published.md"
SEED = 2026
MARK = "<!-- written by scripts/make_forecasts.py -->\n"
END = "<!-- end -->\n"
#: The words of a row on the page, in which {place} is what the forecast is about, and {loss} its least loss.
WORDS = {
    "incident_probability": "incident of {place}",
    "incident_year": "year of the first of {place}",
    "yearly_risk": "yearly risk of {loss} with access",
    "defended_yearly_risk": "... behind a defence",
    "yearly_loss": "loss by {place}",
    "capability_by": "{place}",
    "capability_year": "year of {place}",
}
#: The holders on the page: the first class, states and criminals.
HOLDERS = ("anyone", "state_programme", "malicious_group")


def forecasts(found: xr.Dataset) -> str:
    """The forecasts beside ours, as a table in Markdown; those that differ in time alone share a row."""
    rows = ["| forecast | published | ours | difference (points, years) |", "| --- | --- | --- | --- |"]
    each = (found.isel(forecast=i) for i in range(found.sizes["forecast"]))
    for _, several in groupby(each, key=asked):
        first, *later = several
        loss = format_value(float(first.least_loss), "US$")
        words = WORDS[str(first.quantity.item())].format(place=place(first), loss=loss)
        words += "".join(f", {float(one['at']):g}" for one in later)
        cells = zip(*(forecast_cells(one)[1:] for one in (first, *later)), strict=True)
        published, ours, difference = ("/".join(cell) for cell in cells)
        difference = re.sub(" (points|years)", "", difference).replace("x ", "x")
        shown = (f"{words}; {author(str(first.source.item()))}", published, ours, difference)
        rows.append(f"| {' | '.join(map(tight, shown))} |")
    return "\n".join([*rows, ""])


def asked(one: xr.Dataset) -> tuple[str, ...]:
    """What a forecast is of and whose it is, without its time."""
    who = author(str(one.source.item()))
    return (str(one.quantity.item()), str(one.capabilities.item()), f"{float(one.least_loss)}", who)


def prior(found: xr.Dataset) -> str:
    """The prior predictive of dangerous capabilities, as a table in Markdown, and of runs and thefts in sentences."""
    years = [f"{year:g}" for year in found["year"].values]
    holders = [name for name in HOLDERS if name in found["holder"].values]
    titles = ["capability", *years, f"cost {years[0]}, US$", years[-1]]
    rows = [f"| {' | '.join(titles)} |", f"|{' --- |' * len(titles)}"]
    for name in dangerous(found):
        of_one = found.attained.sel(capability=name, holder=holders)
        held = [per_cents(of_one.sel(year=float(year))) for year in years]
        costs = amounts(found, "cost", capability=name)
        rows.append(f"| {' | '.join([str(name), *held, tight(costs[0]), tight(costs[-1])])} |")
    runs = ", ".join(f"{tight(run)} in {year}" for run, year in zip(amounts(found, "largest_run"), years, strict=True))
    thieves = [name for name in found["actor_class"].values if name in HOLDERS]
    stolen = "; ".join(f"{name} {per_cents(found.stolen.sel(actor_class=name))}" for name in thieves)
    held = f"Per cent of futures at the start of the year ({'/'.join(holders)}); cost of the cheapest run:"
    return "\n".join([held, "", *rows, "", f"Largest run, FLOP: {runs}.", f"Thefts by then, %: {stolen}.", ""])


def per_cents(shares: xr.DataArray) -> str:
    """Several shares in whole per cent, with ">99" for one that is rounded to all: "81/61/50"."""
    rounded = np.round(100.0 * shares.values).astype(int)
    return "/".join(">99" if share == 100 else str(share) for share in rounded)


def tight(cell: str) -> str:
    """A cell with the page's signs for ranges, errors and bounds."""
    for plain, sign in {" to ": "–", "% +- ": "±", " +- ": "±", ">= ": "≥", "<= ": "≤", "< ": "<", "> ": ">"}.items():  # noqa: RUF001
        cell = cell.replace(plain, sign)
    return cell


def written(page: str, found: xr.Dataset) -> str:
    """The page with both tables between the mark and the end. Exits with a message if the page has no mark."""
    if MARK not in page:
        raise SystemExit(f"{PAGE.name} has no mark {MARK.strip()}; add it and {END.strip()}")
    content = f"\n{forecasts(found)}\n{prior(found)}\n"
    between = f"(?<={re.escape(MARK)}).*?(?={re.escape(END)})"
    return re.sub(between, lambda _: content, page, count=1, flags=re.DOTALL)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(folder) / "forecasts.nc"
        if len(sys.argv) == 1:
            command(forecasts=True, seed=SEED, output=path)
        with xr.open_dataset(path) as found:
            page = written(PAGE.read_text(encoding="utf-8"), found.load())
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
