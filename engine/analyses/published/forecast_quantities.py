"""The engine's counterpart of each forecast, in single futures or worlds.

Values have the dimensions world and future. NaN stands for a future that does not count, inf for a value past the
horizon.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import xarray as xr

from engine.analyses.published.forecast_table import FORMS, Forecast
from engine.scenario import Scenario
from engine.scenario.errors import shown


class Sources(NamedTuple):
    """What forecasts are compared with, all of one scenario under the baseline.

    `futures` are results with prices, without the dimension policy. `harm` and `risk` are from `forecast_experiment`.
    """

    futures: xr.Dataset
    harm: xr.Dataset
    risk: xr.Dataset

    @property
    def horizon(self) -> float:
        """Decimal year in which futures end."""
        return float(self.futures["time"][-1])


#: How values of futures become one: the share of futures, the mean over worlds, or the median.
Statistic = Literal["share", "mean", "median"]


@dataclass(frozen=True)
class Counterpart:
    """What the engine says of a quantity: in words, by which statistic, and its value in every future or world."""

    words: str
    statistic: Statistic
    values: Callable[[Sources, Forecast], xr.DataArray]


def losses_of(forecasts: Sequence[Forecast]) -> list[float]:
    """The losses, US$, that `forecasts` ask for, in rising order."""
    return sorted({forecast.loss for forecast in forecasts if not np.isnan(forecast.loss)})


def check_forecasts(forecasts: Sequence[Forecast], scenario: Scenario) -> None:
    """Raise ObservationsError, naming the cell, at the first forecast of which `scenario` says nothing."""
    kinds = {name: spec.kind for name, spec in scenario.capabilities.items()}
    dangerous = [name for name, kind in kinds.items() if kind == "dangerous"]
    for forecast in forecasts:
        of_any = FORMS[forecast.quantity].capabilities == "one"
        known, what = (list(kinds), "") if of_any else (dangerous, "dangerous ")
        for name in forecast.capabilities:
            if name not in known:
                names = ", ".join(known) or "none"
                raise forecast.error(
                    "capabilities", f"must be of the scenario's {what}ones ({names}), not {shown(name)}"
                )
        if not known:
            raise forecast.error("capabilities", f"{scenario.name} has no {what}capability; remove the row")
        if forecast.time <= scenario.start:
            raise forecast.error("time", f"must come after the start of the scenario, {scenario.start:g}")
        if forecast.quantity == "yearly_loss" and forecast.time not in scenario.years[1:]:
            ends = f"{scenario.years[1]:g} to {scenario.years[-1]:g}"
            raise forecast.error("time", f"must be the end of a year of the scenario, {ends}, not {forecast.time:g}")


def compared_time(sources: Sources, forecast: Forecast) -> float:
    """Decimal year at which a forecast is compared: its own, or the horizon if that is earlier; NaN for none."""
    return min(forecast.time, sources.horizon) if not np.isnan(forecast.time) else np.nan


def _incident(sources: Sources, forecast: Forecast) -> xr.DataArray:
    """Decimal year of the first incident, NaN for none."""
    first = _chosen(sources.harm.first_incident, forecast, sources)
    return _of_loss(first, forecast).min("capability")


def _incident_probability(sources: Sources, forecast: Forecast) -> xr.DataArray:
    return (_incident(sources, forecast) <= compared_time(sources, forecast)).astype(float)


def _yearly_risk(sources: Sources, forecast: Forecast) -> xr.DataArray:
    return _risk(sources, forecast, defended=0)


def _defended_yearly_risk(sources: Sources, forecast: Forecast) -> xr.DataArray:
    return _risk(sources, forecast, defended=1)


def _risk(sources: Sources, forecast: Forecast, defended: int) -> xr.DataArray:
    """Probability of at least one incident in a year, of each world: incidents are a Poisson process.

    The mean over futures, in which a class has the capability or, if a service brings it earlier, uses it.
    """
    rates = _of_loss(_chosen(sources.risk.rate.sel(defended=defended, drop=True), forecast, sources), forecast)
    own, use = (_chosen(sources.futures[name], forecast, sources) for name in ("attainment_time", "use_time"))
    passed = sources.risk.through.where(use < own.fillna(np.inf), 1.0).reset_coords(drop=True)
    rate = (rates * passed).sum(("actor_class", "capability"))
    risk = rate.copy(data=-np.expm1(-rate.values)).mean("future")
    return risk.expand_dims("future", axis=1)


def _yearly_loss(sources: Sources, forecast: Forecast) -> xr.DataArray:
    return _chosen(sources.harm.loss_of_year, forecast, sources).sel(year=forecast.time, drop=True).sum("capability")


def _capability_year(sources: Sources, forecast: Forecast) -> xr.DataArray:
    attained = _chosen(sources.futures.attainment_time, forecast, sources).isel(capability=0, drop=True)
    return attained.min("actor_class").astype(float).fillna(np.inf)


def _capability_by(sources: Sources, forecast: Forecast) -> xr.DataArray:
    return (_capability_year(sources, forecast) <= compared_time(sources, forecast)).astype(float)


def dangerous(found: xr.Dataset) -> list[str]:
    """The names of the dangerous capabilities, in the order of the scenario; `found` has them with their kinds."""
    kinds = zip(found["capability"].values, found["capability_kind"].values, strict=True)
    return [str(name) for name, kind in kinds if kind == "dangerous"]


def _chosen(values: xr.DataArray, forecast: Forecast, sources: Sources) -> xr.DataArray:
    """`values` of the capabilities of a forecast, of all dangerous ones if it names none."""
    return values.sel(capability=list(forecast.capabilities) or dangerous(sources.futures))


def _of_loss(values: xr.DataArray, forecast: Forecast) -> xr.DataArray:
    return values.sel(loss=forecast.loss, drop=True)


COUNTERPARTS: Mapping[str, Counterpart] = {
    "incident_probability": Counterpart("incident with at least this loss", "share", _incident_probability),
    "incident_year": Counterpart("year of the first such incident, given that it occurs", "median", _incident),
    "yearly_risk": Counterpart(
        "such an incident in a year, all malicious actors with or using the capabilities", "mean", _yearly_risk
    ),
    "defended_yearly_risk": Counterpart("the same behind a ready defence", "mean", _defended_yearly_risk),
    "yearly_loss": Counterpart("loss of the year before, US$", "median", _yearly_loss),
    "capability_by": Counterpart("anyone has the capability", "share", _capability_by),
    "capability_year": Counterpart("year in which anyone first has the capability", "median", _capability_year),
}
