"""What a scenario says, against plain Python."""

from __future__ import annotations

import pytest
from helpers import scenario
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InputError
from engine.scenario import check_addresses
from engine.scenario.numbers import Quantity
from engine.scenario.shift_median import median_of, shift_median
from engine.scenario.units import PLAIN

pytestmark = [pytest.mark.known, pytest.mark.quick]


@given(st.sampled_from([2020.0, 2020.25]), st.sampled_from([1.0, 1.5, 2.75, 10.0]), st.sampled_from([0.25, 0.5, 4.0]))
def test_years_and_points_of_time(start, length, step):
    """Whole years after the start; as many steps as come nearest, at least one, of one size."""
    spec = scenario(start=start, horizon=start + length, output={"time_step": step})
    years, year = [], start
    while year <= start + length:
        years.append(year)
        year += 1.0
    assert spec.years.tolist() == years
    steps = max(1, round(length / step))
    assert spec.time_grid.tolist() == pytest.approx([start + n * length / steps for n in range(steps + 1)], rel=1e-14)


@pytest.mark.parametrize("cut", [{}, {"min": 1.0}, {"max": 6.0}, {"min": 1.0, "max": 6.0}])
@pytest.mark.parametrize("median", [2.0, 3.5, 5.0])
def test_a_moved_number_has_the_median_that_was_wished_whichever_side_is_cut(cut, median):
    number = Quantity(PLAIN).parse({"normal": {"mean": 3.0, "sd": 2.0}, **cut})
    assert median_of(shift_median(number, median)) == pytest.approx(median, rel=1e-6)


MOST = 2**32


@pytest.mark.parametrize(
    ("worlds", "futures", "seed", "refusal"),
    [
        (1, 1, 0, None),
        (MOST, MOST, 2**63 - 1, None),
        (0, 1, 0, f"worlds must be 1 to {MOST}, not 0"),
        (MOST + 1, 1, 0, f"worlds must be 1 to {MOST}, not {MOST + 1}"),
        (1, 0, 0, f"futures must be 1 to {MOST}, not 0"),
        (1, MOST + 1, 0, f"futures must be 1 to {MOST}, not {MOST + 1}"),
        (1, 1, -1, "seed must be 0 to 2^63 - 1, not -1"),
        (1, 1, 2**63, f"seed must be 0 to 2^63 - 1, not {2**63}"),
    ],
)
def test_which_futures_have_addresses(worlds, futures, seed, refusal):
    """Words of 32 bits, counted from 0, and a seed of 63."""
    if refusal is None:
        assert check_addresses(worlds, futures, seed, "random") is None
    else:
        with pytest.raises(InputError) as refused:
            check_addresses(worlds, futures, seed, "random")
        assert str(refused.value) == refusal
