"""Actors as docs/model.md states them, in plain Python."""

from __future__ import annotations

import math
from statistics import NormalDist

import pytest
from helpers import world
from hypothesis import given
from hypothesis import strategies as st

from engine.rules import actors as rules
from engine.rules.luck import Stream, uniform_pair

pytestmark = [pytest.mark.known, pytest.mark.quick]

NORMAL = NormalDist()
FUTURES, CLASSES, MEMBERS = st.integers(0, 1000), st.integers(0, 1), st.integers(0, 40)
#: Of two classes.
SPREAD, MEAN, SD = [0.2, 0.4], [0.1, -0.1], [0.3, 0.5]


def two_classes(represents):
    return world(
        class_address=[3, 7],
        budget_spread=SPREAD,
        elicitation_mean=MEAN,
        elicitation_sd=SD,
        represents=[represents, represents],
    )


@given(FUTURES, CLASSES, MEMBERS)
def test_the_traits_of_a_member_that_is_one_actor(future, c, member):
    first, second = uniform_pair((1, 0, future), Stream.ACTOR, [3, 7][c], member)
    offset = SPREAD[c] * NORMAL.inv_cdf(first)
    elicitation = MEAN[c] + SD[c] * NORMAL.inv_cdf(second)
    found = rules.actor_traits((1, 0, future), two_classes(1), c, member)
    assert found == pytest.approx((offset, elicitation), rel=1e-11)


@given(FUTURES, CLASSES, MEMBERS, st.sampled_from([2, 3, 12, 500]))
def test_the_traits_of_a_member_that_is_many(future, c, member, n):
    """A sum of both and what is at right angles to it, turned back into offset and skill."""
    luck, both = (1, 0, future), math.hypot(SPREAD[c], SD[c])
    first, second = uniform_pair(luck, Stream.ACTOR, [3, 7][c], member if member % 2 == 0 else member - 1)
    rank = first ** (1.0 / n)
    if member % 2 == 1:
        below, second = uniform_pair(luck, Stream.ACTOR, [3, 7][c], member)
        rank *= below
    angle = math.atan2(SD[c], SPREAD[c])
    total, rest = both * NORMAL.inv_cdf(rank), NORMAL.inv_cdf(second)
    offset = total * math.cos(angle) ** 2 + both * rest * math.cos(angle) * math.sin(angle)
    skill = total * math.sin(angle) ** 2 - both * rest * math.cos(angle) * math.sin(angle)
    found = rules.traits_of_many(luck, two_classes(n), c, member)
    assert found == pytest.approx((offset, MEAN[c] + skill), rel=1e-9, abs=1e-9)
