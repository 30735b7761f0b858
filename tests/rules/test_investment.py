"""Investment: budgets of classes and of actors."""

from __future__ import annotations

import math

import numpy as np
import pytest
from helpers import scenario, within, world
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from engine.rules.investment import actor_budget, common_shock, next_budget

LUCK = (20_231_115, 0, 0)
YEARS = 5_000
THREE_ERRORS = 0.0027
TWO_CLASSES = scenario(actor_classes={"one": {}, "other": {}})


def growths(w, c):
    """Yearly growth in OOM, far from any ceiling."""
    return np.array([next_budget(LUCK, w, c, year, 8.0, common_shock(LUCK, year)) - 8.0 for year in range(YEARS)])


@given(budget=st.floats(0.0, 15.0), growth=st.floats(-0.3, 3.0), ceiling=st.floats(0.0, 20.0))
def test_without_shocks_a_budget_grows_by_its_mean_up_to_its_ceiling(budget, growth, ceiling):
    w = world(budget_growth=[growth], budget_ceiling=[ceiling], common_shock_share=0.5)
    assert next_budget(LUCK, w, 0, 0, budget, 1.7) == min(ceiling, budget + growth)


@given(budget=st.floats(0.0, 15.0), common=st.floats(-8.0, 8.0), share=st.floats(0.0, 1.0), year=st.integers(0, 99))
def test_no_boom_lifts_a_budget_above_its_ceiling(budget, common, share, year):
    w = world(budget_growth=[0.3], budget_shock_sd=[2.0], budget_ceiling=[11.0], common_shock_share=share)
    assert next_budget(LUCK, w, 0, year, budget, common) <= 11.0


@pytest.mark.statistics
def test_growth_is_normal_about_its_mean():
    """The common share leaves the variance alone: Kolmogorov-Smirnov, 5,000 years, p above 0.0027."""
    w = world(budget_growth=[0.3], budget_shock_sd=[0.2], common_shock_share=0.4)
    assert stats.kstest(growths(w, 0), stats.norm(0.3, 0.2).cdf).pvalue > THREE_ERRORS


@pytest.mark.statistics
@pytest.mark.parametrize("share", [0.0, 0.35, 0.8])
def test_classes_correlate_by_the_common_share(share):
    """Of the variance of growth, `share` is common, so growths correlate by it: within 4 standard errors."""
    w = world(TWO_CLASSES, budget_shock_sd=[0.2, 0.5], common_shock_share=share)
    correlation = np.corrcoef(growths(w, 0), growths(w, 1))[0, 1]
    assert within(correlation, share, (1.0 - share**2) / math.sqrt(YEARS))


def test_shocks_that_are_all_common_move_classes_together():
    w = world(TWO_CLASSES, budget_shock_sd=[0.2, 0.5], common_shock_share=1.0)
    np.testing.assert_allclose(growths(w, 0) / 0.2, growths(w, 1) / 0.5, atol=1e-12)


@given(year=st.integers(0, 30), share=st.floats(0.0, 1.0), before=st.floats(0.0, 15.0), after=st.floats(0.0, 15.0))
def test_a_budget_is_on_the_line_between_the_ends_of_its_year(year, share, before, after):
    t = 2020.0 + year + share
    expected = before * (1.0 - share) + after * share
    assert actor_budget(world(), t, year, before, after, 0.4) == pytest.approx(expected + 0.4, abs=1e-9)
