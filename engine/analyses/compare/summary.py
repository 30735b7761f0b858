"""Policies against the baseline, in the same futures: a table of paired differences, and a summary."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from engine.analyses.compare.surprising_signs import (
    SurprisingSigns,
    others_in_words,
    sign_in_words,
    surprising_signs,
)
from engine.scenario import BASELINE
from engine.scenario.names import as_list
from engine.statistics.metrics import is_heavy_tailed, metric_differences
from engine.text.uncertain import TOO_FEW, is_known

#: Variables that have a mean under each policy and a difference from the baseline.
_MEANS = ("exposure_mean", "incidents_mean", "loss_mean", "benefit_mean")
_KEYS = ("policy", "actor_class", "capability", "period")
_COLUMNS = (*_KEYS[:1], "quantity", *_KEYS[1:], "unit", "baseline", "value", "difference", "standard_error")


def paired_table(results: xr.Dataset, metrics: Sequence[str] | None = None) -> pd.DataFrame:
    """Paired differences of the policies of `results` from the baseline, one row each.

    Columns: policy, quantity, actor_class, capability and period (empty where they do not apply), unit, baseline,
    value, difference, standard_error. The standard error is that of the difference, far smaller than with
    values from different futures. Quantities: `attainment_delay` (years; it has no value, only the difference), the
    probability of attainment by the horizon, mean exposure, incidents, losses (annual, total) and benefit; then the
    means of `metrics`, which need `results` with samples. Raises InputError for an unknown metric.
    """
    return table_of(results, metric_differences(results, metrics or ()))


def table_of(results: xr.Dataset, differences: Mapping[str, xr.Dataset]) -> pd.DataFrame:
    """The same with the `differences` of metrics (`metric_differences`)."""
    parts = [
        _rows("attainment_delay", results, None, results.attainment_delay, results.attainment_delay_se),
        _rows(
            "attainment_probability",
            results,
            results.attainment_probability.isel(time=-1, drop=True),
            results.attainment_probability_difference.isel(time=-1, drop=True),
            results.attainment_probability_difference_se.isel(time=-1, drop=True),
        ),
    ]
    for name in _MEANS:
        parts.append(
            _rows(name, results, results[name], results[f"{name}_difference"], results[f"{name}_difference_se"])
        )
    for name, metric in differences.items():
        parts.append(_rows(name, results, metric["mean"], metric["difference"], metric["difference_se"]))
    table = pd.concat(parts, ignore_index=True)
    table["policy"] = pd.Categorical(table["policy"], [str(name) for name in results["policy"].values])
    return table.sort_values("policy", kind="stable", ignore_index=True).astype({"policy": str})[list(_COLUMNS)]


def _rows(
    quantity: str, results: xr.Dataset, value: xr.DataArray | None, difference: xr.DataArray, error: xr.DataArray
) -> pd.DataFrame:
    columns = {"difference": difference, "standard_error": error}
    if value is not None:
        columns |= {"value": value, "baseline": value.sel(policy=BASELINE, drop=True).broadcast_like(value)}
    frame = xr.Dataset(columns).drop_vars("capability_kind", errors="ignore").to_dataframe().reset_index()
    # Only dangerous capabilities have exposure and incidents.
    frame = frame[(frame["policy"] != BASELINE) & frame["difference"].notna()]
    unit = difference.attrs.get("units", "1")
    given = {key: frame.get(key, "") for key in _KEYS[1:]}
    return frame.assign(quantity=quantity, unit=unit, **given).reindex(columns=list(_COLUMNS))


def comparison(
    results: xr.Dataset,
    classes: Sequence[str] | None = None,
    differences: Mapping[str, xr.Dataset] | None = None,
    surprises: SurprisingSigns | None = None,
) -> str:
    """The paired differences as text: losses and benefit of all policies, then the effects on every capability.

    Delays are those of `classes`, by default of the class most often first and of the class that attains last.
    The `surprises` of any class follow, by default those of `results`; the `differences` of metrics
    (`metric_differences`) come last.
    """
    classes = as_list(classes) if classes else _first_and_last_classes(results)
    horizon, start = float(results.time[-1]), float(results.time[0])
    lines = [
        f"{results.attrs['scenario_name']}: {results.attrs['worlds']:,} worlds x {results.attrs['futures']:,} futures, "
        f"seed {results.attrs['seed']}, {start:g} to {horizon:g}",
        "Differences are from the baseline in the same futures, +- their standard error. Money is constant 2023 US$,",
        "not discounted.",
        "",
        policy_summary(results),
    ]
    for policy in results["policy"].values[1:]:
        lines += ["", *_policy(results.sel(policy=policy), classes)]
    lines += _surprises(surprising_signs(results) if surprises is None else surprises)
    lines += _metrics(differences or {})
    return "\n".join(lines)


def _surprises(found: SurprisingSigns) -> Iterator[str]:
    """The changes whose sign is contrary to what a policy is for, if there are any."""
    words = [sign_in_words(sign) for sign in found.largest]
    if others := others_in_words(found):
        words.append(others)
    for i, text in enumerate(words):
        wrapped = textwrap.fill(text, 120, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)
        yield wrapped if i else f"\n{wrapped}"


def _metrics(differences: Mapping[str, xr.Dataset]) -> Iterator[str]:
    """The mean of each metric under the baseline, and the change under each policy."""
    for name, one in differences.items():
        heavy = is_heavy_tailed(name)
        base = one.sel(policy=BASELINE)
        unit = "" if one.attrs["units"] in ("", "1") else f" {one.attrs['units']}"
        yield f"\n{name}{f',{unit}' if unit else ''}: {one.attrs['long_name']}"
        yield f"  {BASELINE:<24}{_cell(base['mean'], base['mean_se'], 1.0, heavy_tailed=heavy):>24}"
        for policy in map(str, one["policy"].values):
            if policy != BASELINE:
                row = one.sel(policy=policy)
                yield f"  {policy:<24}{_cell(row.difference, row.difference_se, 1.0, '+', heavy_tailed=heavy):>24}"


def _first_and_last_classes(results: xr.Dataset) -> list[str]:
    by_class = results.sel(policy=BASELINE)
    first = str(by_class.first_attainer.sum("capability").idxmax("actor_class").item())
    last = str(by_class.attainment_probability.mean(["capability", "time"]).idxmin("actor_class").item())
    return list(dict.fromkeys([first, last]))


def policy_summary(results: xr.Dataset) -> str:
    """Losses and benefit to the horizon, one line per policy: median loss, then means of the baseline or changes."""
    return "\n".join(_summary(results))


def overview(results: xr.Dataset) -> str:
    """The effects of policies, for the summary of a run; "" if there is only the baseline."""
    if results.sizes["policy"] == 1:
        return ""
    return f"\nPolicies: differences from the baseline, +- their standard error\n{policy_summary(results)}\n"


def _summary(results: xr.Dataset) -> Iterator[str]:
    width = max(18, *(len(str(name)) for name in results["policy"].values))
    yield f"{f'to {float(results.time[-1]):g}, 1e9 US$':<{width}}" + "".join(
        f"  {title:>24}" for title in ("median loss", "mean loss (change)", "mean benefit (change)")
    )
    total = results.sel(period="total")
    for policy in results["policy"].values:
        one, change = total.sel(policy=policy), "" if policy == BASELINE else "_difference"
        cells = [f"{float(one.loss_quantile.interp(quantile=0.5)) / 1e9:,.3g}"]
        for name in ("loss_mean", "benefit_mean"):
            value, error = one[f"{name}{change}"], one[f"{name}{change}_se"]
            cells.append(_cell(value, error, 1e9, "+" if change else "", heavy_tailed=name == "loss_mean"))
        yield f"{policy!s:<{width}}" + "".join(f"  {cell:>24}" for cell in cells)
    share = float(total.loss_largest_share.sel(policy=BASELINE))
    if not np.isnan(share):
        yield f"Few futures dominate mean losses: the largest 1% of losses are {share:.0%} of the baseline's total."


def _policy(one: xr.Dataset, classes: list[str]) -> Iterator[str]:
    names = [str(name) for name in one["capability"].values]
    width = max(map(len, names)) + 12
    titles = [f"years later: {name}" for name in classes] + ["exposure, years", "incidents"]
    sizes = [max(22, len(title) + 2) for title in titles]
    yield str(one["policy"].item())
    yield " " * (width + 2) + "".join(f"{title:>{size}}" for title, size in zip(titles, sizes, strict=True))
    for name in names:
        row = one.sel(capability=name)
        cells = [
            _cell(row.attainment_delay.sel(actor_class=c), row.attainment_delay_se.sel(actor_class=c), 1.0, "+")
            for c in classes
        ]
        for mean in ("exposure_mean", "incidents_mean"):
            cells.append(_cell(row[f"{mean}_difference"], row[f"{mean}_difference_se"], 1.0, "+"))
        label = f"{name} ({row.capability_kind.item()})"
        yield f"  {label:<{width}}" + "".join(f"{cell:>{size}}" for cell, size in zip(cells, sizes, strict=True))


def _cell(value: Any, error: Any, unit: float, sign: str = "", *, heavy_tailed: bool = False) -> str:
    """A number with its standard error, rounded to two digits of the error, or a note that futures are too few."""
    value, error = float(value) / unit, float(error) / unit
    if np.isnan(value):
        return "-"
    if value == error == 0.0:
        return "0"
    if heavy_tailed and not is_known(value, error):
        return TOO_FEW
    if np.isnan(error):
        return f"{value:{sign}.3g} +- ?"
    places = int(np.clip(1 - np.floor(np.log10(error)), 0, 6)) if error > 0.0 else 3
    return f"{value:{sign},.{places}f} +- {error:,.{places}f}"
