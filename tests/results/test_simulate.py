"""What a run accepts."""

from __future__ import annotations

import pytest
from helpers import scenario

import engine


@pytest.mark.parametrize(
    ("numbers", "what"),
    [
        ({"worlds": 0}, "worlds must be 1 to"),
        ({"futures": 0}, "futures must be 1 to"),
        ({"futures": 2**32 + 1}, "futures must be 1 to"),
        ({"seed": -1}, "seed must be 0 to"),
        ({"seed": 2**63}, "seed must be 0 to"),
        ({"threads": 0}, "threads must be at least 1"),
        ({"sampling": "grid"}, "sampling must be one of random, lhs, sobol"),
    ],
)
def test_impossible_runs_are_refused(numbers, what):
    with pytest.raises(ValueError, match=what):
        engine.simulate(scenario(), **{"worlds": 1, "futures": 1, **numbers})


def test_the_largest_seed_is_a_seed():
    ids = {engine.simulate(scenario(horizon=2022), 1, 1, seed).attrs["seed"] for seed in (0, 2**63 - 1)}
    assert ids == {0, 2**63 - 1}


@pytest.mark.parametrize("sampling", ["random", "lhs", "sobol"])
def test_results_do_not_depend_on_threads(rich, sampling):
    """Any number of them, however worlds are drawn."""
    one, three = (engine.simulate(rich, 33, 7, 5, threads=threads, sampling=sampling) for threads in (1, 3))
    assert one.attrs["id"] == three.attrs["id"]


def test_samplings_draw_different_worlds(rich):
    ids = {engine.simulate(rich, 8, 2, 5, sampling=sampling).attrs["id"] for sampling in ("random", "lhs", "sobol")}
    assert len(ids) == 3
