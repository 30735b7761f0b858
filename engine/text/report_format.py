"""Numbers of a report as text: years, shares and money, each with its standard error."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import xarray as xr

from engine.text.format import format_with_error
from engine.text.uncertain import TOO_FEW, is_known, probability

_MONEY = ((1e12, "trillion US$"), (1e9, "billion US$"), (1e6, "million US$"), (1e3, "thousand US$"))
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def at(quantiles: xr.DataArray, probability: float) -> float:
    """The quantile at `probability` of values along `quantile`; NaN if the file does not have it."""
    there = np.isclose(quantiles["quantile"].values, probability)
    return float(quantiles.values[there][0]) if there.any() else np.nan


def ends(quantiles: xr.DataArray) -> tuple[float, float, str]:
    """(lowest quantile, highest quantile, the share between them as text: "90%")."""
    have = quantiles["quantile"].values
    return float(quantiles[0]), float(quantiles[-1]), f"{100.0 * (have[-1] - have[0]):.3g}%"


def year(value: float, horizon: float) -> str:
    """A decimal year, or a note that it lies past the horizon."""
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
    """The years between which the outer quantiles lie, "2026.1 to 2031.6"; "-" if there is only one quantile."""
    low, high, _ = ends(quantiles)
    if quantiles.size == 1:
        return "-"
    return f"{year(low, horizon)} to {year(high, horizon)}" if not np.isnan(low) else f"after {horizon:g}"


def share(value: float, error: float = np.nan) -> str:
    """A probability as per cent, with its standard error if that is known: "84.1% +- 1.2%".

    An error that would exceed 0% or 100% is replaced by the remaining range: "99.8% (99.3 to 100.0%)".
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
    """Constant 2023 US$ as text: "109 +- 20 billion US$"; with `sign`, amounts above 0 have a plus sign.

    An `error` of None is left out, one of NaN is unknown.
    """
    if np.isnan(value):
        return "unknown"
    known = 0.0 if error is None or np.isnan(error) else error
    size, unit = money_scale(max(abs(value), known))
    number = f"{value / size:,.3g}" if error is None else format_with_error(value / size, error / size)
    return f"{'+' if sign and value > 0.0 else ''}{number} {unit}"


def difference(value: float, error: float, unit: str = "") -> str:
    """A difference with its sign and standard error; "0" where it is exactly that."""
    if np.isnan(value):
        return "-"
    if value == 0.0 and error == 0.0:
        return "0"
    return f"{'+' if value > 0.0 else ''}{format_with_error(value, error)}{f' {unit}' if unit else ''}"


def listed(names: Sequence[str]) -> str:
    """Names as a list: "a, b and c"."""
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)


def sentence(text: str) -> str:
    """`text` with a capital letter first, and a full stop."""
    return f"{text[:1].upper()}{text[1:]}" + ("" if text.endswith((".", "?", ":")) else ".")


def money_scale(largest: float, least: float = 1e3) -> tuple[float, str]:
    """(divisor in US$, name of the unit) for amounts up to `largest`: (1e9, "billion US$").

    No scale below `least` is used, except US$ themselves.
    """
    fits = (scale for scale in _MONEY if largest >= scale[0] >= least)
    return next(fits, (1.0, "US$"))


def attained_by_the_end(row: xr.Dataset) -> str:
    """The probability of attainment by the horizon of one policy, class and capability, with its error or limits."""
    last = row.isel(time=-1)
    lower, upper = last.attainment_probability_limits.values
    return probability(float(last.attainment_probability), float(last.attainment_probability_se), lower, upper)


def mean_loss(total: xr.Dataset) -> str:
    """The mean loss of one policy to the horizon with its 95% limits, if known, and the share of the largest losses."""
    held = float(total.loss_largest_share)
    share = "" if np.isnan(held) else f"; the largest 1% of losses are {held:.0%} of the total"
    if not is_known(float(total.loss_mean), float(total.loss_mean_se)):
        return f"The mean is unknown ({TOO_FEW}){share}."
    lower, upper = (billions(float(limit)) for limit in total.loss_mean_limits)
    return f"The mean is {billions(float(total.loss_mean))} billion US$ (95% limits {lower} to {upper}){share}."


def billions(usd: float) -> str:
    """An amount in billions of US$."""
    billions = usd / 1e9
    return "unknown" if np.isnan(usd) else f"{billions:,.0f}" if billions >= 1000.0 else f"{billions:,.3g}"


def mean_loss_cell(one: xr.Dataset) -> str:
    """The mean loss of one policy and period with its 95% limits, or a note that futures are too few; 0 for none."""
    if float(one["loss_mean"]) == 0.0:
        return money(0.0)
    if not is_known(float(one["loss_mean"]), float(one["loss_mean_se"])):
        return TOO_FEW
    return amount_with_limits(one, "loss_mean")


def amount_with_limits(one: xr.Dataset, name: str) -> str:
    """An amount with its 95% limits."""
    lower, upper = (money(float(limit)) for limit in one[f"{name}_limits"])
    return f"{money(float(one[name]))} ({lower} to {upper})"


def run_heading(results: xr.Dataset, policy: str) -> Iterator[str]:
    """The run in one line: scenario, size, seed and policy."""
    attrs, under = results.attrs, "" if policy == "baseline" else f", under {policy}"
    size = f"{attrs['worlds']:,} worlds x {attrs['futures']:,} futures"
    yield f"{attrs['scenario_name']}: {size}, seed {attrs['seed']}{under}"
