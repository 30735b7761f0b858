"""What the Monte Carlo clock keeps of all futures: counts on fixed grids.

Everything is a count, so tallies of any parts of the futures add up to the tally of all, in any
order and without rounding: results do not depend on chunks or on workers, and memory does not grow
with the number of futures.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.montecarlo.future import COUNTED, NO_ROUTE, ROUTES, Floats, Future, Ints, grid_step
from engine.rules.compiled import kernel
from engine.rules.world import World
from engine.scenario import Scenario

#: Bins of time for quantiles, in one step of the time grid.
FINE = 12
#: Bins of effective compute: EFFECTIVE_BINS of EFFECTIVE_WIDTH OOM from EFFECTIVE_LOW; one more on either side.
EFFECTIVE_LOW = 10.0
EFFECTIVE_WIDTH = 0.05
EFFECTIVE_BINS = 1200

_EXACT = 64
_LARGEST_COUNT = 2**36


class Tally(NamedTuple):
    """Counts of futures. c classes, k capabilities, j points of the time grid, f fine bins of time.

    In histograms over time the bin comes before the time: what is counted changes rarely, so that one
    future mostly counts into neighbouring cells.
    """

    attained: Ints  # (c, k, f) first attainments in each fine bin
    route: Ints  # (c, k, route) first attainments by each route
    first: Ints  # (k, c) futures in which the class is first
    at_once: Ints  # (k, c) futures in which the class attains at the very time of the first
    lead: Ints  # (k, c, f) years by which the first class leads this one, in fine bins
    access: Ints  # (k, level, j) futures by number of actors with access
    access_sum: Ints  # (k, j) sum of that number
    models: Ints  # (threshold, level, j) futures by number of models above a threshold
    models_sum: Ints  # (threshold, j) sum of that number
    effective: Ints  # (c, bin, j) futures by effective compute of the class's best model
    modelled: Ints  # (c, j) futures in which the class has a model
    attained_squares: Ints  # (c, k, j) sum over worlds of the squared number of futures attained by then
    counted: Ints  # (kind of event,) events in all futures
    futures: Ints  # (1,) futures counted

    def add(self, other: Tally) -> None:
        """Add `other` to this tally."""
        for mine, theirs in zip(self, other, strict=True):
            mine += theirs


def new_tally(scenario: Scenario) -> Tally:
    """An empty tally of `scenario`."""
    classes, capabilities = len(scenario.actor_classes), len(scenario.capabilities)
    thresholds, times = len(scenario.output.flop_thresholds), len(scenario.time_grid)
    actors = sum(member.count * member.represents for member in scenario.actor_classes.values())
    fine = (times - 1) * FINE
    levels = level_of(_LARGEST_COUNT) + 1
    # Counts past the largest level stay in it.
    shapes: dict[str, tuple[int, ...]] = {
        "attained": (classes, capabilities, fine),
        "route": (classes, capabilities, len(ROUTES)),
        "first": (capabilities, classes),
        "at_once": (capabilities, classes),
        "lead": (capabilities, classes, fine),
        "access": (capabilities, level_of(actors) + 1, times),
        "access_sum": (capabilities, times),
        "models": (thresholds, levels, times),
        "models_sum": (thresholds, times),
        "effective": (classes, EFFECTIVE_BINS + 2, times),
        "modelled": (classes, times),
        "attained_squares": (classes, capabilities, times),
        "counted": (len(COUNTED),),
        "futures": (1,),
    }
    return Tally(**{name: np.zeros(shape, np.int64) for name, shape in shapes.items()})


@kernel
def level_of(number: int) -> int:
    """The level of a count: itself below 64, then 32 levels for each doubling."""
    doublings = 0
    while number >= _EXACT:
        number >>= 1
        doublings += 1
    return (_EXACT // 2) * doublings + number


def level_edges(levels: int) -> NDArray[np.float64]:
    """The least count of each level, float64 (`levels` + 1,); inverse of `level_of`."""
    level = np.arange(levels + 1)
    doublings = np.maximum(level // (_EXACT // 2) - 1, 0)
    return np.asarray((level - (_EXACT // 2) * doublings) * 2.0**doublings)


@kernel
def count(
    world: World, time_step: float, future: Future, access: Ints, attained_by: NDArray[np.int32], tally: Tally
) -> None:
    """Add one future to `tally`, and to its world's first attainments by grid step, `attained_by` (c, k, j).

    `access` (k, j) is scratch.
    """
    tally.futures[0] += 1
    tally.counted[:] += future.counted
    _count_attainments(world, time_step, future, attained_by, tally)
    _count_access(world, time_step, future, access, tally)
    thresholds, levels, times = tally.models.shape
    for threshold in range(thresholds):
        for j in range(times):
            number = future.models[threshold + 1, j]
            tally.models[threshold, min(level_of(number), levels - 1), j] += 1
            tally.models_sum[threshold, j] += number
    for c in range(world.n_classes):
        for j in range(times):
            best = future.best[c, j]
            if best > -math.inf:
                bin_ = math.floor((best - EFFECTIVE_LOW) / EFFECTIVE_WIDTH) + 1
                tally.effective[c, min(max(bin_, 0), EFFECTIVE_BINS + 1), j] += 1
                tally.modelled[c, j] += 1


@kernel
def _count_attainments(
    world: World, time_step: float, future: Future, attained_by: NDArray[np.int32], tally: Tally
) -> None:
    fine_step = time_step / FINE
    bins = tally.attained.shape[2]
    for k in range(world.n_capabilities):
        # Who trains a capability is before who takes it up at the same moment.
        first, leader = math.inf, -1
        for c in range(world.n_classes):
            if future.class_trained[c, k] < first:
                first, leader = future.class_trained[c, k], c
        if leader < 0:
            continue
        tally.first[k, leader] += 1
        for c in range(world.n_classes):
            if future.class_route[c, k] == NO_ROUTE:
                continue
            # A bin has its end but not its beginning, so that a bin's end is "by then".
            bin_ = _bin_of(future.class_time[c, k] - world.start, fine_step, bins)
            tally.attained[c, k, bin_] += 1
            tally.route[c, k, future.class_route[c, k]] += 1
            attained_by[c, k, bin_ // FINE + 1] += 1
            lead = future.class_time[c, k] - first
            tally.at_once[k, c] += lead == 0.0
            tally.lead[k, c, _bin_of(lead, fine_step, bins)] += 1


@kernel
def _bin_of(years: float, width: float, bins: int) -> int:
    return min(max(grid_step(years, width) - 1, 0), bins - 1)


@kernel
def _count_access(world: World, time_step: float, future: Future, access: Ints, tally: Tally) -> None:
    """Actors with access: all members once open weights are taken up, before that those that trained or stole."""
    access[:] = 0
    times = access.shape[1]
    for k in range(world.n_capabilities):
        actor = 0
        for c in range(world.n_classes):
            opened, stolen, thief = future.class_open[c, k], future.class_stolen[c, k], future.thief[c, k]
            for member in range(world.count[c]):
                since = min(future.trained_time[k, actor], opened)
                if member == thief:
                    since = min(since, stolen)
                if since < math.inf:
                    access[k, min(grid_step(since - world.start, time_step), times - 1)] += world.represents[c]
                actor += 1
    for k in range(world.n_capabilities):
        actors = 0
        for j in range(times):
            actors += access[k, j]
            tally.access[k, level_of(actors), j] += 1
            tally.access_sum[k, j] += actors


def attainment_squares(attained_by: NDArray[np.integer[Any]]) -> Ints:
    """Sum over worlds of the squared number of futures attained by each time, int64 (c, k, j).

    `attained_by` is (world, c, k, j), first attainments in each grid step of whole worlds.
    """
    squares = np.zeros(attained_by.shape[1:], np.int64)
    for world in attained_by:
        squares += np.cumsum(world, axis=-1, dtype=np.int64) ** 2
    return squares


def log10_thresholds(scenario: Scenario) -> Floats:
    """The FLOP thresholds of the output as log10, float64 (threshold,)."""
    return np.log10(np.array(scenario.output.flop_thresholds, dtype=np.float64))
