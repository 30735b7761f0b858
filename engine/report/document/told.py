"""Numbers of a report in words: years, shares and money, each with its standard error."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr

from engine.analysis.telling import told_with_error
from engine.report.style import money_scale

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def at(quantiles: xr.DataArray, probability: float) -> float:
    """The quantile at `probability` of values along `quantile`; NaN if the file does not have it."""
    there = np.isclose(quantiles["quantile"].values, probability)
    return float(quantiles.values[there][0]) if there.any() else np.nan


def ends(quantiles: xr.DataArray) -> tuple[float, float, str]:
    """(lowest quantile there is, highest, the share between them in words: "90%")."""
    have = quantiles["quantile"].values
    return float(quantiles[0]), float(quantiles[-1]), f"{100.0 * (have[-1] - have[0]):.3g}%"


def year(value: float, horizon: float) -> str:
    """A decimal year, or that it lies past the horizon."""
    return f"after {horizon:g}" if np.isnan(value) else f"{value:.1f}"


def month(value: float) -> str:
    """The month of a decimal year, "Apr 2025"."""
    whole = int(value)
    return f"{_MONTHS[int((value - whole) * 12.0)]} {whole}"


def median_year(one: xr.Dataset, horizon: float) -> str:
    """The median time of first attainment with its standard error, of one policy, class and capability."""
    if not np.isclose(one["quantile"].values, 0.5).any():
        return "not in the file"
    median, error = (at(one[name], 0.5) for name in ("attainment_time_quantile", "attainment_time_quantile_se"))
    if np.isnan(median) or error == 0.0:
        return year(median, horizon)
    sure = "?" if np.isnan(error) else "<0.01" if error < 0.005 else f"{error:.2f}"
    return f"{median:.1f} +- {sure}"


def span(quantiles: xr.DataArray, horizon: float) -> str:
    """The years between which the outer quantiles lie, "2026.1 to 2031.6"; "-" if there is one quantile only."""
    low, high, _ = ends(quantiles)
    if quantiles.size == 1:
        return "-"
    return f"{year(low, horizon)} to {year(high, horizon)}" if not np.isnan(low) else f"after {horizon:g}"


def share(value: float, error: float = np.nan) -> str:
    """A probability as per cent, with its standard error if that is known: "84.1% +- 1.2%".

    An error that would lead past 0% or 100% is told as the range that it leaves: "99.8% (99.3 to 100.0%)".
    """
    if np.isnan(value):
        return "unknown"
    if np.isnan(error):
        return f"{value:.0%}"
    if error == 0.0:
        return f"{100.0 * value:.3g}%"
    places = int(np.clip(1 - np.floor(np.log10(100.0 * error)), 0, 2))
    if value + error > 1.0 or value - error < 0.0:
        low, high = max(value - error, 0.0), min(value + error, 1.0)
        return f"{value:.{places}%} ({100.0 * low:.{places}f} to {high:.{places}%})"
    return f"{value:.{places}%} +- {error:.{places}%}"


def money(value: float, error: float | None = None, *, sign: bool = False) -> str:
    """Constant 2023 US$ in words: "109 +- 20 billion US$"; a `sign` is put before what is above 0.

    An `error` of None is left out, one of NaN is unknown.
    """
    if np.isnan(value):
        return "unknown"
    known = 0.0 if error is None or np.isnan(error) else error
    size, unit = money_scale(max(abs(value), known))
    number = f"{value / size:,.3g}" if error is None else told_with_error(value / size, error / size)
    return f"{'+' if sign and value > 0.0 else ''}{number} {unit}"


def difference(value: float, error: float, unit: str = "") -> str:
    """A difference with its sign and standard error; "0" where it is exactly that."""
    if np.isnan(value):
        return "-"
    if value == 0.0 and error == 0.0:
        return "0"
    return f"{'+' if value > 0.0 else ''}{told_with_error(value, error)}{f' {unit}' if unit else ''}"


def listed(names: Sequence[str]) -> str:
    """Names as people list them: "a, b and c"."""
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)


def sentence(text: str) -> str:
    """`text` with a capital letter first, and a full stop."""
    return f"{text[:1].upper()}{text[1:]}" + ("" if text.endswith((".", "?", ":")) else ".")
