"""The standard normal distribution."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats

from engine.rules.normal import normal_cdf, normal_quantile, truncated_normal_quantile

UNIFORM = st.floats(2.0**-53, 1.0 - 2.0**-53)


@given(p=UNIFORM)
def test_the_quantile_is_that_of_scipy(p):
    """To 1e-13 relative (Wichura 1988, AS 241)."""
    assert normal_quantile(p) == pytest.approx(special.ndtri(p), rel=1e-13, abs=1e-16)


def test_the_quantile_is_that_of_scipy_on_a_sweep():
    """To 1e-13 relative, from 1e-300 to 1 - 2^-53 and across the joints of the approximation."""
    joints = [0.075, 0.925, math.exp(-25.0), 1.0 - math.exp(-25.0)]
    near = [joint + side * 1e-9 * min(joint, 1.0 - joint) for joint in joints for side in (-1, 0, 1)]
    middle, upper = np.linspace(0.01, 0.99, 1_001), 1.0 - np.logspace(-15, -1, 99)
    p = np.concatenate([np.logspace(-300, -0.31, 3_000), middle, upper, near])
    ours = np.array([normal_quantile(float(x)) for x in p])
    np.testing.assert_allclose(ours, special.ndtri(p), rtol=1e-13, atol=1e-16)


@given(p=st.integers(1, 2**52 - 1).map(lambda n: n / 2**53))
def test_the_quantile_is_odd_about_one_half(p):
    assert normal_quantile(1.0 - p) == -normal_quantile(p)


@given(x=st.floats(-37.0, 8.0))
def test_the_cdf_is_that_of_scipy(x):
    assert normal_cdf(x) == pytest.approx(special.ndtr(x), rel=1e-12)


@given(p=UNIFORM, mean=st.floats(0.0, 10.0), sd=st.floats(1e-3, 10.0))
def test_the_truncated_quantile_is_that_of_scipy(p, mean, sd):
    """Quantile of Normal(mean, sd) given that it is above 0, for the means a scenario may have."""
    reference = stats.truncnorm.ppf(p, -mean / sd, np.inf, loc=mean, scale=sd)
    # The probability above p has an absolute rounding error, which the upper tail magnifies.
    error = 1e-9 + 4e-16 / stats.norm.pdf((reference - mean) / sd)
    assert truncated_normal_quantile(p, mean, sd) == pytest.approx(reference, abs=sd * error)


@given(p=UNIFORM, mean=st.floats(-10.0, 10.0))
def test_without_spread_the_truncated_quantile_is_the_mean_or_zero(p, mean):
    assert truncated_normal_quantile(p, mean, 0.0) == max(mean, 0.0)


@given(p=UNIFORM, q=UNIFORM, mean=st.floats(0.0, 10.0), sd=st.floats(0.0, 10.0))
def test_the_truncated_quantile_is_never_negative_and_rises(p, q, mean, sd):
    low, high = (truncated_normal_quantile(x, mean, sd) for x in sorted((p, q)))
    assert 0.0 <= low <= high < math.inf
