"""Numbers: constants, five families by parameters and by intervals, truncation, the possible range."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from engine.scenario.families import distribution_of
from engine.scenario.numbers import MOST_NAMED, NEGLIGIBLE, NumberError, Quantity, meant
from engine.scenario.units import FRACTION, GROWTH, MONEY, PLAIN, SCORE, TOKENS, YEARS

ANY = Quantity(PLAIN)
SHARE = Quantity(FRACTION, 0.0, 1.0)
PROBABILITIES = np.array([2.0**-53, 1e-6, 0.05, 0.3, 0.5, 0.8, 0.95, 1.0 - 1e-6, 1.0 - 2.0**-53])
INTERVALS = st.sampled_from([(5, 95), (2.5, 97.5), (10, 90), (25, 75), (1, 99), (5, 50), (10, 30)])


def quantile(raw, *probabilities, quantity=ANY):
    """Quantiles of the number written as `raw`."""
    return quantity.parse(raw).quantile(np.array(probabilities))


@pytest.mark.known
@pytest.mark.parametrize(
    ("raw", "probability", "value"),
    [
        ({"normal": {"mean": 3, "sd": 2}}, 0.975, 3.0 + 2.0 * 1.959963984540054),
        ({"lognormal": {"median": 3, "sigma": 0.5}}, 0.975, 3.0 * np.exp(0.5 * 1.959963984540054)),
        ({"lognormal": {"mean": 3, "sd": 4}}, 0.5, 3.0 / np.sqrt(1.0 + (4.0 / 3.0) ** 2)),
        ({"uniform": {"low": -1, "high": 3}}, 0.25, 0.0),
        ({"triangular": {"low": 0, "mode": 1, "high": 4}}, 0.25, 1.0),
        ({"triangular": {"low": 0, "mode": 1, "high": 4}}, 0.04, 0.4),
        ({"triangular": {"low": 0, "mode": 0, "high": 4}}, 0.75, 2.0),
        ({"beta": {"alpha": 1, "beta": 2}}, 0.75, 0.5),
        ({"beta": {"mean": 0.5, "sd": np.sqrt(1.0 / 12.0)}}, 0.3, 0.3),
    ],
)
def test_a_family_by_its_parameters_has_its_quantiles(raw, probability, value):
    assert quantile(raw, probability) == pytest.approx(value, rel=1e-12)


@pytest.mark.known
@pytest.mark.parametrize("family", ["lognormal", "beta"])
def test_mean_and_sd_are_those_of_the_distribution(family):
    """Integrals over the quantile function, by the midpoint rule."""
    values = quantile({family: {"mean": 0.4, "sd": 0.2}}, *((np.arange(200_000) + 0.5) / 200_000))
    assert values.mean() == pytest.approx(0.4, rel=1e-4)
    assert values.std() == pytest.approx(0.2, rel=1e-3)


@pytest.mark.property
@pytest.mark.parametrize("family", ["normal", "lognormal", "uniform", "triangular", "beta"])
@given(interval=INTERVALS, low=st.floats(0.01, 0.95), width=st.floats(0.02, 0.9), mode=st.floats(0.05, 0.95))
def test_an_interval_is_hit(family, interval, low, width, mode):
    high = low + width
    assume(high < 0.99)
    written = {f"p{interval[0]:g}": low, f"p{interval[1]:g}": high}
    if family == "triangular":
        written["mode"] = low + mode * width
    probabilities = np.array(interval) / 100.0
    assert quantile({family: written}, *probabilities) == pytest.approx([low, high], rel=1e-6)


@pytest.mark.property
@given(
    low=st.floats(0.0, 5.0),
    left=st.floats(0.1, 10.0),
    right=st.floats(0.1, 10.0),
    interval=st.sampled_from([(5, 95), (10, 90), (1, 90)]),
)
def test_a_triangle_is_found_again_from_its_quantiles(low, left, right, interval):
    triangle = {"low": low, "mode": low + left, "high": low + left + right}
    probabilities = np.array(interval) / 100.0
    lower, upper = quantile({"triangular": triangle}, *probabilities)
    assume(lower < triangle["mode"] - 1e-6)
    assume(upper > triangle["mode"] + 1e-6)
    again = {f"p{interval[0]}": float(lower), "mode": triangle["mode"], f"p{interval[1]}": float(upper)}
    ends = quantile({"triangular": again}, 0.0, 1.0)
    assert ends == pytest.approx([triangle["low"], triangle["high"]], abs=1e-6)


@pytest.mark.parametrize(
    "interval", [{"p5": 0.48, "p95": 0.5}, {"p1": 0.7849, "p99": 0.8059}, {"p5": 0.01, "p95": 0.99}]
)
def test_narrow_and_wide_betas_are_found(interval):
    probabilities = [float(key[1:]) / 100.0 for key in interval]
    assert quantile({"beta": interval}, *probabilities) == pytest.approx(list(interval.values()), rel=1e-6)


@pytest.mark.parametrize("raw", [2, 2.0, {"value": 2}, {"value": 2, "unit": "1", "source": "a paper", "note": "why"}])
def test_a_constant_is_the_same_at_every_probability(raw):
    number = ANY.parse(raw)
    assert number.is_constant
    np.testing.assert_array_equal(number.quantile(PROBABILITIES.reshape(3, 3)), np.full((3, 3), 2.0))


def test_a_number_keeps_its_source_and_shows_itself_as_written():
    number = Quantity(YEARS).parse(
        {"normal": {"p5": 3, "p95": 9}, "unit": "months", "source": "a paper", "note": "why"}
    )
    assert (number.source, number.note) == ("a paper", "why")
    assert str(number) == "normal(p5 3, p95 9) months"
    assert str(Quantity(MONEY).parse(1e8)) == "1e+08 US$"


@pytest.mark.known
def test_truncation_is_conditioning():
    """A normal cut at its mean has its median where the normal has its upper quartile."""
    cut = {"normal": {"mean": 1, "sd": 2}, "min": 1}
    assert quantile(cut, 0.5)[0] == pytest.approx(1.0 + 2.0 * stats.norm.ppf(0.75), rel=1e-12)
    both = {"normal": {"mean": 0, "sd": 1}, "min": -1, "max": 2}
    expected = stats.truncnorm.ppf(PROBABILITIES, -1.0, 2.0)
    assert quantile(both, *PROBABILITIES) == pytest.approx(expected, abs=1e-9)


@pytest.mark.property
@given(
    family=st.sampled_from(["normal", "lognormal", "uniform", "beta"]),
    low=st.floats(0.15, 0.75),
    width=st.floats(0.05, 0.5),
)
def test_truncated_draws_stay_within_and_in_order(family, low, width):
    high = low + width
    values = quantile({family: {"p5": 0.2, "p95": 0.8}, "min": low, "max": high}, *PROBABILITIES)
    assert (values >= low).all()
    assert (values <= high).all()
    assert (np.diff(values) >= 0.0).all()


@pytest.mark.parametrize("raw", [0, 1, {"value": 100, "unit": "%"}, {"uniform": {"low": 0, "high": 1}}])
def test_the_ends_of_the_range_are_possible(raw):
    assert SHARE.parse(raw).unit in ("fraction", "%")


@pytest.mark.parametrize("raw", [-0.001, 1.001, {"value": 101, "unit": "%"}, {"uniform": {"low": 0, "high": 1.001}}])
def test_beyond_the_range_is_refused(raw):
    with pytest.raises(NumberError, match="use 0 to 1"):
        SHARE.parse(raw)


def test_an_open_end_is_not_possible():
    score = Quantity(SCORE, 0.0, np.inf, above_low=True)
    assert score.parse(1e-9).is_constant
    with pytest.raises(NumberError, match="0 points is out of range; use above 0 points"):
        score.parse(0)


@pytest.mark.known
def test_a_distribution_may_leave_its_range_by_a_negligible_chance():
    """A normal of sd 1 is below 0 with probability 1e-6 if its mean is 4.753."""
    positive = Quantity(PLAIN, 0.0)
    edge = -float(stats.norm.ppf(NEGLIGIBLE))
    with pytest.raises(NumberError, match=r"it may draw -0\.001; use at least 0, or cut the distribution"):
        positive.parse({"normal": {"mean": edge - 0.001, "sd": 1}})
    rare = quantile({"normal": {"mean": edge + 0.001, "sd": 1}}, 1e-9, 0.5, quantity=positive)
    assert rare == pytest.approx([0.0, edge + 0.001])


@pytest.mark.parametrize(
    ("quantity", "raw", "edge"),
    [
        (Quantity(TOKENS), {"normal": {"mean": 5e12, "sd": 1e12}}, -np.inf),
        (Quantity(GROWTH, -0.3, 3.0), {"normal": {"mean": 5, "sd": 0.9}, "unit": "doubling years"}, 3.0),
    ],
)
def test_a_rare_draw_that_a_unit_cannot_express_is_at_the_edge(quantity, raw, edge):
    """-1 token has no logarithm and 0 doubling years no growth rate, yet no world holds NaN."""
    values = quantile(raw, 1e-9, 1e-7, 0.5, quantity=quantity)
    assert values[0] == edge
    assert not np.isnan(values).any()


@pytest.mark.property
@given(low=st.floats(-12.0, 12.0), width=st.floats(0.01, 12.0), end=st.sampled_from(["least", "most"]))
def test_the_range_that_an_error_names_is_possible(low, width, end):
    """Rounded to three digits, it is rounded inwards."""
    quantity = Quantity(MONEY, low, low + width)
    least, most = quantity.allowed("US$").removesuffix(" US$").split(" to ")
    value = float(least if end == "least" else most)
    assert quantity.parse(value).parameters["value"] == pytest.approx(
        10 ** (low if end == "least" else low + width), rel=0.01
    )


@pytest.mark.parametrize(
    ("quantity", "unit", "words"),
    [
        (SHARE, "fraction", "0 to 1"),
        (SHARE, "%", "0 to 100 %"),
        (Quantity(YEARS, 0.05), "years", "at least 0.05 years"),
        (Quantity(YEARS, 0.05), "months", "at least 0.6 months"),
        (Quantity(GROWTH, 0.0, 3.0), "doubling years", "at least 0.101 doubling years"),
        (Quantity(SCORE, 0.0, 1e6, above_low=True), "points", "above 0 points, at most 1e+06 points"),
        (Quantity(TOKENS), "tokens", "at least 0 tokens"),
        (Quantity(TOKENS), "log10 tokens", "any number"),
    ],
)
def test_the_range_in_words(quantity, unit, words):
    assert quantity.allowed(unit) == words


def test_a_number_already_read_is_taken_as_it_is():
    number = ANY.parse(2)
    assert ANY.parse(number) is number


def test_a_default_is_a_number_in_its_default_unit():
    default = Quantity(MONEY).constant(8.0)
    assert str(default) == "1e+08 US$"
    assert default.quantile(np.array([0.5]))[0] == pytest.approx(8.0, rel=1e-15)


def test_an_unknown_word_is_answered_by_the_nearest_or_by_all():
    assert meant("bugdet", ["budget", "count"]) == "did you mean 'budget'?"
    assert meant("colour", ["budget", "count"]) == "use one of: budget, count"
    many = [f"{letter}{letter}" for letter in "abcdefghijklmnopqrstuvwxyz"]
    assert meant("colour", many).endswith(f"and {len(many) - MOST_NAMED} others")


@pytest.mark.parametrize(
    ("quantity", "raw", "said"),
    [
        (ANY, {"uniform": {"low": 0, "high": 1}, "min": 0.9995}, "min and max leave less than a thousandth"),
        (ANY, {"uniform": {"low": 0, "high": 1}, "min": 0.9985}, ""),
        (ANY, {"uniform": {"low": 0, "high": 1}, "min": 0.5, "max": 0.5}, "min (0.5) must be below max (0.5)"),
        (ANY, {"value": True, "5": None}, "unknown key next to value; use one of: value, unit, source, note"),
        (ANY, {"value": 1, "x": None}, "unknown key next to value"),
        (ANY, {"value": 1, "5": 2}, "unknown key next to value"),
        (ANY, {"value": 1, "5": None}, "a comma ends the number here; write value: 1.5"),
        (ANY, {"value": 10**400}, "a number with hundreds of digits is too large"),
    ],
)
def test_what_is_said_of_a_number(quantity, raw, said):
    if said:
        with pytest.raises(NumberError) as wrong:
            quantity.parse(raw)
        assert str(wrong.value).startswith(said)
    else:
        assert not quantity.parse(raw).is_constant


@pytest.mark.parametrize(
    ("quantity", "raw", "end"),
    [
        (Quantity(GROWTH, -0.302, 3.0), 0, "use 0.499 to 1000 x/yr, or give its unit: {value: 0, unit: OOM/yr}"),
        (Quantity(GROWTH, 0.0, 3.0), -50, "use 1 to 1000 x/yr"),
        (Quantity(MONEY, 0.0, 15.0), np.inf, "use 1 to 1e+15 US$"),
    ],
)
def test_one_other_unit_is_proposed_in_which_a_value_is_possible(quantity, raw, end):
    with pytest.raises(NumberError) as wrong:
        quantity.parse(raw)
    assert str(wrong.value).endswith(f"is out of range; {end}")


def test_where_there_are_no_names_none_is_proposed():
    assert meant("colour", []) == "use one of: none, because there is none here"


@pytest.mark.parametrize(
    ("family", "parameters"),
    [
        ("normal", {"mean": -1.5e308, "sd": 5e307}),
        ("normal", {"mean": 1.5e308, "sd": 5e307}),
        ("normal", {"mean": 1e20, "sd": 1.0}),
        ("lognormal", {"median": 1e300, "sigma": 10.0}),
    ],
)
def test_a_distribution_that_floats_cannot_hold_is_refused(family, parameters):
    """A tail beyond the largest float on either side, or all of it in one float."""
    with pytest.raises(ValueError, match=f"no {family} can be computed from these parameters; use less extreme ones"):
        distribution_of(family, parameters)
