"""Paths of single futures, on request, at whole years from the start: models, money, capability by run.

The sizes of models can be recorded alone, which takes a fraction of the time. Nothing here changes a future. Without a
request the arrays have no rows and nothing is done.
"""

from __future__ import annotations

import math

from engine.montecarlo.arrays import Ints
from engine.montecarlo.future import Future, Ledger, Paths, Setting, grid_step, thresholds_reached
from engine.rules.actors import weight
from engine.rules.compiled import kernel
from engine.rules.diffusion import published, weights_released
from engine.rules.elementary import exp
from engine.rules.emergence import dangerous_capabilities, has
from engine.rules.world import World

_LN10 = math.log(10.0)


@kernel
def follows(paths: Paths) -> bool:
    """Whether runs are recorded: at least the sizes of their models."""
    return paths.largest.shape[0] > 0


@kernel
def follows_all(paths: Paths) -> bool:
    """Whether money and capability are recorded too."""
    return paths.best.shape[0] > 0


@kernel
def _clear(paths: Paths) -> None:
    """Remove all runs."""
    paths.best[:] = -math.inf
    paths.spending[:] = 0.0
    paths.reaching[:] = 0
    paths.capabilities[:] = 0
    paths.runs[:] = 0
    paths.attaining[:] = 0
    paths.largest[:] = -math.inf
    paths.first_above[:] = math.inf
    paths.open_number[:] = 0
    paths.open_largest[:] = -math.inf
    paths.first_open_above[:] = math.inf


@kernel
def follow(setting: Setting, future: Future) -> None:
    """Record all runs of the ledger, those of an actor in order of time."""
    paths, ledger, world = future.paths, future.ledger, setting.world
    if not follows(paths):
        return
    _clear(paths)
    dangerous = dangerous_capabilities(world)
    for r in range(ledger.runs[0]):
        c = ledger.of_class[r]
        band = thresholds_reached(ledger.compute[r], setting.thresholds)
        danger = ledger.capabilities[r] & dangerous != 0
        member = ledger.actor[r] - world.first_actor[c]
        opened = published(world, c, member, ledger.publication[r], danger, ledger.finished[r])
        _follow_size(setting, c, r, band, opened, ledger, paths)
        if follows_all(paths):
            _follow_run(setting, c, r, band, ledger, paths)
    _sum(paths)


@kernel
def _follow_size(setting: Setting, c: int, r: int, band: int, opened: int, ledger: Ledger, paths: Paths) -> None:
    """Record the size of the models of run `r`; `opened` of them count among open models."""
    world, a, finished, compute = setting.world, ledger.actor[r], ledger.finished[r], ledger.compute[r]
    paths.runs[a] += 1
    for threshold in range(band):
        paths.first_above[a, threshold] = min(paths.first_above[a, threshold], finished)
    if opened > 0:
        _follow_weights(world, weights_released(world, c, finished), opened, setting.time_step, compute, band, paths)
    done = grid_step(finished - world.start, 1.0)
    if done < paths.largest.shape[1]:
        paths.largest[a, done] = max(paths.largest[a, done], compute)


@kernel
def _follow_run(setting: Setting, c: int, r: int, band: int, ledger: Ledger, paths: Paths) -> None:
    """Record run `r` after its size: its cost at its beginning, all else at its end."""
    world, a, finished, reached = setting.world, ledger.actor[r], ledger.finished[r], ledger.reached[r]
    paid = min(grid_step(ledger.begun[r] - world.start, setting.time_step), paths.spending.shape[1] - 1)
    standing = weight(world, c, a - world.first_actor[c])
    paths.spending[c, paid] += standing * exp(ledger.cost[r] * _LN10)
    number = paths.runs[a] - 1
    paths.run_end[a, number] = finished
    paths.run_reached[a, number] = reached
    done = grid_step(finished - world.start, 1.0)
    if done < paths.best.shape[1]:
        paths.best[a, done] = max(paths.best[a, done], reached)
        for k in range(world.n_capabilities):
            if has(ledger.capabilities[r], k):
                paths.reaching[k, band, done] += standing
                if not has(paths.capabilities[a], k):
                    paths.attaining[k, band, done] += standing
        paths.capabilities[a] |= ledger.capabilities[r]


@kernel
def _follow_weights(
    world: World, released: float, opened: int, time_step: float, compute: float, band: int, paths: Paths
) -> None:
    """Record that the weights of `opened` models are released, unless past the horizon."""
    if released >= world.horizon:
        return
    for threshold in range(band):
        paths.first_open_above[threshold] = min(paths.first_open_above[threshold], released)
    step = grid_step(released - world.start, time_step)
    if step < paths.open_number.shape[1]:
        paths.open_number[band, step] += opened
    done = grid_step(released - world.start, 1.0)
    if done < paths.open_largest.size:
        paths.open_largest[done] = max(paths.open_largest[done], compute)


@kernel
def sum_models(number: Ints) -> None:
    """Convert models by threshold band and grid step (band, j) to cumulative models above each threshold."""
    bands, times = number.shape
    for band in range(bands - 2, -1, -1):
        for j in range(times):
            number[band, j] += number[band + 1, j]
    for band in range(bands):
        for j in range(1, times):
            number[band, j] += number[band, j - 1]


@kernel
def _sum(paths: Paths) -> None:
    """Convert yearly values to cumulative ones."""
    _sum_sizes(paths)
    actors, years = paths.best.shape
    classes, (capabilities, bands, _) = paths.spending.shape[0], paths.reaching.shape
    for c in range(classes):
        for j in range(1, paths.spending.shape[1]):
            paths.spending[c, j] += paths.spending[c, j - 1]
    for y in range(1, years):
        for a in range(actors):
            paths.best[a, y] = max(paths.best[a, y], paths.best[a, y - 1])
        for k in range(capabilities):
            for band in range(bands):
                paths.reaching[k, band, y] += paths.reaching[k, band, y - 1]
                paths.attaining[k, band, y] += paths.attaining[k, band, y - 1]


@kernel
def _sum_sizes(paths: Paths) -> None:
    """Convert yearly sizes of models to the largest so far, and numbers of open models to cumulative ones."""
    for a in range(paths.largest.shape[0]):
        for y in range(1, paths.largest.shape[1]):
            paths.largest[a, y] = max(paths.largest[a, y], paths.largest[a, y - 1])
    for y in range(1, paths.open_largest.size):
        paths.open_largest[y] = max(paths.open_largest[y], paths.open_largest[y - 1])
    sum_models(paths.open_number)
