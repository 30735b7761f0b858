"""One small scenario with policies, what the explorer offers for it, and what it plays."""

from __future__ import annotations

from dataclasses import replace

import pytest

import engine
from engine.explorer.offer import Offer, offer_of
from engine.explorer.simulator import Simulated, Simulator
from engine.explorer.state import State, checked, first_state

WORLDS, FUTURES = 12, 5


@pytest.fixture(scope="session")
def offer(scenario_file) -> Offer:
    return offer_of(engine.load_scenario(scenario_file))


@pytest.fixture(scope="session")
def state(offer) -> State:
    """Few futures, two assumptions moved, measures on both sides, a future to tell."""
    medians = {
        path: offer.by_path[path].at(offer.by_path[path].place(offer.by_path[path].high)) for path in offer.by_path
    }
    moved = tuple(list(medians.items())[:2])
    sides = {"side_a": ("support",), "side_b": ("caution", "brake")}
    few = replace(first_state(offer), worlds=WORLDS, futures=FUTURES, seed=7)
    return checked(replace(few, moved=moved, timeline=(3, 2), **sides), offer)


@pytest.fixture(scope="session")
def simulator(offer) -> Simulator:
    return Simulator(offer)


@pytest.fixture(scope="session")
def simulated(simulator, state) -> Simulated:
    return simulator.simulated(state)
