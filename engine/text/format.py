"""Numbers as text: values in natural units with two or three digits, and values with their standard errors."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import xarray as xr

from engine.text.uncertain import TOO_FEW, is_known

_LOG10 = "log10 "
_YEARS = ("year", "years")
#: The date at the end of the path of a number that changes at dates.
_DATE = re.compile(r"\.\d[\d.]*$")


def format_value(value: float, unit: str = "1") -> str:
    """A number with its unit, in three digits: "0.31 OOM/yr", "85%", "3.2e8 US$" for 8.5 of the unit "log10 US$".

    A `unit` of "1" is left out and "fraction" becomes per cent; a calendar year is printed as such, "2031.4".
    """
    if np.isnan(value):
        return "unknown"
    if unit.startswith(_LOG10):
        return f"{_digits(10.0**value, 2)} {unit.removeprefix(_LOG10)}"
    if unit == "fraction":
        return f"{_digits(100.0 * value, 3)}%"
    if unit in _YEARS and 1000.0 <= value < 3000.0:
        return f"{value:.1f}"
    return _with_unit(_digits(value, 3), unit)


def quantile_name(probability: float) -> str:
    """The name of a quantile: "median", "95% quantile"."""
    return "median" if probability == 0.5 else f"{100.0 * probability:g}% quantile"


def format_with_error(value: float, error: float, unit: str = "1") -> str:
    """A number with its standard error, both to two digits of the error: "0.124 +- 0.031 years"."""
    if np.isnan(value):
        return "unknown"
    # An error from rounding only counts as 0.
    error = 0.0 if 0.0 <= error < 1e-9 * abs(value) else error
    if not error > 0.0:
        return _with_unit(_digits(value, 3) + ("" if error == 0.0 else " +- ?"), unit)
    power = int(np.floor(np.log10(max(abs(value), error))))
    power = power if power >= 5 or power <= -5 else 0
    value, error = value / 10.0**power, error / 10.0**power
    places = int(np.clip(1 - np.floor(np.log10(error)), 0, 6))
    text = f"{value:,.{places}f} +- {error:,.{places}f}"
    return _with_unit(f"({text})e{power}" if power else text, unit)


def format_mean(value: float, error: float, unit: str = "1", *, heavy_tailed: bool = False) -> str:
    """A mean with its standard error; for a `heavy_tailed` quantity possibly a note that futures are too few."""
    if heavy_tailed and not is_known(value, error):
        return TOO_FEW
    return format_with_error(value, error, unit)


def format_share(share: float) -> str:
    """A share as per cent, with "<1%" and ">99%" in place of a rounded 0% or 100%."""
    if np.isnan(share):
        return "unknown"
    if 0.0 < share < 0.01 or 0.99 < share < 1.0:
        return "<1%" if share < 0.5 else ">99%"
    return f"{share:.0%}"


def format_range(lower: float, upper: float, unit: str) -> str:
    """A range as text: "above 0.31 OOM/yr", "below 12 years", "between 3.2e8 US$ and 1e9 US$"; NaN is no limit."""
    if np.isnan(upper):
        return f"above {format_value(lower, unit)}"
    if np.isnan(lower):
        return f"below {format_value(upper, unit)}"
    return f"between {format_value(lower, unit)} and {format_value(upper, unit)}"


def format_ranges(box: xr.Dataset) -> str:
    """The limits of a box as one sentence part: "a is above 1 and b is below 2".

    `box` contains `lower` and `upper` (parameter), and the coordinate `parameter_units`.
    """
    limited = box.isel(parameter=np.flatnonzero(box["lower"].notnull() | box["upper"].notnull()))
    rows = zip(*(limited[name].values for name in ("parameter", "lower", "upper", "parameter_units")), strict=True)
    return " and ".join(f"{name} is {format_range(float(low), float(high), unit)}" for name, low, high, unit in rows)


def strings(values: Sequence[object]) -> np.ndarray:
    """Text as an array of objects, the form that netCDF and xarray share; of fixed length if it is empty."""
    return np.array(values, dtype=object) if len(values) else np.array([], dtype="U1")


def _digits(value: float, count: int) -> str:
    rounded = float(f"{value:.{count}g}")
    if 100.0 <= abs(rounded) < 1e5:
        return f"{rounded:,.0f}"
    mantissa, _, exponent = f"{rounded:.{count}g}".partition("e")
    return f"{mantissa}e{int(exponent)}" if exponent else mantissa


def _with_unit(text: str, unit: str) -> str:
    return text if unit in ("1", "") else f"{text} {unit}"


def spoken(name: str) -> str:
    """A name of a scenario in plain words: "frontier lab" for frontier_lab, "AI" for ai."""
    return " ".join("AI" if word == "ai" else word for word in name.split("_"))


def number_in_words(path: str) -> str:
    """An uncertain number in plain words: "defence duration of novice bioweapon uplift" for its path."""
    undated = _DATE.sub("", path)
    date = path[len(undated) + 1 :]
    *places, key = undated.split(".")
    groups = ("actor_classes", "capabilities", "policies", "measures", "formats")
    owners = dict.fromkeys(place for place in reversed(places) if place not in groups)
    return " of ".join(spoken(name) for name in (key, *owners)) + (f" from {date}" if date else "")
