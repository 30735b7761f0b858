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


@given(FUTURES, CLASSES, FEW, st.sampled_from([0, 1, 45_000]), st.booleans(), st.sampled_from([0.0, 0.5, 1.0]))
def test_who_publishes(future, c, member, run, dangerous, part):
    """A draw of the member and its run, against the openness of its class, which a danger makes smaller."""
    w = world(class_address=[3, 7], openness=[0.3, 0.6], openness_dangerous=[part, part])
    luck = rules.publication_luck((1, 0, future), w, c, member, run, 2025.0)
    assert luck == uniform((1, 0, future), Stream.PUBLICATION, [3, 7][c], member * 65_536 + run)
    openness = [0.3, 0.6][c] * part if dangerous else [0.3, 0.6][c]
    assert rules.publishes_weights(w, c, luck, dangerous) == (luck < openness)
    assert rules.published(w, c, member, luck, dangerous, 2025.0) == (luck < openness)


@given(FUTURES, FEW, st.sampled_from([-0.2, 0.0, 0.1]), st.sampled_from([1, 2, 12]), st.sampled_from([0.05, 0.3, 1.0]))
def test_who_publishes_of_many_as_openness_changes(future, member, trend, represents, openness):
    """The draw against the chance that any of them publishes at the odds of its time; the mean number is kept."""
    w = world(openness=[openness], openness_trend=[trend], represents=[represents])
    n = 1 if represents == 1 else [1, represents - 1][member % 2]
    address = Stream.PUBLICATION, int(w.class_address[0]), member * 65_536 + 3
    drawn, luck = uniform((1, 0, future), *address), rules.publication_luck((1, 0, future), w, 0, member, 3, 2026.5)
    chance = 1.0
    if openness < 1.0:
        odds = openness / (1.0 - openness) * 10.0 ** (trend * 6.5)
        chance = odds / (1.0 + odds)
    anyone = 1.0 - (1.0 - chance) ** n
    assert rules.publishes_weights(w, 0, luck, False) == (drawn < anyone)
    number = rules.published(w, 0, member, luck, False, 2026.5)
    mean = n * chance / anyone
    assert number == (math.floor(mean + drawn / anyone) if drawn < anyone else 0) or drawn / anyone > 1.0 - 1e-9


@given(YEARS, st.sampled_from([0.0, 0.25, 2.0]))
def test_lags_of_release_and_uptake(t, lag):
    w = world(release_lag=[9.0, lag], uptake_lag=[lag, 9.0])
    assert rules.weights_released(w, 1, t) == rules.weights_taken_up(w, 0, t) == t + lag


@given(
    st.sampled_from([25.0, 26.0, 26.5, 27.0, 29.0]),
    st.sampled_from([0.0, 0.3]),
    st.sampled_from([0.0, 0.2]),
    st.sampled_from([0.5, 3.0, math.inf]),
    st.sampled_from([0.0, 0.4]),
    st.sampled_from([0.0, 0.5]),
)
def test_when_a_class_can_first_run_a_model(compute, decline, trend, headroom, progress, price):
    """Day by day: the limit at the start, times the square of how much cheaper running became, reaches its FLOP."""
    w = world(
        start=2020.0,
        price_performance=18.0,
        price_performance_ceiling=18.0 + headroom,
        runnable_compute=[0.0, 26.0],
        price_decline=decline,
        inference_trend=trend,
    )
    day = 1.0 / 365.25
    expected = math.inf
    for n in range(int(20.0 / day)):
        chips = progress + decline * n * day
        chips = chips if math.isinf(headroom) else headroom * (1.0 - math.exp(-chips / headroom))
        cheaper = 10.0 ** (chips + trend * n * day - price)
        if 10.0**compute <= 10.0**26 * cheaper**2 * (1.0 + 1e-9):
            expected = 2020.0 + n * day
            break
    found = rules.first_runnable(w, 1, compute, 2020.0, 2040.0, progress, price)
    assert found == expected == math.inf or expected - day <= found <= expected + 1e-9


@given(FUTURES, CLASSES, FEW, st.sampled_from([0.0, 0.25, 1.0]), st.integers(1, 5))
def test_theft(future, c, n, least, count):
    """A hazard of the rate times the unprevented share; for each theft a draw of its time, its holder, its thief."""
    w = world(class_address=[3, 7], theft_rate=[0.5, 2.0], count=[count, count])
    u, v = uniform_pair((1, 0, future), Stream.MODEL_THEFT, [3, 7][c], 2 * n)
    assert rules.theft_luck((1, 0, future), w, c, n) == pytest.approx((-math.log(u), v), rel=1e-12)
    assert rules.theft_hazard(w, c, 1.5) == [0.5, 2.0][c] * 1.5
    pick, _ = uniform_pair((1, 0, future), Stream.MODEL_THEFT, [3, 7][c], 2 * n + 1)
    assert (
        rules.thief((1, 0, future), w, c, n, count) == [member for member in range(count) if member <= pick * count][-1]
    )
    standard = Measure(2021.0, 2023.0, [[True], [False]], {"least_security": least})
    holders, policy, regime = records([standard], security=[0.5, 0.5])
    for t in (2020.0, 2021.0, 2023.0):
        security = max(0.5, least) if 2021.0 <= t < 2023.0 else 0.5
        assert rules.unsecured(holders, policy, regime, 1, 0, t) == 1.0 - security
        assert rules.unsecured(holders, policy, regime, 0, 1, t) == 0.5
