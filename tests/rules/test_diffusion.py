"""Diffusion after the first attainment: open weights and theft."""

from __future__ import annotations

import math

import numpy as np
import pytest
from helpers import NO_POLICY, scenario, within, world
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from engine.rules.diffusion import (
    first_runnable,
    publication_luck,
    publishes_weights,
    theft_hazard,
    theft_luck,
    thief,
    unsecured,
)

DRAWS = 5_000
THREE_ERRORS = 0.0027


def futures(rule, *arguments):
    return np.array([rule((20_231_115, 0, future), *arguments) for future in range(DRAWS)])


@pytest.mark.statistics
@pytest.mark.parametrize("openness", [0.0, 0.35, 1.0])
@pytest.mark.parametrize(("dangerous", "part"), [(False, 1.0), (True, 0.4)])
def test_weights_are_published_with_the_openness_of_the_class(openness, dangerous, part):
    """5,000 models; within 4 standard errors, so always or never at the ends."""
    w = world(openness=[openness], openness_dangerous=[0.4])
    draws = futures(publication_luck, w, 0, 0, 0, 2025.0)
    share = np.mean([publishes_weights(w, 0, u, dangerous) for u in draws])
    expected = openness * part
    assert within(share, expected, math.sqrt(expected * (1.0 - expected) / DRAWS))


@pytest.mark.statistics
def test_models_are_published_independently():
    """Uniforms of two members, and of two runs: correlations of 5,000 within 4 standard errors of 0."""
    w = world(scenario(actor_classes={"actor": {"count": 2}}))
    draws = np.array([futures(publication_luck, w, 0, member, run, 2025.0) for member, run in ((0, 0), (1, 0), (0, 1))])
    correlations = np.corrcoef(draws)[np.triu_indices(3, 1)]
    assert np.abs(correlations).max() < 4.0 / math.sqrt(DRAWS)


def trends(**changes):
    """A world in which a class runs models of 1e26 FLOP at 2020."""
    return world(start=2020.0, price_performance=18.0, runnable_compute=[26.0], **changes)


@pytest.mark.known
@given(
    compute=st.floats(26.5, 34.0), decline=st.floats(0.05, 0.5), trend=st.floats(0.0, 0.5), price=st.floats(0.0, 1.0)
)
def test_without_a_ceiling_a_model_is_runnable_after_its_oom_at_twice_the_rate(compute, decline, trend, price):
    """Parameters grow with the root of training compute (Hoffmann et al. 2022), so that half of its OOM suffice."""
    w = trends(price_decline=decline, inference_trend=trend, price_performance_ceiling=math.inf)
    years = (0.5 * (compute - 26.0) + price) / (decline + trend)
    found = first_runnable(w, 0, compute, 2020.0, 2220.0, 0.0, price)
    assert found == pytest.approx(2020.0 + years, abs=1e-9)
    assert first_runnable(w, 0, compute, 2020.0, 2019.99 + years, 0.0, price) == math.inf
    later = 2020.25 + years
    assert first_runnable(w, 0, compute, later, later + 1.0, 0.0, price) == later


@pytest.mark.known
@given(missing=st.floats(0.05, 1.9), decline=st.floats(0.05, 0.5), progress=st.floats(0.0, 1.0))
def test_under_a_ceiling_of_chips_it_is_runnable_when_they_have_come_near_enough(missing, decline, progress):
    """Two OOM of headroom: the gains g that bring m OOM solve m = 2 (1 - exp(-g / 2)); never from two OOM on."""
    w = trends(price_decline=decline, inference_trend=0.0, price_performance_ceiling=20.0)
    gains = -2.0 * math.log1p(-missing / 2.0)
    expected = 2020.0 + max(0.0, (gains - progress) / decline)
    found = first_runnable(w, 0, 26.0 + 2.0 * missing, 2020.0, 2320.0, progress, 0.0)
    assert found == pytest.approx(expected, abs=1e-9)
    assert first_runnable(w, 0, 30.01, 2020.0, 1e6, progress, 0.0) == math.inf


@pytest.mark.known
@given(
    compute=st.floats(26.1, 34.0), decline=st.floats(0.0, 0.5), trend=st.floats(0.01, 0.5), headroom=st.floats(0.0, 3.0)
)
def test_with_both_trends_the_time_is_where_they_reach_what_is_needed(compute, decline, trend, headroom):
    """A root of the sum of a straight line and a curve that bends: found by bisection in plain Python."""
    w = trends(price_decline=decline, inference_trend=trend, price_performance_ceiling=18.0 + headroom)

    def cheaper(years):
        chips = headroom * -math.expm1(-decline * years / headroom) if headroom > 0.0 else 0.0
        return chips + trend * years

    low, high = 0.0, 1000.0
    for _ in range(200):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if cheaper(middle) < 0.5 * (compute - 26.0) else (low, middle)
    assert first_runnable(w, 0, compute, 2020.0, 3020.0, 0.0, 0.0) == pytest.approx(2020.0 + high, abs=1e-7)


@pytest.mark.known
def test_what_can_be_run_only_from_the_end_on_cannot_be_run_before_it():
    """0.1 OOM a year bring half an OOM at 2030, by hand; the step of the search rounds to that end."""
    w = world(start=2020.0, price_performance=18.0, runnable_compute=[24.0], price_decline=0.1)
    assert first_runnable(w, 0, 26.0, 2025.0, 2030.0, 0.0, 0.0) == math.inf
    assert first_runnable(w, 0, 26.0, 2030.0, 2031.0, 0.0, 0.0) == 2030.0


def test_without_a_limit_a_class_runs_any_model_at_once():
    assert first_runnable(world(), 0, 60.0, 2020.0, 2030.0, 0.0, 3.0) == 2020.0


@pytest.mark.statistics
def test_the_hazard_to_be_used_up_is_exponential_and_the_pick_uniform():
    """Kolmogorov-Smirnov, 5,000 thefts; the two are uncorrelated within 4 standard errors."""
    luck = futures(theft_luck, world(), 0, 0)
    assert stats.kstest(luck[:, 0], stats.expon.cdf).pvalue > THREE_ERRORS
    assert stats.kstest(luck[:, 1], stats.uniform.cdf).pvalue > THREE_ERRORS
    assert within(np.corrcoef(luck.T)[0, 1], 0.0, 1.0 / math.sqrt(DRAWS))


@given(rate=st.floats(0.0, 1000.0), securities=st.lists(st.floats(0.0, 1.0), max_size=5))
def test_the_hazard_is_the_rate_times_the_unsecured_holders(rate, securities):
    """nu x sum over holders of (1 - security)."""
    w = world(theft_rate=[rate], security=securities)
    exposed = sum(unsecured(w, *NO_POLICY, 0, holder, 2020.0) for holder in range(len(securities)))
    assert exposed == sum(1.0 - security for security in securities)
    assert theft_hazard(w, 0, exposed) == rate * exposed


@pytest.mark.statistics
def test_every_actor_of_a_class_is_as_likely_to_be_the_thief():
    """Chi-squared over 7 actors, 5,000 thefts, p above 0.0027 (3 standard errors)."""
    w = world(scenario(actor_classes={"actor": {"count": 7}}))
    picks = futures(thief, w, 0, 0, 7)
    assert stats.chisquare(np.bincount(picks, minlength=7)).pvalue > THREE_ERRORS
    both = np.histogram2d(picks, futures(thief, w, 0, 1, 7), bins=7)[0]
    assert stats.chi2_contingency(both).pvalue > THREE_ERRORS, "two thefts have thieves of their own"
