"""Consistency of observations: cumulative values do not fall, and a part is at most the whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby, pairwise
from typing import Any

from engine.record.forms import Observation

_COUNTS = ("organisations", "models", "open_models")
_COMPUTE = ("compute", "open_compute")
FOLLOWERS = ("follower", "open_follower")

Key = Callable[[Observation], Any]


def check(observations: Sequence[Observation]) -> None:
    """Raise ObservationsError at the first observation that contradicts another."""

    def ordered(kinds: tuple[str, ...], of: Key, by: Key, rises: bool, why: str) -> None:
        chosen = [observation for observation in observations if observation.kind in kinds]
        _check_order(chosen, lambda o: (o.kind, of(o)), by, rises, why)

    ordered(_COUNTS, lambda o: o.level, lambda o: o.time, True, "the count is cumulative and cannot fall")
    ordered(_COUNTS, lambda o: o.time, lambda o: o.level, False, "a higher threshold cannot have more")
    ordered(_COMPUTE, lambda o: o.rank, lambda o: o.time, True, "the best so far cannot fall")
    ordered(("compute",), lambda o: o.time, lambda o: o.rank, False, "a lower rank cannot be better")
    ordered(("follower",), lambda o: o.level, lambda o: o.rank, True, "a later follower cannot be earlier")
    _check_part(observations, "open_models", "models")
    _check_part(observations, "open_compute", "compute")
    _check_first_years([observation for observation in observations if observation.kind in FOLLOWERS])


def _grouped(observations: Iterable[Observation], of: Key) -> Iterable[list[Observation]]:
    return (list(group) for _, group in groupby(sorted(observations, key=of), key=of))


def _check_order(observations: Sequence[Observation], of: Key, by: Key, rises: bool, why: str) -> None:
    """Check that `observed` does not fall, or does not rise, within each group `of` observations, in order `by`."""
    for group in _grouped(observations, of):
        for before, now in pairwise(sorted(group, key=by)):
            if now.observed != before.observed and (now.observed > before.observed) != rises:
                bound = "at least" if rises else "at most"
                raise now.error(f"{_value_text(now)} must be {bound} {_value_text(before)} ({_place(before)}); {why}")


def _check_part(observations: Sequence[Observation], part: str, whole: str) -> None:
    """Check that the kind `part` never exceeds the kind `whole`, of rank at most 1, at the same place."""
    wholes = {(o.time, _place_of_level(o)): o for o in observations if o.kind == whole and o.rank <= 1}
    for now in observations:
        other = wholes.get((now.time, _place_of_level(now))) if now.kind == part else None
        if other and now.observed > other.observed:
            raise now.error(f"{_value_text(now)} must be at most {_value_text(other)} ({_place(other)})")


def _check_first_years(followers: Sequence[Observation]) -> None:
    for group in _grouped(followers, lambda o: o.level):
        for before, now in pairwise(group):
            if now.time != before.time:
                raise now.error(
                    f"first_year {now.time:g} must be {before.time:g}, as for the {before.label} ({_place(before)})"
                )


def _place_of_level(observation: Observation) -> float | None:
    """The level as a key: NaN, the level of ranks, is not equal to itself."""
    return observation.level if observation.level > 0.0 else None


def _value_text(observation: Observation) -> str:
    return f"{observation.observed:g} ({observation.label})"


def _place(observation: Observation) -> str:
    return f"{observation.path}:{observation.line}"
