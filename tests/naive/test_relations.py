"""Relations between classes as docs/model.md states them, in plain Python: factors in one direction."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plain_measures import Measure, records

from engine.rules.diffusion import unsecured
from engine.rules.secrecy import crossing_lag

pytestmark = [pytest.mark.known, pytest.mark.quick]

PLACES = st.lists(st.sampled_from([0, 1, 2]), min_size=4, max_size=4)
FACTORS = st.sampled_from([0.0, 0.5, 1.0, 3.0])


@given(PLACES, FACTORS, FACTORS, st.sampled_from([0.0, 0.25, 1.0]))
def test_factors_of_a_pair(places, first, second, least):
    """On the lag from a finder to an adopter, and on the theft by one from another, whatever secures the holder."""
    standard = Measure(2020.0, 2030.0, [[True], [False]], {"least_security": least})
    w, policy, regime = records([standard], security=[0.5, 0.5])
    w["relation"][:2, :2] = [places[:2], places[2:]]
    w["lag_factor"][:3], w["theft_factor"][:3] = [1.0, first, second], [1.0, second, first]
    for former in range(2):
        for latter in range(2):
            place = places[2 * former + latter]
            assert crossing_lag(w, former, latter, 2.0) == 2.0 * [1.0, first, second][place]
            prevented = max(0.5, least) if former == 0 else 0.5
            found = unsecured(w, policy, regime, latter, former, 2025.0)
            assert found == pytest.approx((1.0 - prevented) * [1.0, second, first][place], rel=1e-15)
