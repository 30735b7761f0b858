"""From a tally to a labelled dataset."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from engine.montecarlo import Tally
from engine.montecarlo.future import ROUTES
from engine.montecarlo.tally import COARSE, EFFECTIVE_BINS, EFFECTIVE_LOW, EFFECTIVE_WIDTH, FINE, level_edges
from engine.replay.record import Record
from engine.results.quantiles import binned_quantile, level_quantile
from engine.results.risk import LOSSES, PERIODS, risk_variables
from engine.results.standard_errors import (
    LIMITS,
    Variable,
    by_group,
    distribution_spread,
    estimated,
    paired,
    per_future,
    probability_limits,
    quantile_standard_error,
    with_error,
)
from engine.results.variables import long_name, units
from engine.rules.performance import enter_scores
from engine.scenario import Scenario, WorldSampler
from engine.scenario.worlds import WORLD


def build_dataset(sampler: WorldSampler, policies: Sequence[str], tally: Tally, futures: int) -> xr.Dataset:
    """The dataset of `policies`, the baseline first, without provenance."""
    scenario, worlds = sampler.scenario, sampler.total
    times = scenario.time_grid
    quantiles = np.array(scenario.output.quantiles)
    total, widest = float(worlds * futures), _widest(worlds, futures)
    variables = {
        name: (("policy", *dims), values)
        for part in (
            _attainment(scenario, tally, worlds, futures),
            _leads(scenario, tally, quantiles, widest),
            _counts(tally, quantiles, total),
            _performance(sampler, tally, quantiles, total, widest),
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
        "limit": list(LIMITS),
    }
    return describe(xr.Dataset({**variables, **risk_variables(scenario, tally, quantiles)}, coordinates))


def _attainment(scenario: Scenario, tally: Tally, worlds: int, futures: int) -> Mapping[str, Variable]:
    attained, used = tally.attained_step.cumsum(axis=-1), tally.used_step.cumsum(axis=-1)
    number, attained, used, routes, users = by_group(tally.futures, attained, used, tally.route, tally.users_sum)
    return {
        **_first_times("attainment", scenario, tally.attained, number, attained, worlds, futures),
        **with_error("attainment_route", ("actor_class", "capability", "route"), per_future, number, routes),
        **_first_times("use", scenario, tally.used, number, used, worlds, futures),
        **with_error("users_mean", ("capability", "time"), per_future, number, users),
    }


def _first_times(
    event: str, scenario: Scenario, counts: Any, number: Any, by_then: Any, worlds: int, futures: int
) -> Mapping[str, Variable]:
    """The probability of the first `event` of a class by each time, and quantiles of its time.

    `counts` are by fine bin of time, `by_then` by group and point of the time grid.
    """
    total = float(worlds * futures)
    dims = ("actor_class", "capability", "time")
    fine = np.linspace(scenario.start, scenario.horizon, counts.shape[-1] + 1)
    everyone = np.full(counts.shape[:-1], total)
    found = estimated(per_future, number, by_then)
    spread = distribution_spread(found.value, found.error, _widest(worlds, futures), FINE)
    # Between the numbers of worlds and of futures, because the error of a group is itself imprecise.
    quantiles = np.array(scenario.output.quantiles)
    effective = np.clip(spread[..., ::FINE], total**-0.5, min(worlds, total) ** -0.5) ** -2.0
    return {
        f"{event}_probability": (dims, found.value),
        f"{event}_probability_se": (dims, found.error),
        f"{event}_probability_limits": (
            (*dims, "limit"),
            probability_limits(found.value, effective, max(found.groups - 1, 1)),
        ),
        **paired(f"{event}_probability_difference", dims, per_future, number, by_then),
        f"{event}_time_quantile": ((*dims[:2], "quantile"), binned_quantile(counts, fine, quantiles, everyone)),
        f"{event}_time_quantile_se": (
            (*dims[:2], "quantile"),
            quantile_standard_error(quantiles, fine, _cumulated(counts) / total, spread),
        ),
    }


def _widest(worlds: int, futures: int) -> float:
    """The largest error of a probability p, as a multiple of sqrt(p(1 - p)): if futures of a world were all equal.

    With a single world its futures are independent.
    """
    independent = worlds - 1 if worlds > 1 else futures - 1
    return 1.0 / np.sqrt(independent) if independent > 0 else np.nan


def _cumulated(counts: Any) -> Any:
    """Counts (..., bin) added up to each edge (..., bin + 1)."""
    return np.concatenate([np.zeros((*counts.shape[:-1], 1), np.int64), counts.cumsum(axis=-1)], axis=-1)


def _leads(scenario: Scenario, tally: Tally, quantiles: Any, widest: float) -> Mapping[str, Variable]:
    """The first class and its leads over others, in futures in which any class attains."""
    dims = ("capability", "actor_class")
    edges = np.linspace(0.0, scenario.horizon - scenario.start, tally.lead.shape[-1] + 1)
    number, first, by_then = by_group(tally.futures, tally.first, tally.lead_step.cumsum(axis=-1))
    found = estimated(_share_of_first, number, first, by_then)
    spread = distribution_spread(found.value, found.error, widest, FINE)
    any_first = tally.first.sum(axis=(1, 3))[..., np.newaxis].astype(np.float64)
    at_once = tally.lead_step[..., 0].sum(axis=1)
    cumulated = _cumulated(tally.lead)
    cumulated[..., 0] = at_once
    with np.errstate(invalid="ignore", divide="ignore"):
        distribution, none_behind = (
            cumulated / any_first[..., np.newaxis],
            quantiles <= (at_once / any_first)[..., np.newaxis],
        )
    lead = binned_quantile(tally.lead, edges, quantiles, np.broadcast_to(any_first, at_once.shape))
    error = quantile_standard_error(quantiles, edges, np.nan_to_num(distribution), np.asarray(np.nan_to_num(spread)))
    return {
        **with_error("first_attainer", dims, per_future, number, first),
        "lead_time": ((*dims, "quantile"), np.where(none_behind, 0.0, lead)),
        "lead_time_se": ((*dims, "quantile"), error),
    }


def _share_of_first(_: Any, first: Any, by_then: Any) -> Any:
    """A statistic: in futures in which any class attains, the share in which this one attains within a lead."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return by_then / first.sum(axis=-1)[..., np.newaxis, np.newaxis]


def _counts(tally: Tally, quantiles: Any, total: float) -> Mapping[str, Variable]:
    access, models = level_edges(tally.access.shape[2]), level_edges(tally.runs_above.shape[2])
    number, access_sum, models_sum = by_group(tally.futures, tally.access_sum, tally.runs_above_sum)
    return {
        "actors_with_access": (
            ("capability", "time", "quantile"),
            level_quantile(np.moveaxis(tally.access, 2, 3), access, quantiles, total),
        ),
        **with_error("actors_with_access_mean", ("capability", "time"), per_future, number, access_sum),
        "runs_above": (
            ("threshold", "time", "quantile"),
            level_quantile(np.moveaxis(tally.runs_above, 2, 3), models, quantiles, total),
        ),
        **with_error("runs_above_mean", ("threshold", "time"), per_future, number, models_sum),
    }


def _performance(
    sampler: WorldSampler, tally: Tally, quantiles: Any, total: float, widest: float
) -> Mapping[str, Variable]:
    inside = np.asarray(EFFECTIVE_LOW + EFFECTIVE_WIDTH * np.arange(EFFECTIVE_BINS + 1), np.float64)
    edges = np.concatenate([[np.nan, np.nan], inside, [np.nan]])
    # A class without a model is below every class with one: it has the lowest quantiles, as NaN.
    modelled = tally.modelled.sum(axis=1)
    without = total - modelled
    counts = np.concatenate([without[..., np.newaxis].astype(np.int64), np.moveaxis(tally.effective, 2, 3)], axis=-1)
    effective = binned_quantile(counts, edges, quantiles, np.full(modelled.shape, total))
    number, by_group_modelled, coarse = by_group(
        tally.futures, tally.modelled, np.moveaxis(tally.effective_coarse, 3, 4)
    )
    found = estimated(_share_at_most, number, by_group_modelled, coarse)
    spread = distribution_spread(found.value, found.error, widest, COARSE)
    upto = np.asarray(counts.cumsum(axis=-1)[..., 1:-1] / total)
    error = quantile_standard_error(quantiles, inside, upto, spread)
    world = Record(sampler.median_world()[0], WORLD)
    score = np.empty_like(effective)
    enter_scores(world, effective.ravel(), score.ravel())
    dims = ("actor_class", "time", "quantile")
    return {
        "effective_compute": (dims, effective),
        "effective_compute_se": (dims, np.where(np.isnan(effective), np.nan, error)),
        "performance_score": (dims, score),
    }


def _share_at_most(futures: Any, modelled: Any, coarse: Any) -> Any:
    """A statistic: the share of futures whose best model is at most each edge of the coarse bins, no model included."""
    without = futures[:, np.newaxis, np.newaxis] - modelled
    return per_future(futures, without[..., np.newaxis] + coarse.cumsum(axis=-1)[..., :-1])


def describe(dataset: xr.Dataset) -> xr.Dataset:
    """`dataset` with a long name and units on every variable and coordinate."""
    for name, variable in dataset.variables.items():
        variable.attrs["long_name"] = long_name(str(name))
        if unit := units(str(name)):
            variable.attrs["units"] = unit
    return dataset
