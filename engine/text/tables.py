"""Tables as text: names to the left, numbers to the right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np


def table(titles: Sequence[str], rows: Sequence[Sequence[str]], indent: str = "  ") -> Iterator[str]:
    """Lines of a table with a name and then a cell for each of `titles` in every row; the first title is the names'."""
    widths = [max(len(line[i]) for line in (titles, *rows)) for i in range(len(titles))]
    for line in (titles, *rows):
        cells = [line[0].ljust(widths[0]), *(cell.rjust(w) for cell, w in zip(line[1:], widths[1:], strict=True))]
        yield (indent + "  ".join(cells)).rstrip()


def columns_table(names: Sequence[str], columns: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Lines of a table with `names` of rows, and `columns` of cells by title."""
    return table(["", *columns], [list(row) for row in zip(names, *columns.values(), strict=True)])


def spread_over(size: int, count: int) -> list[int]:
    """About `count` of `size` positions, evenly spread, including the first and the last."""
    return sorted({int(i) for i in np.linspace(0, size - 1, min(count, size)).round()})
