"""One future, replayed under both sides."""

from __future__ import annotations

from dataclasses import dataclass

from engine.errors import InputError
from engine.explorer.offer import Offer
from engine.explorer.sides import SIDES, policy_of, scenario_of
from engine.explorer.state import State
from engine.replay import History, replay
from engine.replay.narrative import date
from engine.replay.side_by_side import merged


@dataclass(frozen=True)
class Line:
    """The events at a time under A and under B; the same text if the events are the same."""

    date: str
    side_a: str
    side_b: str
    first_difference: bool

    @property
    def same(self) -> bool:
        """Whether the events are the same under both."""
        return self.side_a == self.side_b


@dataclass(frozen=True)
class Timeline:
    """A future under both sides: its lines in order of time, and its outcomes."""

    world: int
    future: int
    lines: tuple[Line, ...]
    endings: tuple[str, str]
    requirements: tuple[str, ...]


def timeline_of(state: State, offer: Offer) -> Timeline | None:
    """The timeline of the state's future, from `engine.replay`; None if the state selects no future."""
    if state.timeline is None:
        return None
    left, right = histories(state, offer)
    lines, different = [], False
    for time, mine, theirs in merged(left.lines(), right.lines()):
        first = mine != theirs and not different
        different = different or first
        lines.append(Line(date(time), mine, theirs, first))
    required = sorted(left.requirements.items(), key=lambda item: item[1])
    words = tuple(f"{name} at 10^{oom:.1f}" for name, oom in required)
    return Timeline(*state.timeline, tuple(lines), (left.ending(), right.ending()), words)


def histories(state: State, offer: Offer) -> tuple[History, History]:
    """The state's future under A and under B. Raises InputError if the state selects no future."""
    if state.timeline is None:
        raise InputError("no future is selected")
    scenario = scenario_of(state, offer)
    world, future = state.timeline
    left, right = (
        replay(scenario, world, future, policy=policy_of(state, side), worlds=state.worlds, seed=state.seed)
        for side in SIDES
    )
    return left, right
