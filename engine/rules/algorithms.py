"""Algorithms: a public trend, and breakthroughs that classes find (`secrecy` says who takes them up, and when).

A class carries two sums of OOM of the gains that it has taken up: `invariant` applies at any scale, and
`scaled` in full only to runs above the floor.
"""

from __future__ import annotations

import math

from engine.rules.compiled import rule
from engine.rules.governance import breakthrough_rate
from engine.rules.hazard import hazard_left, time_to_event
from engine.rules.luck import Luck, Stream, exponential, exponential_from, uniform_pair
from engine.rules.regime import Regime, next_change
from engine.rules.saturation import saturated
from engine.rules.world import Policy, World


@rule
def breakthrough_time(luck: Luck, world: World, policy: Policy, regime: Regime, c: int, n: int, since: float) -> float:
    """The time at which class `c` finds breakthrough `n`, after its last (or the start) at `since`: a Poisson process.

    The class's rate is the total rate times its research share (talent); it is integrated because it
    changes when measures start or end.
    """
    remaining = exponential(luck, Stream.BREAKTHROUGH_GAP, world.class_address[c], n)
    while since < world.horizon:
        rate = breakthrough_rate(world, policy, regime, c, since)
        change = next_change(policy, regime, since)
        found = since + time_to_event(remaining, rate)
        if found <= change:
            return found
        remaining = hazard_left(remaining, rate, change - since)
        since = change
    return math.inf


@rule
def breakthrough_gain(luck: Luck, world: World, c: int, n: int) -> float:
    """OOM of algorithmic efficiency gained: Exponential with a small or a major mean."""
    kind, size = uniform_pair(luck, Stream.BREAKTHROUGH_KIND, world.class_address[c], n)
    mean = world.major_gain_mean if kind < world.major_probability else world.small_gain_mean
    return mean * exponential_from(size)


@rule
def algorithmic_efficiency(world: World, t: float, invariant: float, scaled: float, compute: float) -> float:
    """OOM of algorithmic efficiency since the start, for a run of `compute` (log10 FLOP) begun at `t`.

    Runs below the floor have only a part of scale-dependent gains, so that gains are shared
    unequally (Gundlach et al. 2025, arXiv:2511.21622). Gains shrink towards the ceiling of efficiency.
    """
    below = world.below_floor_share
    part = 1.0 if compute >= world.scale_floor else below
    gains = world.efficiency_trend * (t - world.start) + invariant + part * scaled
    return saturated(gains, world.efficiency_headroom)
