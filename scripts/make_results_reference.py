"""Write the lists of docs/results.md from the description of results; with --check only compare."""

import re
import sys
import textwrap
from pathlib import Path

from engine.results.variables import ATTRIBUTES, TABLE, Variable

PAGE = Path(__file__).parents[1] / "docs" / "results.md"
MARK = "<!-- {name}: written by scripts/make_results_reference.py -->\n"
END = "<!-- end -->\n"
#: The content of each list: coordinates or variables, by the stored parts of a run.
LISTS = {
    "coordinates": (True, ("counts",)),
    "coordinates of samples": (True, ("samples",)),
    "coordinates of paths": (True, ("sizes", "paths", "prices")),
    "variables": (False, ("counts",)),
    "variables of samples": (False, ("samples",)),
    "variables of paths": (False, ("sizes", "paths", "prices")),
}
COMPANIONS = {"error": "`_se`", "limits": "`_limits`", "difference": "`_difference`"}


def variables(is_coordinate: bool, kept: tuple[str, ...]) -> str:
    """One list of variables or coordinates."""
    chosen = {name: v for name, v in TABLE.items() if v.is_coordinate == is_coordinate and v.kept in kept}
    return "".join(item(name, facts(name, one), meaning(one)) for name, one in chosen.items())


def facts(name: str, one: Variable) -> str:
    """Dimensions, unit and companions of a variable, without the dimensions that the page states once."""
    dimensions = "" if one.dims == (name,) else ", ".join(dim for dim in one.dims if dim not in said_once(one))
    unit = one.units if one.units not in (None, "1") else ""
    return "; ".join(part for part in (dimensions, unit, " ".join(COMPANIONS[part] for part in one.companions)) if part)


def said_once(one: Variable) -> tuple[str, ...]:
    """The first dimensions of most variables: the policy, and of single futures their world and future."""
    futures = ("policy", "world", "future")
    return futures if one.dims[:3] == futures else ("policy",)


def meaning(one: Variable) -> str:
    """The description of a variable."""
    return f"{one.long_name}. {one.more}" if one.more else one.long_name


def attributes() -> str:
    """The list of global attributes."""
    return "".join(
        item(name, "whole number" if one.kind == "whole" else "", one.about) for name, one in ATTRIBUTES.items()
    )


def item(name: str, facts: str, about: str) -> str:
    """An entry of a list."""
    text = f"* `{name}` ({facts}): {about}" if facts else f"* `{name}`: {about}"
    return textwrap.fill(text, 120, subsequent_indent="  ", break_on_hyphens=False, break_long_words=False) + "\n"


def put(page: str, name: str, content: str) -> str:
    """The page with the content between the mark of this name and the next end."""
    mark = MARK.format(name=name)
    return re.sub(f"(?<={re.escape(mark)}).*?(?={re.escape(END)})", lambda _: content, page, count=1, flags=re.DOTALL)


text = PAGE.read_text(encoding="utf-8")
page = put(text, "attributes", attributes())
for title, which in LISTS.items():
    page = put(page, title, variables(*which))
if "--check" in sys.argv[1:]:
    sys.exit(f"{PAGE.name} is out of date; run python scripts/make_results_reference.py" if page != text else 0)
PAGE.write_text(page, encoding="utf-8")
