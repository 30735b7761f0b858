"""Units: each converts to what a world carries and back, and a bare number is in the first."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from engine.scenario import units
from engine.scenario.numbers import Quantity
from engine.scenario.units import Dimension, as_yaml

pytestmark = pytest.mark.quick

DIMENSIONS = {name: value for name, value in vars(units).items() if isinstance(value, Dimension)}
EVERY_UNIT = [(name, unit) for name, dimension in DIMENSIONS.items() for unit in dimension.units]
every_unit = pytest.mark.parametrize(("dimension", "unit"), EVERY_UNIT)


@every_unit
@pytest.mark.property
@given(written=st.floats(1e-6, 1e6))
def test_what_is_converted_comes_back(dimension, unit, written):
    convert = DIMENSIONS[dimension].units[unit]
    assert convert.from_carried(convert.to_carried(np.array(written))) == pytest.approx(written, rel=1e-9)


@every_unit
def test_a_unit_rises_or_falls_all_along(dimension, unit):
    """So that the quantiles of a distribution are carried to quantiles."""
    steps = np.diff(DIMENSIONS[dimension].units[unit].to_carried(np.logspace(-3, 3, 50)))
    assert (steps > 0.0).all() if not unit.startswith("doubling") else (steps < 0.0).all()


@every_unit
def test_a_unit_is_written_in_yaml_as_errors_write_it(dimension, unit):
    assert YAML(typ="safe", pure=True).load(f"{{unit: {as_yaml(unit)}}}") == {"unit": unit}


@pytest.mark.known
@pytest.mark.parametrize(
    ("dimension", "written", "unit", "carried"),
    [
        ("MONEY", 1e8, "US$", 8.0),
        ("COMPUTE", 26.5, "log10 FLOP", 26.5),
        ("PRICE_PERFORMANCE", 1e18, "FLOP/US$", 18.0),
        ("TOKENS", 0.0, "tokens", -np.inf),
        ("GROWTH", 10.0, "x/yr", 1.0),
        ("GROWTH", 100.0, "%/yr", np.log10(2.0)),
        ("GROWTH", -50.0, "%/yr", -np.log10(2.0)),
        ("GROWTH", 1.0, "doubling years", np.log10(2.0)),
        ("GROWTH", 6.0, "doubling months", 2.0 * np.log10(2.0)),
        ("GROWTH", np.inf, "doubling years", 0.0),
        ("FACTOR", 1.0, "x", 0.0),
        ("OOM", 100.0, "x", 2.0),
        ("UTILISATION", 10.0, "%", -1.0),
        ("EARNINGS", 1e6, "US$/yr", 6.0),
        ("DATE", 2027.5, "year", 2027.5),
        ("YEARS", 18.0, "months", 1.5),
        ("YEARS", 365.25, "days", 1.0),
        ("RATE", 0.5, "per month", 6.0),
        ("FRACTION", 40.0, "%", 0.4),
    ],
)
def test_known_conversions(dimension, written, unit, carried):
    number = Quantity(DIMENSIONS[dimension]).parse({"value": written, "unit": unit})
    assert number.quantile(np.array([0.5]))[0] == pytest.approx(carried, rel=1e-12)


@pytest.mark.parametrize(
    ("dimension", "unit"),
    [
        ("MONEY", "US$"),
        ("COMPUTE", "FLOP"),
        ("PRICE_PERFORMANCE", "FLOP/US$"),
        ("TOKENS", "tokens"),
        ("GROWTH", "x/yr"),
        ("FACTOR", "x"),
        ("OOM", "OOM"),
        ("UTILISATION", "fraction"),
        ("EARNINGS", "US$/yr"),
        ("DATE", "year"),
        ("YEARS", "years"),
        ("RATE", "per year"),
        ("FRACTION", "fraction"),
        ("PLAIN", "1"),
        ("SCORE", "points"),
        ("SCORE_SLOPE", "points/OOM"),
    ],
)
def test_a_bare_number_is_in_the_default_unit(dimension, unit):
    quantity = Quantity(DIMENSIONS[dimension])
    bare, written = quantity.parse(2.5), quantity.parse({"value": 2.5, "unit": unit})
    assert quantity.dimension.default_unit == unit
    assert bare.quantile(np.array([0.5])) == written.quantile(np.array([0.5]))


def test_every_dimension_has_a_known_default_unit():
    """The table above is complete."""
    (mark,) = (m for m in test_a_bare_number_is_in_the_default_unit.pytestmark if m.name == "parametrize")
    assert {dimension for dimension, _ in mark.args[1]} == set(DIMENSIONS)


@pytest.mark.parametrize("unit", ["doubling years", "doubling months"])
@pytest.mark.parametrize("written", [0.0, -1.0])
def test_a_doubling_time_is_above_0(unit, written):
    with pytest.raises(ValueError, match=r"is out of range; use at least"):
        Quantity(DIMENSIONS["GROWTH"], -1.0, 1.0).parse({"value": written, "unit": unit})


def test_a_unit_that_begins_with_a_letter_needs_no_quotes():
    assert [as_yaml(unit) for unit in ("US$", "%/yr", "1", "x")] == ["US$", "'%/yr'", "'1'", "x"]
