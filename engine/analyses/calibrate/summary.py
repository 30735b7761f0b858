"""A posterior as text: its effective size, and quantiles of prior and posterior."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from engine.simulation.worlds_file import ENOUGH
from engine.text.format import format_value


def posterior_in_words(found: xr.Dataset, top: int = 12) -> str:
    """The text of `engine.analyses.calibrate.calibrate`: the `top` numbers that the observations inform most."""
    worth, worlds = float(found.attrs["effective_worlds"]), found.sizes["weighted_world"]
    summaries = int(found.attrs["summaries"])
    lines = [
        f"{found.sizes['observation']} observations in {summaries} summar{'y' if summaries == 1 else 'ies'}; "
        f"{worlds:,} weighted worlds: an effective sample of {worth:,.0f}",
        f"The prior alone would leave an effective {float(found.attrs['effective_prior_worlds']):,.0f}; a small number "
        "means surprising observations",
        f"{found.sizes['world']:,} worlds were resampled by weight, {int(found.attrs['distinct_worlds']):,} of them "
        "distinct",
    ]
    if worth < ENOUGH:
        lines.append(
            f"The effective sample is below {ENOUGH}, so quantiles of the posterior are rough. Use about "
            f"{ENOUGH / worth:.1f} times as many worlds, or one more round"
        )
    if "truths" in found.attrs:
        lines.append(
            f"Simulation-based calibration, {int(found.attrs['truths'])} truths: chi-square of uniform ranks p = "
            f"{float(found.attrs['p_value_of_all']):.2g} for all numbers together, p = "
            f"{float(found.attrs['p_value_of_smallest']):.2g} for the least uniform (Sidak); posteriors of "
            f"{float(found['effective_worlds_of_truth'].median()):,.0f} effective worlds (median), "
            f"{float(found.attrs['rough_truths']):.0%} of them with fewer than 90"
        )
    chosen = most_informed(found, top)
    width = max((len(str(found["parameter"].values[p])) for p in chosen), default=0)
    lines += ["", f"{'':{width}}  {'prior: median (90%)':<34}posterior: median (90%)"]
    for p in chosen:
        here = found.isel(parameter=p)
        unit = str(here["parameter_units"].item())
        both = "".join(f"{_interval(here[name], unit):<34}" for name in ("prior", "posterior"))
        lines.append(f"{here['parameter'].item()!s:<{width}}  {both}".rstrip())
    return "\n".join(lines)


def posterior_table(found: xr.Dataset) -> str:
    """Quantiles of prior and posterior for every number, in the units of the model, as CSV with a heading."""
    columns = {name: found[name].values for name in ("parameter", "parameter_units")}
    for name in ("prior", "posterior"):
        for q, values in zip(found["quantile"].values, found[name].values.T, strict=True):
            columns[f"{name}_{round(100 * q):02d}"] = values
    columns |= {name: found[name].values for name in ("shift", "contraction", "p_value") if name in found}
    return pd.DataFrame(columns).to_csv(index=False, float_format="%.6g")


def most_informed(found: xr.Dataset, top: int) -> NDArray[np.int64]:
    """Indices of the `top` numbers that moved or narrowed most, by nats from prior to posterior, taken as Normal."""
    top = max(top, 0)
    ratio = np.clip(1.0 - found["contraction"].values, 1e-12, None)
    return np.argsort(-0.5 * (ratio - 1.0 - np.log(ratio) + found["shift"].values ** 2))[:top]


def _interval(quantiles: xr.DataArray, unit: str) -> str:
    low, middle, high = (format_value(float(quantiles.sel(quantile=q)), unit) for q in (0.05, 0.5, 0.95))
    plain = unit.removeprefix("log10 ") if unit.startswith("log10 ") else unit
    low, middle, high = (text.removesuffix(f" {plain}") for text in (low, middle, high))
    shown = "" if plain in ("1", "", "fraction") else f" {plain}"
    return f"{middle} ({low} to {high}){shown}"
