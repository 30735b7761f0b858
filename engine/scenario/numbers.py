"""A number of a scenario: a constant or a distribution, in a unit, with its source."""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from engine.scenario.families import FAMILIES, frozen
from engine.scenario.units import Dimension

#: A draw may fall outside the possible range of its quantity with at most this probability on
#: either side; such draws are set to the edge of the range.
NEGLIGIBLE = 1e-6

_BESIDE = ("unit", "source", "note")
_ONE_OF = ("value", *FAMILIES)


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
    def _distribution(self) -> Any:
        return frozen(self.family, self.parameters)

    def written_quantile(self, probability: NDArray[np.float64]) -> NDArray[np.float64]:
        """Values at `probability` (any shape), in the unit as written."""
        probability = np.asarray(probability, dtype=np.float64)
        if self.is_constant:
            return np.full(probability.shape, self.parameters["value"])
        below, upto = 0.0, 1.0
        if self.minimum > -math.inf:
            below = float(self._distribution.cdf(self.minimum))
        if self.maximum < math.inf:
            upto = float(self._distribution.cdf(self.maximum))
        values = self._distribution.ppf(below + probability * (upto - below))
        return np.asarray(np.clip(values, self.minimum, self.maximum), dtype=np.float64)

    def quantile(self, probability: NDArray[np.float64]) -> NDArray[np.float64]:
        """Values at `probability` (any shape), in the unit that worlds carry."""
        with np.errstate(divide="ignore", invalid="ignore"):
            carried = self.quantity.dimension.units[self.unit].to_carried(self.written_quantile(probability))
        return np.clip(carried, self.quantity.low, self.quantity.high)

    def __str__(self) -> str:
        if self.is_constant:
            return f"{self.parameters['value']:g} {self.unit}"
        inside = ", ".join(f"{key} {value:g}" for key, value in self.parameters.items())
        return f"{self.family}({inside}) {self.unit}"


@dataclass(frozen=True)
class Quantity:
    """What a key measures: its dimension and the possible range, in the carried unit.

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
        """Read a number as written in a scenario; ValueError says what would be right."""
        if isinstance(raw, Number):
            return raw
        number = self._read(raw)
        self._check_range(number)
        return number

    def _read(self, raw: Any) -> Number:
        if not isinstance(raw, Mapping):
            return Number(self, self.dimension.default_unit, "value", {"value": _real(raw, "the value")})
        given = [key for key in _ONE_OF if key in raw]
        if len(given) != 1:
            found = " and ".join(given) if given else "none"
            raise ValueError(f"a number is given by exactly one of {', '.join(_ONE_OF)}; found {found}")
        family = given[0]
        allowed = (family, *_BESIDE, *(() if family == "value" else ("min", "max")))
        for key in raw:
            if key not in allowed:
                raise ValueError(f"unknown key '{key}' beside {family}; {meant(str(key), allowed)}")
        unit = raw.get("unit", self.dimension.default_unit)
        if unit not in self.dimension.units:
            raise ValueError(f"unit '{unit}' is wrong here; use one of: {', '.join(self.dimension.units)}")
        texts = {key: raw.get(key, "") for key in ("source", "note")}
        for key, text in texts.items():
            if not isinstance(text, str):
                raise ValueError(f"{key} must be text; put it in quotes")
        if family == "value":
            return Number(self, unit, family, {"value": _real(raw["value"], "value")}, **texts)
        if not isinstance(raw[family], Mapping):
            raise ValueError(f"{family} needs its parameters, for example {family}: {{p5: 1, p95: 2}}")
        parameters = {str(key): _finite(value, str(key)) for key, value in raw[family].items()}
        frozen(family, parameters)
        low = _real(raw.get("min", -math.inf), "min")
        high = _real(raw.get("max", math.inf), "max")
        if not low < high:
            raise ValueError(f"min ({low:g}) must be below max ({high:g})")
        number = Number(self, unit, family, parameters, low, high, **texts)
        if number._distribution.cdf(high) - number._distribution.cdf(low) < 1e-3:
            raise ValueError("min and max leave less than a thousandth of the distribution; widen them")
        return number

    def _check_range(self, number: Number) -> None:
        convert = self.dimension.units[number.unit]
        with np.errstate(divide="ignore", invalid="ignore"):
            edges = np.array([NEGLIGIBLE, 1.0 - NEGLIGIBLE])
            if number.is_constant:
                edges = edges[:1]
            written = number.written_quantile(edges)
            carried = convert.to_carried(written)
        for was, is_now in zip(written, carried, strict=True):
            # A carried constant may come back from its unit a rounding error outside the range.
            inside = self.low - 1e-9 <= is_now <= self.high + 1e-9
            if not inside or (self.above_low and is_now <= self.low):
                raise ValueError(self._out_of_range(number, float(was)))

    def _out_of_range(self, number: Number, value: float) -> str:
        convert = self.dimension.units[number.unit]
        with np.errstate(divide="ignore"):
            ends = convert.from_carried(np.array([self.low, self.high]))
        low, high = sorted(float(end) for end in ends)
        word = "above " if self.above_low else ""
        unit = "" if number.unit == "1" else f" {number.unit}"
        what = f"{value:g}{unit} is out of range" if number.is_constant else f"it may draw {value:.3g}{unit}"
        mend = f"use {word}{low:g} to {high:g}{unit}"
        if not number.is_constant:
            mend += ", or cut the distribution with `min:` or `max:`"
        elif len(self.dimension.units) > 1:
            others = [unit for unit in self.dimension.units if unit != number.unit]
            mend += f", or say in which unit it is: {{value: {value:g}, unit: {others[0]}}}"
        return f"{what}; {mend}"


def meant(word: str, allowed: tuple[str, ...] | list[str]) -> str:
    """The end of an error about an unknown `word`: the nearest allowed one, or all of them."""
    near = difflib.get_close_matches(word, allowed, n=1)
    if near:
        return f"did you mean '{near[0]}'?"
    return f"use one of: {', '.join(allowed)}"


def _real(raw: Any, what: str) -> float:
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        if isinstance(raw, str):
            raise ValueError(
                f"{what} is the text '{raw[:40]}', not a number; a unit goes beside it: {{value: 1, unit: ...}}"
            )
        raise ValueError(f"{what} must be a number or a distribution such as {{lognormal: {{p5: 1, p95: 2}}}}")
    try:
        value = float(raw)
    except OverflowError:
        raise ValueError(f"{what} is too large for a number") from None
    if math.isnan(value):
        raise ValueError(f"{what} is not a number (NaN); write a number")
    return value


def _finite(raw: Any, what: str) -> float:
    value = _real(raw, what)
    if math.isinf(value):
        raise ValueError(f"{what} must be finite")
    return value
