"""The scenario of a state: its assumptions changed, and each side as a policy."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import xarray as xr

from engine.explorer.offer import Assumption, Offer
from engine.explorer.state import State, query_of, union
from engine.scenario import BASELINE, Number, Scenario, load_copy, parse_scenario
from engine.scenario.shift_median import shift_median, with_values, written
from engine.scenario.source import as_one_file
from engine.simulation import simulate
from engine.text.format import spoken

#: Names of the sides as policies.
SIDES = ("side_a", "side_b")


@lru_cache(maxsize=1000)
def moved_to(assumption: Assumption, median: float) -> Number:
    """The number of an assumption with another median."""
    return shift_median(assumption.number, median)


def measures_of(state: State) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names of the selected measures of each side."""
    return state.side_a, state.side_b


def policy_of(state: State, side: str) -> str:
    """The policy of a side in the scenario of the state: the baseline if nothing is selected."""
    return side if measures_of(state)[SIDES.index(side)] else BASELINE


def spoken_side(state: State, side: str) -> str:
    """The selected measures of a side, as text."""
    names = measures_of(state)[SIDES.index(side)]
    return " and ".join(filter(None, [", ".join(map(spoken, names[:-1])), *map(spoken, names[-1:])])) or "no measures"


def scenario_of(state: State, offer: Offer, sides: Sequence[str] = SIDES) -> Scenario:
    """The scenario of the state with those of the `sides` that have measures as policies.

    Raises ScenarioError if the changed assumptions are inconsistent.
    """
    numbers = {path: moved_to(offer.by_path[path], median) for path, median in state.moved}
    data = with_values(offer.read, numbers)
    return parse_scenario({**data, "policies": _policies(state, offer, sides)}, offer.scenario.name)


def scenario_text(state: State, offer: Offer) -> str:
    """The same scenario as a file, for `load_scenario` and every command."""
    numbers = {path: written(moved_to(offer.by_path[path], median)) for path, median in state.moved}
    data = with_values(offer.data, numbers)
    policies = _policies(state, offer, SIDES)
    whole = {key: value for key, value in data.items() if key != "policies"} | (
        {"policies": policies} if policies else {}
    )
    size = f"--worlds {state.worlds} --futures {state.futures} --seed {state.seed}"
    heading = f"# Made by `engine explore`. The same results: engine run FILE {size}\n"
    return f"{heading}# The page: /?{query_of(state, offer)}\n{as_one_file(whole)}"


def loaded(state: State, offer: Offer) -> Scenario:
    """The scenario of that file, read again. Raises ScenarioError if the changed assumptions are inconsistent."""
    text = scenario_text(state, offer)
    with tempfile.TemporaryDirectory(prefix="engine-explore-") as folder:
        path = Path(folder) / "scenario.yaml"
        path.write_text(text, encoding="utf-8")
        return load_copy(path, offer.scenario.name, offer.scenario.file, text)


def results_of(state: State, offer: Offer) -> xr.Dataset:
    """The results of `engine.simulate` for that scenario, with single futures (docs/results.md)."""
    return simulate(loaded(state, offer), state.worlds, state.futures, state.seed, keep="samples")


def _policies(state: State, offer: Offer, sides: Sequence[str]) -> dict[str, Any]:
    return {
        side: {"description": spoken_side(state, side).capitalize(), "measures": union(names, offer)}
        for side, names in zip(SIDES, measures_of(state), strict=True)
        if names and side in sides
    }
