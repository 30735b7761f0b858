"""The types that rules take for a world and for a policy."""

from __future__ import annotations

from typing import Any, NamedTuple

#: One record of `engine.scenario.worlds.WORLD`: every number of the scenario after drawing, under the
#: name the scenario gives it. Untyped: Numba knows its fields, but mypy cannot.
World = Any

#: One record of `engine.scenario.policies.POLICY`: the measures of a policy, drawn with their world.
Policy = Any


class Actor(NamedTuple):
    """One actor: its class, its place in the class, and its place among all actors."""

    c: int
    member: int
    a: int
