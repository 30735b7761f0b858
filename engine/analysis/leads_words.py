"""Leads, windows, costs and thresholds as text for a person."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import xarray as xr

from engine.analysis.tables import spread_over, table
from engine.analysis.telling import told, told_share, told_with_error

_LEGEND = "Medians +- standard error, 5% to 95% of futures, probability of being before; - lies past the horizon."


def leads_in_words(leads: xr.Dataset, policy: str = "baseline") -> str:
    """Leads, order and windows of one policy as tables, from `engine.analysis.leads`."""
    one = leads.sel(policy=policy)
    lines = [*_heading(leads, policy), _LEGEND]
    for capability in one["capability"].values:
        lines += ["", *_leads_of(one.sel(capability=capability))]
    return "\n".join(lines)


def _heading(results: xr.Dataset, policy: str) -> Iterator[str]:
    attrs, under = results.attrs, "" if policy == "baseline" else f", under {policy}"
    size = f"{attrs['worlds']:,} worlds x {attrs['futures']:,} futures"
    yield f"{attrs['scenario_name']}: {size}, seed {attrs['seed']}{under}"


def _leads_of(one: xr.Dataset) -> Iterator[str]:
    yield f"{one['capability'].item()} ({one.capability_kind.item()})"
    first = str(one.before.mean("other_class").idxmax("actor_class").item())
    titles = ["behind the first", "years", "OOM", "score", "score, ceiling", f"before {first}"]
    rows = []
    for name in one["actor_class"].values:
        row = one.sel(actor_class=name)
        before = row.sel(other_class=first)
        cells = [_interval(row, f"lead_{part}") for part in ("years", "oom")]
        # A lead in score follows from that in OOM, unbounded in proportion; a line has no room for all of it.
        cells += [_short(float(row.lead_score_unbounded.sel(quantile=0.5))), _range(row, "lead_score_with_ceiling")]
        chance = "-" if name == first else told_with_error(float(before.before), float(before.before_se))
        rows.append([str(name), *cells, chance])
    yield from table(titles, rows)
    if one.capability_kind.item() == "dangerous":
        warning, ready = _interval(one, "warning_time"), _interval(one, "defence_time")
        chance = told_with_error(float(one.defended_first), float(one.defended_first_se))
        yield f"  years from the first attainment to malicious access {warning}, to a ready defence {ready};"
        yield f"  probability that the defence comes no later: {chance}"


def _interval(one: xr.Dataset, name: str) -> str:
    """ "2.5 +- 0.1 (0.4 to 7.0)": the median with its standard error, and the 5% and 95% quantiles."""
    middle, rest = _range(one, name).split(" ", 1)
    error = float(one[f"{name}_se"].sel(quantile=0.5))
    sure = "" if middle == "-" else f" +- {error:.2f}" if error == error else " +- ?"
    return f"{middle}{sure} {rest}"


def _range(one: xr.Dataset, name: str) -> str:
    """ "2.5 (0.4 to 7.0)": the median, and the 5% and 95% quantiles."""
    low, middle, high = (_short(float(one[name].sel(quantile=q))) for q in (0.05, 0.5, 0.95))
    return f"{middle} ({low} to {high})"


def _short(value: float) -> str:
    # Not "-0.0".
    return "-" if np.isnan(value) else f"{round(value, 1) + 0.0:.1f}"


def thresholds_in_words(thresholds: xr.Dataset, policy: str = "baseline") -> str:
    """Costs of capabilities and what thresholds catch under one policy, from `engine.analysis.thresholds`."""
    one = thresholds.sel(policy=policy)
    share = told_share(float(thresholds.attrs["obsolete_below"]))
    lines = [
        *_heading(thresholds, policy),
        "",
        "Cheapest run that reaches a capability: median cost and compute of the class that needs least",
        *_costs(one),
        "  1 US$ stands for less as well; - for more than 1e15 US$",
        "",
        "Of actors that attain by training of their own in a year, per cent whose run a threshold (FLOP) catches;",
        f"obsolete: the year from which on it catches less than {share}, if it ever caught as much;",
        "evadable: the median year at which some class could reach the capability with less;",
        "+- standard error, ? where all are caught or none; - not within the horizon",
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
    yield from table(["", *(f"{float(year):g}" for year in median["year"].values), "falls a year"], rows)


def _per_cent(share: float, error: float) -> str:
    if np.isnan(share):
        return "-"
    # Where all are caught, or none, the run does not show how far that may be off.
    unknown = np.isnan(error) or (error == 0.0 and share in (0.0, 1.0))
    return f"{100.0 * share:.0f} +- {'?' if unknown else f'{100.0 * error:.1f}'}"


def _factor(value: float, error: float) -> str:
    return "-" if np.isnan(value) else f"{value:.2f}x +- {'?' if np.isnan(error) else f'{error:.2f}'}"


def _least(values: xr.DataArray, errors: xr.DataArray) -> str:
    """The least of the classes' medians, with its standard error in per cent; - for none."""
    if values.isnull().all():
        return "-"
    c = int(values.argmin("actor_class"))
    share = float(errors[c]) / float(values[c])
    return f"{told(float(values[c]))} +-{'?' if np.isnan(share) else f'{100.0 * share:.0f}'}%"


def _year(year: xr.DataArray, error: xr.DataArray) -> str:
    if np.isnan(year):
        return "-"
    return f"{float(year):.0f} +- {'?' if np.isnan(error) else f'{float(error):.1f}'}"


def _erosion(one: xr.Dataset, never: str) -> Iterator[str]:
    years = [i for i in spread_over(one.sizes["year"], 5) if i > 0]
    rows = []
    for i, threshold in enumerate(one["threshold"].values):
        of = one.isel(threshold=i)
        pairs = zip(of.newcomers_caught.values[years], of.newcomers_caught_se.values[years], strict=True)
        shares = [_per_cent(float(share), float(error)) for share, error in pairs]
        evadable = of[["evadable_year", "evadable_year_se"]].sel(quantile=0.5)
        obsolete = never if of.ever_caught == 0.0 else _year(of.obsolete_year, of.obsolete_year_se)
        rows.append(
            [told(float(threshold)), *shares, obsolete, _year(evadable.evadable_year, evadable.evadable_year_se)]
        )
    yield f"  {one['capability'].item()} ({one.capability_kind.item()})"
    titles = ["", *(f"{float(one['year'][i]):g}" for i in years), "obsolete", "evadable"]
    yield from table(titles, rows, "    ")
