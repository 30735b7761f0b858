"""Tables of observations as files: CSV in UTF-8, row by row, with the line of each."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from engine.errors import EngineError
from engine.scenario.errors import Problem, shown

#: Most bytes of a table of observations; a larger file was named by mistake.
MAX_BYTES = 10_000_000

# Only plain numbers: float() would also accept "1_000", digits of other scripts, "nan" and "infinity".
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)


class ObservationsError(EngineError, ValueError):
    """Observations that cannot be used; one line with file, line, column and the right form."""


def problem(path: Path, line: int, column: str, message: str) -> ObservationsError:
    """The error for a cell; `line` is 0 for the whole file, `column` is empty for the whole line."""
    return ObservationsError(str(Problem(str(path), line, column, message)))


@dataclass(frozen=True)
class Row:
    """One line of a table: its non-empty cells by column."""

    path: Path
    line: int
    cells: Mapping[str, str]

    def error(self, column: str, message: str) -> ObservationsError:
        """The error for a cell of this row."""
        return problem(self.path, self.line, column, message)

    def number(self, column: str, low: float, high: float, what: str) -> float:
        """The number in `column`, from `low` to `high`. Raises ObservationsError, asking for `what`."""
        text = self.cells.get(column)
        if text is None:
            raise self.error(column, f"is empty; give {what}")
        if not _NUMBER.fullmatch(text):
            raise self.error(column, f"{shown(text)} is not a number; give {what}")
        value = float(text)
        if not math.isfinite(value) or not low <= value <= high:
            raise self.error(column, f"must be {what}, not {shown(text)}")
        return value


@dataclass(frozen=True)
class Table:
    """The columns of a file, and its text, not parsed further."""

    path: Path
    columns: tuple[str, ...]
    _lines: Iterator[tuple[int, list[str]]]

    def rows(self) -> Iterator[Row]:
        """The non-empty rows. Raises ObservationsError if the file is not CSV."""
        for line, cells in self._lines:
            if any(cells[len(self.columns) :]):
                more, right = len(cells), len(self.columns)
                message = f"has {more} cells, but there are {right} columns; put a cell that contains a comma in quotes"
                raise problem(self.path, line, "", message)
            named = {column: cell for column, cell in zip(self.columns, cells, strict=False) if cell}
            if named:
                yield Row(self.path, line, named)


def open_table(path: Path) -> Table:
    """The table in the file at `path`.

    Raises ObservationsError if there is no such file, or if it is too large, not UTF-8 or not CSV.
    """
    content = read_bytes(path)
    if len(content) > MAX_BYTES:
        raise problem(path, 0, "", f"is larger than {MAX_BYTES / 1e6:g} MB; name a table of observations")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise problem(path, line, "", "is not UTF-8; save the table as CSV in UTF-8") from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise problem(path, line, "", "is not CSV but binary; save the table as CSV in UTF-8")
    lines = _lines(path, text)
    heading = next(lines, None)
    if heading is None:
        raise problem(path, 0, "", "is empty; give a line with the names of the columns, then rows")
    line, columns = heading
    for place, column in enumerate(columns):
        if column and column in columns[:place]:
            # Without its name: another person may have named any file.
            raise problem(path, line, "", f"column {place + 1} has the name of another column; remove one of the two")
    return Table(path, tuple(columns), lines)


def rows_of(path: Path, columns: Sequence[str]) -> Iterator[Row]:
    """The non-empty rows of the table in the file at `path`, which may have more columns than `columns`.

    Raises ObservationsError if it is no such table, lacks one of them, or has no row.
    """
    table = open_table(path)
    for column in columns:
        if column not in table.columns:
            raise problem(path, 1, column, f"is not among the columns; they are {', '.join(columns)}")
    rows = table.rows()
    first = next(rows, None)
    if first is None:
        raise problem(path, 0, "", "contains no row; give one below the names of the columns")
    return chain([first], rows)


def columns_of(path: Path) -> tuple[str, ...]:
    """The columns of the file at `path`; none if it cannot be read or is not a table."""
    lines = _lines(path, read_bytes(path).decode("utf-8-sig", errors="replace"))
    try:
        return tuple(next(lines, (0, []))[1])
    except ObservationsError:
        return ()


def read_bytes(path: Path) -> bytes:
    """The content of the file at `path`, at most slightly more than MAX_BYTES. Raises ObservationsError."""
    if not path.is_file():
        what = "is not a regular file" if path.exists() else "no such file or folder"
        raise problem(path, 0, "", f"{what}; name a CSV file of observations, or a folder of such files")
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise problem(path, 0, "", f"cannot be read: {error.strerror}") from None


def _lines(path: Path, text: str) -> Iterator[tuple[int, list[str]]]:
    """(first line, cells) of every record that is neither blank nor a comment."""
    # Split by StringIO, because str.splitlines also splits at characters that do not end a line in CSV.
    lines = io.StringIO(text, newline="")
    following = 1
    for first in lines:
        line, following = following, following + 1
        if first.startswith("#") or not first.strip():
            continue
        # A reader for each record: otherwise a line of a quoted cell that begins with "#" would be a comment.
        reader = csv.reader(chain([first], lines), strict=True)
        try:
            cells = [cell.strip() for cell in next(reader)]
        except csv.Error as error:
            raise problem(path, line, "", f'is not CSV: {error}; separate cells by commas, quote by "..."') from None
        following = line + reader.line_num
        if any(cells):
            yield line, cells
