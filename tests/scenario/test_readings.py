"""What an error proposes to write instead of a text: the number that is meant, never another."""

from __future__ import annotations

import re

import numpy as np
import pytest
from helpers import scenario_data
from hypothesis import assume, given
from hypothesis import strategies as st

import engine
from engine.scenario.numbers import NumberError, Quantity
from engine.scenario.readings import decimal_year, plain, readings, whole
from engine.scenario.source import parsed
from engine.scenario.units import DATE, FRACTION, GROWTH, MONEY, RATE, YEARS


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("1,5", ["1.5"]),
        ("0,500", ["0.5"]),
        (",5", ["0.5"]),
        ("-1,5", ["-1.5"]),
        ("1,000", ["1000", "1.0"]),
        ("1,500", ["1500", "1.5"]),
        ("12,345e3", ["12345e3", "12.345e3"]),
        ("1,234,567.8", ["1234567.8"]),
        ("1.234.567,8", ["1234567.8"]),
        ("1.000,5", ["1000.5"]),
        ("1.000.000", ["1000000"]),
        ("1'000", ["1000"]),
        ("1\u2019000", ["1000"]),
        ("1 000,5", ["1000.5"]),
        ("1\u202f000", ["1000"]),
        ("1_000", ["1000"]),
        ("\uff11\uff15", ["15"]),
        ("\uff11\uff0c\uff15", ["1.5"]),
        (".5e3", ["0.5e3"]),
        ("+.5", ["0.5"]),
        ("10^26", ["1e26"]),
        ("2 x 10^26", ["2e26"]),
        ("2\u00d710**26", ["2e26"]),
        ("1,5 million", ["1.5e6"]),
        ("1,00,000", []),
        ("5 10", []),
        ("1.5.2024", []),
        ("lots", []),
    ],
)
def test_the_readings_of_a_text(text, right):
    assert readings(text) == (tuple(right), readings(text)[1])
    assert not right or readings(text)[1] == ""


@pytest.mark.property
@given(
    number=st.floats(-1e12, 1e12, allow_nan=False) | st.integers(-(10**12), 10**12),
    mark=st.sampled_from([("", ","), (".", ","), ("'", "."), (" ", ","), ("_", "."), (",", ".")]),
    unit=st.sampled_from(["", "US$", "%", "years"]),
)
def test_what_was_meant_is_always_among_the_readings(number, mark, unit):
    """However a program of whatever country writes it. One more reading there is only of a comma and three digits."""
    written = f"{number:,.6g}" if abs(number) < 1e5 else f"{number:,.0f}"
    value = float(written.replace(",", ""))
    between, point = mark
    text = written.replace(",", "t").replace(".", point).replace("t", between)
    assume("e" not in text)
    assume(not re.fullmatch(r"-?\d{1,3}\.\d{3}", text))  # a number in YAML, not a text
    found, rest = readings(f"{text} {unit}")
    assert rest == unit
    assert value in [float(one) for one in found]
    assert len(found) == 1 or re.fullmatch(r"-?\d{1,3},\d{3}", text)


def proposals(quantity, raw):
    """What the error about `raw` says to write, as YAML reads it."""
    with pytest.raises(NumberError) as wrong:
        quantity.parse(raw)
    said = str(wrong.value).partition("; write ")[2].removesuffix(", whichever is meant")
    return [parsed(f"x: {one}", "x").data["x"] for one in said.split(" or ")]


@pytest.mark.parametrize(
    ("dimension", "raw", "right"),
    [
        (FRACTION, "0,5", [0.5]),
        (FRACTION, "1,5%", [{"value": 1.5, "unit": "%"}]),
        (FRACTION, "10 %", [{"value": 10, "unit": "%"}]),
        (MONEY, "1,000 US$", [{"value": 1000, "unit": "US$"}, {"value": 1.0, "unit": "US$"}]),
        (MONEY, "1 000 000 US$", [{"value": 1000000, "unit": "US$"}]),
        (MONEY, "5 million US$", [{"value": 5e6, "unit": "US$"}]),
        (YEARS, "3 month", [{"value": 3, "unit": "months"}]),
        (GROWTH, "2,5 x/year", [{"value": 2.5, "unit": "x/yr"}]),
        (DATE, "2027-06-01", [2027.414]),
        (DATE, "2024-07", [2024.497]),
        (YEARS, "-inf", [-float("inf")]),
    ],
)
def test_a_hint_never_changes_the_value(dimension, raw, right):
    """A kind of fault: what an error says to write is taken as said, and means another number than was meant."""
    assert proposals(Quantity(dimension), raw) == right


@pytest.mark.parametrize(
    ("dimension", "raw"),
    [
        (MONEY, "5k"),
        (MONEY, "20 EUR"),
        (MONEY, "5 US$/yr"),
        (MONEY, "10%"),
        (RATE, "3 months"),
        (MONEY, "1/3"),
        (MONEY, "5-10"),
        (MONEY, "5 \u00b1 2"),
        (MONEY, "10\u00b2\u2076"),
        (DATE, "2027-13-01"),
        (MONEY, "2027-06-01"),
    ],
)
def test_what_is_unclear_is_given_no_number(dimension, raw):
    with pytest.raises(NumberError) as wrong:
        Quantity(dimension).parse(raw)
    said = str(wrong.value).partition("; write ")[2]
    assert said.startswith(("a number or a distribution", "{value: NUMBER, unit:"))


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ({"value": 1, "5": None}, "a comma ends the number here; write value: 1.5"),
        ({"value": 1, "000": None, "unit": "years"}, "write value: 1000 or value: 1.0, whichever is meant"),
        ({"lognormal": {"p5": 1, "5": None, "p95": 3}}, "a comma ends the number here; write p5: 1.5"),
        ({"lognormal": {"p5": "1,5", "p95": 3}}, "must be a number, not '1,5'; write 1.5"),
        ({"normal": {"p5": 1, "p95": 3}, "min": "1 000"}, "must be a number, not '1 000'; write 1000"),
    ],
)
def test_commas_within_mappings(raw, said):
    with pytest.raises(NumberError) as wrong:
        Quantity(YEARS).parse(raw)
    assert said in str(wrong.value)


@pytest.mark.parametrize(
    ("raw", "within"),
    [({"value": 1, "5": None}, ("value",)), ({"lognormal": {"p5": 1, "5": None}}, ("lognormal", "p5"))],
)
def test_a_comma_is_a_mistake_of_the_number_before_it(raw, within):
    with pytest.raises(NumberError, match="a comma ends the number here") as wrong:
        Quantity(YEARS).parse(raw)
    assert wrong.value.within == within


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (10.0, "; write 10"),
        (1e3, "; write 1000"),
        (10.5, ""),
        (float("inf"), ""),
        (float("nan"), ""),
        ("1,000", "; write 1000 or 1, whichever is meant"),
        ("1,5", ""),
        ("10", "; write 10"),
        ("10 workers", ""),
        (999_999_999_999_999.0, "; write 999999999999999"),
        (1e15, ""),
        ("999,999,999,999,999", "; write 999999999999999"),
        ("1,000,000,000,000,000", ""),
        (True, ""),
        (None, ""),
        ([1], ""),
    ],
)
def test_integers_are_written_as_integers(value, said):
    assert whole(value) == said


def test_numbers_that_stand_by_themselves():
    assert plain("2025,5") == "; write 2025.5"
    assert plain("2025-07-02") == "; write 2025.499"
    assert plain("soon") == plain(True) == plain(None) == plain("5 years") == ""
    assert decimal_year("2025") == decimal_year("2025-02-30") == ""


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("count", 3.0, "must be a whole number, such as 10, not 3.0; write 3"),
        ("represents", 1e3, "must be a whole number, such as 10, not 1000.0; write 1000"),
        ("represents", "1,000", "not '1,000'; write 1000 or 1, whichever is meant"),
        ("count", True, "must be a whole number, such as 10, not true"),
    ],
)
def test_integer_keys_of_a_scenario(key, value, said):
    data = scenario_data()
    name = next(iter(data["actor_classes"]))
    data["actor_classes"][name][key] = value
    with pytest.raises(engine.ScenarioError) as wrong:
        engine.parse_scenario(data)
    assert said in str(wrong.value)


@pytest.mark.parametrize("name", ["worlds", "futures", "seed"])
@pytest.mark.parametrize(("value", "end"), [(3.0, "3.0; write 3"), ("3", "'3'; write 3"), (True, "True"), (2.5, "2.5")])
def test_sizes_and_seeds_given_from_python(governed, name, value, end):
    with pytest.raises(ValueError, match=f"^{name} must be a whole number, such as 10, not {re.escape(end)}$"):
        engine.simulate(governed, **({"worlds": 2, "futures": 2, "seed": 1} | {name: value}))


def test_integers_of_numpy_are_integers(tmp_path, scenario_file):
    """Kind: NumPy's integers overflow when multiplied, have no sign, or cannot be written as JSON."""
    scenario = engine.load_scenario(scenario_file)
    expected = engine.simulate(scenario, 20, 15, 3, execution=engine.Execution(threads=1, chunk=7))
    given = engine.simulate(
        scenario,
        np.uint8(20),
        np.int8(15),
        np.uint64(3),
        execution=engine.Execution(threads=np.int64(1), chunk=np.uint16(7), directory=tmp_path / "run"),
    )
    assert given.identical(expected)
    told = engine.replay(scenario, np.uint8(3), np.int16(2), worlds=np.uint8(20), seed=np.uint64(3))
    assert told.narrative() == engine.replay(scenario, 3, 2, worlds=20, seed=3).narrative()


@pytest.mark.parametrize(("name", "value"), [("world", 1.0), ("world", True), ("future", "2"), ("threads", 2.0)])
def test_other_integers_given_from_python(governed, name, value):
    """Kind: a number that is none is refused by the name of what it was given for."""
    call, given = (engine.Execution, {}) if name == "threads" else (engine.replay, {"scenario": governed})
    others = {} if name == "threads" else {"world": 0, "future": 0}
    with pytest.raises(ValueError, match=f"^{name} must be a whole number, such as 10, not {re.escape(repr(value))}"):
        call(**(given | others | {name: value}))


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ("5 m2", "{value: NUMBER, unit: US$}, with one of: US$, log10 US$"),
        ("5 /yr", "a number or a distribution such as {lognormal: {p5: 1, p95: 2}}"),
        ("5 \u20ac", "{value: NUMBER, unit: US$}, with one of: US$, log10 US$"),
        ("lots", "a number or a distribution such as {lognormal: {p5: 1, p95: 2}}"),
        ("+.inf", ".inf"),
    ],
)
def test_what_looks_like_a_unit_begins_with_a_letter_or_a_sign_of_money(raw, said):
    with pytest.raises(NumberError) as wrong:
        Quantity(MONEY).parse(raw)
    assert str(wrong.value).partition("; write ")[2] == said
