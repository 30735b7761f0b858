"""The prior predictive of a scenario: what it says of capabilities, thefts, runs and costs before any observation."""

from __future__ import annotations

import numpy as np
import xarray as xr

from engine.analyses.published.forecast_quantities import Sources
from engine.results.provenance import derived
from engine.statistics.cluster_means import (
    QUANTILES,
    joined,
    labelled_with_error,
    mean_with_error,
    of_worlds,
    quantiles_with_error,
)

#: Decimal years in which the prior predictive is given, as far as the scenario goes.
YEARS = (2030.0, 2035.0, 2045.0)
#: The holder that stands for the class that attains first.
ANYONE = "anyone"


def prior_predictive(sources: Sources) -> xr.Dataset:
    """The prior predictive at those of `YEARS`, else at the horizon, that the scenario reaches.

    * `attained(year, holder, capability)`: probability that the holder, a class or anyone, has it by then.
    * `stolen(year, actor_class)`: probability that the class has stolen a model that gave it a capability.
    * `largest_run(year, quantile)`: log10 FLOP of the largest run so far; NaN if there is none.
    * `cost(year, capability, quantile)`: log10 US$ of the cheapest run of any class that reaches the capability; NaN
      where no run does.

    All have their Monte Carlo standard error as NAME_se.
    """
    futures, harm = sources.futures, sources.harm
    grid = futures["year"].values.astype(float)
    years = [year for year in YEARS if year in grid] or [float(grid[-1])]
    attained = _attained(futures)
    largest = futures.future_compute.max("actor").reset_coords(drop=True).astype(float)
    cost = futures.capability_cost.min("actor_class").reset_coords(drop=True).astype(float).fillna(np.inf)
    variables = {
        **labelled_with_error(
            "attained", _shares(attained, years), "probability that the holder has the capability by this year", "1"
        ),
        **labelled_with_error(
            "stolen",
            _shares(harm.first_theft, years),
            "probability that the class has stolen a model by this year",
            "1",
        ),
        **labelled_with_error(
            "largest_run",
            quantiles_with_error(largest.sel(year=years), QUANTILES),
            "training compute of the largest run so far",
            "log10(FLOP)",
        ),
        **labelled_with_error(
            "cost",
            quantiles_with_error(cost.sel(year=years), QUANTILES),
            "cost of the cheapest run of any class that reaches the capability",
            "log10(US$)",
        ),
    }
    found = xr.Dataset(variables).assign_coords(capability_kind=("capability", futures["capability_kind"].values))
    found["holder"].attrs["long_name"] = "class of actors, or anyone"
    return derived(found, futures, "Prior predictive", replays=np.int64(harm.sizes["world"]))


def _attained(futures: xr.Dataset) -> xr.DataArray:
    """Decimal years (world, future, holder, capability), NaN if not within the horizon."""
    times = futures.attainment_time.reset_coords(drop=True)
    first = times.min("actor_class").expand_dims(actor_class=[ANYONE])
    both = xr.concat([first, times], "actor_class")
    return both.rename(actor_class="holder")


def _shares(times: xr.DataArray, years: list[float]) -> tuple[xr.DataArray, xr.DataArray]:
    """(share of futures whose time has come by each of `years`, its standard error), over the dimension `year`."""
    found = [mean_with_error(of_worlds((times <= year).astype(float))) for year in years]
    share, error = (joined("year", [pair[part] for pair in found]).assign_coords(year=years) for part in (0, 1))
    return share, error
