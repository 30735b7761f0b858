"""The best models of classes, against the maximum over all runs finished by a time, in plain Python."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from helpers import scenario
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.montecarlo import emergence
from engine.montecarlo.future import new_future
from engine.scenario import WorldSampler

SPEC = scenario(
    actor_classes={"one": {"count": 2, "theft_rate": 1.0}, "other": {}}, capabilities={"skill": {"requirement": 1e20}}
)
RECORDS, POLICIES = WorldSampler(SPEC, 1, 0).draw()
#: (actor, time, effective compute above 1e20 FLOP) of runs; equal times and equal models are frequent.
RUNS = st.lists(
    st.tuples(st.integers(0, 2), st.integers(1, 6), st.integers(-1, 5)), max_size=12, unique_by=lambda run: run[:2]
)


# Kernels are for callers that are compiled too.


@numba.njit(cache=True)
def emerge(luck, world, policy, regime, exogenous, ledger, attainments, counted):
    emergence.emerge(luck, world, policy, regime, exogenous, ledger, attainments, counted)


@numba.njit(cache=True)
def best_by(ledger, c, t):
    return emergence.best_by(ledger, c, t)


def entered(runs: list[tuple[int, int, int]]) -> Any:
    """A future whose ledger holds `runs`, actor by actor and by time, after their emergence."""
    future = new_future(SPEC, RECORDS, POLICIES)
    future.exogenous.requirement[0] = 20.0
    ledger = future.ledger
    for r, (actor, time, above) in enumerate(sorted(runs)):
        ledger.actor[r], ledger.of_class[r] = actor, actor // 2
        ledger.finished[r], ledger.compute[r], ledger.reached[r] = 2020.0 + time, 26.0, 20.0 + above
    ledger.runs[0] = len(runs)
    luck, exogenous = (1, 0, 0), future.exogenous
    emerge(luck, RECORDS[0], POLICIES[0, 0], future.regime, exogenous, ledger, future.attainments, future.counted)
    return future


@settings(deadline=None)
@given(RUNS)
def test_the_best_model_by_a_time_is_the_best_of_all_that_have_a_capability(runs):
    ledger = entered(runs).ledger
    for c in (0, 1):
        for t in (2020.5, 2021.0, 2023.0, 2023.5, 2026.0):
            having = [above for actor, time, above in runs if actor // 2 == c and 2020.0 + time <= t and above >= 0]
            place = best_by(ledger, c, t)
            best = ledger.reached[ledger.best[c, place]] - 20.0 if place >= 0 else None
            assert best == (max(having) if having else None)


@settings(deadline=None)
@given(RUNS)
def test_attainments_are_the_first_runs_that_reach_the_requirement(runs):
    future = entered(runs)
    for actor in range(3):
        times = [2020.0 + time for a, time, above in runs if a == actor and above >= 0]
        assert future.attainments.trained_time[0, actor] == min(times, default=np.inf)
    for c in (0, 1):
        assert future.attainments.class_trained[c, 0] == future.attainments.trained_time[0, 2 * c : 2 * c + 2].min()
