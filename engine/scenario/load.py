"""From a file or a mapping to a validated `Scenario`, with every problem named at its line."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from engine.scenario.checks import problems_of
from engine.scenario.errors import Problem, ScenarioError, shown
from engine.scenario.library import find, not_found
from engine.scenario.measures import MEASURES
from engine.scenario.merging import merged
from engine.scenario.numbers import meant
from engine.scenario.readings import plain, whole
from engine.scenario.schema import Scenario
from engine.scenario.section import NAMES, Section
from engine.scenario.source import (
    MAX_BYTES,
    MAX_NODES,
    KeyPath,
    Layout,
    Source,
    as_one_file,
    as_text,
    parsed,
    read_source,
)

MAX_EXTENDS = 8
#: A file counts as a scenario if it has one of these keys; others, such as `name`, occur in files of all kinds.
_LAYOUT = Layout(
    "scenario",
    frozenset({"extends", *Scenario.model_fields} - {"name", "description", "source"}),
    "start: 2025",
)

#: The requirement on a value, by pydantic's name of the error; the braces are filled from its context.
_MUST = {
    "model_type": "must be a mapping of keys to values",
    "model_attributes_type": "must be a mapping of keys to values",
    "dict_type": "must be a mapping of names to their keys",
    "list_type": "must be a list, each entry after a dash",
    "string_type": "must be text (put it in quotes)",
    "int_type": "must be a whole number, such as 10",
    "int_from_float": "must be a whole number, such as 10",
    "bool_type": "must be true or false",
    "float_type": "must be a plain number, such as 0.5 or 2025",
    "greater_than": "must be above {gt:g}",
    "greater_than_equal": "must be at least {ge:g}",
    "less_than": "must be below {lt:g}",
    "less_than_equal": "must be at most {le:g}",
    "literal_error": "must be {expected}",
}
#: Functions that suggest the right form of a value of another type.
_MENDS = {"int_type": whole, "int_from_float": whole, "float_type": plain}
_LENGTH = {
    "too_short": "has too few entries; give at least {min_length}",
    "too_long": "has too many entries; give at most {max_length}",
}


def load_scenario(path: str | Path) -> Scenario:
    """Read, merge (`extends:`) and validate the scenario file at `path`, or the project's scenario of that name.

    Raises ScenarioError, one line for each problem: `file:line: key: fault; remedy`.
    """
    name = as_text(path)
    file = find(path)
    if not os.path.exists(file) and (mend := not_found(name)):
        raise ScenarioError([Problem(name, 0, "", f"no such file; {mend}")])
    source = _read_chain(file, name, (), MAX_NODES)
    if source.data.get("name", "") == "":
        source.data["name"] = Path(name).stem
    scenario = _validated(source)
    scenario._text = "\n".join(f"# {name}\n{text}" for name, text in source.texts.items())
    scenario._yaml = as_one_file({"name": scenario.name, **source.data})
    if len(scenario._yaml.encode()) > MAX_BYTES:
        what = f"larger than {MAX_BYTES} bytes as one file with the scenarios it extends; a scenario is a short text"
        raise ScenarioError([Problem(name, 0, "", what)])
    scenario._file = name
    return scenario


def load_copy(path: str | Path, name: str, file: str, text: str) -> Scenario:
    """The scenario at `path`, a copy in one file of the scenario `name` that was read from `file` with this `text`.

    Raises ScenarioError as `load_scenario` does.
    """
    scenario = load_scenario(path).model_copy(update={"name": name})
    scenario._text, scenario._file = text, file
    return scenario


def parse_scenario(data: Mapping[str, Any], name: str = "scenario") -> Scenario:
    """Validate a scenario from plain `data`, such as that of a YAML file.

    Raises ScenarioError; problems name the key, with no line.
    """
    source = Source(dict(data), {(): (name, 0)}, {})
    scenario = _validated(source)
    return scenario if scenario.name else scenario.model_copy(update={"name": name})


@lru_cache(maxsize=8)
def scenario_of_text(text: str) -> Scenario:
    """The scenario in YAML `text`, such as the attribute `scenario_yaml` of results. Raises ScenarioError."""
    return parse_scenario(parsed(text, "scenario").data)


def _read_chain(path: Path, name: str, above: tuple[Path, ...], most: int) -> Source:
    source = read_source(path, name, most, _LAYOUT)
    if "extends" not in source.data:
        return source
    written = source.data.pop("extends")

    def refused(message: str) -> ScenarioError:
        return ScenarioError([source.problem(("extends",), message)])

    if not isinstance(written, str):
        raise refused("must name one scenario, such as `extends: baseline`, or a file, such as `extends: mine.yaml`")
    here = path.resolve()
    try:
        target = find(written, path.parent)
        base, exists = target.resolve(), target.is_file()
    except (OSError, RuntimeError, ValueError):
        raise refused(f"{shown(written)} is not a possible file name; check the path") from None
    if base in (*above, here):
        raise refused(f"{shown(written)} extends this file in turn; remove the cycle")
    if len(above) >= MAX_EXTENDS:
        raise refused(f"more than {MAX_EXTENDS} files extend one another; merge some")
    if not exists:
        mend = not_found(written) or "check the path"
        raise refused(f"no such file: {target} (paths are relative to the folder of this file); {mend}")
    below = _read_chain(target, as_text(target), (*above, here), most - source.nodes)
    # A variant is another scenario: it does not inherit the name of the one it extends.
    below.data.pop("name", None)
    return merged(below, source)


def _validated(source: Source) -> Scenario:
    try:
        scenario = Scenario.model_validate(source.data)
    except ValidationError as error:
        raise ScenarioError([_problem(source, dict(e)) for e in error.errors()]) from None
    except RecursionError:
        raise ScenarioError([source.problem((), "nested too deeply")]) from None
    problems = [source.problem(path, message) for path, message in problems_of(scenario)]
    if problems:
        raise ScenarioError(problems)
    return scenario


def _problem(source: Source, error: dict[str, Any]) -> Problem:
    known: KeyPath = tuple(part for part in error["loc"] if part != "[key]")
    path = _as_written(known)
    kind, context = error["type"], error.get("ctx", {})
    if kind == "missing":
        return source.problem(path, "missing; add this key")
    if kind == "extra_forbidden":
        return source.problem(path, f"unknown key; {meant(str(path[-1]), list(_keys_at(known[:-1])))}")
    if kind == "union_tag_not_found":
        return source.problem(path, f"has no kind; begin with `measure:` and one of {', '.join(MEASURES)}")
    if kind == "union_tag_invalid":
        unknown = f"no kind of measure is called {shown(context['tag'])}; {meant(str(context['tag']), list(MEASURES))}"
        return source.problem((*path, "measure"), unknown)
    if kind == "value_error":
        wrong = context["error"]
        return source.problem((*path, *getattr(wrong, "within", ())), str(wrong))
    if kind in ("model_type", "dict_type") and error["input"] is None:
        return source.problem(path, "is empty; write its keys below it, indented, or remove it")
    if kind == "string_pattern_mismatch":
        return source.problem(path, f"{shown(error['input'])} cannot be used as a name; {NAMES[context['pattern']]}")
    if kind in _LENGTH:
        return source.problem(path, _LENGTH[kind].format(**context))
    must = _MUST[kind].format(**context) if kind in _MUST else error["msg"].replace("Input should", "must")
    given, mend = error["input"], _MENDS.get(kind, lambda _: "")
    # 10.0 is shown as written, because 10 would be right.
    written = str(given) if mend is whole and isinstance(given, float) else shown(given)
    return source.problem(path, f"{must}, not {written}{mend(given)}")


def _as_written(path: KeyPath) -> KeyPath:
    """`path` without the kind of measure that pydantic inserts after the index of a measure."""
    if len(path) > 4 and (path[0], path[2]) == ("policies", "measures"):
        return (*path[:4], *path[5:])
    return path


def _keys_at(path: KeyPath) -> Iterator[str]:
    """The keys that the schema knows at `path`."""
    model: Any = Scenario
    for place, part in enumerate(path):
        if place == 4 and path[0] == "policies":
            model = MEASURES[str(part)]
            continue
        if isinstance(model, type) and issubclass(model, Section) and part in model.model_fields:
            model = model.model_fields[str(part)].annotation
        arguments = getattr(model, "__args__", ())
        if arguments and not (isinstance(model, type) and issubclass(model, Section)):
            inner = [a for a in arguments if isinstance(a, type) and issubclass(a, Section)]
            model = inner[-1] if inner else model
    if isinstance(model, type) and issubclass(model, Section):
        yield from model.model_fields
        if model is Scenario:
            yield "extends"
