"""Defence, harm and benefit: what is drawn, and from what distribution."""

from __future__ import annotations

import math

import numpy as np
import pytest
from helpers import NO_POLICY, scenario, within, world
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from engine.rules.harm import (
    benefit,
    defence_work,
    incident_hazard,
    incident_loss,
    incident_luck,
    learning_work,
    whole_thousands,
)
from engine.rules.luck import Stream

DRAWS = 5_000
THREE_ERRORS = 0.0027
UNIFORM = st.floats(1e-9, 1.0 - 1e-9)


def futures(rule, *arguments):
    return np.array([rule((20_231_115, 0, future), *arguments) for future in range(DRAWS)])


@pytest.mark.statistics
def test_authorities_learn_after_an_exponential_lag():
    """Kolmogorov-Smirnov, 5,000 futures; without a lag at once."""
    lags = futures(learning_work, world(learning_lag=[0.7]), 0)
    assert stats.kstest(lags, stats.expon(scale=0.7).cdf).pvalue > THREE_ERRORS
    assert learning_work((0, 0, 0), world(), 0) == 0.0


@pytest.mark.statistics
@pytest.mark.parametrize("cv", [0.3, 1.0, 1.6])
def test_the_building_of_a_defence_is_gamma(cv):
    """Kolmogorov-Smirnov, 5,000 futures: mean 2 years and the coefficient of variation."""
    years = futures(defence_work, world(defence_duration=[2.0], defence_duration_cv=[cv]), 0)
    assert stats.kstest(years, stats.gamma(1.0 / cv**2, scale=2.0 * cv**2).cdf).pvalue > THREE_ERRORS


@pytest.mark.parametrize(("mean", "cv"), [(2.0, 0.0), (math.inf, 0.5), (0.0, 0.0)])
def test_a_regular_an_infinite_and_an_instant_defence(mean, cv):
    assert defence_work((0, 0, 0), world(defence_duration=[mean], defence_duration_cv=[cv]), 0) == mean


@pytest.mark.statistics
@pytest.mark.parametrize("stream", [Stream.INCIDENT, Stream.HOSTED_INCIDENT])
def test_gaps_between_incidents_are_exponential_and_losses_uniform_and_independent(stream):
    w = world()
    luck = np.array([incident_luck((20_231_115, 0, 0), w, stream.value, 0, 0, n) for n in range(DRAWS)])
    assert stats.kstest(luck[:, 0], stats.expon.cdf).pvalue > THREE_ERRORS
    assert stats.kstest(luck[:, 1], stats.uniform.cdf).pvalue > THREE_ERRORS
    assert within(np.corrcoef(luck.T)[0, 1], 0.0, 1.0 / math.sqrt(DRAWS))


@pytest.mark.known
@given(greater=UNIFORM, median=st.floats(3.0, 9.0), sd=st.floats(0.01, 2.0))
def test_without_a_tail_losses_are_lognormal(greater, median, sd):
    w = world(loss_median=[median], loss_sd=[sd])
    expected = min(stats.norm.isf(greater, median, sd), 15.0)
    assert incident_loss(w, 0, greater) == pytest.approx(expected, abs=1e-9)


@pytest.mark.known
@given(loss=st.floats(3.0, 14.9), start=st.floats(5.0, 9.0), index=st.floats(0.3, 3.0))
def test_from_the_start_of_the_tail_on_losses_are_pareto(loss, start, index):
    """P(loss > x) is lognormal below the start x0, above it P(x0) (x / x0)^-index: put in, the loss comes back."""
    w = world(loss_median=[7.0], loss_sd=[1.0], loss_tail_start=[start], loss_tail_index=[index])
    exceeded = stats.norm.sf(min(loss, start), 7.0, 1.0) * 10.0 ** (-index * max(0.0, loss - start))
    assert incident_loss(w, 0, exceeded) == pytest.approx(loss, abs=1e-6)


def test_a_loss_has_a_ceiling_and_may_be_none():
    w = world(loss_median=[9.0], loss_sd=[2.0], loss_tail_start=[10.0], loss_tail_index=[0.3], loss_ceiling=12.0)
    assert incident_loss(w, 0, 1e-12) == 12.0
    assert incident_loss(world(), 0, 0.5) == -math.inf
    assert whole_thousands(-math.inf) == 0


@pytest.mark.known
@given(actors=st.integers(0, 1000), effectiveness=st.floats(0.0, 1.0))
def test_the_hazard_of_incidents(actors, effectiveness):
    """Rate x actors x success, and from the ready defence on what it lets through."""
    w = world(attempt_rate=[0.2], success_probability=[0.1], defence_effectiveness=[effectiveness])
    before = incident_hazard(w, *NO_POLICY, 0, 0, actors, 2024.999, 2025.0)
    after = incident_hazard(w, *NO_POLICY, 0, 0, actors, 2025.0, 2025.0)
    assert before == pytest.approx(0.02 * actors)
    assert after == pytest.approx(0.02 * actors * (1.0 - effectiveness))


@given(st.floats(3.0, 15.0))
def test_amounts_in_whole_thousands(log10_usd):
    assert whole_thousands(log10_usd) == pytest.approx(10.0 ** (log10_usd - 3.0), abs=0.51, rel=1e-9)


def test_benefit_is_the_rate_times_the_years_of_access():
    spec = scenario(capabilities={"skill": {"kind": "valuable", "benefit_rate": 2e6}})
    assert benefit(world(spec), 0, 7.5) == pytest.approx(1.5e7)
    assert benefit(world(), 0, 7.5) == 0.0
