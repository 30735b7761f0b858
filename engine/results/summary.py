"""Results as text for a person."""

from __future__ import annotations

import numpy as np
import xarray as xr


def summarise(dataset: xr.Dataset) -> str:
    """Of the baseline: when each class attains each capability, exposure and incidents, losses and benefit."""
    results = dataset.sel(policy="baseline")
    horizon = float(results.time[-1])
    quantiles = results["quantile"].values
    outer = (quantiles[0], quantiles[-1])
    lines = [
        f"{dataset.attrs['scenario_name']}: {dataset.attrs['worlds']:,} worlds x {dataset.attrs['futures']:,} futures, "
        f"seed {dataset.attrs['seed']}, sampling {dataset.attrs['sampling']}",
        f"Year of first attainment by each class: median +- its standard error, {_interval_name(outer)}; "
        f"'-' lies past {horizon:g}.",
        f"Then the probability of attainment by {horizon:g}, with its standard error.",
    ]
    width = max(len(str(name)) for name in results["actor_class"].values)
    for capability in results["capability"].values:
        one = results.sel(capability=capability)
        lines += ["", f"{capability} ({one.capability_kind.item()})"]
        if float(one.incidents_mean) > 0.0:
            lines[-1] += (
                f": {_with_error(one, 'incidents_mean')} incidents, exposed {_with_error(one, 'exposure_mean')} years"
            )
        for name in results["actor_class"].values:
            row = one.sel(actor_class=name)
            median = _year_with_error(row)
            low, high = (_year(_at(row.attainment_time_quantile, q)) for q in outer)
            chance = float(row.attainment_probability[-1])
            error = float(row.attainment_probability_se[-1])
            lines.append(f"  {name!s:<{width}}  {median:<15} ({low:>6} to {high:>6})   {chance:7.2%} +- {error:.2%}")
    return "\n".join([*lines, *_money(results)])


def _money(results: xr.Dataset) -> list[str]:
    """Losses and benefit, where there are any."""
    annual, lines = results.sel(period="annual"), []
    if float(annual.loss_mean) > 0.0:
        level = float(results["level"].values[-1])
        worst = annual.sel(level=level)
        lines.append(f"Loss a year: {_with_error(annual, 'loss_mean', 1e9)} billion US$ on average;")
        least, mean = (_with_error(worst, name, 1e9) for name in ("value_at_risk", "expected_shortfall"))
        lines.append(f"  in the worst {100.0 * (1.0 - level):.3g}% of years at least {least}, on average {mean}.")
    if float(results.benefit_mean) > 0.0:
        lines.append(f"Benefit to the horizon: {_with_error(results, 'benefit_mean', 1e9)} billion US$ on average.")
    return ["", *lines] if lines else []


def _with_error(results: xr.Dataset, name: str, unit: float = 1.0) -> str:
    value, error = (float(results[part]) / unit for part in (name, f"{name}_se"))
    if np.isnan(error):
        return f"{value:,.3g} +- ?"
    return f"{value:,.3g} +- {error:,.2g}" if abs(value) < 1000.0 else f"{value:,.0f} +- {error:,.0f}"


def describe_results(dataset: xr.Dataset) -> str:
    """Where a results file came from, and what variables it holds."""
    attrs = dataset.attrs
    lines = [
        f"{attrs['title']}, written {attrs.get('date_created', 'never')}",
        f"scenario {attrs['scenario_file'] or attrs['scenario_name']}, sha256 {attrs['scenario_sha256'][:16]}",
        f"content id {attrs['id'][:16]}, engine {attrs['engine_version']}, {attrs['platform']}",
        f"Python {attrs['python_version']}, {attrs['package_versions']}",
        "",
    ]
    sizes = ", ".join(f"{name} {size}" for name, size in dataset.sizes.items())
    lines += [f"dimensions: {sizes}", "variables:"]
    for name, variable in dataset.data_vars.items():
        unit = variable.attrs.get("units", "")
        about = f" [{unit}]" if unit not in ("", "1") else ""
        lines.append(f"  {name}({', '.join(map(str, variable.dims))}){about}: {variable.attrs['long_name']}")
    return "\n".join([*lines, ""])


def _at(quantiles: xr.DataArray, probability: float) -> float:
    """The quantile at `probability`, interpolated between those there are."""
    have = quantiles["quantile"].values
    if probability in have:
        return float(quantiles.sel(quantile=probability))
    values = quantiles.values
    return float(np.interp(probability, have, values, left=np.nan, right=np.nan))


def _year(value: float) -> str:
    return "-" if np.isnan(value) else f"{value:.1f}"


def _year_with_error(row: xr.Dataset) -> str:
    """The median and its standard error, "2028.1 +- 0.05"; that of a median between two quantiles is unknown."""
    median = _at(row.attainment_time_quantile, 0.5)
    if np.isnan(median):
        return f"{'-':>6}"
    known = 0.5 in row["quantile"].values
    error = float(row.attainment_time_quantile_se.sel(quantile=0.5)) if known else np.nan
    return f"{_year(median):>6} +- {'?' if np.isnan(error) else f'{error:.2f}'}"


def _interval_name(outer: tuple[float, float]) -> str:
    return f"{100 * outer[0]:g}% to {100 * outer[1]:g}% interval"
