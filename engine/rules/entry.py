"""Newcomers: members of a class that enter after the start, as the events of a Poisson process whose rate may grow."""

from __future__ import annotations

import math

from engine.rules.compiled import rule
from engine.rules.elementary import log
from engine.rules.luck import Luck, Stream, exponential
from engine.rules.world import World

_LN10 = math.log(10.0)


@rule
def expected_entries(luck: Luck, world: World, c: int, n: int) -> float:
    """Expected number of entries into class `c` between newcomers `n` - 1 and `n` (from 0): Exponential of mean 1."""
    return exponential(luck, Stream.ENTRY, world.class_address[c], n)


@rule
def entry_time(world: World, c: int, expected: float) -> float:
    """The time by which so many entries into class `c` are `expected`; inf if past the horizon.

    At a rate r that grows by g OOM a year, r (10^(g t) - 1) / (g ln 10) are expected after t years.
    """
    rate, growth = world.newcomer_rate[c], world.newcomer_growth[c] * _LN10
    if rate <= 0.0:
        return math.inf
    grown = 1.0 + growth * expected / rate
    if grown <= 0.0:
        return math.inf
    # Without growth, and for growth too small to be told from none, the rate is constant.
    years = log(grown) / growth if abs(growth) > 1e-9 else expected / rate
    entered = world.start + years
    return entered if entered < world.horizon else math.inf
