"""Performance as a score, for reports: from effective compute, unbounded or under a ceiling."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from engine.rules.compiled import broadcast, entry, rule
from engine.rules.elementary import exp
from engine.rules.world import World


@rule
def score(effective_compute: float, origin: float, slope: float, ceiling: float) -> float:
    """Score of a model of `effective_compute` (log10 FLOP): 0, or half the `ceiling`, at `origin`.

    Linear in effective compute, or logistic between 0 and the ceiling with the same slope at the
    origin. Under a ceiling a leader's advantage in score shrinks while its advantage in effective
    compute does not (Pilz, Heim & Brown 2024, arXiv:2311.15377v2, performance ceilings).
    """
    distance = slope * (effective_compute - origin)
    if math.isinf(ceiling):
        return distance
    return ceiling / (1.0 + exp(-4.0 * distance / ceiling))


#: The same function of arrays, which broadcast.
score_of = broadcast(score)


@rule
def performance_score(world: World, effective_compute: float) -> float:
    """Score of a model of `effective_compute` (log10 FLOP) with the numbers of `world`."""
    return score(effective_compute, world.score_origin, world.score_slope, world.score_ceiling)


@entry
def enter_scores(world: World, effective_compute: NDArray[np.float64], scores: NDArray[np.float64]) -> None:
    """Write the score of each model of `effective_compute` (n,) to `scores` (n,); NaN for none."""
    for n in range(effective_compute.size):
        scores[n] = performance_score(world, effective_compute[n]) if math.isfinite(effective_compute[n]) else math.nan
