"""Results as text for a person."""

from __future__ import annotations

import numpy as np
import xarray as xr

from engine.text.uncertain import TOO_FEW, is_known, probability


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
        f"Then the probability of attainment by {horizon:g}, with its standard error or its 95% limits.",
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
            chance = attained_by_the_end(row)
            lines.append(f"  {name!s:<{width}}  {median:<15} ({low:>6} to {high:>6})   {chance:>15}")
    return "\n".join([*lines, *_money(results)])


def attained_by_the_end(row: xr.Dataset) -> str:
    """The probability of attainment by the horizon of one policy, class and capability, with what is known of it."""
    last = row.isel(time=-1)
    lower, upper = last.attainment_probability_limits.values
    return probability(float(last.attainment_probability), float(last.attainment_probability_se), lower, upper)


def _money(results: xr.Dataset) -> list[str]:
    """Losses and benefit, where there are any."""
    total, horizon, lines = results.sel(period="total"), float(results.time[-1]), []
    if float(total.loss_mean) > 0.0:
        low, middle, high = (_at(total.loss_quantile, q) for q in (0.05, 0.5, 0.95))
        least = "nothing" if low == 0.0 else f"less than {_billions(low)}"
        lines += [
            f"Losses to {horizon:g}, in billions of US$: median {_billions(middle)}; 5% of futures lose {least}, and "
            f"5% more than {_billions(high)}.",
            f"  {mean_loss(total)}",
        ]
    if float(results.benefit_mean) > 0.0:
        lines.append(f"Benefit to {horizon:g}: {_with_error(results, 'benefit_mean', 1e9)} billion US$ on average.")
    return ["", *lines] if lines else []


def mean_loss(total: xr.Dataset) -> str:
    """The mean loss of one policy to the horizon with its 95% limits, if enough futures carry it, and who does."""
    held = float(total.loss_largest_share)
    share = "" if np.isnan(held) else f"; the largest 1% of futures hold {held:.0%} of it"
    if not is_known(float(total.loss_mean), float(total.loss_mean_se)):
        return f"The mean is not known ({TOO_FEW}){share}."
    lower, upper = (_billions(float(limit)) for limit in total.loss_mean_limits)
    return f"The mean is {_billions(float(total.loss_mean))} billion US$ (95% limits {lower} to {upper}){share}."


def _billions(usd: float) -> str:
    """An amount in billions of US$."""
    billions = usd / 1e9
    return "unknown" if np.isnan(usd) else f"{billions:,.0f}" if billions >= 1000.0 else f"{billions:,.3g}"


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
