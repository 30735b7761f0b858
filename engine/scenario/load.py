"""From a file or a mapping to a validated `Scenario`, with every problem named at its line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from engine.scenario.checks import problems_of
from engine.scenario.errors import Problem, ScenarioError
from engine.scenario.numbers import meant
from engine.scenario.schema import Scenario, Section
from engine.scenario.source import KeyPath, Source, merged, read_source

MAX_EXTENDS = 8


def load_scenario(path: str | Path) -> Scenario:
    """Read, merge (`extends:`) and validate the scenario file at `path`.

    Raises ScenarioError, one line for each problem: `file:line: key: what is wrong; the mend`.
    """
    source = _read_chain(Path(path), str(path), ())
    scenario = _validated(source)
    if not scenario.name:
        scenario = scenario.model_copy(update={"name": Path(path).stem})
    scenario._text = "\n".join(f"# {name}\n{text}" for name, text in source.texts.items())
    scenario._file = str(path)
    return scenario


def parse_scenario(data: Mapping[str, Any], name: str = "scenario") -> Scenario:
    """Validate a scenario given as plain `data`, as a YAML file would give it.

    Raises ScenarioError; problems name the key, with no line.
    """
    source = Source(dict(data), {(): (name, 0)}, {})
    scenario = _validated(source)
    return scenario if scenario.name else scenario.model_copy(update={"name": name})


def _read_chain(path: Path, name: str, above: tuple[Path, ...]) -> Source:
    source = read_source(path, name)
    if "extends" not in source.data:
        return source
    written = source.data.pop("extends")
    if not isinstance(written, str):
        raise ScenarioError([source.problem(("extends",), "name one scenario file, such as `extends: baseline.yaml`")])
    here = path.resolve()
    base = (path.parent / written).resolve()
    if base in (*above, here):
        raise ScenarioError([source.problem(("extends",), f"{written} extends this file in turn; break the circle")])
    if len(above) >= MAX_EXTENDS:
        raise ScenarioError([source.problem(("extends",), f"more than {MAX_EXTENDS} files extend one another")])
    if not base.is_file():
        raise ScenarioError([source.problem(("extends",), f"no such file: {path.parent / written}")])
    below = _read_chain(path.parent / written, str(path.parent / written), (*above, here))
    # A variant is another scenario: it does not inherit the name of what it extends.
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
    path: KeyPath = tuple(part for part in error["loc"] if part != "[key]")
    kind, context = error["type"], error.get("ctx", {})
    if kind == "missing":
        return source.problem(path, "missing; add this key")
    if kind == "extra_forbidden":
        return source.problem(path, f"unknown key; {meant(str(path[-1]), list(_keys_at(path[:-1])))}")
    if kind == "value_error":
        return source.problem(path, str(context["error"]))
    if kind in ("model_type", "model_attributes_type", "dict_type"):
        return source.problem(path, "must be a mapping of keys")
    if kind == "string_pattern_mismatch":
        return source.problem(path, "a name is letters, digits and _ after a letter, at most 40 characters")
    message = error["msg"][0].lower() + error["msg"][1:]
    value = error.get("input")
    if isinstance(value, int | float | str) and not isinstance(value, bool):
        message += f", not {str(value)[:40]!r}" if isinstance(value, str) else f", not {value:g}"
    return source.problem(path, message)


def _keys_at(path: KeyPath) -> Iterator[str]:
    """The keys that the schema knows at `path`."""
    model: Any = Scenario
    for part in path:
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
