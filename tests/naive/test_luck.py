"""Addressed draws as docs/model.md states them, in plain Python with whole numbers of any size."""

from __future__ import annotations

import math
from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plain_gamma import gamma

from engine.rules import luck as rules
from engine.rules.hazard import hazard_left, time_to_event

pytestmark = [pytest.mark.known, pytest.mark.quick]


def philox(key, counter):
    """Philox4x32-10 (Salmon et al. 2011): ten rounds, and the key grows after each."""
    for turn in range(10):
        first, second = (word + turn * step for word, step in zip(key, (0x9E3779B9, 0xBB67AE85)))
        a, b = divmod(0xD2511F53 * counter[0], 2**32)
        c, d = divmod(0xCD9E8D57 * counter[2], 2**32)
        counter = (c ^ counter[1] ^ first % 2**32, d, a ^ counter[3] ^ second % 2**32, b)
    return counter


def uniforms(luck, stream, entity, block):
    """Two numbers of 52 bits, each in the middle of its cell."""
    seed, w, future = luck
    words = philox((seed % 2**32, seed // 2**32), (w, future, stream * 2**26 + entity, block))
    return [((words[n] * 2**32 + words[n + 1]) // 2**12 + 0.5) / 2**52 for n in (0, 2)]


ENTITIES, WORDS, STREAMS = st.integers(0, 2**26 - 1), st.integers(0, 2**32 - 1), st.sampled_from(rules.Stream)


@given(st.tuples(st.integers(0, 2**63 - 1), WORDS, WORDS), STREAMS, ENTITIES, st.integers(0, 2**32 - 1))
def test_draws(luck, stream, entity, index):
    block = uniforms(luck, stream, entity, index // 2)
    assert list(rules.uniform_pair(luck, stream, entity, index // 2)) == block
    u = block[index % 2]
    assert rules.uniform(luck, stream, entity, index) == u
    assert rules.normal(luck, stream, entity, index) == pytest.approx(NormalDist().inv_cdf(u), rel=1e-9, abs=1e-12)
    assert rules.exponential(luck, stream, entity, index) == pytest.approx(-math.log(u), rel=1e-12)


@given(st.integers(0, 1000), st.integers(0, 2**20), st.sampled_from([0.05, 0.5, 0.999, 1.0, 1.001, 3.0, 400.0]))
def test_gammas(future, index, shape):
    expected = gamma((1, 2, future), rules.Stream.DEFENCE, 5, index, shape)
    assert rules.gamma((1, 2, future), rules.Stream.DEFENCE, 5, index, shape) == pytest.approx(expected, rel=1e-9)


@given(st.sampled_from([0.0, 0.5, 3.0]), st.sampled_from([0.0, 0.25, 4.0, math.inf]), st.sampled_from([0.0, 0.5, 2.0]))
def test_hazards_are_used_up(remaining, hazard, years):
    """A hazard of h uses up h a year, and one of none nothing, ever."""
    assert time_to_event(remaining, hazard) == (math.inf if hazard == 0.0 else remaining / hazard)
    if hazard < math.inf:
        assert hazard_left(remaining, hazard, years) == remaining - hazard * years
