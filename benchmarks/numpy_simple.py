"""The simple scenario in vectorised NumPy: what a careful script does, many futures at once.

It holds only what benchmarks/simple.yaml has (smooth trends, exponential pauses, requirements with spread) and draws
from NumPy's own generator, so it agrees with the engine in distribution and not future by future.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: Futures taken at once: arrays of a few MB, which stay in the cache of the processor.
BATCH = 500
#: Bins of effective compute: from LOW, BINS of WIDTH OOM.
LOW, WIDTH, BINS = 10.0, 0.05, 1200


@dataclass
class Grids:
    """What the engine keeps beside first attainments, on the time grid: sums over futures, and a histogram."""

    time: Floats  # (j,) decimal years
    threshold: Floats  # (threshold,) log10 FLOP
    classes: int
    capabilities: int
    futures: int = 0
    models: Floats = field(init=False)  # (threshold, j) models so far
    access: Floats = field(init=False)  # (k, j) actors with access
    best: NDArray[np.int64] = field(init=False)  # (c, j, bin) futures by effective compute of the best model

    def __post_init__(self) -> None:
        self.models = np.zeros((len(self.threshold), len(self.time)))
        self.access = np.zeros((self.capabilities, len(self.time)))
        self.best = np.zeros((self.classes, len(self.time), BINS), np.int64)


def attainment_times(world: Any, futures: int, seed: int, grids: Grids | None = None) -> Floats:
    """First attainments (future, class, capability) in decimal years, NaN for not within the horizon.

    `world` is one record of the engine's worlds, of a scenario with no more in it than the simple one. With
    `grids`, models, actors with access and best models on the time grid are added to it too.
    """
    rng = np.random.default_rng(seed)
    parts = [_batch(world, min(BATCH, futures - done), rng, grids) for done in range(0, futures, BATCH)]
    return np.concatenate(parts)


def _batch(world: Any, futures: int, rng: np.random.Generator, grids: Grids | None) -> Floats:
    classes, capabilities = int(world.n_classes), int(world.n_capabilities)
    spread = rng.standard_normal((futures, capabilities)) * world.requirement_spread[:capabilities]
    required = world.requirement[:capabilities] + spread
    times = np.empty((futures, classes, capabilities))
    for c in range(classes):
        begun, finished = _runs(world, c, futures, rng)
        compute = _run_compute(world, c, begun)
        reached = compute + world.efficiency_trend * (begun - world.start)
        reached[finished >= world.horizon] = -np.inf
        of_member = np.empty((futures, int(world.count[c]), capabilities))
        for k in range(capabilities):
            attains = reached >= required[:, k, np.newaxis, np.newaxis]
            of_member[..., k] = np.where(attains, finished, np.inf).min(axis=-1)
        times[:, c] = of_member.min(axis=1)
        if grids is not None:
            _add_models(world, c, finished, compute, reached, grids)
            grids.access += _actors_with_access(world, c, of_member, grids.time)
    if grids is not None:
        grids.futures += futures
    return np.where(np.isinf(times), np.nan, times)


def _runs(world: Any, c: int, futures: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """When the runs of a class begin and finish, each (future, member, run)."""
    duration, pause = world.run_duration[c], world.run_pause[c]
    pauses = rng.exponential(pause, (futures, int(world.count[c]), _runs_enough(world, c)))
    finished = world.start + np.cumsum(pauses + duration, axis=-1)
    return finished - duration, finished


def _runs_enough(world: Any, c: int) -> int:
    """The mean number of runs before the horizon and six standard deviations (a renewal process)."""
    years, cycle = world.horizon - world.start, world.run_duration[c] + world.run_pause[c]
    mean = years / cycle
    return math.ceil(mean + 6.0 * math.sqrt(mean) * world.run_pause[c] / cycle + 1.0)


def _run_compute(world: Any, c: int, begun: Floats) -> Floats:
    """log10 FLOP of runs: budget and chips, each on its trend."""
    start = world.budget[c] + world.price_performance + world.utilisation
    return np.asarray(start + (world.budget_growth[c] + world.price_decline) * (begun - world.start))


def _steps(world: Any, times: Floats, grid: Floats) -> NDArray[np.int64]:
    """The first point of the time grid at or after each of `times`."""
    return np.ceil((times - world.start) / (grid[1] - grid[0])).astype(np.int64)


def _add_models(world: Any, c: int, finished: Floats, compute: Floats, reached: Floats, grids: Grids) -> None:
    """Models above thresholds, and the class's best, of each future on the time grid; add them to `grids`."""
    futures, points, bands = len(finished), len(grids.time), len(grids.threshold) + 1
    future, member, run = np.nonzero(reached > -np.inf)
    step = _steps(world, finished[future, member, run], grids.time)
    band = np.searchsorted(grids.threshold, compute[future, member, run], side="right")
    models = np.bincount((future * bands + band) * points + step, minlength=futures * bands * points)
    models = models.reshape(futures, bands, points)[:, ::-1].cumsum(axis=1)[:, ::-1].cumsum(axis=2)
    grids.models += models[:, 1:].sum(axis=0) * float(world.represents[c])
    best = np.full((futures, points), -np.inf)
    np.maximum.at(best, (future, step), reached[future, member, run])
    best = np.maximum.accumulate(best, axis=1)
    future, step = np.nonzero(best > -np.inf)
    place = ((best[future, step] - LOW) / WIDTH).astype(np.int64).clip(0, BINS - 1)
    grids.best[c] += np.bincount(step * BINS + place, minlength=points * BINS).reshape(points, BINS)


def _actors_with_access(world: Any, c: int, of_member: Floats, grid: Floats) -> Floats:
    """Actors of the class with access in each future on the time grid, summed over futures: (k, j)."""
    futures, _, capabilities = of_member.shape
    future, member, k = np.nonzero(of_member < np.inf)
    step = _steps(world, of_member[future, member, k], grid)
    actors = np.bincount((future * capabilities + k) * len(grid) + step, minlength=futures * capabilities * len(grid))
    actors = actors.reshape(futures, capabilities, len(grid)).cumsum(axis=2)
    return np.asarray(actors.sum(axis=0) * float(world.represents[c]))
