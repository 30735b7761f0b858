"""Shifts of a number to another median with the same spread, as with a slider, in the form that a user writes."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from scipy import special

from engine.errors import InputError
from engine.scenario.families import distribution_of
from engine.scenario.numbers import Number
from engine.scenario.units import FRACTION

#: Digits of a shifted parameter.
_DIGITS = 10
#: Largest shift of the uncut distribution, in multiples of its width, to reach a median of the cut one.
_FARTHEST = 64.0


class Scale(NamedTuple):
    """The scale on which a number is shifted without changing its spread, from values as written, and back."""

    name: str
    place: Callable[[float], float]
    value: Callable[[float], float]


def _logistic(place: float) -> float:
    return float(special.expit(place))


def _exponential(place: float) -> float:
    return math.exp(place) if place < 700.0 else math.inf


LINEAR = Scale("linear", float, float)
LOG = Scale("log", lambda value: math.log(value) if value > 0.0 else -math.inf, _exponential)
LOGIT = Scale("logit", lambda value: float(special.logit(value)), _logistic)

_SCALES = {"lognormal": LOG, "beta": LOGIT, "normal": LINEAR, "uniform": LINEAR, "triangular": LINEAR}
#: Parameters of the width of a distribution, which do not change.
_WIDTHS = {("lognormal", "sigma"), ("normal", "sd")}


def scale_of(number: Number) -> Scale:
    """The natural scale of a number: its spread is a factor, a shift of the logit, or a shift.

    The scale of a constant depends on its unit: shares and values that can be negative are shifted, others multiplied.
    """
    if not number.is_constant:
        return _SCALES[number.family]
    positive = number.parameters["value"] > 0.0 and not number.unit.startswith("log10")
    return LOG if positive and number.quantity.dimension != FRACTION else LINEAR


def median_of(number: Number) -> float:
    """The median, in the unit as written."""
    return float(number.written_quantile(np.array(0.5)))


def shift_median(number: Number, median: float) -> Number:
    """`number` with another `median` (in the unit as written) and the same spread on its natural scale.

    A lognormal is multiplied, parameter by parameter; a normal, uniform or triangular distribution is shifted; a beta
    becomes the beta of the same width between the logits of its 5% and 95% quantiles. `min` and `max` do
    not change, and the median is that of the cut distribution. The number's `note` records the shift.

    Raises InputError, with the right form, if the number cannot have this median.
    """
    was = median_of(number)
    if median == was:
        return number
    note = f"Moved: the median was {was:.4g} {number.unit}"
    if number.is_constant:
        return replace(number.quantity.parse({"value": _short(median), "unit": number.unit}), note=note)
    if not math.isfinite(median) or not number.minimum < median < number.maximum:
        raise InputError(
            f"a median of {median:.4g} is not between min ({number.minimum:g}) and max ({number.maximum:g})"
        )
    scale = scale_of(number)
    if not math.isfinite(scale.place(median)):
        raise InputError(f"a {number.family} has no median of {median:.4g}; {number.quantity.allowed(number.unit)}")
    found = _parameters(number, _uncut_place(number, scale, median))
    made = number.quantity.parse(written(replace(number, parameters=found)))
    return replace(made, source=number.source, note=note)


def written(number: Number) -> dict[str, Any]:
    """The number as in a scenario file: parsed again it is the same."""
    inside = number.parameters["value"] if number.is_constant else dict(number.parameters)
    edges = {"min": number.minimum, "max": number.maximum}
    cuts = {key: edge for key, edge in edges.items() if math.isfinite(edge)}
    texts = {key: text for key, text in (("source", number.source), ("note", number.note)) if text}
    return {number.family: inside, **cuts, "unit": number.unit, **texts}


def with_values(data: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Plain scenario `data` with other `values` at their dotted paths, which must exist; `data` is not changed.

    Raises KeyError for a missing path.
    """
    changed = dict(data)
    for path, value in values.items():
        changed = _with_value(changed, path.split("."), value)
    return changed


def _with_value(data: Mapping[str, Any], keys: list[str], value: Any) -> dict[str, Any]:
    key, *rest = keys
    here = data[key]
    return {**data, key: _with_value(here, rest, value) if rest else value}


def _short(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")


def _uncut_place(number: Number, scale: Scale, median: float) -> float:
    """The median of the uncut distribution, on its scale, at which the cut one has the wanted median."""
    wanted = scale.place(median)
    if not (math.isfinite(number.minimum) or math.isfinite(number.maximum)):
        return wanted
    uncut = replace(number, minimum=-math.inf, maximum=math.inf)
    low, high = (scale.place(float(uncut.written_quantile(np.array(p)))) for p in (0.05, 0.95))

    def missed(place: float) -> float:
        there = replace(number, parameters=_parameters(number, place))
        return scale.place(median_of(there)) - wanted

    start = scale.place(median_of(uncut))
    step = (high - low) * (1.0 if missed(start) < 0.0 else -1.0)
    end = start
    while missed(end) * step < 0.0:
        end = start + step
        step *= 2.0
        if abs(step) > _FARTHEST * (high - low):
            raise InputError(f"min and max leave too little for a median of {median:.4g}; move it away from them")
    from scipy.optimize import brentq

    return float(brentq(missed, *sorted((start, end)), xtol=1e-9 * (high - low))) if end != start else start


def _parameters(number: Number, place: float) -> dict[str, float]:
    """The parameters of the uncut distribution with its median at `place` on its natural scale."""
    uncut = replace(number, minimum=-math.inf, maximum=math.inf)
    scale, was = scale_of(number), median_of(uncut)
    if number.family == "beta":
        return _beta(uncut, place)
    shift = place - scale.place(was)

    def there(key: str, value: float) -> float:
        if (number.family, key) in _WIDTHS:
            return value
        return _short(value * math.exp(shift) if scale is LOG else value + shift)

    return {key: there(key, value) for key, value in number.parameters.items()}


def _beta(uncut: Number, place: float) -> dict[str, float]:
    """alpha and beta with the median's logit at `place` and an unchanged width between logits of quantiles."""
    from scipy.optimize import root

    logs = np.log(np.array(distribution_of(uncut.family, uncut.parameters).shape))
    low, start, high = _logits(logs)

    def missed(logs: np.ndarray, middle: float) -> np.ndarray:
        logits = _logits(logs)
        return np.array([logits[1] - middle, (logits[2] - logits[0]) - (high - low)])

    # In steps, because Newton's method may fail far from the solution.
    for middle in np.linspace(start, place, 2 + math.ceil(abs(place - start)))[1:]:
        logs = root(missed, logs, args=(middle,)).x
    if not np.abs(missed(logs, place)).max() < 1e-6:
        raise InputError("no beta distribution has this median and the same spread; choose a nearer median")
    alpha, beta = (_short(value) for value in np.exp(logs))
    return {"alpha": alpha, "beta": beta}


def _logits(logs: np.ndarray) -> np.ndarray:
    """Logits of the 5%, 50% and 95% quantiles of the beta with these logarithms of alpha and beta."""
    alpha, beta = np.exp(np.clip(logs, -20.0, 20.0))
    below = np.array([0.05, 0.5, 0.95])
    with np.errstate(divide="ignore"):
        shares = special.betaincinv(alpha, beta, below), special.betaincinv(beta, alpha, 1.0 - below)
        return np.asarray(np.log(shares[0]) - np.log(shares[1]))
