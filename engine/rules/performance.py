"""Performance as a score, for reports: from effective compute, unbounded or under a ceiling."""

from __future__ import annotations

import math

from engine.rules.compiled import rule
from engine.rules.elementary import exp
from engine.rules.world import World


@rule
def performance_score(world: World, effective_compute: float) -> float:
    """Score of a model of `effective_compute` (log10 FLOP).

    Linear in effective compute, or logistic between 0 and the ceiling with the same slope at the
    origin. Under a ceiling a leader's advantage in score shrinks while its advantage in effective
    compute does not (Pilz, Heim & Brown 2024, arXiv:2311.15377v2, performance ceilings).
    """
    distance = world.score_slope * (effective_compute - world.score_origin)
    if math.isinf(world.score_ceiling):
        return distance
    return world.score_ceiling / (1.0 + exp(-4.0 * distance / world.score_ceiling))
