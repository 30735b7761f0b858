"""Extensions of the engine by other packages, through their entry points.

Groups are `engine.analyses` (packages of rooms), `engine.metrics` (a `Metric`), `engine.measures` (a kind of `Measure`)
and `engine.samplers` (a function that draws worlds). docs/extending.md shows one of each.
"""

from __future__ import annotations

from functools import cache
from importlib.metadata import entry_points
from typing import Any

from engine.errors import EngineError


class ExtensionError(EngineError):
    """An extension by another package cannot be used; the line names the package and the reason."""


@cache
def registered(group: str) -> dict[str, Any]:
    """The extensions that other packages have registered in a group, by and in order of the names of entry points.

    Raises ExtensionError if one cannot be loaded, or if two have the same name.
    """
    found: dict[str, Any] = {}
    for entry in sorted(entry_points(group=group), key=lambda entry: entry.name):
        origin = f"{entry.value} ({group}, of {entry.dist.name if entry.dist else 'an unknown package'})"
        if entry.name in found:
            raise ExtensionError(f"{origin}: the name {entry.name!r} is registered twice; rename one of them")
        try:
            found[entry.name] = entry.load()
        except Exception as error:
            raise ExtensionError(f"{origin}: cannot be loaded: {type(error).__name__}: {error}") from error
    return found


def added(group: str, own: set[str]) -> dict[str, Any]:
    """The extensions `registered` in a group. Raises ExtensionError if a name is one of the engine's `own`."""
    found = registered(group)
    if taken := own & set(found):
        raise ExtensionError(f"{group}: the engine already has {', '.join(sorted(taken))}; register another name")
    return found
