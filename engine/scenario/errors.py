"""Faults of a scenario, with file, line, key and remedy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.errors import EngineError
from engine.text.printable import printable

MAX_LENGTH = 600
MAX_KEY = 100
#: Most lines of an error; many mistakes in a file usually have one or two causes.
MAX_LINES = 20


@dataclass(frozen=True)
class Problem:
    """One fault at one place.

    `line` is 0 for the whole file; `key` is the dotted path of the key, or empty.
    """

    file: str
    line: int
    key: str
    message: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        key = self.key if len(self.key) <= MAX_KEY else f"{self.key[:MAX_KEY]}..."
        text = f"{place}: {key}: {self.message}" if key else f"{place}: {self.message}"
        line = " ".join(printable(text).split())
        return line if len(line) <= MAX_LENGTH else f"{line[:MAX_LENGTH]}..."


class ScenarioError(EngineError, ValueError):
    """A scenario that cannot be used; its text is one line for each problem, at most `MAX_LINES`."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(in_lines(problems))

    def __reduce__(self) -> tuple[type[ScenarioError], tuple[tuple[Problem, ...]]]:
        """Pickle the problems; another process makes the text from them."""
        return type(self), (self.problems,)


def in_lines(problems: Sequence[Problem]) -> str:
    """A line for each problem, up to a limit, and then the number of others."""
    lines = [str(problem) for problem in problems[:MAX_LINES]]
    if len(problems) > MAX_LINES:
        lines.append(f"and {len(problems) - MAX_LINES} more; correct these first")
    return "\n".join(lines)


def shown(value: Any) -> str:
    """A value of a scenario for an error: short, and on one line."""
    if isinstance(value, str):
        return repr(value if len(value) <= 40 else f"{value[:40]}...")
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, int) and abs(value) < 10**15:
        return str(value)
    try:
        return f"{value:g}"
    except OverflowError:
        return "a number with hundreds of digits"
    except (TypeError, ValueError):
        return f"a {type(value).__name__}"
