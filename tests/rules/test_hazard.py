"""Integrated hazards."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.rules.hazard import hazard_left, time_to_event


@pytest.mark.known
@given(
    rates=st.lists(st.floats(0.01, 5.0), min_size=1, max_size=6),
    lengths=st.lists(st.floats(0.1, 3.0), min_size=6, max_size=6),
    target=st.floats(0.01, 20.0),
)
def test_an_event_happens_when_the_integral_of_a_changing_hazard_reaches_its_draw(rates, lengths, target):
    """Pieces of constant hazard, used up one after another, against the inverse of the integrated hazard."""
    remaining, t, at = target, 0.0, None
    for rate, length in zip(rates, lengths, strict=False):
        wait = time_to_event(remaining, rate)
        if wait <= length:
            at = t + wait
            break
        remaining = hazard_left(remaining, rate, length)
        t += length
    times = np.concatenate([[0.0], np.cumsum(lengths[: len(rates)])])
    integral = np.concatenate([[0.0], np.cumsum(np.array(rates) * lengths[: len(rates)])])
    if at is None:
        assert target >= integral[-1] * (1.0 - 1e-12)
    else:
        assert at == pytest.approx(np.interp(target, integral, times), rel=1e-9)


def test_without_a_hazard_nothing_ever_happens():
    assert time_to_event(0.5, 0.0) == math.inf
