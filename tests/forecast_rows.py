"""A table of forecasts, written for a test."""

from __future__ import annotations

from engine.analyses.published.forecast_table import read_forecasts

#: A row that can be read, and what of it differs for rows of other quantities.
GOOD = {
    "quantity": "incident_probability",
    "capabilities": "",
    "loss": "1e11",
    "time": "2031",
    "central": "0.5",
    "low": "0.4",
    "high": "0.6",
    "interval": "90%",
    "unit": "1",
    "definition": "narrower",
    "forecasters": "ten experts",
    "asked": "2026-05",
    "source": "Someone 2026",
    "url": "https://a.b",
    "note": "ours is less",
}
BY = {"quantity": "capability_by", "capabilities": "skill", "loss": ""}
YEAR = {"quantity": "capability_year", "unit": "year", "loss": "", "time": "", "capabilities": "skill"}


def forecasts(folder, *changes):
    """The rows of a table, each `GOOD` with changes, read."""
    path = folder / "forecasts.csv"
    rows = [",".join(f'"{cell}"' for cell in (GOOD | change).values()) for change in changes]
    path.write_text("\n".join([",".join(GOOD), *rows, ""]))
    return read_forecasts(path)
