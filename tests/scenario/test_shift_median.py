"""Moved numbers: the median asked for, the spread as it was, and nothing that a user could not have written."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import special

from engine.scenario import quantities as q
from engine.scenario.numbers import NumberError, Quantity
from engine.scenario.shift_median import LINEAR, LOG, LOGIT, median_of, scale_of, shift_median, with_values, written
from engine.scenario.source import as_one_file, parsed
from engine.scenario.units import FRACTION, PLAIN

ANY = Quantity(PLAIN)
SHARE = Quantity(FRACTION, 0.0, 1.0)
TAILS = np.array([0.05, 0.5, 0.95])

_reals = st.floats(-100.0, 100.0).map(lambda x: round(x, 4))
_widths = st.floats(0.1, 50.0).map(lambda x: round(x, 4))
_shares = st.floats(0.02, 0.98).map(lambda x: round(x, 4))


@st.composite
def uncertain(draw):
    """A number of any family and form, not cut, and a median to move it to."""
    family = draw(st.sampled_from(("normal", "lognormal", "uniform", "triangular", "beta")))
    low, width = draw(_reals), draw(_widths)
    if family == "lognormal":
        median, sigma = draw(st.floats(0.01, 1e6)), draw(st.floats(0.05, 2.0))
        forms = (
            {"median": median, "sigma": sigma},
            {"p5": median / 3.0, "p95": median * 3.0},
            {"mean": median, "sd": median * sigma},
        )
        return ANY.parse({family: draw(st.sampled_from(forms))}), median * draw(st.floats(0.02, 50.0))
    if family == "beta":
        alpha, beta = draw(st.floats(0.5, 30.0)), draw(st.floats(0.5, 30.0))
        return SHARE.parse({family: {"alpha": alpha, "beta": beta}}), draw(_shares)
    forms = {
        "normal": ({"mean": low, "sd": width}, {"p5": low, "p95": low + width}, {"p10": low, "p60": low + width}),
        "uniform": ({"low": low, "high": low + width}, {"p5": low, "p95": low + width}),
        "triangular": (
            {"low": low, "mode": low + 0.3 * width, "high": low + width},
            {"p5": low, "mode": low + 0.6 * width, "p95": low + width},
        ),
    }[family]
    return ANY.parse({family: draw(st.sampled_from(forms))}), draw(_reals)


def apart(number):
    """The width between the 5% and the 95% quantile on the number's natural scale."""
    low, _, high = number.written_quantile(TAILS)
    if number.family == "lognormal":
        return math.log(high / low)
    return float(special.logit(high) - special.logit(low)) if number.family == "beta" else high - low


@pytest.mark.property
@given(uncertain())
def test_the_median_moves_and_the_spread_stays(case):
    number, median = case
    there = shift_median(number, median)
    assert median_of(there) == pytest.approx(median, rel=1e-6, abs=1e-6)
    assert apart(there) == pytest.approx(apart(number), rel=1e-5)
    assert (there.family, there.unit, there.quantity) == (number.family, number.unit, number.quantity)


@pytest.mark.property
@given(uncertain())
def test_a_moved_number_is_one_that_a_file_can_hold(case):
    """Written to YAML and read again it is the same to the bit."""
    number, median = case
    there = shift_median(number, median)
    again = parsed(as_one_file({"number": written(there)}), "file").data["number"]
    assert number.quantity.parse(again) == there


@pytest.mark.property
@settings(max_examples=60)
@given(uncertain(), st.floats(0.1, 0.45), st.floats(0.55, 0.9), st.floats(0.2, 0.8))
def test_cuts_stay_where_they_are_and_the_median_is_that_of_what_they_leave(case, low, high, between):
    number, _ = case
    low, high = (float(edge) for edge in number.written_quantile(np.array([low, high])))
    assume(high - low > 1e-3)
    cut = number.quantity.parse({**written(number), "min": low, "max": high})
    median = low + between * (high - low)
    try:
        there = shift_median(cut, median)
    except ValueError:
        # So far out that too little of the distribution is left, or no beta is as wide.
        assume(False)
    assert (there.minimum, there.maximum) == (low, high)
    assert median_of(there) == pytest.approx(median, rel=1e-5, abs=1e-5)


def test_parameters_are_moved_as_they_were_written():
    number = q.GROWTH.parse({"lognormal": {"p5": 1.6, "p95": 3.6}, "min": 1, "unit": "x/yr", "source": "a paper"})
    uncut = ANY.parse({"lognormal": {"p5": 1.0, "p95": 4.0}})
    assert written(shift_median(uncut, 3.0)) == {
        "lognormal": {"p5": 1.5, "p95": 6.0},
        "unit": "1",
        "note": "Moved: the median was 2 1",
    }
    there = shift_median(number, 3.0)
    assert list(there.parameters) == ["p5", "p95"]
    assert (there.minimum, there.source) == (1.0, "a paper")
    assert there.note == "Moved: the median was 2.4 x/yr"
    assert shift_median(ANY.parse({"normal": {"mean": 1.0, "sd": 2.0}}), 4.0).parameters == {"mean": 4.0, "sd": 2.0}
    assert shift_median(ANY.parse({"lognormal": {"median": 1.0, "sigma": 2.0}}), 4.0).parameters == {
        "median": 4.0,
        "sigma": 2.0,
    }


def test_a_number_that_stays_is_itself():
    for raw in (2.0, {"lognormal": {"p5": 1.0, "p95": 4.0}}, {"beta": {"alpha": 2, "beta": 5}}):
        number = SHARE.parse(raw) if isinstance(raw, dict) and "beta" in raw else ANY.parse(raw)
        assert shift_median(number, median_of(number)) is number


def test_constants_are_replaced():
    there = shift_median(q.MONEY.parse({"value": 2e7, "unit": "US$", "source": "a paper"}), 3e8)
    assert written(there) == {"value": 3e8, "unit": "US$", "note": "Moved: the median was 2e+07 US$"}


@pytest.mark.parametrize(
    ("number", "scale"),
    [
        (ANY.parse({"lognormal": {"p5": 1.0, "p95": 4.0}}), LOG),
        (SHARE.parse({"beta": {"alpha": 2, "beta": 5}}), LOGIT),
        (ANY.parse({"uniform": {"low": 1.0, "high": 4.0}}), LINEAR),
        (q.MONEY.parse(2e7), LOG),
        (q.MONEY.parse({"value": 7.3, "unit": "log10 US$"}), LINEAR),
        (q.FRACTION.parse(0.3), LINEAR),
        (q.SHIFT.parse(-0.3), LINEAR),
    ],
)
def test_natural_scales(number, scale):
    assert scale_of(number) is scale
    assert scale.value(scale.place(0.3)) == pytest.approx(0.3)


@pytest.mark.parametrize(
    ("number", "median", "words"),
    [
        (ANY.parse({"normal": {"p5": 1, "p95": 2}, "min": 0}), -1.0, "not between min (0) and max (inf)"),
        (ANY.parse({"normal": {"p5": 1, "p95": 2}}), math.nan, "not between"),
        (ANY.parse({"normal": {"p5": 1, "p95": 2}, "max": 3}), 3.0 - 1e-9, "min and max leave"),
        (ANY.parse({"lognormal": {"p5": 1, "p95": 2}}), 0.0, "a lognormal has no median of 0"),
        (SHARE.parse({"beta": {"alpha": 2, "beta": 5}}), 1.5, "a beta has no median of 1.5"),
        (q.YEARS.parse({"lognormal": {"p5": 1, "p95": 2}}), 90.0, "it may draw"),
        (q.FRACTION.parse(0.5), 1.5, "out of range"),
    ],
)
def test_what_a_number_cannot_be(number, median, words):
    with pytest.raises(ValueError, match=re.escape(words)):
        shift_median(number, median)


def test_out_of_range_is_the_error_of_numbers():
    with pytest.raises(NumberError):
        shift_median(q.FRACTION.parse(0.5), 1.5)


def test_values_replace_others_and_leave_the_data_as_it_was():
    data = {"a": {"b": 1, "c": {"d": 2}}, "e": 3}
    assert with_values(data, {"a.c.d": 5, "e": {"f": 1}}) == {"a": {"b": 1, "c": {"d": 5}}, "e": {"f": 1}}
    assert data == {"a": {"b": 1, "c": {"d": 2}}, "e": 3}
    with pytest.raises(KeyError):
        with_values(data, {"a.x": 1})


@pytest.mark.known
@pytest.mark.parametrize(
    ("scale", "value", "place"),
    [(LOG, math.inf, 700.0), (LOG, math.exp(699.0), 699.0), (LOG, 1.0, 0.0), (LOGIT, 0.5, 0.0), (LINEAR, -3.0, -3.0)],
)
def test_values_at_places_on_scales(scale, value, place):
    """Above e^700 a value is infinite: the exponential would soon be too large for a float."""
    assert scale.value(place) == pytest.approx(value, rel=1e-12)


def test_nothing_has_no_logarithm():
    assert (LOG.place(0.0), LOG.place(1.0)) == (-math.inf, 0.0)
    assert scale_of(q.YEARS.parse(0.0)) is LINEAR
    assert scale_of(q.YEARS.parse(0.5)) is LOG


def test_parameters_are_moved_to_ten_digits():
    moved = shift_median(ANY.parse({"normal": {"mean": 1.0, "sd": 2.0}}), 1.0 / 3.0)
    assert moved.parameters["mean"] == 0.3333333333
    assert shift_median(ANY.parse(1.0), 2.0 / 3.0).parameters == {"value": 0.6666666667}


@pytest.mark.parametrize("median", [0.0, 6.0])
def test_a_median_is_not_an_end_of_what_is_left(median):
    with pytest.raises(ValueError, match=r"is not between min \(0\) and max \(6\)"):
        shift_median(ANY.parse({"normal": {"mean": 3, "sd": 2}, "min": 0, "max": 6}), median)
