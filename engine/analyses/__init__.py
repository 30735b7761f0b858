"""One folder a question: how it is simulated, computed, described, drawn, called and reported.

    engine.analyses.leads(results)
    engine.analyses.effects(scenario, worlds=500)

Each analysis is called by its name here, those of other packages too (entry point `engine.analyses`).
"""

from __future__ import annotations

import sys
from types import ModuleType

from engine.analyses.room import Room, overviews, rooms

__all__ = ["Room", "overviews", "rooms"]


def __getattr__(name: str) -> ModuleType:
    """The package of a room by its name, which can be called, when it is first asked for."""
    if not name.startswith("_"):
        for room in rooms():
            if room.name == name:
                return sys.modules[room.package]
    raise AttributeError(f"module 'engine.analyses' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__, *(room.name for room in rooms())]
