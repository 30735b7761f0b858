"""What a report is made of: sections with words, figures and tables, before anything is HTML."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.plotting.style import as_svg

if TYPE_CHECKING:
    from matplotlib.figure import Figure


#: Rows of a table that is kept together on paper.
_MOST_TOGETHER = 14


@dataclass(frozen=True)
class Picture:
    """A figure with what is seen on it: `caption` stands below it, `alt` is for who cannot see it."""

    svg: str
    alt: str
    caption: str

    @property
    def address(self) -> str:
        """The picture as a data: address."""
        return "data:image/svg+xml;base64," + base64.b64encode(self.svg.encode()).decode("ascii")


@dataclass(frozen=True)
class Table:
    """A table: titles of columns, and rows whose first cell says what the row is of.

    `text` sets cells to the left, as words are; a `note` stands below.
    """

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    text: bool = False
    note: str = ""

    @property
    def is_long(self) -> bool:
        """Whether it may break over pages of paper."""
        return len(self.rows) > _MOST_TOGETHER


@dataclass(frozen=True)
class Story:
    """What happened, by year: (year, lines of text)."""

    caption: str
    years: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class Section:
    """A section: words, points, commands, pictures, tables, stories and parts, read in this order."""

    title: str
    words: tuple[str, ...] = ()
    points: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    pictures: tuple[Picture, ...] = ()
    tables: tuple[Table, ...] = ()
    stories: tuple[Story, ...] = ()
    parts: tuple[Section, ...] = ()
    is_appendix: bool = False


@dataclass(frozen=True)
class LeftOut:
    """A section that these results do not give, and why, in one sentence without a full stop."""

    title: str
    why: str


def picture(figure: Figure, alt: str, caption: str) -> Picture:
    """`figure` as SVG with its words."""
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
