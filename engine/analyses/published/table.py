"""The table of published figures: CSV with one row per figure, its interval and its source."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.record.files import ObservationsError, Row, rows_of

#: The table that comes with the package; its README.md describes the columns.
FORECASTS = Path(__file__).resolve().parents[2] / "data" / "published" / "forecasts.csv"
_COLUMNS = (
    *("quantity", "level", "time", "central", "low", "high", "interval", "unit", "published", "source", "url"),
    "note",
)
_LARGEST = 1e40


@dataclass(frozen=True)
class Figure:
    """One published figure.

    `quantity` names its quantity, `level` and `time` (decimal year) its place, if any; `central`, `low` and `high` are
    in `unit`. NaN means unpublished: with only `low`, the figure is a lower bound.
    """

    quantity: str
    level: str
    time: float
    central: float
    low: float
    high: float
    interval: str
    unit: str
    published: str
    source: str
    url: str
    note: str
    row: Row

    @property
    def has_interval(self) -> bool:
        """Whether an interval was published, or a bound."""
        return not (np.isnan(self.low) and np.isnan(self.high))

    def error(self, column: str, message: str) -> ObservationsError:
        """The error for a cell of this figure's row, in one line that names file, line and column."""
        return self.row.error(column, message)

    def level_number(self, what: str) -> float:
        """The level as a number above 0. Raises ObservationsError, which asks for `what`, for anything else."""
        return self.row.number("level", np.finfo(float).tiny, _LARGEST, what)


def read_figures(path: Path = FORECASTS) -> tuple[Figure, ...]:
    """All figures of the table at `path`, in its order.

    Raises ObservationsError, in one line with file, line and column, if it is no such table, a number is invalid, or an
    interval does not contain its central value.
    """
    return tuple(_figure(row) for row in rows_of(path, _COLUMNS))


def _figure(row: Row) -> Figure:
    for column in ("quantity", "unit", "source"):
        if column not in row.cells:
            raise row.error(column, "is empty; every figure needs one")
    central = row.number("central", 0.0, _LARGEST, "a number of at least 0")
    figure = Figure(
        quantity=row.cells["quantity"],
        level=row.cells.get("level", ""),
        time=_number_or_nan(row, "time"),
        central=central,
        low=_number_or_nan(row, "low"),
        high=_number_or_nan(row, "high"),
        interval=row.cells.get("interval", ""),
        unit=row.cells["unit"],
        published=row.cells.get("published", ""),
        source=row.cells["source"],
        url=row.cells.get("url", ""),
        note=row.cells.get("note", ""),
        row=row,
    )
    if figure.low > central:
        raise row.error("low", f"must be at most the central value, {central:g}, not {figure.low:g}")
    if figure.high < central:
        raise row.error("high", f"must be at least the central value, {central:g}, not {figure.high:g}")
    return figure


def _number_or_nan(row: Row, column: str) -> float:
    if column not in row.cells:
        return np.nan
    return row.number(column, 0.0, _LARGEST, "a number of at least 0, or nothing")
