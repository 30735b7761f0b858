"""Concentration of performance among actors: the share of a few, and the distance of the others."""

from __future__ import annotations

import numpy as np
import xarray as xr

from engine.statistics.cluster_means import of_worlds
from engine.statistics.performance_score import scores

#: A quantity: its means by world, its description, its unit.
Given = dict[str, tuple[xr.DataArray, str, str]]


def concentration(paths: xr.Dataset, ceiling: float) -> Given:
    """Concentration of performance among real actors by year, from the best models of the actors of every future.

    Returns the Herfindahl-Hirschman index of shares of effective compute (Herfindahl 1950, Hirschman 1945), between
    1 / actors and 1; the share of the leader; the number of actors within one OOM of it; and the lead of its score over
    that of the median actor, unbounded and with a ceiling. Actors without a model have a share of 0. NaN where nobody
    has a model.
    """
    best, weight = paths.future_effective_compute, paths.represents
    leader = best.max("actor")
    # In units of the leader's compute, so that nothing overflows.
    relative = (10.0 ** (best - leader)).fillna(0.0)
    total = (weight * relative).sum("actor").where(leader.notnull())
    within = (weight * (best >= leader - 1.0)).sum("actor").where(leader.notnull())
    given = {
        "concentration": ((weight * relative**2).sum("actor") / total**2, "Herfindahl-Hirschman index", "1"),
        "leader_share": (1.0 / total, "share of the leading actor in effective compute", "1"),
        "actors_within_oom": (within, "real actors within one OOM of effective compute of the leader", "1"),
    }
    median = _median_actor(best, weight)
    for name, lead in scores(leader, paths, ceiling).items():
        behind = scores(median, paths, ceiling)[name]
        kind = name.removeprefix("score_")
        given[f"score_lead_{kind}"] = (lead - behind, f"score of the leader above the median actor, {kind}", "1")
    return {name: (of_worlds(values), words, units) for name, (values, words, units) in given.items()}


def _median_actor(best: xr.DataArray, weight: xr.DataArray) -> xr.DataArray:
    """The best model of the median real actor; NaN where half of the actors have none."""
    values = best.transpose("actor", ...).fillna(-np.inf)
    order = values.argsort(axis=0)
    upto = weight.values[order.values].cumsum(axis=0)
    middle = (upto < 0.5 * upto[-1]).sum(axis=0)
    median = np.take_along_axis(np.take_along_axis(values.values, order.values, 0), middle[np.newaxis], 0)[0]
    found = values.isel(actor=0, drop=True).copy(data=median)
    return found.where(np.isfinite(found))
