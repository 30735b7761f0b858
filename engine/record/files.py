"""Tables of observations as files: CSV in UTF-8, row by row, with the line of each."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from engine.errors import EngineError
from engine.scenario.errors import Problem, shown

#: No table of observations is larger; a file that is was named by mistake.
MAX_BYTES = 10_000_000

# Only plain numbers: float() would also take "1_000", other scripts' digits, "nan" and "infinity".
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)


class ObservationsError(EngineError, ValueError):
    """Observations that cannot be used; one line with file, line, column and what would be right."""


def problem(path: Path, line: int, column: str, message: str) -> ObservationsError:
    """The error for a cell; `line` is 0 where the whole file is meant, `column` empty where the whole line is."""
    return ObservationsError(str(Problem(str(path), line, column, message)))


@dataclass(frozen=True)
class Row:
    """One line of a table: its cells by column, without those that are empty."""

    path: Path
    line: int
    cells: Mapping[str, str]

    def error(self, column: str, message: str) -> ObservationsError:
        """The error for a cell of this row."""
        return problem(self.path, self.line, column, message)

    def number(self, column: str, low: float, high: float, what: str) -> float:
        """The number in `column`, from `low` to `high`. Raises ObservationsError that asks for `what` if it is none."""
        text = self.cells.get(column)
        if text is None:
            raise self.error(column, f"is empty; give {what}")
        if not _NUMBER.fullmatch(text):
            raise self.error(column, f"{shown(text)} is no number; give {what}")
        value = float(text)
        if not math.isfinite(value) or not low <= value <= high:
            raise self.error(column, f"must be {what}, not {shown(text)}")
        return value


@dataclass(frozen=True)
class Table:
    """A file's columns, and its text, not read any further than that."""

    path: Path
    columns: tuple[str, ...]
    _lines: Iterator[tuple[int, list[str]]]

    def rows(self) -> Iterator[Row]:
        """The rows that are not empty. Raises ObservationsError if the file is no CSV file."""
        for line, cells in self._lines:
            if any(cells[len(self.columns) :]):
                more, right = len(cells), len(self.columns)
                message = f"has {more} cells, the columns are {right}; put a cell that holds a comma in quotes"
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
            # Not by its name: the file may be any, and another person may have named it.
            raise problem(path, line, "", f"column {place + 1} has the name of another; leave one of the two")
    return Table(path, tuple(columns), lines)


def columns_of(path: Path) -> tuple[str, ...]:
    """The columns of the file at `path` as far as it can be read at all; none if it is no table."""
    lines = _lines(path, read_bytes(path).decode("utf-8-sig", errors="replace"))
    try:
        return tuple(next(lines, (0, []))[1])
    except ObservationsError:
        return ()


def read_bytes(path: Path) -> bytes:
    """What is in the file at `path`, or the beginning of more than MAX_BYTES. Raises ObservationsError if none is."""
    if not path.is_file():
        what = "is no regular file" if path.exists() else "no such file or folder"
        raise problem(path, 0, "", f"{what}; name a CSV file of observations, or a folder of such files")
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise problem(path, 0, "", f"cannot be read: {error.strerror}") from None


def _lines(path: Path, text: str) -> Iterator[tuple[int, list[str]]]:
    """(line where it begins, cells) of every record that is neither blank nor a comment."""
    # Split by StringIO, for str.splitlines also splits at characters that are no end of a line in CSV.
    lines = io.StringIO(text, newline="")
    following = 1
    for first in lines:
        line, following = following, following + 1
        if first.startswith("#") or not first.strip():
            continue
        # A reader for each record: only so is a line that begins with "#" inside a quoted cell known from a comment.
        reader = csv.reader(chain([first], lines), strict=True)
        try:
            cells = [cell.strip() for cell in next(reader)]
        except csv.Error as error:
            raise problem(path, line, "", f'is not CSV: {error}; separate cells by commas, quote by "..."') from None
        following = line + reader.line_num
        if any(cells):
            yield line, cells
