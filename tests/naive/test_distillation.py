"""Distillation as docs/model.md states it, in plain Python."""

from __future__ import annotations

import math

import pytest
from helpers import world
from hypothesis import given
from hypothesis import strategies as st
from plain_measures import YEARS, policies, records

from engine.rules import distillation as rules

pytestmark = [pytest.mark.known, pytest.mark.quick]

GAINS, LAGS = st.sampled_from([0.0, 0.5, 1.5]), st.sampled_from([0.0, 0.5, 1.0])


@given(GAINS, GAINS)
def test_whether_anything_is_gained(hosted, opened):
    w = world(distillation_gain_hosted=hosted, distillation_gain_open=opened)
    assert rules.distils(w) == any(gain > 0.0 for gain in (hosted, opened))
    assert rules.most_distilled(w) == sorted([hosted, opened])[1]


@given(GAINS, GAINS, LAGS, YEARS, st.one_of(YEARS, st.just(math.inf)))
def test_what_a_run_gains(hosted, opened, lag, begun, since):
    """Nothing from what it could not use, or load down, for at least the lag before it began."""
    w = world(distillation_gain_hosted=hosted, distillation_gain_open=opened, distillation_lag=lag)
    in_time = begun - since >= lag
    assert rules.hosted_gain(w, begun, since) == (hosted if in_time else 0.0)
    assert rules.open_gain(w, begun, since) == (opened if in_time else 0.0)


@given(policies(distillation_limit=st.sampled_from([0.0, 0.25, 0.5, 1.0])), YEARS)
def test_what_limits_leave(measures, t):
    """What the strictest of the limits that bind the host leaves."""
    _, policy, regime = records(measures)
    actors = [(c, member) for c, of_class in enumerate(measures[0].obeying) for member in range(len(of_class))]
    for a, (c, member) in enumerate(actors):
        left = [1.0 - one["distillation_limit"] for one in measures if one.binds(c, member, t)]
        assert rules.distillable(policy, regime, a, t) == min([1.0, *left])
