"""Write the lists of keys in docs/scenario.md from the schema; with --check exit with 1 if they are out of date."""

import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from types import NoneType
from typing import Annotated, Any, get_args, get_origin

from pydantic.fields import FieldInfo

from engine.scenario import units
from engine.scenario.measure import Measure
from engine.scenario.measures import OWN, AnyMeasure, kind_of
from engine.scenario.numbers import Number, Quantity
from engine.scenario.schema import Scenario
from engine.scenario.section import Name, Section
from engine.scenario.units import Dimension

PAGE = Path(__file__).parents[1] / "docs" / "scenario.md"
MARK = "<!-- below: written by scripts/make_scenario_reference.py -->\n"
WIDTH = 120
KINDS = {
    int: "whole number",
    float: "number",
    bool: "`true` or `false`",
    str: "text",
    list[float]: "numbers",
    list[str]: "keys",
    list[Name]: "names",
}
LIMITS = ("ge", "le", "gt", "lt", "min_length", "max_length")


def alternatives() -> Iterator[str]:
    """The units that may replace the one in the entry of a key."""
    named = {each.default_unit: each for each in vars(units).values() if isinstance(each, Dimension)}
    others = {unit: [other for other in dimension.units if other != unit] for unit, dimension in named.items()}
    logarithmic = [unit for unit, found in others.items() if found == [f"log10 {unit}"]]
    yield f"* {', '.join(f'`{unit}`' for unit in logarithmic)}: `log10 UNIT`\n"
    for unit, found in others.items():
        if found and unit not in logarithmic:
            yield f"* `{unit}`: {', '.join(f'`{other}`' for other in found)}\n"


def table(path: str, model: type[Section]) -> Iterator[str]:
    """The keys of the part of a scenario at `path`, and of every part within it."""
    yield heading(f"### {path}", model) if path else "\n### Top level\n\n"
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
    yield heading(f"### {path}", Measure)
    yield item("measure", ["**required**"], "The kind, one of those below, with keys of its own.")
    for key, field in Measure.model_fields.items():
        if key != "source":
            yield row(key, field)
    for kind, model in own.items():
        yield heading(f"#### {kind}", model)
        for key, field in model.model_fields.items():
            if key != "measure" and key not in Measure.model_fields:
                yield row(key, field)


def heading(title: str, model: type[Section]) -> str:
    """The title of a part, and its description."""
    return f"\n{title}\n\n{textwrap.fill(words(model.__doc__), WIDTH)}\n\n"


def row(key: str, field: FieldInfo, anchor: str = "") -> str:
    """The entry of a key; `anchor` is the part under it, if it has keys of its own."""
    about = "" if anchor and get_origin(field.annotation) is None else words(field.description)
    return item(key, [*form(field, anchor != ""), default(field)], about, anchor.replace(".", "").lower())


def item(key: str, facts: list[str], about: str, anchor: str = "") -> str:
    """An entry of a list: a key, linked to its keys, the facts about its value in brackets, and its meaning."""
    named = f"[`{key}`](#{anchor})" if anchor else f"`{key}`"
    text = f"* {named} ({', '.join(fact for fact in facts if fact)}): {about}".replace(" ():", ":").removesuffix(": ")
    return textwrap.fill(text, WIDTH, subsequent_indent="  ", break_on_hyphens=False, break_long_words=False) + "\n"


def form(field: FieldInfo, has_keys: bool) -> tuple[str, str]:
    """The form of a value and its range; one that has keys of its own has no other form."""
    given = {name: getattr(m, name) for m in field.metadata for name in LIMITS if getattr(m, name, None) is not None}
    entries = f"{given.get('min_length', 0)}..{given['max_length']} entries" if "max_length" in given else ""
    if has_keys:
        return "", entries
    for quantity in quantities(field):
        unit = quantity.dimension.default_unit
        possible = short(quantity.allowed(unit))
        if unit == "1":
            return "", possible
        return f"`{unit}`", "" if (unit, possible) == ("fraction", "0..1") else possible.replace(f" {unit}", "")
    annotation = plain(field.annotation)
    if annotation not in KINDS:
        *others, last = (f"`{choice}`" for choice in get_args(annotation))
        return f"{', '.join(others)} or {last}", ""
    limits = f"above {given['gt']:g}, below {given['lt']:g}" if "gt" in given else entries.replace("2..2", "2")
    return KINDS[annotation], f"{given['ge']:g}..{given['le']:g}" if "ge" in given else limits


def quantities(field: FieldInfo) -> Iterator[Quantity]:
    """The quantity of a key, if its value is a number that may be uncertain."""
    yield from (each for each in field.metadata if isinstance(each, Quantity))


def plain(annotation: Any) -> Any:
    """The type of a value, without `None` and without conditions."""
    if NoneType in get_args(annotation):
        return plain(next(choice for choice in get_args(annotation) if choice is not NoneType))
    return get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation


def default(field: FieldInfo) -> str:
    """The default of a key; empty for 0, for nothing, and if the description states it."""
    if "if left out" in (field.description or ""):
        return ""
    value = field.default.parameters["value"] if isinstance(field.default, Number) else field.default
    if field.is_required():
        return "**required**"
    if isinstance(value, bool):
        return "default `true`" if value else ""
    numbers = value if isinstance(value, list) else [value] if isinstance(value, int | float) else []
    return "default " + ", ".join(short(f"{number:.3g}") for number in numbers) if any(numbers) else ""


def short(numbers: str) -> str:
    """Numbers and ranges in short: 1e6 for 1e+06, 0..10 for 0 to 10."""
    written = numbers.replace("e+0", "e").replace("e+", "e").replace("e-0", "e-").replace("100000", "1e5")
    return written.replace("inf", "infinite").replace(" to ", "..").replace("at least ", ">=")


def words(text: str | None) -> str:
    """A docstring on one line."""
    return " ".join((text or "").split())


text = PAGE.read_text()
page = text[: text.index(MARK)] + MARK + f"\n{''.join(alternatives())}" + "".join(table("", Scenario))
if "--check" in sys.argv[1:]:
    sys.exit(f"{PAGE.name} is out of date; run python scripts/make_scenario_reference.py" if page != text else 0)
PAGE.write_text(page)
