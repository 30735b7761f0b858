"""The summary of results, as text."""

from __future__ import annotations

import numpy as np
import xarray as xr

from engine.text.report_format import attained_by_the_end, billions, mean_loss, share


def overview(dataset: xr.Dataset) -> str:
    """Of the baseline: when each class attains each capability, exposure and incidents, losses and benefit."""
    results = dataset.sel(policy="baseline")
    horizon = float(results.time[-1])
    quantiles = results["quantile"].values
    outer = (quantiles[0], quantiles[-1])
    lines = [
        f"{dataset.attrs['scenario_name']}: {dataset.attrs['worlds']:,} worlds x {dataset.attrs['futures']:,} futures, "
        f"seed {dataset.attrs['seed']}, sampling {dataset.attrs['sampling']}",
        f"Year of first attainment by each class: median +- its standard error, {_interval_name(outer)}; "
        f"'-' means after {horizon:g}.",
        f"Last column: probability of attainment by {horizon:g}, with its standard error or its 95% limits.",
    ]
    hosted = float(results.use_probability.max()) > 0.0
    if hosted:
        lines.append("In brackets: median year from which a host serves the class, which is no attainment.")
    width = max(len(str(name)) for name in results["actor_class"].values)
    for capability in results["capability"].values:
        one = results.sel(capability=capability)
        lines += ["", f"{capability} ({one.capability_kind.item()})"]
        if float(one.incidents_mean) > 0.0:
            by_users = f" ({_with_error(one, 'hosted_incidents_mean')} by users of services)" if hosted else ""
            lines[-1] += f": {_with_error(one, 'incidents_mean')} incidents{by_users}"
            lines[-1] += f", exposed {_with_error(one, 'exposure_mean')} years"
        for name in results["actor_class"].values:
            row = one.sel(actor_class=name)
            median = _year_with_error(row)
            low, high = (_year(_at(row.attainment_time_quantile, q)) for q in outer)
            chance = attained_by_the_end(row)
            used = f"   [{_year(_at(row.use_time_quantile, 0.5)):>6}]" if hosted else ""
            lines.append(f"  {name!s:<{width}}  {median:<15} ({low:>6} to {high:>6})   {chance:>15}{used}")
    return "\n".join([*lines, *_money(results)])


def _money(results: xr.Dataset) -> list[str]:
    """Losses and benefit, if there are any."""
    total, horizon, lines = results.sel(period="total"), float(results.time[-1]), []
    if float(total.loss_mean) > 0.0:
        low, middle, high = (_at(total.loss_quantile, q) for q in (0.05, 0.5, 0.95))
        least = f"5% of futures lose less than {billions(low)}"
        if low == 0.0:
            least = f"{_without_loss(total)} of futures lose nothing"
        lines += [
            f"Losses to {horizon:g}, in billions of US$: median {billions(middle)}; {least}, and 5% more than "
            f"{billions(high)}.",
            f"  {mean_loss(total)}",
        ]
    if float(results.benefit_mean) > 0.0:
        lines.append(f"Benefit to {horizon:g}: {_with_error(results, 'benefit_mean', 1e9)} billion US$ on average.")
        if float(results.hosted_benefit_mean) > 0.0:
            by_users = _with_error(results, "hosted_benefit_mean", 1e9)
            lines.append(f"  Of that, by users of services: {by_users} billion.")
    return ["", *lines] if lines else []


def _without_loss(total: xr.Dataset) -> str:
    """The share of futures without loss, with its standard error; losses are counted in whole 1,000 US$."""
    least = total.isel(loss=0)
    return share(1.0 - float(least.loss_exceedance), float(least.loss_exceedance_se))


def _with_error(results: xr.Dataset, name: str, unit: float = 1.0) -> str:
    value, error = (float(results[part]) / unit for part in (name, f"{name}_se"))
    if np.isnan(error):
        return f"{value:,.3g} +- ?"
    return f"{value:,.3g} +- {error:,.2g}" if abs(value) < 1000.0 else f"{value:,.0f} +- {error:,.0f}"


def _at(quantiles: xr.DataArray, probability: float) -> float:
    """The quantile at `probability`, interpolated between those of the results."""
    have = quantiles["quantile"].values
    if probability in have:
        return float(quantiles.sel(quantile=probability))
    values = quantiles.values
    return float(np.interp(probability, have, values, left=np.nan, right=np.nan))


def _year(value: float) -> str:
    return "-" if np.isnan(value) else f"{value:.1f}"


def _year_with_error(row: xr.Dataset) -> str:
    """The median and its standard error, "2028.1 +- 0.05"; the error of an interpolated median is unknown."""
    median = _at(row.attainment_time_quantile, 0.5)
    if np.isnan(median):
        return f"{'-':>6}"
    known = 0.5 in row["quantile"].values
    error = float(row.attainment_time_quantile_se.sel(quantile=0.5)) if known else np.nan
    return f"{_year(median):>6} +- {'?' if np.isnan(error) else f'{error:.2f}'}"


def _interval_name(outer: tuple[float, float]) -> str:
    return f"{100 * outer[0]:g}% to {100 * outer[1]:g}% interval"
