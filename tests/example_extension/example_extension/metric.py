"""A metric: how many dangerous capabilities anyone attains within the horizon."""

from __future__ import annotations

import xarray as xr

from engine.statistics.metrics import Metric


def _values(results: xr.Dataset) -> xr.DataArray:
    dangerous = results["capability_kind"] == "dangerous"
    attained = results["attainment_time"].notnull().any("actor_class")
    return attained.where(dangerous, False).sum("capability").astype(float)


dangerous_attained = Metric(_values, "dangerous capabilities that any class attains within the horizon", "1", "less")
