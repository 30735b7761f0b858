"""Write the tables of docs/results.md from its description in the code; with --check only look if they differ."""

import re
import sys
from collections.abc import Iterable
from pathlib import Path

from engine.results.variables import ATTRIBUTES, TABLE, Variable

PAGE = Path(__file__).parents[1] / "docs" / "results.md"
MARK = "<!-- {name}: written by scripts/make_results_reference.py -->\n"
END = "<!-- end -->\n"
#: What stands in each table: whether coordinates, and of runs that keep what.
TABLES = {
    "coordinates": (True, ("counts",)),
    "coordinates of samples": (True, ("samples",)),
    "coordinates of paths": (True, ("paths", "prices")),
    "variables": (False, ("counts",)),
    "variables of samples": (False, ("samples",)),
    "variables of paths": (False, ("paths", "prices")),
}
BESIDE = {"error": "`_se`", "limits": "`_limits`", "difference": "`_difference`"}


def table(is_coordinate: bool, kept: tuple[str, ...]) -> str:
    """One table of variables; with a column for what stands beside them if anything does."""
    chosen = {name: v for name, v in TABLE.items() if v.is_coordinate == is_coordinate and v.kept in kept}
    beside = any(variable.beside for variable in chosen.values())
    head = ["coordinate" if is_coordinate else "variable", "dimensions", "unit", *["beside it"] * beside]
    return "".join(map(line, [[*head, "what it says"], ["---"] * (len(head) + 1), *rows(chosen, beside)]))


def rows(chosen: dict[str, Variable], beside: bool) -> Iterable[list[str]]:
    """A row of cells for each variable."""
    for name, one in chosen.items():
        says = f"{one.long_name}. {one.more}" if one.more else one.long_name
        endings = [" ".join(BESIDE[part] for part in one.beside)] if beside else []
        yield [f"`{name}`", ", ".join(one.dims), one.units or "", *endings, says]


def attributes() -> str:
    """The table of global attributes."""
    chosen = [
        [f"`{name}`", "whole number" if one.kind == "whole" else "text", one.about] for name, one in ATTRIBUTES.items()
    ]
    return "".join(map(line, [["attribute", "kind", "what it says"], ["---"] * 3, *chosen]))


def line(cells: Iterable[str]) -> str:
    """Cells as a line of a table."""
    return f"| {' | '.join(cells)} |\n"


def put(page: str, name: str, content: str) -> str:
    """The page with the content between the mark of this name and the next end."""
    mark = MARK.format(name=name)
    return re.sub(f"(?<={re.escape(mark)}).*?(?={re.escape(END)})", lambda _: content, page, count=1, flags=re.DOTALL)


text = PAGE.read_text(encoding="utf-8")
page = put(text, "attributes", attributes())
for title, which in TABLES.items():
    page = put(page, title, table(*which))
if "--check" in sys.argv[1:]:
    sys.exit(f"{PAGE.name} is out of date; run python scripts/make_results_reference.py" if page != text else 0)
PAGE.write_text(page, encoding="utf-8")
