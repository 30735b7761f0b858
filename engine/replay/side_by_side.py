"""The same future under two policies, in two columns."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from itertools import zip_longest

from engine.errors import InputError
from engine.replay.history import History
from engine.replay.narrative import date

_WIDTH = 58
_SAME_TIME = 1e-9


def side_by_side(left: History, right: History, everything: bool = False) -> str:
    """Two histories of one address as text in two columns, in order of time, with the first difference marked.

    Events that are the same in both at the same time are on one line, joined by `=`. Raises InputError if the
    addresses differ.
    """
    if (left.seed, left.world, left.future) != (right.seed, right.world, right.future):
        raise InputError("two histories can be compared only with the same seed, world and future")
    lines = [*left.heading(), "", *_columns(left.policy, " ", right.policy), "-" * (2 * _WIDTH + 3)]
    different, year = False, -1
    for time, mine, theirs in merged(left.lines(everything), right.lines(everything)):
        if int(time) != year:
            year = int(time)
            lines += ["", str(year)]
        if mine != theirs and not different:
            different = True
            lines.append(f">>>>  first difference, {date(time)}  ".ljust(2 * _WIDTH + 3, "<"))
        same = "=" if mine == theirs else " "
        lines += _columns(*(part for part in (_dated(time, mine), same, _dated(time, theirs))))
    if not different:
        lines += ["", "No difference."]
    return "\n".join([*lines, "", *_columns(left.ending(), " ", right.ending())])


def merged(left: list[tuple[float, str]], right: list[tuple[float, str]]) -> Iterator[tuple[float, str, str]]:
    """(time, text left, text right) in order of time; both texts are present if the same event happens in both."""
    i = j = 0
    while i < len(left) or j < len(right):
        mine = left[i] if i < len(left) else (float("inf"), "")
        theirs = right[j] if j < len(right) else (float("inf"), "")
        if abs(mine[0] - theirs[0]) < _SAME_TIME and mine[1] == theirs[1]:
            yield mine[0], mine[1], theirs[1]
            i, j = i + 1, j + 1
        elif mine[0] <= theirs[0]:
            yield mine[0], mine[1], ""
            i += 1
        else:
            yield theirs[0], "", theirs[1]
            j += 1


def _dated(time: float, text: str) -> str:
    return f"{date(time)}  {text}" if text else ""


def _columns(left: str, between: str, right: str) -> list[str]:
    rows = zip_longest(
        *(textwrap.wrap(text, _WIDTH, subsequent_indent=" " * 9) for text in (left, right)), fillvalue=""
    )
    return [
        f"{mine:<{_WIDTH}} {between if row == 0 else ' '} {theirs}".rstrip() for row, (mine, theirs) in enumerate(rows)
    ]
