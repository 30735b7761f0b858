"""exp and log without the C library."""

from __future__ import annotations

import math
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.rules.elementary import exp, log, uniform_from_bits

SMALLEST, LARGEST = sys.float_info.min, sys.float_info.max


def ulps(value, reference):
    """Distance in units in the last place of `reference`."""
    return abs(value - float(reference)) / math.ulp(float(reference))


@given(x=st.floats(-708.0, 709.0))
def test_exp_is_within_two_ulp_of_numpy(x):
    assert ulps(exp(x), np.exp(x)) <= 2.0


@given(x=st.floats(SMALLEST, LARGEST))
def test_log_is_within_two_ulp_of_numpy(x):
    assert ulps(log(x), np.log(x)) <= 2.0


def test_exp_and_log_are_within_one_ulp_of_exact_on_a_sweep():
    """The documented error, against the extended precision of numpy's longdouble where it has one."""
    if np.finfo(np.longdouble).eps >= np.finfo(np.float64).eps:
        pytest.skip("no extended precision on this machine")
    rng = np.random.default_rng(1)
    small = np.linspace(-1e-3, 1e-3, 999)
    x = np.concatenate([rng.uniform(-708.0, 709.0, 5_000), rng.uniform(-1.0, 1.0, 5_000), small])
    y = np.concatenate([10.0 ** rng.uniform(-307.0, 308.0, 5_000), rng.uniform(0.5, 2.0, 5_000), 1.0 + small])
    for rule, exact, points in ((exp, np.exp, x), (log, np.log, y)):
        values = np.array([rule(float(point)) for point in points])
        reference = exact(points.astype(np.longdouble))
        nonzero = reference != 0
        error = np.abs(values - reference)[nonzero] / np.spacing(np.abs(reference[nonzero]).astype(np.float64))
        assert float(error.max()) <= 1.0


@pytest.mark.known
def test_exp_and_log_at_their_edges():
    """0 and 1 are exact; beyond its range exp is that of the range's end, so it neither overflows nor vanishes."""
    assert exp(0.0) == exp(-0.0) == 1.0
    assert log(1.0) == 0.0
    assert exp(1e9) == exp(math.inf) == exp(709.0) < math.inf
    assert exp(-1e9) == exp(-math.inf) == exp(-708.0) > 0.0
    for x in (SMALLEST, LARGEST, 2.0**-53, 1.0 - 2.0**-53, 1.0 + 2.0**-52, math.sqrt(0.5), math.sqrt(2.0)):
        assert ulps(log(x), np.log(x)) <= 2.0
    for x in (5e-324, -5e-324, 0.5 * math.log(2.0), 709.0, -708.0, 2.0**-53):
        assert ulps(exp(x), np.exp(x)) <= 2.0


@given(x=st.floats(-700.0, 700.0))
def test_log_undoes_exp(x):
    """To the error of x itself, and of an exponential near 1."""
    assert log(exp(x)) == pytest.approx(x, rel=1e-15, abs=5e-16)


@given(high=st.integers(0, 2**32 - 1), low=st.integers(0, 2**32 - 1))
def test_a_uniform_is_the_middle_of_its_52_bit_cell(high, low):
    """(m + 1/2) / 2^52, m the upper 52 bits of the two words: never 0 or 1."""
    u = uniform_from_bits(high, low)
    assert u == ((high << 20 | low >> 12) + 0.5) / 2**52
    assert 0.0 < u < 1.0


@pytest.mark.parametrize(("word", "expected"), [(0, 2.0**-53), (2**32 - 1, 1.0 - 2.0**-53)])
def test_the_extreme_uniforms_are_inside_the_unit_interval(word, expected):
    assert uniform_from_bits(word, word) == expected
