"""The state of the page: a value that its address encodes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, urlencode

from engine.errors import InputError
from engine.explorer.offer import Offer
from engine.scenario import FUTURES, SAMPLING, WORLDS, check_addresses
from engine.scenario.errors import shown
from engine.scenario.measures import MAX_MEASURES, MEASURES
from engine.scenario.numbers import meant

#: Most futures that a page may request, under each side.
MOST_FUTURES = 100_000
#: Largest seed that a browser represents exactly.
MOST_SEED = 2**53
#: Most characters of an address.
MOST_LETTERS = 8_000
#: Most fields of an address.
MOST_FIELDS = 100
_KEYS = ("a", "b", "capability", "class", "seed", "worlds", "futures", "timeline")


@dataclass(frozen=True)
class State:
    """Everything that the page shows follows from this.

    `moved` are (dotted path, median in the unit of the number) in the order of the offer, without those at the
    scenario's own value; `side_a` and `side_b` are names of measures in that order; `timeline` is (world, future).
    """

    moved: tuple[tuple[str, float], ...]
    side_a: tuple[str, ...]
    side_b: tuple[str, ...]
    capability: str
    actor_class: str
    seed: int
    worlds: int
    futures: int
    timeline: tuple[int, int] | None = None


def first_state(offer: Offer) -> State:
    """The initial state: no measures against the first offered ones."""
    first = tuple(offered.name for offered in offer.measures[:1])
    return State((), (), first, offer.capability, offer.actor_class, 0, WORLDS, FUTURES)


def query_of(state: State, offer: Offer) -> str:
    """The query of an address that encodes the state, without initial values."""
    first = first_state(offer)
    pairs = [(path, repr(median)) for path, median in state.moved]
    pairs += [
        (key, ",".join(names))
        for key, names, usual in (("a", state.side_a, first.side_a), ("b", state.side_b, first.side_b))
        if names != usual
    ]
    pairs += [
        (key, str(value))
        for key, value, usual in (
            ("capability", state.capability, first.capability),
            ("class", state.actor_class, first.actor_class),
            ("seed", state.seed, first.seed),
            ("worlds", state.worlds, first.worlds),
            ("futures", state.futures, first.futures),
        )
        if value != usual
    ]
    pairs += [("timeline", f"{state.timeline[0]},{state.timeline[1]}")] if state.timeline else []
    return urlencode(pairs, safe=",")


def state_of(query: str, offer: Offer) -> State:
    """The state in the query of an address, with or without its question mark.

    Raises InputError, with the right form in a sentence, for choices that the page does not offer.
    """
    if len(query) > MOST_LETTERS:
        raise InputError(f"this address has {len(query):,} characters; at most {MOST_LETTERS:,} are read")
    if query.count("&") >= MOST_FIELDS:
        raise InputError(f"this address has {query.count('&') + 1} fields; at most {MOST_FIELDS} are read")
    given: dict[str, str] = {}
    for key, value in parse_qsl(query.removeprefix("?"), keep_blank_values=True):
        if key in given:
            raise InputError(f"{shown(key)} occurs twice in this address; remove one")
        if key not in _KEYS and key not in offer.by_path:
            raise InputError(f"{shown(key)} in this address is unknown; {meant(key, [*_KEYS, *offer.by_path])}")
        given[key] = value
    first = first_state(offer)
    timeline = _whole_numbers(given["timeline"]) if "timeline" in given else None
    return checked(
        State(
            moved=tuple((path, _real(path, given[path])) for path in offer.by_path if path in given),
            side_a=_names(given["a"]) if "a" in given else first.side_a,
            side_b=_names(given["b"]) if "b" in given else first.side_b,
            capability=given.get("capability", first.capability),
            actor_class=given.get("class", first.actor_class),
            seed=whole("seed", given.get("seed", first.seed)),
            worlds=whole("worlds", given.get("worlds", first.worlds)),
            futures=whole("futures", given.get("futures", first.futures)),
            timeline=timeline,
        ),
        offer,
    )


def checked(state: State, offer: Offer) -> State:
    """The state in its shortest form. Raises InputError, with the right form, for choices that are not offered."""
    for path, median in state.moved:
        assumption = offer.by_path[path]
        if not assumption.low <= median <= assumption.high:
            raise InputError(
                f"{path} can be set between {assumption.low:.4g} and {assumption.high:.4g} "
                f"{assumption.number.unit}, not to {median:.4g}"
            )
    for name in (*state.side_a, *state.side_b):
        if name not in offer.by_name:
            raise InputError(f"no measures are called {shown(name)}; {meant(name, list(offer.by_name))}")
    if state.capability not in offer.scenario.capabilities:
        known = meant(state.capability, offer.scenario.capability_names)
        raise InputError(f"no capability is called {shown(state.capability)}; {known}")
    offer.scenario.class_number(state.actor_class)
    check_addresses(state.worlds, state.futures, state.seed, SAMPLING)
    if state.worlds * state.futures > MOST_FUTURES:
        raise InputError(
            f"{state.worlds:,} worlds of {state.futures:,} futures are more than the {MOST_FUTURES:,} that a page "
            "simulates; use fewer, or `engine run`"
        )
    if state.timeline and not (0 <= state.timeline[0] < state.worlds and 0 <= state.timeline[1] < state.futures):
        raise InputError(f"worlds are 0 to {state.worlds - 1}, and their futures 0 to {state.futures - 1}")
    side_a, side_b = (tuple(name for name in offer.by_name if name in side) for side in (state.side_a, state.side_b))
    for letter, side in (("A", side_a), ("B", side_b)):
        parts = sum(len(MEASURES[str(one["measure"])].model_validate(one).stretches()) for one in union(side, offer))
        if parts > MAX_MEASURES:
            raise InputError(
                f"on side {letter}, {len(side)} policies have {parts} measures, and a side takes {MAX_MEASURES}; "
                "untick one"
            )
    moved = tuple((path, median) for path, median in state.moved if median != offer.by_path[path].median)
    return replace(state, moved=moved, side_a=side_a, side_b=side_b)


def with_timeline(state: State, wanted: Sequence[object] | None, offer: Offer) -> State:
    """The state with the timeline of the `wanted` (world, future), as fields give them; None for no timeline.

    Raises InputError, with the right form, if the state has no such future.
    """
    if wanted is None:
        return replace(state, timeline=None)
    if any(one in (None, "") for one in wanted):
        raise InputError(f"give a world from 0 to {state.worlds - 1} and a future from 0 to {state.futures - 1}")
    return checked(replace(state, timeline=(whole("world", wanted[0]), whole("future", wanted[1]))), offer)


def union(side: tuple[str, ...], offer: Offer) -> list[dict[str, object]]:
    """All measures of a side in order; a measure of several policies is taken once."""
    taken: list[dict[str, object]] = []
    for name in side:
        taken += [dict(measure) for measure in offer.by_name[name].measures if dict(measure) not in taken]
    return taken


def _names(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in text.split(",") if name))


def _real(path: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise InputError(f"{path} takes a number, not {shown(text)}") from None


def whole(key: str, written: object) -> int:
    """A whole number of at least 0 as it comes from an address or a field. Raises InputError for anything else."""
    text = str(written) if written is not None and not isinstance(written, bool) else ""
    most = MOST_SEED if key == "seed" else MOST_FUTURES
    if not (text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= most):
        instead = "and the field is empty" if written in (None, "") else f"not {shown(written)}"
        raise InputError(f"{key} takes a whole number of at most {most:,}, {instead}")
    return int(text)


def _whole_numbers(text: str) -> tuple[int, int]:
    world, _, future = text.partition(",")
    return whole("timeline", world), whole("timeline", future)
