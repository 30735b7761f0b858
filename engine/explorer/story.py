"""One future told under both sides, beside one another."""

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
    """What happens at a time under A and under B; the same words where the same happens."""

    date: str
    side_a: str
    side_b: str
    first_difference: bool

    @property
    def same(self) -> bool:
        """Whether the same happens under both."""
        return self.side_a == self.side_b


@dataclass(frozen=True)
class Story:
    """A future under both sides: its lines in order of time, and what it comes to."""

    world: int
    future: int
    lines: tuple[Line, ...]
    endings: tuple[str, str]
    requirements: tuple[str, ...]


def told(state: State, offer: Offer) -> Story | None:
    """The story that the state asks for, as `engine.replay` plays it; None if it asks for none."""
    if state.story is None:
        return None
    left, right = histories(state, offer)
    lines, different = [], False
    for time, mine, theirs in merged(left.lines(), right.lines()):
        first = mine != theirs and not different
        different = different or first
        lines.append(Line(date(time), mine, theirs, first))
    required = sorted(left.requirements.items(), key=lambda item: item[1])
    words = tuple(f"{name} at 10^{oom:.1f}" for name, oom in required)
    return Story(*state.story, tuple(lines), (left.ending(), right.ending()), words)


def histories(state: State, offer: Offer) -> tuple[History, History]:
    """The future of the story under A and under B. Raises InputError if the state asks for no story."""
    if state.story is None:
        raise InputError("no future is chosen")
    scenario = scenario_of(state, offer)
    world, future = state.story
    left, right = (
        replay(scenario, world, future, policy=policy_of(state, side), worlds=state.worlds, seed=state.seed)
        for side in SIDES
    )
    return left, right
