"""Chips as docs/model.md states them, in plain Python."""

from __future__ import annotations

import math

import pytest
from helpers import world
from hypothesis import given
from hypothesis import strategies as st
from plain_gamma import gamma
from plain_measures import YEARS, Measure, records
from scipy import stats

from engine.rules import hardware as rules
from engine.rules.luck import Stream, uniform

pytestmark = pytest.mark.known

FUTURES, GENERATIONS = st.integers(0, 1000), st.integers(0, 60)


@given(FUTURES, GENERATIONS, st.sampled_from([1.5, math.inf]), st.sampled_from([0.0, 1e-7, 1e-3, 0.5, 1.0, 2.0]))
def test_gaps(future, generation, mean, cv):
    """Gamma of the mean and the coefficient of variation; the mean itself if it does not vary, or never comes."""
    drawn = mean
    if cv >= 1e-6 and mean < math.inf:
        drawn = gamma((1, 0, future), Stream.RELEASE_GAP, 0, generation, 1.0 / cv**2) * mean * cv**2
    w = world(release_gap_mean=mean, release_gap_cv=cv)
    assert rules.release_gap((1, 0, future), w, generation) == pytest.approx(drawn, rel=1e-10)


@given(FUTURES, GENERATIONS, st.sampled_from([(0.25, 0.0), (0.25, 0.1), (0.1, 0.2), (0.0, 0.3)]))
def test_gains_and_formats(future, generation, gain):
    mean, sd = gain
    w = world(generation_gain_mean=mean, generation_gain_sd=sd, format_probability=0.4)
    u = uniform((1, 0, future), Stream.GENERATION_GAIN, 0, generation)
    expected = stats.truncnorm.ppf(u, -mean / sd, math.inf, mean, sd) if sd > 0.0 else mean
    assert rules.generation_gain((1, 0, future), w, generation) == pytest.approx(expected, rel=1e-9)
    ships = uniform((1, 0, future), Stream.FORMAT, 0, generation) < 0.4
    assert rules.ships_format((1, 0, future), w, generation) == ships


@given(YEARS, *[st.sampled_from([0.0, 0.5, 2.0])] * 3)
def test_when_a_class_can_buy_and_train(released, procurement, adoption, held):
    """After its procurement lag, and what an export control in force adds then; formats also wait for training."""
    control = Measure(2022.0, 2030.0, [[True], [True]], {"added_procurement_lag": held})
    lags = {"procurement_lag": [9.0, procurement], "format_adoption_lag": [9.0, adoption]}
    w, policy, regime = records([control], **lags)
    bought = released + procurement + (held if released + procurement >= 2022.0 else 0.0)
    assert rules.class_can_buy(w, policy, regime, 1, released) == bought
    assert rules.class_trains_with(w, policy, regime, 1, 1, released) == sorted([bought, released + adoption])[1]


@given(st.sampled_from([0.0, 0.7, 4.0]), YEARS, st.sampled_from([17.0, 18.0, 19.0, 24.0]))
def test_price_performance(progress, t, ceiling):
    """Half of the headroom is left after ln 2 times the headroom of unbounded progress."""
    w = world(start=2020.0, price_performance=18.0, price_decline=0.2, price_performance_ceiling=ceiling)
    unbounded, headroom = progress + 0.2 * (t - 2020.0), ceiling - 18.0
    gained = headroom * (1.0 - 0.5 ** (unbounded / (math.log(2.0) * headroom))) if headroom > 0.0 else 0.0
    assert rules.price_performance(w, t, progress) == pytest.approx(18.0 + gained, rel=1e-12)
    w["price_performance_ceiling"] = math.inf
    assert rules.price_performance(w, t, progress) == pytest.approx(18.0 + unbounded, rel=1e-14)
