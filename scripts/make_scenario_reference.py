"""Write the tables of keys in docs/scenario.md from the schema of scenarios; what stands above them is written by hand.

python scripts/make_scenario_reference.py          # write them
python scripts/make_scenario_reference.py --check  # exit code 1 if they are out of date
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

from pydantic.fields import FieldInfo

from engine.scenario.numbers import Number, Quantity
from engine.scenario.schema import Scenario, Section

PAGE = Path(__file__).parents[1] / "docs" / "scenario.md"
HEADING = "## Every key\n"
OPENING = (
    "`extends` is described above. `NAME` is a name of your own: a letter, then letters, digits and `_`. "
    "Every part may also have a `source:`."
)
HEAD = "| key | meaning | units or kind | possible | if left out |\n| --- | --- | --- | --- | --- |\n"
KINDS = {int: "whole number", float: "number", str: "text", list[float]: "list of numbers", list[str]: "list of keys"}
LIMITS = ("ge", "le", "gt", "lt", "min_length", "max_length")


def table(path: str, model: type[Section]) -> Iterator[str]:
    """The keys of the part of a scenario at `path`, and of every part within it."""
    yield f"\n### {path}\n\n{words(model.__doc__)}\n\n{HEAD}" if path else f"\n{OPENING}\n\n{HEAD}"
    keys = {key: field for key, field in model.model_fields.items() if key != "source"}
    inner = {key: found for key, field in keys.items() if (found := part(f"{path}.{key}".lstrip("."), field))}
    for key, field in keys.items():
        kind, possible = form(field, inner[key][0] if key in inner else "")
        yield f"| `{key}` | {words(field.description)} | {kind} | {possible} | {default(field)} |\n"
    for found in inner.values():
        yield from table(*found)


def part(path: str, field: FieldInfo) -> tuple[str, type[Section]] | None:
    """(path, model) of the entries or keys under a key, if there are any."""
    model = (get_args(field.annotation) or (field.annotation,))[-1]
    is_part = isinstance(model, type) and issubclass(model, Section)
    return (path + ".NAME" * str(field.annotation).startswith("dict"), model) if is_part else None


def form(field: FieldInfo, inner: str) -> tuple[str, str]:
    """How a key is written, and what is possible; `inner` is the path of the part under it."""
    given = {name: getattr(m, name) for m in field.metadata for name in LIMITS if getattr(m, name, None) is not None}
    entries = f"{given.get('min_length', 0)} to {given['max_length']} entries" if "max_length" in given else ""
    if inner:
        return f"[keys](#{inner.replace('.', '').lower()})", entries
    for quantity in (m for m in field.metadata if isinstance(m, Quantity)):
        first, *others = quantity.dimension.units
        if first == "1":
            return "plain number", short(quantity.allowed(first))
        return ", ".join(f"`{unit}`" for unit in (first, *others)), short(
            quantity.allowed(first).replace(f" {first}", "")
        )
    if field.annotation not in KINDS:
        return "one of", ", ".join(f"`{choice}`" for choice in get_args(field.annotation))
    limits = f"above {given['gt']:g}, below {given['lt']:g}" if "gt" in given else entries.replace("2 to 2", "2")
    return KINDS[field.annotation], f"{given['ge']:g} to {given['le']:g}" if "ge" in given else limits


def default(field: FieldInfo) -> str:
    """What holds if a key is left out."""
    value = field.default.parameters["value"] if isinstance(field.default, Number) else field.default
    if field.is_required() or isinstance(value, Section):
        return "**required**" if field.is_required() else "its defaults"
    numbers = value if isinstance(value, list) else [value] if isinstance(value, int | float) else []
    return ", ".join(short(f"{number:.3g}") for number in numbers) or "none"


def short(numbers: str) -> str:
    """Numbers as one would write them: 1e6 for 1e+06."""
    return re.sub(r"e\+0?", "e", numbers).replace("inf", "infinite")


def words(text: str | None) -> str:
    """A docstring on one line."""
    return " ".join((text or "").split())


text = PAGE.read_text()
page = text[: text.index(HEADING)] + HEADING + "".join(table("", Scenario))
if "--check" in sys.argv[1:]:
    sys.exit(f"{PAGE.name} is out of date; run python scripts/make_scenario_reference.py" if page != text else 0)
PAGE.write_text(page)
