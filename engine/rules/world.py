"""The type that rules take for a world."""

from __future__ import annotations

from typing import Any

#: One record of `engine.scenario.worlds.WORLD`: every number of the scenario after drawing, under the
#: name the scenario gives it. Untyped, for Numba knows its fields and mypy cannot.
World = Any
