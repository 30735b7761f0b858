"""What single futures are followed by, on request, at whole years from the start: models, money, capability by run.

Nothing here changes a future; without request the arrays have no rows and nothing is done.
"""

from __future__ import annotations

import math

from engine.montecarlo.future import Paths, Surroundings, grid_step
from engine.rules.compiled import kernel, standalone
from engine.rules.elementary import exp
from engine.rules.world import World

_LN10 = math.log(10.0)


@kernel
def follows(paths: Paths) -> bool:
    """Whether futures are followed."""
    return paths.best.shape[0] > 0


@kernel
def clear_paths(paths: Paths) -> None:
    """Forget all runs."""
    paths.best[:] = -math.inf
    paths.spending[:] = 0.0
    paths.reaching[:] = 0
    paths.reached[:] = -math.inf
    paths.runs[:] = 0
    paths.attaining[:] = 0


@standalone
def follow_run(
    world: World,
    c: int,
    a: int,
    begun: float,
    time_step: float,
    cost: float,
    band: int,
    reached: float,
    surroundings: Surroundings,
    paths: Paths,
) -> None:
    """Enter a run of actor `a` of class `c`: its cost when it begins, all else in the whole year by which it finished.

    The runs of an actor must come in order of time.
    """
    years = paths.best.shape[1]
    paid = min(grid_step(begun - world.start, time_step), paths.spending.shape[1] - 1)
    paths.spending[c, paid] += exp(cost * _LN10)
    run, paths.runs[a] = paths.runs[a], paths.runs[a] + 1
    paths.run_end[a, run] = begun + world.run_duration[c]
    paths.run_reached[a, run] = reached
    done = grid_step(begun + world.run_duration[c] - world.start, 1.0)
    if done < years:
        paths.best[a, done] = max(paths.best[a, done], reached)
        rank = 0
        for k in range(world.n_capabilities):
            reaches = reached >= surroundings.requirement[k]
            rank += reaches
            if reaches and paths.reached[a] < surroundings.requirement[k]:
                paths.attaining[k, band, done] += world.represents[c]
        paths.reaching[rank, band, done] += world.represents[c]
        paths.reached[a] = max(paths.reached[a], reached)


@standalone
def sum_paths(paths: Paths) -> None:
    """From what each year brings to what there is so far."""
    actors, years = paths.best.shape
    classes, (ranks, bands, _) = paths.spending.shape[0], paths.reaching.shape
    for c in range(classes):
        for j in range(1, paths.spending.shape[1]):
            paths.spending[c, j] += paths.spending[c, j - 1]
    for y in range(1, years):
        for a in range(actors):
            paths.best[a, y] = max(paths.best[a, y], paths.best[a, y - 1])
        for rank in range(ranks):
            for band in range(bands):
                paths.reaching[rank, band, y] += paths.reaching[rank, band, y - 1]
        for k in range(ranks - 1):
            for band in range(bands):
                paths.attaining[k, band, y] += paths.attaining[k, band, y - 1]
