"""Actors that stand for one or for several real ones: laws of their traits, and who counts for how many."""

from __future__ import annotations

import math

import numpy as np
import pytest
from helpers import within, world
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from engine.rules.actors import actor_traits, first_weight, member_of, one_of, traits_of_many, weight

pytestmark = pytest.mark.known

LUCK = (20_231_115, 0, 0)
MEMBERS = 5_000
THREE_ERRORS = 0.0027
SPREAD, MEAN, SD = 0.3, -0.2, 0.4
BOTH = math.hypot(SPREAD, SD)


@pytest.mark.statistics
def test_actors_differ_in_budget_and_skill_independently():
    """Offset ~ Normal(0, spread), elicitation ~ Normal(mean, sd), uncorrelated; 5,000 members."""
    w = world(budget_spread=[SPREAD], elicitation_mean=[MEAN], elicitation_sd=[SD])
    traits = np.array([actor_traits(LUCK, w, 0, member) for member in range(MEMBERS)])
    assert stats.kstest(traits[:, 0], stats.norm(0.0, SPREAD).cdf).pvalue > THREE_ERRORS
    assert stats.kstest(traits[:, 1], stats.norm(MEAN, SD).cdf).pvalue > THREE_ERRORS
    assert within(np.corrcoef(traits.T)[0, 1], 0.0, 1.0 / math.sqrt(MEMBERS))


def test_without_spread_all_actors_are_alike():
    w = world(elicitation_mean=[0.25], represents=[7])
    assert actor_traits(LUCK, w, 0, 3) == traits_of_many(LUCK, w, 0, 2) == traits_of_many(LUCK, w, 0, 3) == (0.0, 0.25)


def pairs(n):
    """(luckiest, typical) traits of 5,000 members that stand for `n` each, (member, which, trait)."""
    w = world(budget_spread=[SPREAD], elicitation_mean=[MEAN], elicitation_sd=[SD], represents=[n])
    traits = [traits_of_many(LUCK, w, 0, member) for member in range(2 * MEMBERS)]
    return np.array(traits).reshape(MEMBERS, 2, 2)


@pytest.mark.statistics
@pytest.mark.parametrize("n", [2, 12, 1_000])
def test_the_luckiest_is_the_largest_of_n_and_a_typical_one_is_below_it(n):
    """Sums of budget and skill: Phi^n for the luckiest; below it, another is a Normal cut off there."""
    sums = (pairs(n) - [0.0, MEAN]).sum(axis=2) / BOTH
    luckiest, typical = stats.norm.cdf(sums).T
    assert stats.kstest(luckiest, lambda u: np.clip(u, 0.0, 1.0) ** n).pvalue > THREE_ERRORS
    assert stats.kstest(typical / luckiest, stats.uniform.cdf).pvalue > THREE_ERRORS
    assert within(stats.spearmanr(luckiest, typical / luckiest).statistic, 0.0, 1.0 / math.sqrt(MEMBERS))


@pytest.mark.statistics
def test_one_drawn_from_all_n_has_the_law_of_a_single_actor():
    """The luckiest with probability 1/n, else the typical one: offset and skill are the independent Normals of one."""
    n, traits = 5, pairs(5)
    one = np.random.default_rng(1).random(MEMBERS) < 1.0 / n
    drawn = np.where(one[:, np.newaxis], traits[:, 0], traits[:, 1])
    assert stats.kstest(drawn[:, 0], stats.norm(0.0, SPREAD).cdf).pvalue > THREE_ERRORS
    assert stats.kstest(drawn[:, 1], stats.norm(MEAN, SD).cdf).pvalue > THREE_ERRORS
    assert within(np.corrcoef(drawn.T)[0, 1], 0.0, 1.0 / math.sqrt(MEMBERS))


@given(st.integers(1, 100_000), st.integers(1, 50))
def test_weights_of_a_class(n, members):
    w = world(represents=[n])
    actors = members if n == 1 else 2 * members
    each = [weight(w, 0, member) for member in range(actors)]
    assert sum(each) == n * members == first_weight(w, 0, actors)
    assert [first_weight(w, 0, some) for some in range(actors)] == [sum(each[:some]) for some in range(actors)]
    firsts = np.cumsum([0, *each])[:-1]
    assert [member_of(w, 0, int(first)) for first in firsts] == list(range(actors))
    assert [member_of(w, 0, int(first) + number - 1) for first, number in zip(firsts, each, strict=True)] == list(
        range(actors)
    )


@given(st.floats(0.0, 1.0), st.integers(1, 1_000))
def test_one_of_several_is_the_complement_of_none(probability, n):
    assert one_of(probability, n) == pytest.approx(1.0 - (1.0 - probability) ** n, rel=1e-9, abs=1e-13)
    assert one_of(probability, 1) == probability


def test_the_luckiest_of_many_is_finite():
    """A probability that rounds to 1 must not be an infinite budget."""
    w = world(budget_spread=[SPREAD], represents=[100_000])
    traits = np.array([traits_of_many((1, 0, future), w, 0, 0) for future in range(2_000)])
    assert np.isfinite(traits).all()
