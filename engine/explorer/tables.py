"""The tables of the page: headline numbers, and the timeline of a future under both sides."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from dash import html

from engine.explorer.timeline import Line, Timeline
from engine.explorer.words import Headline
from engine.text.format import spoken


def table(rows: Iterable[Headline]) -> Any:
    """The headline numbers as a table."""
    head = html.Tr(
        [html.Th("", scope="col"), *[html.Th(text, scope="col") for text in ("Side A", "Side B", "B minus A")]]
    )
    body = [
        html.Tr([html.Th(row.what, scope="row"), *[html.Td(text) for text in (row.side_a, row.side_b, row.more)]])
        for row in rows
    ]
    return html.Table([html.Thead(head), html.Tbody(body)], className="numbers-table")


def timeline(found: Timeline, names: tuple[str, str]) -> Any:
    """A timeline as a table of two columns; `names` are the selected measures of each side."""
    heads = ("When", f"Side A: {names[0]}", f"Side B: {names[1]}")
    rows = [part for line in found.lines for part in _rows(line)]
    if not any(line.first_difference for line in found.lines):
        rows.append(html.Tr(html.Td("No difference.", colSpan=3)))
    ends = html.Tr([html.Td(""), *[html.Td(_spoken(ending)) for ending in found.endings]], className="ending")
    return [
        html.P(f"World {found.world}, future {found.future}. A date is year.month."),
        html.P(
            _spoken(f"In this future capabilities emerge (effective FLOP): {', '.join(found.requirements)}."),
            className="quiet",
        ),
        html.Div(
            html.Table(
                [html.Thead(html.Tr([html.Th(text, scope="col") for text in heads])), html.Tbody([*rows, ends])],
                className="timeline",
            ),
            className="scrolls tall",
            tabIndex=0,
        ),
    ]


def _rows(line: Line) -> Iterable[Any]:
    side_a, side_b = _spoken(line.side_a), _spoken(line.side_b)
    if line.first_difference:
        yield html.Tr(html.Td(f"First difference, {line.date}", colSpan=3), className="difference")
    if line.same:
        yield html.Tr([html.Td(line.date), html.Td(side_a, colSpan=2)])
    else:
        yield html.Tr([html.Td(line.date), html.Td(side_a), html.Td(side_b)], className="apart")


def _spoken(text: str) -> str:
    """A text of `engine.replay` with its names in plain words."""
    return re.sub(r"\w+", lambda name: spoken(name[0]), text)
