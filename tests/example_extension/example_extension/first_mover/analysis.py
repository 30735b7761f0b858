"""Which class is first of all, over all dangerous capabilities together."""

from __future__ import annotations

import xarray as xr

from engine.statistics.cluster_means import mean_with_error, of_worlds


def first_mover(results: xr.Dataset) -> xr.Dataset:
    """Shares of futures (policy, actor_class) in which the class attains any dangerous capability first, with errors.

    `results` keep samples.
    """
    times = results["attainment_time"].where(results["capability_kind"] == "dangerous").min("capability")
    is_first = (times == times.min("actor_class")).astype(float)
    share, error = mean_with_error(of_worlds(is_first))
    return xr.Dataset({"first_share": share, "first_share_se": error}, attrs=results.attrs)
