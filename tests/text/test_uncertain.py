"""The rule of what a run is too small to say, and probabilities near 0 and 1."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.results.standard_errors import probability_limits
from engine.text.uncertain import Verdict, is_clear, is_known, probability, verdict


@pytest.mark.parametrize(
    ("difference", "error", "heavy", "said"),
    [
        (-3.0, 1.0, False, Verdict.BETTER),
        (3.0, 1.0, False, Verdict.WORSE),
        (-2.0, 1.0, False, Verdict.UNCLEAR),
        (-3.0, 1.0, True, Verdict.UNCLEAR),
        (-4.1, 1.0, True, Verdict.BETTER),
        (0.0, 0.0, True, Verdict.UNCHANGED),
        (1.0, math.nan, False, Verdict.UNCLEAR),
    ],
)
def test_what_a_difference_says(difference, error, heavy, said):
    assert verdict(difference, error, less_is_better=True, heavy_tailed=heavy) == said
    assert is_clear(difference, error, heavy_tailed=heavy) == (said in (Verdict.BETTER, Verdict.WORSE))
    assert not heavy or is_known(difference, error) == (said != Verdict.UNCLEAR)


@pytest.mark.parametrize(
    ("value", "error", "limits", "said"),
    [
        (0.841, 0.012, (0.815, 0.865), "84.1% +- 1.2%"),
        (1.0, 0.0, (0.999616, 1.0), "> 99.96%"),
        (0.0, 0.0, (0.0, 0.000384), "< 0.04%"),
        (0.9998, 0.00014, (0.9993, 0.99995), "99.98% (99.93 to 100%)"),
        (0.0002, 0.00015, (0.00003, 0.0008), "0.02% (0 to 0.08%)"),
        (math.nan, 0.1, (0.0, 1.0), "unknown"),
        (0.5, math.nan, (math.nan, math.nan), "50.0% +- ?"),
    ],
)
def test_a_probability_is_never_certain(value, error, limits, said):
    """Guards against figures such as "100.00% +- 0.00%", which a finite number of futures cannot show."""
    assert probability(value, error, *limits) == said


@pytest.mark.property
@given(happened=st.integers(0, 10_000), deff=st.floats(1.0, 10.0))
def test_no_probability_of_a_run_is_called_certain(happened, deff):
    value, effective = happened / 10_000, 10_000 / deff
    error = math.sqrt(value * (1 - value) / effective)
    lower, upper = probability_limits(np.array(value), np.array(effective), 15)
    text = probability(value, error, lower, upper)
    assert lower <= value <= upper
    assert text.partition("+- ")[2].strip("0.") != "%"
    assert not text.startswith(("100%", "0%", "100.0", "0.00% +-"))
