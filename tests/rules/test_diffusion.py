"""Diffusion after the first attainment: open weights and theft."""

from __future__ import annotations

import math

import numpy as np
import pytest
from helpers import NO_POLICY, scenario, within, world
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from engine.rules.diffusion import can_run, releases_weights, theft_hazard, theft_luck, thief, unsecured

DRAWS = 5_000
THREE_ERRORS = 0.0027


def futures(rule, *arguments):
    return np.array([rule((20_231_115, 0, future), *arguments) for future in range(DRAWS)])


@pytest.mark.statistics
@pytest.mark.parametrize("openness", [0.0, 0.35, 1.0])
def test_weights_are_released_with_the_openness_of_the_class(openness):
    """5,000 attainments; within 4 standard errors, so always or never at the ends."""
    share = futures(releases_weights, world(openness=[openness]), 0, 0, 0).mean()
    assert within(share, openness, math.sqrt(openness * (1.0 - openness) / DRAWS))


@pytest.mark.statistics
def test_members_and_capabilities_are_released_independently():
    """Correlations of 5,000 decisions within 4 standard errors of 0."""
    w = world(scenario(actor_classes={"actor": {"count": 2}}, capabilities={"one": {}, "other": {}}), openness=[0.5])
    decisions = np.array([futures(releases_weights, w, 0, member, k) for member, k in ((0, 0), (1, 0), (0, 1))])
    correlations = np.corrcoef(decisions)[np.triu_indices(3, 1)]
    assert np.abs(correlations).max() < 4.0 / math.sqrt(DRAWS)


@pytest.mark.known
@given(compute=st.floats(15.0, 40.0), bought=st.floats(0.0, 5.0))
def test_an_oom_of_price_performance_runs_models_of_two_more_oom(compute, bought):
    """Parameters grow with the root of training compute (Hoffmann et al. 2022): limit = start + 2 (p - p0)."""
    w = world(runnable_compute=[26.0], price_performance=18.0)
    limit = 26.0 + 2.0 * ((18.0 + bought) - 18.0)
    assert can_run(w, 0, compute, 18.0 + bought) == (compute <= limit)
    assert can_run(w, 0, limit, 18.0 + bought)
    assert not can_run(w, 0, math.nextafter(limit, math.inf), 18.0 + bought)


def test_without_a_limit_a_class_runs_any_model():
    assert can_run(world(), 0, 60.0, 18.0)


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
    exposed = sum(unsecured(w, *NO_POLICY, holder, 2020.0) for holder in range(len(securities)))
    assert exposed == sum(1.0 - security for security in securities)
    assert theft_hazard(w, 0, exposed) == rate * exposed


@pytest.mark.statistics
def test_every_member_of_a_class_is_as_likely_to_be_the_thief():
    """Chi-squared over 7 members, 5,000 thefts, p above 0.0027 (3 standard errors)."""
    w = world(scenario(actor_classes={"actor": {"count": 7}}))
    picks = [thief(w, 0, u) for _, u in futures(theft_luck, w, 0, 0)]
    assert stats.chisquare(np.bincount(picks, minlength=7)).pvalue > THREE_ERRORS
    assert [thief(w, 0, u) for u in (2.0**-53, 1.0 - 2.0**-53)] == [0, 6]
