"""Schedules: numbers of a measure that change at dates, such as `least_security: {2027: 0.5, 2030: 0.9}`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from engine.scenario import quantities as q
from engine.scenario.errors import shown
from engine.scenario.numbers import NUMBER_KEYS, Number, NumberError, Quantity, begins_with_year, check_commas
from engine.scenario.readings import decimal_year
from engine.scenario.units import as_yaml

_EXAMPLE = "{2027: 0.5, 2030: 0.9}"
_YEAR = re.compile(r"\d+(\.\d*)?")


@dataclass(frozen=True)
class Schedule(Number):
    """A number that changes at dates. Each value of `steps` holds from its date (decimal years) until the next.

    The first holds before its date too. As a `Number`, a schedule is its first value.
    """

    steps: Mapping[float, Number] = field(default_factory=dict)

    @property
    def is_constant(self) -> bool:
        """Whether all values are the same in every world."""
        return all(value.is_constant for value in self.steps.values())

    def __str__(self) -> str:
        return ", ".join(f"{value} from {as_date(date)}" for date, value in self.steps.items())


def values_of(number: Number) -> list[Number]:
    """The values that a number has at any time, in order: one, or those of a schedule."""
    return list(number.steps.values()) if isinstance(number, Schedule) else [number]


def as_date(date: float) -> str:
    """A date of a schedule as in the paths of numbers: `2027`, `2027.5`."""
    return f"{date:.10g}"


def undated(key: str) -> str:
    """The key of a number without the date of its value: `least_security` for `least_security.2027` too."""
    return key.partition(".")[0]


def is_schedule(raw: Any) -> bool:
    """Whether a value as written is meant as a schedule: a mapping with a date as a key."""
    return (
        isinstance(raw, Mapping)
        and any(begins_with_year(key) for key in raw)
        and not any(key in raw for key in NUMBER_KEYS)
    )


def read_schedule(quantity: Quantity, raw: Mapping[Any, Any], key: str) -> Schedule:
    """The schedule under `key` of a scenario; NumberError gives the right form."""
    check_commas(raw, key)
    dates = [_date(written, quantity, key) for written in raw]
    steps = {
        date: _value(quantity, value, key, written) for date, (written, value) in zip(dates, raw.items(), strict=True)
    }
    if len(raw) < 2:
        raise NumberError(f"a single date changes nothing; write the number alone, or a second date: {_EXAMPLE}", key)
    for before, after in pairwise(steps):
        if after <= before:
            raise NumberError(f"is not after {as_date(before)}; write the dates in rising order", key, as_date(after))
    if len(steps) < len(raw):
        raise NumberError("a date is given twice; remove one", key)
    first = next(iter(steps.values()))
    sources = "; ".join(dict.fromkeys(value.source for value in steps.values() if value.source))
    notes = "; ".join(dict.fromkeys(value.note for value in steps.values() if value.note))
    return Schedule(
        quantity,
        first.unit,
        first.family,
        first.parameters,
        first.minimum,
        first.maximum,
        source=sources,
        note=notes,
        steps=steps,
    )


def _date(written: Any, quantity: Quantity, key: str) -> float:
    text = str(written)
    if not _YEAR.fullmatch(text):
        if text in ("unit", "source", "note"):
            example = as_yaml(quantity.dimension.default_unit) if text == "unit" else "..."
            mend = f"each value has its own, such as `2027: {{value: NUMBER, {text}: {example}}}`"
        else:
            mend = f"write {decimal_year(text) or f'years, such as {_EXAMPLE}'}"
        raise NumberError(f"{shown(text)} is not a date; {mend}", key, text)
    try:
        return q.DATE.parse(float(text)).parameters["value"]
    except NumberError as error:
        raise NumberError(str(error), key, text) from None


def _value(quantity: Quantity, raw: Any, key: str, written: Any) -> Number:
    if is_schedule(raw):
        raise NumberError("a value of a schedule has no dates of its own; write a number", key, str(written))
    try:
        return quantity.parse(raw)
    except NumberError as error:
        raise NumberError(str(error), key, str(written), *error.within) from None
