"""The table of forecasts that others made: CSV with one row per figure, who gave it, when and where."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Literal

import numpy as np

from engine.analyses.published.table import FORECASTS
from engine.record.files import ObservationsError, Row, rows_of
from engine.scenario.errors import shown

#: The table that comes with the package; the README.md beside it describes the columns.
EXTERNAL = FORECASTS.with_name("external_forecasts.csv")
#: Whether both count the same; ours counts less, or more; or something related.
DEFINITIONS = ("same", "narrower", "wider", "other")
_FILLED = ("quantity", "interval", "unit", "definition", "forecasters", "asked", "source", "url")
_COLUMNS = (
    *("quantity", "capabilities", "loss", "time", "central", "low", "high", "interval", "unit", "definition"),
    *("forecasters", "asked", "source", "url", "note"),
)
_DAY = r"\d{4}(-\d{2}(-\d{2})?)?"
_LARGEST = 1e30

#: What a cell must be.
Needed = Literal["given", "empty"]


@dataclass(frozen=True)
class Form:
    """What the row of a quantity must give: its `unit`, and which cells beside its figures.

    `capabilities` is "one" for exactly one, "any" for one or more, and "all" if an empty cell means all dangerous ones.
    """

    unit: str
    capabilities: Literal["one", "any", "all"]
    loss: Needed
    time: Needed


#: The quantities that a row can be of.
FORMS = {
    "incident_probability": Form("1", "all", "given", "given"),
    "incident_year": Form("year", "all", "given", "empty"),
    "yearly_risk": Form("1", "any", "given", "empty"),
    "defended_yearly_risk": Form("1", "any", "given", "empty"),
    "yearly_loss": Form("US$", "any", "empty", "given"),
    "capability_by": Form("1", "one", "empty", "given"),
    "capability_year": Form("year", "one", "empty", "empty"),
}


@dataclass(frozen=True)
class Forecast:
    """One figure that others gave.

    `quantity` is one of `FORMS`. `capabilities` names those it is about, none for all dangerous ones. `loss` (US$) and
    `time` (decimal year) are its place, NaN where it has none. `central`, `low` and `high` are in `unit`; NaN means
    unpublished: with only `low` or `high`, the figure is a bound.
    """

    quantity: str
    capabilities: tuple[str, ...]
    loss: float
    time: float
    central: float
    low: float
    high: float
    interval: str
    unit: str
    definition: str
    forecasters: str
    asked: str
    source: str
    url: str
    note: str
    row: Row

    def error(self, column: str, message: str) -> ObservationsError:
        """The error for a cell of this row, in one line that names file, line and column."""
        return self.row.error(column, message)


def read_forecasts(path: Path = EXTERNAL) -> tuple[Forecast, ...]:
    """All forecasts of the table at `path`, in its order.

    Raises ObservationsError, in one line with file, line and column, if it is no such table, a cell is empty or
    invalid, an interval does not contain its central value, or a difference of definitions has no note.
    """
    return tuple(_forecast(row) for row in rows_of(path, _COLUMNS))


def _forecast(row: Row) -> Forecast:
    for column in _FILLED:
        if column not in row.cells:
            raise row.error(column, "is empty; every forecast needs one")
    form = _form(row)
    _check_texts(row)
    central, low, high = _figures(row, form.unit)
    return Forecast(
        quantity=row.cells["quantity"],
        capabilities=_capabilities(row, form),
        loss=_place(row, "loss", form.loss, np.finfo(float).tiny, "a loss in US$ above 0"),
        time=_place(row, "time", form.time, 1.0, "a decimal year"),
        central=central,
        low=low,
        high=high,
        note=row.cells.get("note", ""),
        row=row,
        **{name: row.cells[name] for name in _FILLED if name != "quantity"},
    )


def _form(row: Row) -> Form:
    quantity, unit = row.cells["quantity"], row.cells["unit"]
    if quantity not in FORMS:
        near = get_close_matches(quantity, FORMS, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"use one of {', '.join(FORMS)}"
        raise row.error("quantity", f"{shown(quantity)} is unknown; {hint}")
    if unit != FORMS[quantity].unit:
        raise row.error("unit", f"must be {FORMS[quantity].unit!r}, not {shown(unit)}")
    return FORMS[quantity]


def _check_texts(row: Row) -> None:
    cells = row.cells
    if cells["definition"] not in DEFINITIONS:
        raise row.error("definition", f"must be one of {', '.join(DEFINITIONS)}, not {shown(cells['definition'])}")
    if cells["definition"] != "same" and "note" not in cells:
        raise row.error("note", "is empty; say how the definitions differ, or that they are the same")
    if not re.fullmatch(rf"{_DAY}( to {_DAY})?", cells["asked"], re.ASCII):
        raise row.error("asked", f"must be a date such as 2026-05, or two with ' to ', not {shown(cells['asked'])}")
    if not re.match(r"https?://", cells["url"]):
        raise row.error("url", f"must begin with https:// or http://, not be {shown(cells['url'])}")


def _capabilities(row: Row, form: Form) -> tuple[str, ...]:
    names = tuple(row.cells.get("capabilities", "").split())
    if form.capabilities != "all" and not names:
        raise row.error("capabilities", "is empty; name the capability of the scenario that the forecast is about")
    if form.capabilities == "one" and len(names) > 1:
        raise row.error("capabilities", f"must be one capability, not {len(names)}; give a row for each")
    twice = [name for place, name in enumerate(names) if name in names[:place]]
    if twice:
        raise row.error("capabilities", f"names {shown(twice[0])} twice; remove one")
    return names


def _place(row: Row, column: str, needed: Needed, least: float, what: str) -> float:
    if needed == "empty" and column in row.cells:
        raise row.error(column, f"must be empty for {row.cells['quantity']}")
    return np.nan if needed == "empty" else row.number(column, least, _LARGEST, what)


def _figures(row: Row, unit: str) -> tuple[float, float, float]:
    """(central, low, high), NaN for an end of the interval that was not published."""
    most, what = (1.0, "a probability from 0 to 1") if unit == "1" else (_LARGEST, "a number of at least 0")
    central = row.number("central", 0.0, most, what)
    low, high = (
        row.number(column, 0.0, most, f"{what}, or nothing") if column in row.cells else np.nan
        for column in ("low", "high")
    )
    if low > central:
        raise row.error("low", f"must be at most the central value, {central:g}, not {low:g}")
    if high < central:
        raise row.error("high", f"must be at least the central value, {central:g}, not {high:g}")
    return central, low, high
