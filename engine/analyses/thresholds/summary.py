"""Costs and thresholds as text."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import xarray as xr

from engine.text.format import format_share, format_value
from engine.text.report_format import run_heading
from engine.text.tables import spread_over, table


def thresholds_in_words(thresholds: xr.Dataset, policy: str = "baseline") -> str:
    """Costs of capabilities and shares caught by thresholds under one policy, from `engine.analyses.thresholds`."""
    one = thresholds.sel(policy=policy)
    share = format_share(float(thresholds.attrs["obsolete_below"]))
    lines = [
        *run_heading(thresholds, policy),
        "",
        "Cheapest run that reaches a capability: median cost and compute of the class that needs least",
        *_costs(one),
        "  1 US$ includes smaller costs; - means more than 1e15 US$",
        "",
        "Per cent of the actors that attain by their own training in a year whose run a threshold (FLOP) catches;",
        f"obsolete: the year from which the threshold catches less than {share}, if it ever caught that share;",
        "evadable: the median year at which some class could reach it with less compute, whatever its budget;",
        "+- standard error, ? if all or none are caught, <1 where whole years hide it; - not within the horizon",
    ]
    never = "never caught most" if share == "50%" else f"never caught {share}"
    for capability in one["capability"].values:
        lines += [*_erosion(one.sel(capability=capability), never)]
    return "\n".join(lines)


def _costs(one: xr.Dataset) -> Iterator[str]:
    years = spread_over(one.sizes["year"], 5)
    median = one.sel(quantile=0.5).isel(year=years)
    rows = []
    for capability in one["capability"].values:
        of = median.sel(capability=capability)
        for name, unit in (("cost_usd", "US$"), ("compute_flop", "FLOP")):
            label = f"{capability}, {unit}" if unit == "US$" else f"  {unit}"
            least = [_least(of[name].isel(year=y), of[f"{name}_se"].isel(year=y)) for y in range(len(years))]
            decline = one[[f"{name.split('_')[0]}_decline{part}" for part in ("", "_se")]].sel(capability=capability)
            falls = [float(value.median("actor_class")) for value in decline.data_vars.values()]
            rows.append([label, *least, _factor(*falls)])
    yield from table(["", *(f"{float(year):g}" for year in median["year"].values), "falls per year"], rows)


def _per_cent(share: float, error: float) -> str:
    if np.isnan(share):
        return "-"
    # If all or none are caught, the run gives no error.
    unknown = np.isnan(error) or (error == 0.0 and share in (0.0, 1.0))
    return f"{100.0 * share:.0f} +- {'?' if unknown else f'{100.0 * error:.1f}'}"


def _factor(value: float, error: float) -> str:
    return "-" if np.isnan(value) else f"{value:.2f}x +- {'?' if np.isnan(error) else f'{error:.2f}'}"


def _least(values: xr.DataArray, errors: xr.DataArray) -> str:
    """The smallest median of all classes, with its standard error in per cent; - for none."""
    if values.isnull().all():
        return "-"
    c = int(values.argmin("actor_class"))
    share = float(errors[c]) / float(values[c])
    return f"{format_value(float(values[c]))} +-{'?' if np.isnan(share) else f'{100.0 * share:.0f}'}%"


def _year(year: xr.DataArray, error: xr.DataArray) -> str:
    if np.isnan(year):
        return "-"
    # Years are whole, so that an error far below a year is not seen.
    sure = "?" if np.isnan(error) else "<1" if float(error) < 0.05 else f"{float(error):.1f}"
    return f"{float(year):.0f} +- {sure}"


def _erosion(one: xr.Dataset, never: str) -> Iterator[str]:
    years = [i for i in spread_over(one.sizes["year"], 5) if i > 0]
    rows = []
    for i, threshold in enumerate(one["threshold"].values):
        of = one.isel(threshold=i)
        pairs = zip(of.attaining_caught.values[years], of.attaining_caught_se.values[years], strict=True)
        shares = [_per_cent(float(share), float(error)) for share, error in pairs]
        evadable = of[["evadable_year", "evadable_year_se"]].sel(quantile=0.5)
        obsolete = never if of.ever_caught == 0.0 else _year(of.obsolete_year, of.obsolete_year_se)
        rows.append(
            [
                format_value(float(threshold)),
                *shares,
                obsolete,
                _year(evadable.evadable_year, evadable.evadable_year_se),
            ]
        )
    yield f"  {one['capability'].item()} ({one.capability_kind.item()})"
    titles = ["", *(f"{float(one['year'][i]):g}" for i in years), "obsolete", "evadable"]
    yield from table(titles, rows, "    ")
