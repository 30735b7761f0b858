"""Only the engine's own errors are shown as one line: a fault of the engine shows its traceback."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from shell import call

import engine

ENGINE = Path(engine.__file__).parent


@pytest.mark.parametrize(
    "fault", [ValueError("wrong"), KeyError("seed"), ZeroDivisionError(), OSError("no file named")]
)
def test_a_fault_shows_its_traceback_and_where_to_report_it(monkeypatch, capsys, fault):
    """A ValueError of a library was once taken for bad input, and shown as one line without a place."""

    def fails(*_, **__):
        raise fault

    monkeypatch.setattr("engine.cli.validate.load_scenario", fails)
    code, out, err = call(monkeypatch, capsys, "validate", "minimal")
    assert (code, out) == (1, "")
    assert "Traceback (most recent call last)" in err
    assert "this is a fault of the engine" in err


@pytest.mark.parametrize("kind", [engine.InputError, engine.ResultsError])
def test_an_error_of_the_engine_is_one_line(monkeypatch, capsys, kind):
    def fails(*_, **__):
        raise kind("x.yaml: wrong; write right")

    monkeypatch.setattr("engine.cli.validate.load_scenario", fails)
    assert call(monkeypatch, capsys, "validate", "minimal") == (
        2,
        "",
        "engine: x.yaml: wrong; write right\n",
    )


def test_what_the_system_says_of_a_file_is_one_line(monkeypatch, capsys):
    def fails(*_, **__):
        raise PermissionError(13, "Permission denied", "secret.yaml")

    monkeypatch.setattr("engine.cli.validate.load_scenario", fails)
    code, _, err = call(monkeypatch, capsys, "validate", "minimal")
    assert (code, err) == (2, "engine: secret.yaml: Permission denied\n")


def test_the_engine_raises_no_plain_error_for_bad_input():
    """`raise ValueError("...")` would show a traceback for bad input."""
    plain = []
    for path in ENGINE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            raised = node.exc if isinstance(node, ast.Raise) else None
            said = isinstance(raised, ast.Call) and isinstance(raised.func, ast.Name)
            if said and raised.func.id == "ValueError":
                plain.append(f"{path.name}:{node.lineno}")
    assert not plain


def test_errors_of_the_engine_are_caught_as_one_kind():
    for kind in (engine.InputError, engine.ResultsError, engine.ScenarioError):
        assert issubclass(kind, engine.EngineError)
        assert issubclass(kind, ValueError)  # as users of Python expect of a wrong argument
