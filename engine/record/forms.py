"""The forms of tables of observations, identified by their columns, and the meaning of a row of each."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.record.files import ObservationsError, Row, problem
from engine.scenario.errors import shown

NAN = float("nan")
_FIRST_YEAR, _LAST_YEAR = 1950.0, 2100.0
_LOG10_FLOP = 40.0
#: Tolerance between a lag and the difference of its years, all rounded to hundredths of a year.
_ROUNDING = 0.02

_YEAR = "a year from 1950 to 2100, such as 2021 for its end, or 2025.4 for that moment"
_MOMENT = "a moment as a year from 1950 to 2100, such as 2021.67"
_COUNT = "a whole number of at least 0"
_THRESHOLD = "a training compute above 0 in FLOP, such as 1e22"
_COMPUTE = "log10 of a training compute in FLOP, from 0 to 40"
_LAG = "years, follower_year minus first_year"

_KIND_OF_COUNT = {
    "organisations_above": ("organisations", "organisations"),
    "models_above": ("models", "models"),
    "open_weight_models_above": ("open_models", "open-weights models"),
}
_RANK = re.compile(r"rank_([1-9][0-9]{0,8})")
_BEST_OPEN = "best_open_weights"
_ORGANISATION = re.compile(r"organisation ([1-9][0-9]{0,8})")
_OPEN_WEIGHTS = "open weights"


@dataclass(frozen=True)
class Observation:
    """One non-empty cell; the fields are the coordinates of `read_observations`, then its place."""

    kind: str
    level: float
    rank: int
    time: float
    observed: float
    label: str
    path: Path
    line: int
    column: str

    @property
    def source(self) -> str:
        """File and line."""
        return f"{self.path.name}:{self.line}"

    def error(self, message: str) -> ObservationsError:
        """The error for this cell."""
        return problem(self.path, self.line, self.column, message)


@dataclass(frozen=True)
class Form:
    """A form of table: required columns, columns of which one is required, and the key and meaning of a row."""

    needed: tuple[str, ...]
    values: tuple[str, ...]
    row_is_of: tuple[str, ...]
    read: Callable[[Row], Iterator[Observation]]

    def fits(self, columns: tuple[str, ...]) -> bool:
        """Whether a table with `columns` is of this form."""
        any_value = any(re.fullmatch(value, column) for value in self.values for column in columns)
        return set(self.needed) <= set(columns) and any_value


def _counts(row: Row) -> Iterator[Observation]:
    level = row.number("threshold_flop", np.nextafter(0.0, 1.0), np.inf, _THRESHOLD)
    time, moment = _time(row)
    for column, (kind, name) in _KIND_OF_COUNT.items():
        if column in row.cells:
            count = row.number(column, 0.0, np.inf, _COUNT)
            if count != round(count):
                raise row.error(column, f"must be {_COUNT}, not {shown(row.cells[column])}")
            label = f"{name} above {format_level(level)}, {moment}"
            yield Observation(kind, level, 0, time, count, label, row.path, row.line, column)


def _ranks(row: Row) -> Iterator[Observation]:
    time, moment = _time(row)
    for column in row.cells:
        if found := _RANK.fullmatch(column):
            kind, rank, name = "compute", int(found[1]), f"{_ordinal(int(found[1]))} organisation's best model"
        elif column == _BEST_OPEN:
            kind, rank, name = "open_compute", 0, "best open-weights model"
        else:
            continue
        compute = row.number(column, 0.0, _LOG10_FLOP, _COMPUTE)
        yield Observation(kind, NAN, rank, time, compute, f"{name}, {moment}", row.path, row.line, column)


def _followers(row: Row) -> Iterator[Observation]:
    level = row.number("threshold_flop", np.nextafter(0.0, 1.0), np.inf, _THRESHOLD)
    follower = row.cells.get("follower", "")
    found = _ORGANISATION.fullmatch(follower)
    if found and int(found[1]) > 1:
        kind, rank, name = "follower", int(found[1]), f"{_ordinal(int(found[1]))} organisation"
    elif follower == _OPEN_WEIGHTS:
        kind, rank, name = "open_follower", 0, "first open-weights model"
    else:
        message = f"must be 'organisation K' with K of at least 2, or '{_OPEN_WEIGHTS}', not {shown(follower)}"
        raise row.error("follower", message)
    first = row.number("first_year", _FIRST_YEAR, _LAST_YEAR, _MOMENT)
    if "follower_year" not in row.cells:
        return
    year = row.number("follower_year", _FIRST_YEAR, _LAST_YEAR, _MOMENT)
    if year < first:
        raise row.error("follower_year", f"must be at least first_year, {first:g}, not {year:g}")
    if "lag_years" in row.cells:
        lag = row.number("lag_years", -np.inf, np.inf, _LAG)
        if abs(lag - (year - first)) > _ROUNDING + 1e-9:
            raise row.error("lag_years", f"must be follower_year minus first_year, {year - first:.2f}, not {lag:g}")
    label = f"{name} above {format_level(level)}"
    yield Observation(kind, level, rank, first, year, label, row.path, row.line, "follower_year")


FORMS = (
    Form(("threshold_flop", "year"), tuple(_KIND_OF_COUNT), ("threshold_flop", "year"), _counts),
    Form(("threshold_flop", "follower", "first_year"), ("follower_year",), ("threshold_flop", "follower"), _followers),
    Form(("year",), (_RANK.pattern, _BEST_OPEN), ("year",), _ranks),
)
KNOWN = (
    "threshold_flop, year and any of organisations_above, models_above, open_weight_models_above; "
    "or year and any of rank_1, rank_2, ..., best_open_weights; "
    "or threshold_flop, follower, first_year, follower_year and optionally lag_years"
)


def form_of(columns: tuple[str, ...]) -> Form | None:
    """The form of a table with `columns`, or None if it is of no known form."""
    return next((form for form in FORMS if form.fits(columns)), None)


def is_like_one(columns: tuple[str, ...]) -> bool:
    """Whether a table with `columns` resembles a known form, perhaps with another separator.

    Only then does an error name its columns: another person may have named any file.
    """
    parts = {part.strip() for column in columns for part in re.split(r"[;\t]", column)}
    return any(needed in parts for form in FORMS for needed in form.needed)


def format_level(level: float) -> str:
    """A threshold as text: "1e22 FLOP"."""
    return f"{level:g} FLOP".replace("e+", "e")


def _time(row: Row) -> tuple[float, str]:
    """(decimal year, as text) of the column `year`: a whole year means its end."""
    year = row.number("year", _FIRST_YEAR, _LAST_YEAR, _YEAR)
    return (year + 1.0, f"end of {year:g}") if year == round(year) else (year, f"{year:g}")


def _ordinal(number: int) -> str:
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
