"""Results that are not as usual, made from usual ones: few or many names, odd names, other quantiles, no errors."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr

#: Letters that matplotlib, HTML or the legend could take for something else.
HOSTILE = ("$x^2$_<b>&", "$\\frac", "_hidden")


def of_size(results: xr.Dataset, dimension: str, count: int) -> xr.Dataset:
    """The results with `count` names along `dimension`: its own again and again, the later with a number behind."""
    size = results.sizes[dimension]
    many = results.isel({dimension: np.arange(count) % size})
    names = [str(name) for name in many[dimension].values]
    return many.assign_coords(
        {dimension: [name if n < size else f"{name}_{n // size + 1}" for n, name in enumerate(names)]}
    )


def renamed(results: xr.Dataset, dimension: str, names: Sequence[str]) -> xr.Dataset:
    """The results with the last names along `dimension` replaced by `names`."""
    own = [str(name) for name in results[dimension].values]
    last = list(names)[-len(own) :]
    return results.assign_coords({dimension: [*own[: len(own) - len(last)], *last]})


def hostile(results: xr.Dataset) -> xr.Dataset:
    """The results with names that no scenario may have, but a file of a stranger: of all but the baseline."""
    for dimension in ("actor_class", "capability"):
        results = renamed(results, dimension, HOSTILE)
    return renamed(results, "policy", HOSTILE[: results.sizes["policy"] - 1])


def all_of_kind(results: xr.Dataset, kind: str) -> xr.Dataset:
    """The results with capabilities of one kind only."""
    kinds = results["capability_kind"].values.astype(str)
    return results.isel(capability=np.flatnonzero(kinds == kind))


def of_quantiles(results: xr.Dataset, *probabilities: float) -> xr.Dataset:
    """The results with these of their quantiles only."""
    return results.sel(quantile=list(probabilities))


def without_errors(results: xr.Dataset) -> xr.Dataset:
    """The results with unknown errors and limits, as one future gives them."""
    unknown = [name for name in results if str(name).endswith(("_se", "_limits"))]
    return results.assign({name: results[name] * np.nan for name in unknown})


def below_a_year(results: xr.Dataset) -> xr.Dataset:
    """The results with no annual losses."""
    annual = results["period"] == "annual"
    return results.assign({str(n): one.where(~annual) for n, one in results.items() if "period" in one.dims})


def without_harm(results: xr.Dataset) -> xr.Dataset:
    """The results with no exposure, incident or loss, and so no errors of these."""
    harm = ("exposure", "incidents", "loss", "value_at", "expected_")
    return results.assign({str(name): 0.0 * one for name, one in results.items() if str(name).startswith(harm)})


def never_attained(results: xr.Dataset) -> xr.Dataset:
    """The results in which nobody attains anything."""
    nothing = {
        name: 0.0 * results[name]
        for name in results
        if str(name).startswith(("attainment_probability", "attainment_route", "first_attainer", "actors_with"))
    }
    never = {name: results[name] * np.nan for name in ("attainment_time_quantile", "lead_time")}
    return results.assign({**nothing, **never})
