"""Is a run large enough? Effective numbers of futures, and the size that a target standard error needs.

All of this concerns probabilities of attainment and their standard errors over worlds (docs/results.md). For worlds
that are spread more evenly than by chance (`lhs`, `qmc`), errors fall faster than with the square root of the number of
worlds, so these sizes are upper bounds.
"""

from __future__ import annotations

import numpy as np
import xarray as xr

from engine.errors import InputError
from engine.statistics.labelled import Floats, Labelled, labelled
from engine.statistics.precision import largest_standard_error, pooled_variance, worlds_needed

_CHANCES, _ERRORS = "attainment_probability", "attainment_probability_se"
_COMPONENTS = ("between_worlds_variance", "within_worlds_variance")
#: The largest number of futures per world that is considered.
MOST_FUTURES = 1000


def effective_sample_size(results: xr.Dataset) -> xr.Dataset:
    """The number of independent futures with the standard errors of the run's probabilities of attainment.

    Returns `effective_sample_size` p(1 - p) / se^2, with the dimensions of `attainment_probability`; the
    `design_effect`, simulated futures divided by that number: with random worlds 1 if futures of a world were
    independent, at most the futures per world if they were all alike (Kish 1965, Survey Sampling, section 8.2), apart
    from the noise of se, and less with worlds that are spread evenly; and for each policy the
    `least_effective_sample_size` and the `median_effective_sample_size`. NaN where p is 0 or 1, or se is 0 or NaN.
    """
    chance, error = _both(results)
    spread = chance * (1.0 - chance)
    known = (spread > 0.0) & (error > 0.0)
    size = np.divide(spread, error**2, out=np.full_like(spread, np.nan), where=known)
    simulated = int(results.attrs["worlds"]) * int(results.attrs["futures"])
    of_policy = size.reshape(len(size), -1)
    least, median = (
        np.array([reduce(row[np.isfinite(row)]) if np.isfinite(row).any() else np.nan for row in of_policy])
        for reduce in (np.min, np.median)
    )
    dims, policy = tuple(map(str, results[_CHANCES].dims)), ("policy",)
    name = "number of independent futures with the same standard error of attainment_probability"
    return _labelled_as(
        results,
        {
            "effective_sample_size": (dims, size, name, "1"),
            "design_effect": (dims, simulated / size, "simulated futures divided by effective_sample_size (Kish)", "1"),
            "least_effective_sample_size": (policy, least, "least effective_sample_size of the policy", "1"),
            "median_effective_sample_size": (policy, median, "median effective_sample_size of the policy", "1"),
        },
    )


def is_spread_evenly(results: xr.Dataset) -> bool:
    """Whether worlds are spread more evenly than by chance, so that errors do not show the variance between them."""
    return results.attrs.get("sampling", "random") not in ("random", "design")


def variance_components(results: xr.Dataset) -> xr.Dataset:
    """Variance of an attainment (1 or 0) between worlds and within them, with `attainment_probability`'s dimensions.

    With W worlds of F futures, a standard error over worlds has W se^2 = between + within/F on average, and p(1 - p) +
    se^2 = between + within (se^2 corrects for the estimation of p). The solutions for both are exactly the
    estimators of the one-way analysis of variance (Searle, Casella & McCulloch 1992, chapter 3): unbiased, so that
    `between_worlds_variance` can fall below 0 where it is small. NaN with one world or one future, and for worlds that
    are spread more evenly than by chance, whose errors do not show the variance between them.
    """
    chance, error = _both(results)
    worlds, futures = int(results.attrs["worlds"]), int(results.attrs["futures"])
    if worlds > 1 and futures > 1 and not is_spread_evenly(results):
        total = chance * (1.0 - chance) + error**2
        within = (total - worlds * error**2) * futures / (futures - 1)
        between = total - within
    else:
        between, within = np.full_like(chance, np.nan), np.full_like(chance, np.nan)
    dims = tuple(map(str, results[_CHANCES].dims))
    return _labelled_as(
        results,
        {
            "between_worlds_variance": (dims, between, "variance between worlds of the chance of attainment", "1"),
            "within_worlds_variance": (dims, within, "mean variance of an attainment within a world", "1"),
        },
    )


def futures_needed(results: xr.Dataset, target_se: float, world_cost: float = 1.0) -> xr.Dataset:
    """The size of run at which every pooled standard error of a probability of attainment is at most `target_se`.

    Returns `worlds_needed` at the run's futures per world, since se^2 falls as 1/W, and `futures_needed` in all; then
    the `best_futures_per_world`, at which a run that meets the target costs least, with its `best_worlds` and
    `best_futures`. A world costs as much as `world_cost` futures in addition to its own (an assumption; measure it).
    For one probability the best number is sqrt(world_cost within/between) (Cochran 1977, chapter 10); here the largest
    error over all of them counts, for 1 to 1,000 futures per world. NaN where `variance_components` are. Errors are
    estimates from a sample, and so are these sizes.

    Raises InputError unless `target_se` is above 0 and `world_cost` at least 0, and for a run of one world.
    """
    if not target_se > 0.0:
        raise InputError(f"target_se must be above 0, such as 0.005, not {target_se:g}")
    if not world_cost >= 0.0:
        raise InputError(f"world_cost must be at least 0 futures, not {world_cost:g}")
    worlds, futures = int(results.attrs["worlds"]), int(results.attrs["futures"])
    largest, _ = largest_standard_error(results)
    needed = worlds_needed(worlds, largest, target_se)
    components = variance_components(results)
    known = bool(components["between_worlds_variance"].notnull().any())
    between, within = (pooled_variance(components[name], results[_CHANCES]) for name in _COMPONENTS)
    best = _cheapest(between, within, target_se, world_cost) if known else (np.nan, np.nan)
    numbers = {
        "worlds_needed": (needed, "worlds needed at the run's futures per world"),
        "futures_needed": (needed * futures, "futures needed at the run's futures per world"),
        "best_futures_per_world": (best[0], "futures per world at which the run costs least"),
        "best_worlds": (best[1], "worlds needed at best_futures_per_world"),
        "best_futures": (best[0] * best[1], "futures needed at best_futures_per_world"),
        "largest_standard_error": (largest, "largest standard error of a probability of attainment in the run"),
        "target_standard_error": (target_se, "standard error to be met"),
        "world_cost": (world_cost, "cost of a world in addition to its futures, in futures (an assumption)"),
    }
    return labelled({name: ((), float(value), what, "1") for name, (value, what) in numbers.items()}, {})


def _both(results: xr.Dataset) -> tuple[Floats, Floats]:
    """Probabilities and their standard errors, as arrays with the same order of dimensions."""
    chances = results[_CHANCES]
    return chances.to_numpy().astype(float), results[_ERRORS].transpose(*chances.dims).to_numpy().astype(float)


def _cheapest(between: xr.DataArray, within: xr.DataArray, target_se: float, world_cost: float) -> tuple[float, float]:
    """(futures per world, worlds) of least cost that meet the target; among equals, the fewest futures per world."""
    least, most = np.maximum(between.to_numpy(), 0.0).ravel(), np.maximum(within.to_numpy(), 0.0).ravel()
    candidates = np.arange(1, MOST_FUTURES + 1)
    largest = np.array([np.max(least + most / futures) for futures in candidates])
    worlds = np.maximum(2.0, np.ceil(largest / target_se**2 * (1.0 - 1e-12)))
    best = int(np.argmin(worlds * (candidates + world_cost)))
    return float(candidates[best]), float(worlds[best])


def _labelled_as(results: xr.Dataset, variables: dict[str, Labelled]) -> xr.Dataset:
    """`variables` with the coordinates of `results` that probabilities of attainment have."""
    labels = {
        name: coordinate
        for name, coordinate in results.coords.items()
        if set(coordinate.dims) <= set(results[_CHANCES].dims)
    }
    run = {name: results.attrs[name] for name in ("worlds", "futures", "seed", "id") if name in results.attrs}
    return labelled(variables, {}, **run).assign_coords(labels)
