"""Open weights and theft as docs/model.md states them, in plain Python."""

from __future__ import annotations

import math

import pytest
from helpers import world
from hypothesis import given
from hypothesis import strategies as st
from plain_measures import YEARS, Measure, records

from engine.rules import diffusion as rules
from engine.rules.luck import Stream, uniform, uniform_pair

pytestmark = pytest.mark.known

FUTURES, CLASSES, FEW = st.integers(0, 1000), st.integers(0, 1), st.integers(0, 3)


@given(FUTURES, CLASSES, FEW, CLASSES, st.sampled_from([0, 1, 70_000]))
def test_who_releases_and_publishes(future, c, member, k, run):
    """A draw of the member and the capability for the first, of the member and its run for the second."""
    w = world(class_address=[3, 7], capability_address=[5, 6], openness=[0.3, 0.6])
    luck, address, openness = (1, 0, future), [3, 7][c], [0.3, 0.6][c]
    released = uniform(luck, Stream.OPENNESS, address, member * 65_536 + [5, 6][k]) < openness
    assert rules.releases_weights(luck, w, c, member, k) == released
    published = uniform(luck, Stream.PUBLICATION, address, member * 65_536 + run % 65_536) < openness
    assert rules.publishes_weights(luck, w, c, member, run) == published


@given(YEARS, st.sampled_from([0.0, 0.25, 2.0]))
def test_lags_of_release_and_uptake(t, lag):
    w = world(release_lag=[9.0, lag], uptake_lag=[lag, 9.0])
    assert rules.weights_released(w, 1, t) == rules.weights_taken_up(w, 0, t) == t + lag


@given(st.sampled_from([25.0, 26.0, 26.5, 27.0]), st.sampled_from([18.0, 18.25, 18.5]))
def test_who_can_run_a_model(compute, price_performance):
    """Its compute, in FLOP, is at most the limit at the start times the square of how much cheaper compute became."""
    w = world(price_performance=18.0, runnable_compute=[0.0, 26.0])
    cheaper = 10.0 ** (price_performance - 18.0)
    expected = 10.0**compute <= 10.0**26 * cheaper**2 * (1.0 + 1e-9)
    assert rules.can_run(w, 1, compute, price_performance) == expected


@given(FUTURES, CLASSES, CLASSES, st.sampled_from([0.0, 0.25, 1.0]), st.integers(1, 5))
def test_theft(future, c, k, least, count):
    """A hazard of the rate times the unprevented share; a member drawn with it."""
    w = world(class_address=[3, 7], capability_address=[5, 6], theft_rate=[0.5, 2.0], count=[count, count])
    u, v = uniform_pair((1, 0, future), Stream.THEFT, [3, 7][c], [5, 6][k])
    assert rules.theft_luck((1, 0, future), w, c, k) == pytest.approx((-math.log(u), v), rel=1e-12)
    assert rules.theft_hazard(w, c, 1.5) == [0.5, 2.0][c] * 1.5
    assert rules.thief(w, c, v) == [member for member in range(count) if member <= v * count][-1]
    standard = Measure(2021.0, 2023.0, [[True], [False]], {"least_security": least})
    holders, policy, regime = records([standard], security=[0.5, 0.5])
    for t in (2020.0, 2021.0, 2023.0):
        security = max(0.5, least) if 2021.0 <= t < 2023.0 else 0.5
        assert rules.unsecured(holders, policy, regime, 0, t) == 1.0 - security
        assert rules.unsecured(holders, policy, regime, 1, t) == 0.5
