"""Algorithms as docs/model.md states them, in plain Python."""

from __future__ import annotations

import math

import pytest
from helpers import world
from hypothesis import given
from hypothesis import strategies as st
from plain_measures import YEARS, Measure, policies, records

from engine.rules import algorithms as rules
from engine.rules import secrecy
from engine.rules.governance import breakthrough_rate
from engine.rules.luck import Stream, uniform, uniform_pair

pytestmark = pytest.mark.known

FUTURES = st.integers(0, 1000)
NUMBERS = st.sampled_from([0, 1, 2, 65_535])


def breakthrough_time(hazard, rate_at, edges, since, horizon):
    """When the rate, added up from `since`, has used up the `hazard`; never if that is not before the horizon's end.

    Rates change at `edges` alone. What has begun before the horizon is followed to the next edge.
    """
    for begin, end in zip([since, *edges], [*edges, math.inf]):
        if begin >= horizon:
            return math.inf
        rate = rate_at(begin)
        if rate > 0.0 and hazard <= rate * (end - begin):
            return begin + hazard / rate
        if rate > 0.0:
            hazard -= rate * (end - begin)
    return math.inf


@given(policies(research_multiplier=st.sampled_from([0.0, 0.5, 2.0, 9.0])), FUTURES, NUMBERS, YEARS)
def test_breakthrough_times(measures, future, n, since):
    """With research that measures fund, cut, or end for a while."""
    c = len(measures[0].obeying) - 1
    addresses = [3, 4, 5]
    talents = [1.0 / len(measures[0].obeying)] * len(measures[0].obeying)
    w, policy, regime = records(measures, breakthrough_rate=1.0, research_share=talents, class_address=addresses)
    hazard = -math.log(uniform((1, 0, future), Stream.BREAKTHROUGH_GAP, addresses[c], n))
    edges = {edge for measure in measures for edge in (measure.start, measure.end) if since < edge < math.inf}

    def rate_at(t):
        return breakthrough_rate(w, policy, regime, c, t)

    expected = breakthrough_time(hazard, rate_at, sorted(edges), since, 2030.0)
    found = rules.breakthrough_time((1, 0, future), w, policy, regime, c, n, since)
    assert found == pytest.approx(expected, rel=1e-12)


def test_nothing_is_found_from_the_horizon_on():
    always = [Measure(2020.0, math.inf, [[True]])]
    w, policy, regime = records(always, breakthrough_rate=1e6, research_share=[1.0], horizon=2030.0)
    assert rules.breakthrough_time((0, 0, 0), w, policy, regime, 0, 0, 2030.0) == math.inf
    assert rules.breakthrough_time((0, 0, 0), w, policy, regime, 0, 0, math.nextafter(2030.0, 0.0)) < 2030.001


@given(FUTURES, NUMBERS, st.sampled_from([0.0, 0.3, 1.0]))
def test_gain_reach_and_secrecy(future, n, probability):
    """The first of two draws says the kind, the second the size; of two others one the reach, the other the secret."""
    w = world(class_address=[3, 7], major_gain_mean=0.8, small_gain_mean=0.1)
    w["major_probability"] = w["scale_dependent_probability"] = probability
    luck = (1, 0, future)
    kind, size = uniform_pair(luck, Stream.BREAKTHROUGH_KIND, 7, n)
    expected = -math.log(size) * (0.8 if kind < probability else 0.1)
    assert rules.breakthrough_gain(luck, w, 1, n) == pytest.approx(expected, rel=1e-12)
    scale, secret = uniform_pair(luck, Stream.BREAKTHROUGH_REACH, 7, n)
    assert secrecy.breakthrough_reach(luck, w, 1, n, 0.6) == (scale < probability, secret < 0.6)


@given(FUTURES, NUMBERS, st.sampled_from([0.0, 0.5, 2.0]), st.sampled_from([0.5, 1.0, 4.0]))
def test_adoption(future, n, lag, absorption):
    """The finder has it at once, another class after an Exponential of mean lag / absorption, drawn for the pair."""
    w = world(class_address=[3, 7], absorption=[1.0, absorption])
    assert secrecy.adoption_lag((1, 0, future), w, 7, n, 1, lag) == 0.0
    drawn = -math.log(uniform((1, 0, future), Stream.ADOPTION, 3, 7 * 2**16 + n))
    expected = pytest.approx(lag / absorption * drawn, rel=1e-12)
    assert secrecy.adoption_lag((1, 0, future), w, 3, n, 1, lag) == expected


@given(YEARS, *[st.sampled_from([0.0, 0.5, 2.0])] * 2, st.sampled_from([23.0, 24.0, 25.0]))
def test_efficiency(t, invariant, scaled, compute):
    """Trend, gains, and of scale-dependent gains all from the floor up, below it a share."""
    w = world(start=2020.0, efficiency_trend=0.4, scale_floor=24.0, below_floor_share=0.25)
    had = scaled if compute >= 24.0 else scaled / 4.0
    expected = 0.4 * (t - 2020.0) + invariant + had
    assert rules.algorithmic_efficiency(w, t, invariant, scaled, compute) == pytest.approx(expected, rel=1e-12)


@given(YEARS, st.sampled_from([0.0, 0.5, 2.0]), st.sampled_from([0.0, 0.5, 3.0]), st.sampled_from([23.0, 25.0]))
def test_efficiency_under_a_ceiling(t, scaled, headroom, compute):
    """Gains come in small pieces, each as much smaller as headroom has been used up."""
    w = world(start=2020.0, efficiency_trend=0.4, scale_floor=24.0, below_floor_share=0.25)
    w["efficiency_headroom"] = headroom
    gains, had = 0.4 * (t - 2020.0) + (scaled if compute >= 24.0 else scaled / 4.0), 0.0
    for _ in range(2000):
        had += gains / 2000 * ((headroom - had) / headroom if headroom > 0.0 else 0.0)
    assert rules.algorithmic_efficiency(w, t, 0.0, scaled, compute) == pytest.approx(had, abs=3e-3)
