"""Extensions of the engine by other packages, through their entry points.

Groups are `engine.analyses` (packages of rooms), `engine.metrics` (a `Metric`), `engine.measures` (a kind of `Measure`)
and `engine.samplers` (a function that draws worlds). docs/extending.md shows one of each.

An extension that cannot be used is left out with a warning that names its package: the engine works without it.
"""

from __future__ import annotations

import inspect
import traceback
import warnings
from collections.abc import Callable
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from engine.errors import EngineError

GROUPS = ("engine.analyses", "engine.metrics", "engine.measures", "engine.samplers")


class ExtensionError(EngineError):
    """An extension returned what cannot be used; the line names it."""


class ExtensionWarning(UserWarning):
    """An extension is left out; the line names its package and the reason."""


@cache
def registered(group: str, reserved: frozenset[str], wrong: Callable[[str, Any], str]) -> dict[str, Any]:
    """The extensions of a group by the names of their entry points, in alphabetical order.

    `reserved` are names that the engine uses itself. `wrong(name, extension)` says in which respect an extension is not
    of the right form; empty if it is. Issues an ExtensionWarning for each that is left out.
    """
    found: dict[str, Any] = {}
    for entry in sorted(entry_points(group=group), key=lambda entry: (entry.name, entry.value)):
        if reason := _unusable(entry, reserved | set(found), wrong):
            warnings.warn(
                f"{entry.value} ({group}, of {_package(entry)}) is left out: {reason}", ExtensionWarning, stacklevel=2
            )
        else:
            found[entry.name] = entry.load()
    return found


def takes(function: Any, count: int) -> bool:
    """Whether `function` can be called with this number of arguments."""
    try:
        inspect.signature(function).bind(*range(count))
    except TypeError:
        return False
    except ValueError:  # compiled functions have no signature
        return callable(function)
    return True


def origin_of(error: BaseException) -> str | None:
    """The package with extensions in whose code an error arose, not the engine's own; None if it is the engine's."""
    packages = {
        entry.module.partition(".")[0]: _package(entry) for group in GROUPS for entry in entry_points(group=group)
    }
    for frame, _ in reversed(list(traceback.walk_tb(error.__traceback__))):
        name = str(frame.f_globals.get("__name__", "")).partition(".")[0]
        if name in packages or name == "engine":
            return packages.get(name)
    return None


def _unusable(entry: EntryPoint, taken: frozenset[str], wrong: Callable[[str, Any], str]) -> str:
    """Why an extension cannot be used; empty if it can."""
    if not entry.name.isidentifier():
        return f"the name {entry.name!r} must be letters, digits and _, with no digit first"
    if entry.name in taken:
        return f"there is another {entry.name!r}; rename one of them"
    try:
        return wrong(entry.name, entry.load())
    except (Exception, SystemExit) as error:
        return f"cannot be loaded: {type(error).__name__}: {error}"


def _package(entry: EntryPoint) -> str:
    return entry.dist.name if entry.dist else "an unknown package"
