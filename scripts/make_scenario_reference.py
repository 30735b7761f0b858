"""Write the key tables of docs/scenario.md from the schema; with --check only exit with 1 if they are out of date."""

import sys
from collections.abc import Iterator
from pathlib import Path
from types import NoneType
from typing import Annotated, Any, get_args, get_origin

from pydantic.fields import FieldInfo

from engine.scenario.measure import Measure
from engine.scenario.measures import OWN, AnyMeasure, kind_of
from engine.scenario.numbers import Number, Quantity
from engine.scenario.schema import Scenario
from engine.scenario.section import Name, Section

PAGE = Path(__file__).parents[1] / "docs" / "scenario.md"
MARK = "<!-- below: written by scripts/make_scenario_reference.py -->\n"
HEAD = "| key | meaning | units or kind | possible | if left out |\n| --- | --- | --- | --- | --- |\n"
KINDS = {
    int: "whole number",
    float: "number",
    str: "text",
    list[float]: "list of numbers",
    list[str]: "list of keys",
    list[Name]: "list of names",
}
LIMITS = ("ge", "le", "gt", "lt", "min_length", "max_length")


def table(path: str, model: type[Section]) -> Iterator[str]:
    """The keys of the part of a scenario at `path`, and of every part within it."""
    yield heading(f"### {path}", model) if path else f"\n{HEAD}"
    parts: dict[str, Any] = {}
    for key, field in model.model_fields.items():
        inner, anchor = (get_args(field.annotation) or (field.annotation,))[-1], ""
        if inner == AnyMeasure or (isinstance(inner, type) and issubclass(inner, Section)):
            anchor = f"{path}.{key}".lstrip(".") + ".NAME" * (get_origin(field.annotation) is dict)
            parts[anchor] = inner
        if key != "source":
            yield row(key, field, anchor)
    for below, inner in parts.items():
        yield from measures(below) if inner == AnyMeasure else table(below, inner)


def measures(path: str) -> Iterator[str]:
    """The keys that all measures share, once, and for each kind of measure its own."""
    own = {kind_of(model): model for model in OWN}
    kinds = ", ".join(f"[`{kind}`](#{kind})" for kind in own)
    yield heading(f"### {path}", Measure)
    yield f"| `measure` | Its kind; each kind has keys of its own. | one of | {kinds} | **required** |\n"
    for key, field in Measure.model_fields.items():
        if key != "source":
            yield row(key, field)
    for kind, model in own.items():
        yield heading(f"#### {kind}", model)
        for key, field in model.model_fields.items():
            if key != "measure" and key not in Measure.model_fields:
                yield row(key, field)


def heading(title: str, model: type[Section]) -> str:
    """The title of a part, what it is, and the head of its table."""
    return f"\n{title}\n\n{words(model.__doc__)}\n\n{HEAD}"


def row(key: str, field: FieldInfo, anchor: str = "") -> str:
    """The line of a key; `anchor` is the part under it, if it has keys of its own."""
    kind, possible = form(field, anchor.replace(".", "").lower())
    return f"| `{key}` | {words(field.description)} | {kind} | {possible} | {default(field)} |\n"


def form(field: FieldInfo, anchor: str) -> tuple[str, str]:
    """How a key is written, and what is possible; `anchor` leads to the keys under it."""
    given = {name: getattr(m, name) for m in field.metadata for name in LIMITS if getattr(m, name, None) is not None}
    entries = f"{given.get('min_length', 0)} to {given['max_length']} entries" if "max_length" in given else ""
    if anchor:
        return f"[keys](#{anchor})", entries
    for quantity in (m for m in field.metadata if isinstance(m, Quantity)):
        first = quantity.dimension.default_unit
        possible = quantity.allowed(first) if first == "1" else quantity.allowed(first).replace(f" {first}", "")
        return ", ".join(f"`{unit}`" for unit in quantity.dimension.units).replace("`1`", "plain number"), short(
            possible
        )
    annotation = plain(field.annotation)
    if annotation not in KINDS:
        return "one of", ", ".join(f"`{choice}`" for choice in get_args(annotation))
    limits = f"above {given['gt']:g}, below {given['lt']:g}" if "gt" in given else entries.replace("2 to 2", "2")
    return KINDS[annotation], f"{given['ge']:g} to {given['le']:g}" if "ge" in given else limits


def plain(annotation: Any) -> Any:
    """What a value is, without `None` and without conditions on it."""
    if NoneType in get_args(annotation):
        return plain(next(choice for choice in get_args(annotation) if choice is not NoneType))
    return get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation


def default(field: FieldInfo) -> str:
    """What holds if a key is left out."""
    if "if left out" in (field.description or ""):
        return "as described"
    value = field.default.parameters["value"] if isinstance(field.default, Number) else field.default
    if field.is_required() or isinstance(value, Section):
        return "**required**" if field.is_required() else "its defaults"
    numbers = value if isinstance(value, list) else [value] if isinstance(value, int | float) else []
    return ", ".join(short(f"{number:.3g}") for number in numbers) or "none"


def short(numbers: str) -> str:
    """Numbers as one would write them: 1e6 for 1e+06."""
    return numbers.replace("e+0", "e").replace("e+", "e").replace("e-0", "e-").replace("inf", "infinite")


def words(text: str | None) -> str:
    """A docstring on one line."""
    return " ".join((text or "").split())


text = PAGE.read_text()
page = text[: text.index(MARK)] + MARK + "".join(table("", Scenario))
if "--check" in sys.argv[1:]:
    sys.exit(f"{PAGE.name} is out of date; run python scripts/make_scenario_reference.py" if page != text else 0)
PAGE.write_text(page)
