"""One folder for each question: its simulation, analysis, text, figures, command and section of the report.

    engine.analyses.leads(results)
    engine.analyses.decide(scenario, "startup", options)

Each analysis is called by its name here, including those of other packages (entry point `engine.analyses`).
"""

from __future__ import annotations

import sys
from types import ModuleType

from engine.analyses.room import Room, overviews, rooms

__all__ = ["Room", "overviews", "rooms"]


def __getattr__(name: str) -> ModuleType:
    """The package of a room by its name, imported on first use; it can be called."""
    if not name.startswith("_"):
        for room in rooms():
            if room.name == name:
                return sys.modules[room.package]
    raise AttributeError(f"module 'engine.analyses' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__, *(room.name for room in rooms())]
