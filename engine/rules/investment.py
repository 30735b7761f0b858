"""Investment: the log budget of a class, linear between yearly knots, and an actor's offset."""

from __future__ import annotations

import math

from engine.rules.compiled import rule
from engine.rules.luck import Luck, Stream, normal
from engine.rules.world import World


@rule
def common_shock(luck: Luck, year: int) -> float:
    """The standard normal shock of a year (counted from 0) that all classes share."""
    return normal(luck, Stream.COMMON_SHOCK, 0, year)


@rule
def first_budget(world: World, c: int) -> float:
    """log10 US$ a run at the start, not above the ceiling."""
    return min(world.budget_ceiling[c], world.budget[c])


@rule
def next_budget(luck: Luck, world: World, c: int, year: int, budget: float, common: float) -> float:
    """log10 US$ a run at the end of `year`, from `budget` at its beginning: growth + shock, up to the ceiling.

    The common share of the variance of the shock comes from `common`.
    """
    growth = world.budget_growth[c]
    if world.budget_shock_sd[c] > 0.0:
        share = world.common_shock_share
        own = normal(luck, Stream.CLASS_SHOCK, world.class_address[c], year)
        growth += world.budget_shock_sd[c] * (math.sqrt(share) * common + math.sqrt(1.0 - share) * own)
    return min(world.budget_ceiling[c], budget + growth)


@rule
def actor_budget(world: World, t: float, year: int, before: float, after: float, offset: float) -> float:
    """log10 US$ a run of an actor at `t` in `year`: on the line between its class's knots, plus its offset."""
    return before + (after - before) * (t - world.start - year) + offset
