"""The bounds of plausibility: beyond them lies nothing that anybody is known to have estimated or measured."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from engine.data import BOUNDS
from engine.record.files import Row, rows_of
from engine.results.variables import TABLE

_COLUMNS = ("variable", "side", "bound", "unit", "reason", "source")
_SIDES = ("above", "below")
_LOG10 = "log10({})"


@dataclass(frozen=True)
class Bound:
    """One bound: results of `variable` on the `side` ("above" or "below") of `value`, in `unit`, are beyond it.

    `reason` says what the bound is, as a part of a sentence, and `source` who estimated it.
    """

    variable: str
    side: str
    value: float
    unit: str
    reason: str
    source: str

    @property
    def is_above(self) -> bool:
        """Whether results above the bound are beyond it."""
        return self.side == "above"

    @property
    def is_of_threshold(self) -> bool:
        """Whether the variable counts what exceeds a threshold, so that the bound is one of the threshold."""
        return "threshold" in TABLE[self.variable].dims

    @property
    def is_log10(self) -> bool:
        """Whether results hold the logarithm of the quantity."""
        return TABLE[self.variable].units == _LOG10.format(self.unit)

    @property
    def limit(self) -> float:
        """The bound in the unit of the results."""
        return math.log10(self.value) if self.is_log10 else self.value


def read_bounds(path: Path = BOUNDS) -> tuple[Bound, ...]:
    """The bounds in the table at `path`, in its order; the README.md beside it describes the columns.

    Raises ObservationsError, in one line with file, line and column, if it is no such table, or a cell is empty or
    invalid.
    """
    return tuple(_bound(row) for row in rows_of(path, _COLUMNS))


def _bound(row: Row) -> Bound:
    for column in _COLUMNS:
        if column not in row.cells:
            raise row.error(column, "is empty; every bound needs one")
    cells, value = row.cells, row.number("bound", 1e-30, 1e60, "a number above 0")
    if cells["variable"] not in TABLE or TABLE[cells["variable"]].is_coordinate:
        raise row.error("variable", "is no variable of results; docs/results.md lists them")
    if cells["side"] not in _SIDES:
        raise row.error("side", f"must be {' or '.join(_SIDES)}")
    bound = Bound(cells["variable"], cells["side"], value, cells["unit"], cells["reason"], cells["source"])
    units = TABLE["threshold" if bound.is_of_threshold else bound.variable].units
    if units not in (bound.unit, _LOG10.format(bound.unit)):
        raise row.error("unit", f"is not that of the results, {units}")
    return bound
