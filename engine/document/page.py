"""The parts of a report: sections with text, figures and tables, before they become HTML."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.plotting.style import as_svg

if TYPE_CHECKING:
    from matplotlib.figure import Figure


#: Largest number of rows of a table that stays on one page of paper.
_MOST_TOGETHER = 14


@dataclass(frozen=True)
class Picture:
    """A figure with its description: `caption` stands below it, `alt` is for readers who cannot see it."""

    svg: str
    alt: str
    caption: str

    @property
    def address(self) -> str:
        """The picture as a data: address."""
        return "data:image/svg+xml;base64," + base64.b64encode(self.svg.encode()).decode("ascii")


@dataclass(frozen=True)
class Table:
    """A table: titles of columns, and rows whose first cell names the row.

    `text` aligns cells to the left, like words; a `note` stands below.
    """

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    text: bool = False
    note: str = ""

    @property
    def is_long(self) -> bool:
        """Whether the table may break across pages of paper."""
        return len(self.rows) > _MOST_TOGETHER


@dataclass(frozen=True)
class Timeline:
    """The events of a future, by year: (year, lines of text)."""

    caption: str
    years: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class Section:
    """A section: words, points, commands, pictures, tables, timelines and parts, in this order."""

    title: str
    words: tuple[str, ...] = ()
    points: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    pictures: tuple[Picture, ...] = ()
    tables: tuple[Table, ...] = ()
    timelines: tuple[Timeline, ...] = ()
    parts: tuple[Section, ...] = ()
    is_appendix: bool = False


@dataclass(frozen=True)
class LeftOut:
    """A section that these results cannot give, with the reason in one sentence without a full stop."""

    title: str
    why: str


def picture(figure: Figure, alt: str, caption: str) -> Picture:
    """`figure` as SVG, with its texts."""
    return Picture(as_svg(figure), alt, caption)


def table(
    caption: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    text: bool = False,
    note: str = "",
) -> Table:
    """A `Table` of any sequences."""
    return Table(caption, tuple(columns), tuple(tuple(row) for row in rows), text, note)
