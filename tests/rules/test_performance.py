"""Performance as a score."""

from __future__ import annotations

import math

import pytest
from helpers import world
from hypothesis import given
from hypothesis import strategies as st

from engine.rules.performance import performance_score

LINEAR = world(score_origin=26.0, score_slope=10.0)
CEILING = world(score_origin=26.0, score_slope=10.0, score_ceiling=100.0)
EFFECTIVE = st.floats(10.0, 60.0)


@given(e=EFFECTIVE)
def test_without_a_ceiling_the_score_is_linear(e):
    assert performance_score(LINEAR, e) == pytest.approx(10.0 * (e - 26.0), abs=1e-12)


@pytest.mark.known
@given(e=EFFECTIVE)
def test_under_a_ceiling_the_score_is_logistic(e):
    """S = ceiling / (1 + exp(-4 slope (E - origin) / ceiling)), between 0 and the ceiling."""
    score = performance_score(CEILING, e)
    assert score == pytest.approx(100.0 / (1.0 + math.exp(-0.4 * (e - 26.0))), rel=1e-12)
    assert 0.0 <= score <= 100.0


@pytest.mark.known
@given(slope=st.floats(0.1, 100.0), ceiling=st.floats(1.0, 1e4))
def test_both_scores_have_the_same_slope_at_the_origin(slope, ceiling):
    """By a central difference; there the logistic score is half its ceiling and the linear one 0."""
    linear = world(score_origin=26.0, score_slope=slope)
    logistic = world(score_origin=26.0, score_slope=slope, score_ceiling=ceiling)
    step = 1e-4 * min(1.0, ceiling / slope)
    for w in (linear, logistic):
        rise = performance_score(w, 26.0 + step) - performance_score(w, 26.0 - step)
        assert rise / (2.0 * step) == pytest.approx(slope, rel=1e-5)
    assert performance_score(linear, 26.0) == 0.0
    assert performance_score(logistic, 26.0) == pytest.approx(ceiling / 2.0)


@given(behind=st.floats(20.0, 40.0), lead=st.floats(0.1, 5.0), years=st.floats(0.1, 3.0))
def test_only_under_a_ceiling_does_a_constant_lead_in_compute_shrink_in_score(behind, lead, years):
    """Pilz, Heim & Brown 2024, performance ceilings: beyond the origin, as both classes advance."""

    def advantage(w, e):
        return performance_score(w, e + lead) - performance_score(w, e)

    e = max(behind, 26.0)
    assert advantage(CEILING, e + years) < advantage(CEILING, e)
    assert advantage(LINEAR, e + years) == pytest.approx(advantage(LINEAR, e), abs=1e-9)
