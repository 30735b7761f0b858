"""Forecasts that others made beside the engine's prior predictive: the differences, with their errors."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr

from engine.analyses.published.forecast_quantities import COUNTERPARTS, Sources, compared_time
from engine.analyses.published.forecast_table import Forecast
from engine.results.provenance import derived
from engine.statistics.cluster_means import QUANTILES, mean_with_error, of_worlds, quantiles_with_error
from engine.statistics.labelled import Labelled, labelled
from engine.text.format import strings

_TEXTS = {
    "quantity": "quantity of the forecast",
    "interval": "kind of the forecast's interval",
    "unit": "unit of the forecast",
    "definition": "whether ours is the same, narrower, wider or other than what was asked",
    "forecasters": "who gave the forecast",
    "asked": "when they were asked",
    "source": "source",
    "url": "address of the source",
    "note": "difference of the definitions",
}


def forecast_comparison(forecasts: Sequence[Forecast], sources: Sources) -> xr.Dataset:
    """Each of `forecasts` with the engine's own. Over the dimension `forecast`, the result contains

    * `central`, `low`, `high`: as published, in the forecast's `unit`; NaN if unpublished.
    * `ours` and `ours_se`: our probability (of futures, or the mean over worlds), or our median, and its Monte Carlo
      standard error with replicates of worlds as clusters; NaN past the horizon.
    * `ours_low`, `ours_high`: 5% and 95% of futures, or of worlds for a risk; NaN for a share of futures and past the
      horizon.
    * `difference`: ours minus the published central value; `ratio` of the two for an amount, NaN for others.
    * `inside`: 1 if ours lies in the published interval, or keeps its bound, else 0; NaN without one, or without ours.
    * `ours_at`: time at which ours is taken, the horizon for later forecasts; `unknown`: share of futures past the
      horizon; `counted` and `counted_worlds`: number of futures that count, and of their worlds.

    Forecasts must have passed `check_forecasts` of the scenario.
    """
    cells = [_cells(forecast, sources) for forecast in forecasts]
    variables = {
        name: (("forecast",), np.array([cell[name][0] for cell in cells]), *cells[0][name][1:]) for name in cells[0]
    }
    coordinates: dict[str, Labelled] = {
        name: (("forecast",), strings([getattr(forecast, name) for forecast in forecasts]), words, "")
        for name, words in _TEXTS.items()
    }
    coordinates |= {
        "capabilities": (
            ("forecast",),
            strings([" ".join(forecast.capabilities) for forecast in forecasts]),
            "capabilities of the forecast, none for all dangerous ones",
            "",
        ),
        "least_loss": (("forecast",), np.array([forecast.loss for forecast in forecasts]), "least loss", "US$"),
        "at": (("forecast",), np.array([forecast.time for forecast in forecasts]), "time of the forecast", "year"),
        "statistic": (
            ("forecast",),
            strings([COUNTERPARTS[forecast.quantity].statistic for forecast in forecasts]),
            "ours: a share of futures, a mean over worlds or a median of futures",
            "",
        ),
        "quantity_words": (
            ("forecast",),
            strings([COUNTERPARTS[forecast.quantity].words for forecast in forecasts]),
            "description of the quantity",
            "",
        ),
    }
    return derived(
        labelled(variables, coordinates),
        sources.futures,
        "Forecasts of others compared with ours",
        replays=np.int64(sources.harm.sizes["world"]),
    )


def _cells(forecast: Forecast, sources: Sources) -> dict[str, tuple[float, str, str]]:
    """The comparison for one forecast: value, long name and unit of each variable."""
    counterpart = COUNTERPARTS[forecast.quantity]
    values = counterpart.values(sources, forecast).transpose("world", "future")
    ours, error, low, high = _ours(values, counterpart.statistic)
    amount = forecast.unit not in ("1", "year")
    known = int(values.notnull().sum())
    return {
        "central": (forecast.central, "published central value, in the unit of the forecast", "1"),
        "low": (forecast.low, "lower end of the published interval; NaN for none", "1"),
        "high": (forecast.high, "upper end of the published interval; NaN for none", "1"),
        "ours": (ours, "our probability or median, in the unit of the forecast; NaN past the horizon", "1"),
        "ours_se": (error, "Monte Carlo standard error of ours", "1"),
        "ours_low": (low, "5% quantile of ours; NaN for a share of futures", "1"),
        "ours_high": (high, "95% quantile of ours; NaN for a share of futures and past the horizon", "1"),
        "difference": (ours - forecast.central, "ours minus the published central value", "1"),
        "ratio": (ours / forecast.central if amount else np.nan, "ours divided by the published central value", "1"),
        "inside": (_inside(forecast, ours), "whether ours lies in the published interval", "1"),
        "ours_at": (compared_time(sources, forecast), "time at which ours is taken", "year"),
        "unknown": (
            float(np.isposinf(values).sum()) / known if known else np.nan,
            "share of our futures past the horizon",
            "1",
        ),
        "counted": (known, "our futures that count", "1"),
        "counted_worlds": (int(values.notnull().any("future").sum()), "worlds with futures that count", "1"),
    }


def _ours(values: xr.DataArray, statistic: str) -> tuple[float, float, float, float]:
    """(ours, its standard error, 5% and 95% quantiles) of `values` (world, future)."""
    quantiles, errors = (part.values for part in quantiles_with_error(values, QUANTILES))
    if statistic == "median":
        return float(quantiles[1]), float(errors[1]), float(quantiles[0]), float(quantiles[2])
    mean, error = (float(part) for part in mean_with_error(of_worlds(values)))
    ends = (float(quantiles[0]), float(quantiles[2])) if statistic == "mean" else (np.nan, np.nan)
    return mean, error, *ends


def _inside(forecast: Forecast, ours: float) -> float:
    if np.isnan(ours) or (np.isnan(forecast.low) and np.isnan(forecast.high)):
        return np.nan
    return float(not ours < forecast.low and not ours > forecast.high)
