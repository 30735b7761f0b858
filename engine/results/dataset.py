"""From a tally to a labelled dataset (MODEL: What comes out)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from engine.montecarlo import Tally
from engine.montecarlo.future import ROUTES
from engine.montecarlo.tally import EFFECTIVE_BINS, EFFECTIVE_LOW, EFFECTIVE_WIDTH, FINE, level_edges
from engine.replay.record import Record
from engine.results.errors import (
    binomial_standard_error,
    clustered_standard_error,
    distribution_spread,
    quantile_standard_error,
)
from engine.results.provenance import long_name, units
from engine.results.quantiles import binned_quantile, level_quantile
from engine.results.risk import LOSSES, PERIODS, Variable, risk_variables
from engine.rules.performance import enter_scores
from engine.scenario import Scenario, WorldSampler
from engine.scenario.worlds import WORLD


def build_dataset(sampler: WorldSampler, policies: Sequence[str], tally: Tally, futures: int) -> xr.Dataset:
    """The dataset of `policies`, the baseline first, without provenance."""
    scenario, worlds = sampler.scenario, sampler.total
    times = scenario.time_grid
    quantiles = np.array(scenario.output.quantiles)
    total = float(worlds * futures)
    variables = {
        name: (("policy", *dims), values)
        for part in (
            _attainment(scenario, tally, quantiles, total, worlds, futures),
            _counts(tally, quantiles, total),
            _performance(sampler, tally, quantiles, total),
        )
        for name, (dims, values) in part.items()
    }
    kinds = [capability.kind for capability in scenario.capabilities.values()]
    coordinates = {
        "policy": list(policies),
        "actor_class": scenario.class_names,
        "capability": scenario.capability_names,
        "capability_kind": ("capability", kinds),
        "route": list(ROUTES),
        "time": times,
        "quantile": quantiles,
        "threshold": np.array(scenario.output.flop_thresholds),
        "period": list(PERIODS),
        "loss": LOSSES,
        "level": np.array(scenario.output.risk_levels),
    }
    return describe(xr.Dataset({**variables, **risk_variables(scenario, tally, quantiles)}, coordinates))


def _attainment(
    scenario: Scenario, tally: Tally, quantiles: Any, total: float, worlds: int, futures: int
) -> Mapping[str, Variable]:
    policies, classes, capabilities, _ = tally.attained.shape
    none_yet = np.zeros((policies, classes, capabilities, 1), np.int64)
    cumulated = np.concatenate([none_yet, np.cumsum(tally.attained, axis=-1)], axis=-1)
    by_then = cumulated[..., ::FINE]
    sums = by_then.astype(np.float64)
    error = clustered_standard_error(sums, tally.attained_squares.astype(np.float64), worlds, futures)
    if worlds == 1:
        error = binomial_standard_error(sums, futures)
    # The most that an error can be: all futures of a world are alike; with a single world they are independent.
    independent = worlds - 1 if worlds > 1 else futures if futures > 1 else np.nan
    spread = distribution_spread(by_then / total, error, 1.0 / np.sqrt(independent), FINE)
    changes = sums - sums[:1]
    change_error = clustered_standard_error(changes, tally.difference_squares.astype(np.float64), worlds, futures)
    fine = np.linspace(scenario.start, scenario.horizon, tally.attained.shape[-1] + 1)
    everyone = np.full(tally.attained.shape[:-1], total)
    leads = fine - scenario.start
    any_first = tally.first.sum(axis=-1).astype(np.float64)
    return {
        "attainment_probability": (("actor_class", "capability", "time"), by_then / total),
        "attainment_probability_se": (("actor_class", "capability", "time"), error),
        "attainment_probability_difference": (("actor_class", "capability", "time"), changes / total),
        "attainment_probability_difference_se": (("actor_class", "capability", "time"), change_error),
        "attainment_time_quantile": (
            ("actor_class", "capability", "quantile"),
            binned_quantile(tally.attained, fine, quantiles, everyone),
        ),
        "attainment_time_quantile_se": (
            ("actor_class", "capability", "quantile"),
            quantile_standard_error(quantiles, fine, cumulated / total, spread),
        ),
        "attainment_route": (("actor_class", "capability", "route"), tally.route / total),
        "first_attainer": (("capability", "actor_class"), tally.first / total),
        "lead_time": (
            ("capability", "actor_class", "quantile"),
            _lead_quantile(tally, leads, quantiles, np.repeat(any_first[..., np.newaxis], classes, axis=-1)),
        ),
    }


def _lead_quantile(tally: Tally, edges: Any, quantiles: Any, total: Any) -> Any:
    """Quantiles of the first class's lead; exactly 0 where this class attains with the first in enough futures."""
    result = binned_quantile(tally.lead, edges, quantiles, total)
    with np.errstate(invalid="ignore", divide="ignore"):
        at_once = quantiles <= (tally.at_once / total)[..., np.newaxis]
    return np.where(at_once, 0.0, result)


def _counts(tally: Tally, quantiles: Any, total: float) -> Mapping[str, Variable]:
    access, models = level_edges(tally.access.shape[2]), level_edges(tally.models.shape[2])
    return {
        "actors_with_access": (
            ("capability", "time", "quantile"),
            level_quantile(np.moveaxis(tally.access, 2, 3), access, quantiles, total),
        ),
        "actors_with_access_mean": (("capability", "time"), tally.access_sum / total),
        "runs_above": (
            ("threshold", "time", "quantile"),
            level_quantile(np.moveaxis(tally.models, 2, 3), models, quantiles, total),
        ),
        "runs_above_mean": (("threshold", "time"), tally.models_sum / total),
    }


def _performance(sampler: WorldSampler, tally: Tally, quantiles: Any, total: float) -> Mapping[str, Variable]:
    inside = EFFECTIVE_LOW + EFFECTIVE_WIDTH * np.arange(EFFECTIVE_BINS + 1)
    edges = np.concatenate([[np.nan, np.nan], inside, [np.nan]])
    # A class with no model yet is below every class with one: it takes the lowest quantiles, as NaN.
    without = total - tally.modelled
    counts = np.concatenate([without[..., np.newaxis].astype(np.int64), np.moveaxis(tally.effective, 2, 3)], axis=-1)
    effective = binned_quantile(counts, edges, quantiles, np.full(tally.modelled.shape, total))
    world = Record(sampler.median_world()[0], WORLD)
    score = np.empty_like(effective)
    enter_scores(world, effective.ravel(), score.ravel())
    dims = ("actor_class", "time", "quantile")
    return {"effective_compute": (dims, effective), "performance_score": (dims, score)}


def describe(dataset: xr.Dataset) -> xr.Dataset:
    """`dataset` with a long name and units on every variable and coordinate."""
    for name, variable in dataset.variables.items():
        variable.attrs["long_name"] = long_name(str(name))
        if unit := units(str(name)):
            variable.attrs["units"] = unit
    return dataset
