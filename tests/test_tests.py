"""What the tests may not do: claim nothing, or hope that some time is long enough."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

pytestmark = pytest.mark.quick

TESTS = Path(__file__).parent
#: Programs, which say how long they took or kill after a time, and the one who waits for a condition.
HAVE_A_CLOCK = {"waiting.py", "crashes.py", "fuzzed_files.py"}
CLOCKS = {"time.sleep", "time.monotonic", "time.time", "time.perf_counter"}


def claims_nothing(node: ast.Assert) -> bool:
    """`assert (a, b)` is always true; `assert a, b == c` says the second only if the first is false."""
    always = isinstance(
        node.test, ast.Constant | ast.Tuple | ast.List | ast.Dict | ast.Set | ast.JoinedStr | ast.Lambda
    )
    lost = isinstance(node.msg, ast.Compare | ast.BoolOp) or isinstance(node.test, ast.GeneratorExp)
    return always or lost


def asks_a_clock(node: ast.Call) -> bool:
    return ast.unparse(node.func) in CLOCKS


@pytest.mark.parametrize(
    ("line", "empty"),
    [
        ("assert (a, b)", True),
        ("assert a, b == (1, 2)", True),
        ("assert 'text'", True),
        ("assert (x > 0 for x in a)", True),
        ("assert a == (1, 2), b", False),
        ("assert all(x > 0 for x in a)", False),
    ],
)
def test_an_assertion_that_claims_nothing_is_seen(line, empty):
    assert claims_nothing(ast.parse(line).body[0]) == empty


def found(kind, is_wrong, but=frozenset()):
    """Where in the tests a node of the kind is wrong, in all files but some."""
    return [
        f"{path.relative_to(TESTS)}:{node.lineno}: {ast.unparse(node)}"
        for path in sorted(TESTS.rglob("*.py"))
        if path.name not in but
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, kind) and is_wrong(node)
    ]


def test_every_assertion_claims_something():
    assert found(ast.Assert, claims_nothing) == []


def test_no_test_sleeps_or_limits_the_time():
    """A slow machine is no fault. `waiting.until` waits for a condition."""
    assert found(ast.Call, asks_a_clock, HAVE_A_CLOCK) == []
