"""A number of a scenario: a constant or a distribution, in a unit, with its source."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from engine.errors import EngineError
from engine.scenario.errors import shown
from engine.scenario.families import FAMILIES, Distribution, distribution_of
from engine.scenario.readings import decimal_year, either, plain, readings
from engine.scenario.units import DATE, Dimension, as_yaml

#: A draw may fall outside the possible range of its quantity with at most this probability on
#: either side; such draws are set to the edge of the range.
NEGLIGIBLE = 1e-6

#: An error about an unknown name lists at most this many of those that are known.
MOST_NAMED = 24

#: Similarity at which a word counts as a misspelt unit: `years` for `per year`, or US$ for US$/yr, has another meaning.
_NEAR = 0.8

_BESIDE = ("unit", "source", "note")
#: Keys of which a number as a mapping has one.
NUMBER_KEYS = ("value", *FAMILIES)
_EXAMPLE = "{lognormal: {p5: 1, p95: 2}}"
_INFINITE = re.compile(r"([-+]?)\.?inf(?:inity|inite)?", re.IGNORECASE)
_PARAMETER = re.compile(r"p\d.*|mean|sd|median|sigma|low|mode|high|alpha")


class NumberError(EngineError, ValueError):
    """A fault of a number as written; `within` is the faulty key inside it, or empty."""

    def __init__(self, message: str, *within: str) -> None:
        self.within = within
        super().__init__(message)


@dataclass(frozen=True)
class Number:
    """A constant or a distribution, together with the quantity it measures.

    `quantile` is the only way to its values: a constant has the same value at every probability.
    """

    quantity: Quantity
    unit: str
    family: str
    parameters: Mapping[str, float]
    minimum: float = -math.inf
    maximum: float = math.inf
    source: str = ""
    note: str = ""

    @property
    def is_constant(self) -> bool:
        """Whether the number is the same in every world."""
        return self.family == "value"

    @cached_property
    def distribution(self) -> Distribution:
        """The distribution in the unit as written, before it is cut. Not for a constant."""
        return distribution_of(self.family, self.parameters)

    @cached_property
    def edges(self) -> tuple[float, float]:
        """Probabilities below the minimum and up to the maximum."""
        return float(self.distribution.probability(self.minimum)), float(self.distribution.probability(self.maximum))

    def written_quantile(self, probability: NDArray[np.float64]) -> NDArray[np.float64]:
        """Values at `probability` (any shape), in the unit as written."""
        probability = np.asarray(probability, dtype=np.float64)
        if self.is_constant:
            return np.full(probability.shape, self.parameters["value"])
        # A tail may exceed the largest float: it is infinite there, and cut at the range.
        with np.errstate(over="ignore", invalid="ignore"):
            below, upto = self.edges
            values = self.distribution.quantile(below + probability * (upto - below))
        return np.asarray(np.clip(values, self.minimum, self.maximum), dtype=np.float64)

    def quantile(self, probability: NDArray[np.float64]) -> NDArray[np.float64]:
        """Values at `probability` (any shape), in the unit that worlds carry."""
        return self.quantity.carried(self.written_quantile(probability), self.unit)

    def __str__(self) -> str:
        if self.is_constant:
            return f"{self.parameters['value']:g} {self.unit}"
        inside = ", ".join(f"{key} {value:g}" for key, value in self.parameters.items())
        return f"{self.family}({inside}) {self.unit}"


@dataclass(frozen=True)
class Quantity:
    """The quantity of a key: its dimension and the possible range, in the carried unit.

    Used as an annotation, `Annotated[Number, Quantity(YEARS, 0.0, 50.0)]`, it makes pydantic read
    the key by `parse`.
    """

    dimension: Dimension
    low: float = -math.inf
    high: float = math.inf
    above_low: bool = False

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.parse)

    def constant(self, value: float) -> Number:
        """A constant given in the carried unit, for defaults."""
        unit = self.dimension.default_unit
        written = self.dimension.units[unit].from_carried(np.array(value))
        return Number(self, unit, "value", {"value": float(written)})

    def parse(self, raw: Any) -> Number:
        """Read a number as written in a scenario; NumberError gives the right form."""
        if isinstance(raw, Number):
            return raw
        number = self._read(raw)
        self._check_range(number)
        return number

    def _read(self, raw: Any) -> Number:
        if not isinstance(raw, Mapping):
            return Number(self, self.dimension.default_unit, "value", {"value": self._real(raw)})
        family = _family(raw)
        unit = raw.get("unit", self.dimension.default_unit)
        if not isinstance(unit, str) or unit not in self.dimension.units:
            units = ", ".join(as_yaml(known) for known in self.dimension.units)
            raise NumberError(f"{shown(unit)} is not a unit of this number; use one of: {units}", "unit")
        texts = {key: raw.get(key, "") for key in ("source", "note")}
        for key, text in texts.items():
            if not isinstance(text, str):
                raise NumberError(f"must be text, not {shown(text)}; put it in quotes", key)
        if family == "value":
            return Number(self, unit, family, {"value": self._real(raw["value"], "value")}, **texts)
        low, high = (
            _real(raw[key], key) if key in raw else edge for key, edge in (("min", -math.inf), ("max", math.inf))
        )
        if not low < high:
            raise NumberError(f"min ({low:g}) must be below max ({high:g})", "min")
        number = Number(self, unit, family, _parameters(raw[family], family), low, high, **texts)
        with np.errstate(over="ignore"):
            left = number.distribution.probability(high) - number.distribution.probability(low)
        if left < 1e-3:
            raise NumberError("min and max leave less than a thousandth of the distribution; widen them")
        return number

    def _real(self, raw: Any, *within: str) -> float:
        """A constant; if a unit was written into it, the error shows how to write both."""
        if not isinstance(raw, str):
            return _real(raw, *within)
        numbers, rest = readings(raw)
        near = difflib.get_close_matches(rest, self.dimension.units, n=1, cutoff=_NEAR)
        if infinite := _INFINITE.fullmatch(rest):
            mend = f"{infinite[1].strip('+')}.inf"
        elif self.dimension is DATE and decimal_year(raw):
            mend = decimal_year(raw)
        elif numbers and not rest:
            mend = either(numbers)
        elif numbers and near:
            mend = either([f"{{value: {number}, unit: {as_yaml(near[0])}}}" for number in numbers])
        elif numbers and (rest[0].isalpha() or rest[0] in "%$€£"):
            units = [as_yaml(unit) for unit in self.dimension.units]
            mend = f"{{value: NUMBER, unit: {units[0]}}}, with one of: {', '.join(units)}"
        else:
            mend = f"a number or a distribution such as {_EXAMPLE}"
        raise NumberError(f"{shown(raw)} is text, not a number; write {mend}", *within)

    def carried(self, written: NDArray[np.float64], unit: str) -> NDArray[np.float64]:
        """Values in the unit that worlds carry; those outside the possible range are set to its edge."""
        values = self._converted(written, unit)
        return np.where(np.isnan(values), self.lowest(unit), np.clip(values, self.low, self.high))

    def lowest(self, unit: str) -> float:
        """The end of the possible range that is the lower in `unit`.

        It stands for values that the unit cannot express, such as -1 FLOP or 0 doubling years.
        """
        return min(self.low, self.high, key=lambda end: self._written(end, unit))

    def _converted(self, written: NDArray[np.float64], unit: str) -> NDArray[np.float64]:
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            return self.dimension.units[unit].to_carried(written)

    def _written(self, carried: float, unit: str) -> float:
        with np.errstate(divide="ignore", over="ignore"):
            return float(self.dimension.units[unit].from_carried(np.array(carried)))

    def allowed(self, unit: str) -> str:
        """The possible range in `unit`, as text; its ends are rounded inwards to three digits."""
        low, high = sorted(self._written(end, unit) for end in (self.low, self.high))
        least, most = _inwards(low, math.ceil), _inwards(high, math.floor)
        called = "" if unit in ("1", "fraction") else f" {unit}"
        if self.above_low:
            return f"above {least}{called}" + ("" if math.isinf(high) else f", at most {most}{called}")
        if math.isinf(high):
            return "any number" if math.isinf(low) else f"at least {least}{called}"
        return f"{least} to {most}{called}"

    def _inside(self, written: NDArray[np.float64], unit: str) -> NDArray[np.bool_]:
        carried = self._converted(written, unit)
        # Conversion may move a carried constant outside the range by a rounding error.
        inside = (self.low - 1e-9 <= carried) & (carried <= self.high + 1e-9)
        return inside & (carried > self.low) if self.above_low else inside

    def _check_range(self, number: Number) -> None:
        # Every unit is monotone, so the edges represent all values between them.
        edges = number.written_quantile(np.array([NEGLIGIBLE, 1.0 - NEGLIGIBLE]))
        for value, inside in zip(edges, self._inside(edges, number.unit), strict=True):
            if not inside:
                raise NumberError(self._out_of_range(number, float(value)))

    def _out_of_range(self, number: Number, value: float) -> str:
        unit = "" if number.unit in ("1", "fraction") else f" {number.unit}"
        mend = f"use {self.allowed(number.unit)}"
        if not number.is_constant:
            return f"it may draw {value:.3g}{unit}; {mend}, or cut the distribution with `min:` or `max:`"
        for other in self.dimension.units:
            if math.isfinite(value) and self._inside(np.array([value]), other).all():
                mend += f", or give its unit: {{value: {value:g}, unit: {as_yaml(other)}}}"
                break
        return f"{value:g}{unit} is out of range; {mend}"


def meant(word: str, allowed: tuple[str, ...] | list[str]) -> str:
    """The end of an error about an unknown `word`: the nearest allowed one, or all of them."""
    near = difflib.get_close_matches(word, allowed, n=1)
    if near:
        return f"did you mean '{near[0]}'?"
    some = ", ".join(allowed[:MOST_NAMED]) if allowed else "none, because there is none here"
    return f"use one of: {some}" + (f", and {len(allowed) - MOST_NAMED} others" if len(allowed) > MOST_NAMED else "")


def begins_with_year(key: Any) -> bool:
    """Whether a key of a mapping is meant as a date: it begins with four digits."""
    return len(digits := str(key)[:4]) == 4 and digits.isascii() and digits.isdigit()


def _family(raw: Mapping[str, Any]) -> str:
    """The form in which the mapping `raw` gives a number: `value` or a distribution."""
    check_commas(raw)
    given = [key for key in NUMBER_KEYS if key in raw]
    if len(given) > 1:
        raise NumberError(f"a number is given by one distribution, not by {' and '.join(given)}; remove one")
    allowed = (*(given or NUMBER_KEYS), *_BESIDE, *(() if given == ["value"] else ("min", "max")))
    for key in raw:
        if not given and _PARAMETER.fullmatch(str(key)):
            raise NumberError(f"belongs to a distribution; write one such as {_EXAMPLE}", str(key))
        if not given and begins_with_year(key):
            raise NumberError("only levers and `compliance` of a measure change at dates; write one number", str(key))
        if key not in allowed:
            beside = f"next to {given[0]}" if given else "in a number"
            raise NumberError(f"unknown key {beside}; {meant(str(key), allowed)}", str(key))
    if not given:
        raise NumberError(f"a number is missing; give `value:` or a distribution such as {_EXAMPLE}")
    return given[0]


def _parameters(raw: Any, family: str) -> dict[str, float]:
    """The parameters of a distribution, checked."""
    if not isinstance(raw, Mapping):
        raise NumberError(f"needs its parameters, for example {family}: {{p5: 1, p95: 2}}", family)
    check_commas(raw, family)
    parameters = {str(key): _real(value, family, str(key)) for key, value in raw.items()}
    for key, value in parameters.items():
        if math.isinf(value):
            raise NumberError("must be finite; write a number such as 2e7", family, key)
    try:
        distribution_of(family, parameters)
    except ValueError as error:
        raise NumberError(str(error), family) from None
    return parameters


def _real(raw: Any, *within: str) -> float:
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        what = "a number" if within else f"a number, or a distribution such as {_EXAMPLE}"
        raise NumberError(f"must be {what}, not {shown(raw)}{plain(raw)}", *within)
    try:
        value = float(raw)
    except OverflowError:
        raise NumberError(f"{shown(raw)} is too large; write a number such as 2e7", *within) from None
    if math.isnan(value):
        raise NumberError("NaN is not allowed; write a number such as 2e7", *within)
    return value


def check_commas(raw: Mapping[str, Any], *within: str) -> None:
    """Raise NumberError if a comma within a number, as in {value: 1,5}, has turned the rest into a key."""
    before: tuple[str, Any] | None = None
    for key, value in raw.items():
        if before is not None and value is None and str(key).isdecimal():
            numbers, _ = readings(f"{before[1]},{key}")
            if numbers:
                mend = either([f"{before[0]}: {number}" for number in numbers])
                raise NumberError(f"a comma ends the number here; write {mend}", *within, before[0])
        before = (str(key), value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _inwards(value: float, rounded: Callable[[float], int]) -> str:
    if value == 0.0 or math.isinf(value):
        return f"{value:g}"
    step = 10.0 ** (math.floor(math.log10(abs(value))) - 2)
    # A whole number of steps, apart from its last bits, is unchanged.
    whole = round(value / step)
    steps = whole if math.isclose(whole, value / step, rel_tol=1e-9) else rounded(value / step)
    return f"{steps * step:g}"
