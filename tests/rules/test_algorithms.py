"""Algorithms: the public trend, breakthroughs, their reach and adoption."""

from __future__ import annotations

import math

import numpy as np
import pytest
from helpers import NO_POLICY, scenario, within, world
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from engine.rules.algorithms import algorithmic_efficiency, breakthrough_gain, breakthrough_time
from engine.rules.secrecy import adoption_lag, breakthrough_reach, publication_lag

DRAWS = 5_000
LUCK = (20_231_115, 0, 0)
THREE_ERRORS = 0.0027
FINDER, ADOPTER = 0, 1


def two_classes(**fields):
    """A world of a finder and an adopter whose addresses are their numbers."""
    spec = scenario(actor_classes={"finder": {}, "adopter": {}})
    return world(spec, class_address=[FINDER, ADOPTER], **fields)


@pytest.mark.statistics
def test_gaps_are_exponential_with_the_class_share_of_the_rate():
    """A class with a quarter of the talent finds a quarter of 8 breakthroughs a year: Kolmogorov-Smirnov."""
    spec = scenario(
        algorithms={"breakthrough_rate": 8.0},
        actor_classes={"many": {"research_share": 3.0}, "few": {"research_share": 1.0}},
    )
    w = world(spec)
    gaps = [breakthrough_time(LUCK, w, *NO_POLICY, 1, n, 2020.0) - 2020.0 for n in range(DRAWS)]
    assert stats.kstest(gaps, stats.expon(scale=1.0 / 2.0).cdf).pvalue > THREE_ERRORS


@pytest.mark.parametrize(("rate", "share"), [(0.0, 1.0), (5.0, 0.0)])
def test_without_rate_or_talent_there_is_no_breakthrough(rate, share):
    w = world(breakthrough_rate=rate, research_share=[share])
    assert breakthrough_time(LUCK, w, *NO_POLICY, 0, 0, 2020.0) == math.inf


@pytest.mark.statistics
@pytest.mark.parametrize("major", [0.0, 0.2, 1.0])
def test_gains_are_a_mixture_of_small_and_major_exponentials(major):
    """P(gain > x) = (1 - m) exp(-x / small) + m exp(-x / major): Kolmogorov-Smirnov, 5,000 gains."""
    w = world(small_gain_mean=0.1, major_gain_mean=0.8, major_probability=major)
    gains = [breakthrough_gain(LUCK, w, 0, n) for n in range(DRAWS)]

    def cdf(x):
        return (1.0 - major) * stats.expon.cdf(x, scale=0.1) + major * stats.expon.cdf(x, scale=0.8)

    assert stats.kstest(gains, cdf).pvalue > THREE_ERRORS


@pytest.mark.statistics
def test_reach_and_secrecy_have_their_probabilities_and_are_independent():
    """5,000 breakthroughs; shares and the correlation within 4 standard errors."""
    w = two_classes(scale_dependent_probability=0.3)
    reach = np.array([breakthrough_reach(LUCK, w, 0, n, 0.6) for n in range(DRAWS)])
    for share, expected in zip(reach.mean(axis=0), (0.3, 0.6), strict=True):
        assert within(share, expected, math.sqrt(expected * (1.0 - expected) / DRAWS))
    assert within(np.corrcoef(reach.T)[0, 1], 0.0, 1.0 / math.sqrt(DRAWS))
    assert not any(breakthrough_reach(LUCK, w, 1, n, 0.0)[1] for n in range(100))


def test_the_finder_has_its_breakthrough_at_once():
    assert adoption_lag(LUCK, two_classes(), FINDER, 5, FINDER, 3.0) == 0.0


@pytest.mark.statistics
@pytest.mark.parametrize("mean", [0.5, 2.0])
@pytest.mark.parametrize("absorption", [0.4, 1.0, 2.0])
def test_adoption_lags_are_exponential_and_shorter_for_a_class_that_absorbs_more(mean, absorption):
    """Mean lag / absorption: mean of 5,000 within 4 standard errors, shape by Kolmogorov-Smirnov."""
    w = two_classes(absorption=[1.0, absorption])
    lags = [adoption_lag(LUCK, w, FINDER, n, ADOPTER, mean) for n in range(DRAWS)]
    assert within(np.mean(lags), mean / absorption, mean / absorption / math.sqrt(DRAWS))
    assert stats.kstest(lags, stats.expon(scale=mean / absorption).cdf).pvalue > THREE_ERRORS


def test_the_same_luck_makes_a_secret_later_than_a_publication():
    """Common random numbers: secrecy changes the mean of a lag, not its draw."""
    w = two_classes(published_lag=0.5, secret_lag=2.0)
    for n in range(20):
        means = (publication_lag(w, *NO_POLICY, 0, 2020.0, kept) for kept in (False, True))
        published, secret = (adoption_lag(LUCK, w, FINDER, n, ADOPTER, mean) for mean in means)
        assert secret == pytest.approx(4.0 * published)


def test_without_a_lag_a_breakthrough_is_used_at_once():
    assert adoption_lag(LUCK, two_classes(), FINDER, 3, ADOPTER, 0.0) == 0.0


@pytest.mark.known
@given(
    years=st.floats(0.0, 30.0),
    invariant=st.floats(0.0, 5.0),
    scaled=st.floats(0.0, 5.0),
    above=st.floats(0.0, 10.0),
)
def test_a_run_at_or_above_the_floor_has_all_gains_and_one_below_a_part(years, invariant, scaled, above):
    """E = trend x years + invariant + part x scaled, the part 1 from the floor up (Gundlach et al. 2025)."""
    w = world(efficiency_trend=0.4, scale_floor=24.0, below_floor_share=0.3)
    t, trend = 2020.0 + years, 0.4 * years
    assert algorithmic_efficiency(w, t, invariant, scaled, 24.0 + above) == pytest.approx(trend + invariant + scaled)
    below = math.nextafter(24.0, 0.0) - above
    assert algorithmic_efficiency(w, t, invariant, scaled, below) == pytest.approx(trend + invariant + 0.3 * scaled)
