"""Investment as docs/model.md states it, in plain Python."""

from __future__ import annotations

import math
from statistics import NormalDist

import pytest
from helpers import world
from hypothesis import given
from hypothesis import strategies as st

from engine.rules import investment as rules
from engine.rules.luck import Stream, uniform

pytestmark = [pytest.mark.known, pytest.mark.quick]

NORMAL = NormalDist()
FUTURES, CLASSES = st.integers(0, 1000), st.integers(0, 1)
BUDGETS = st.sampled_from([6.0, 8.0, 10.0])
SDS, SHARES = st.sampled_from([0.0, 0.2, 1.5]), st.sampled_from([0.0, 0.3, 1.0])


@given(BUDGETS, st.sampled_from([7.0, 8.0, math.inf]))
def test_the_first_budget_is_not_above_the_ceiling(budget, ceiling):
    """Guards: the first budget without its ceiling."""
    w = world(budget=[1.0, budget], budget_ceiling=[0.5, ceiling])
    assert rules.first_budget(w, 1) == (budget if budget < ceiling else ceiling)


@given(FUTURES, CLASSES, st.integers(0, 40), BUDGETS, SDS, SHARES)
def test_the_next_budget(future, c, year, budget, sd, share):
    """Growth, and a shock of which the world has a share of the variance and the class the rest; up to the ceiling."""
    w = world(class_address=[3, 7], budget_growth=[0.1, 0.3], budget_shock_sd=[sd] * 2, budget_ceiling=[8.5] * 2)
    w["common_shock_share"] = share
    luck = (1, 0, future)
    common = NORMAL.inv_cdf(uniform(luck, Stream.COMMON_SHOCK, 0, year))
    own = NORMAL.inv_cdf(uniform(luck, Stream.CLASS_SHOCK, [3, 7][c], year))
    assert rules.common_shock(luck, year) == pytest.approx(common, rel=1e-12)
    grown = budget + [0.1, 0.3][c] + sd * (share**0.5 * common + (1.0 - share) ** 0.5 * own)
    found = rules.next_budget(luck, w, c, year, budget, common)
    assert found == pytest.approx(sorted([grown, 8.5])[0], rel=1e-12)


@given(BUDGETS, BUDGETS, st.integers(0, 30), st.sampled_from([0.0, 0.25, 1.0]))
def test_the_budget_of_a_member(before, after, year, part):
    """On the line between two knots, plus its offset."""
    found = rules.actor_budget(world(start=2020.0), 2020.0 + year + part, year, before, after, -0.5)
    assert found == (1.0 - part) * before + part * after - 0.5
