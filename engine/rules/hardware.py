"""Chips: generations, number formats, price decline, and the ceiling of price-performance.

Releases are an ordinary renewal process that begins at the start of the scenario. `progress` of a class
is the OOM of price-performance that generations and formats have added since the start, before the
ceiling.
"""

from __future__ import annotations

import math

from engine.rules.compiled import rule
from engine.rules.governance import chips_arrive
from engine.rules.luck import Luck, Stream, gamma, uniform
from engine.rules.normal import truncated_normal_quantile
from engine.rules.regime import Regime
from engine.rules.saturation import saturated
from engine.rules.world import Policy, World

#: Below this coefficient of variation gaps are constant: the Gamma is indistinguishable from its mean.
_REGULAR = 1e-6


@rule
def release_gap(luck: Luck, world: World, generation: int) -> float:
    """Years from the release before `generation` (counted from 0) to its own: Gamma."""
    mean, cv = world.release_gap_mean, world.release_gap_cv
    if cv < _REGULAR or math.isinf(mean):
        return mean
    shape = 1.0 / (cv * cv)
    return gamma(luck, Stream.RELEASE_GAP, 0, generation, shape) * mean / shape


@rule
def generation_gain(luck: Luck, world: World, generation: int) -> float:
    """OOM of price-performance gained by a generation, without its number format: truncated Normal."""
    u = uniform(luck, Stream.GENERATION_GAIN, 0, generation)
    return truncated_normal_quantile(u, world.generation_gain_mean, world.generation_gain_sd)


@rule
def ships_format(luck: Luck, world: World, generation: int) -> bool:
    """Whether a generation ships the next number format of the list."""
    return uniform(luck, Stream.FORMAT, 0, generation) < world.format_probability


@rule
def class_can_buy(world: World, policy: Policy, regime: Regime, c: int, released: float) -> float:
    """The time at which class `c` can buy a generation that was `released`: procurement lag, and export control."""
    return chips_arrive(world, policy, regime, c, released + world.procurement_lag[c])


@rule
def class_trains_with(
    world: World, policy: Policy, regime: Regime, c: int, number_format: int, released: float
) -> float:
    """The time at which class `c` trains with a format first `released` in a chip that it has and training uses."""
    adopted = released + world.format_adoption_lag[number_format]
    return max(class_can_buy(world, policy, regime, c, released), adopted)


@rule
def chip_gains(world: World, t: float, progress: float) -> float:
    """OOM of price-performance since the start, at `t`, of a class with `progress` OOM from generations and formats.

    Gains of generations, formats and price decline shrink towards the ceiling.
    """
    unbounded = progress + world.price_decline * (t - world.start)
    return saturated(unbounded, world.price_performance_ceiling - world.price_performance)


@rule
def price_performance(world: World, t: float, progress: float) -> float:
    """log10 FLOP/US$ at `t` of a class with `progress` OOM from generations and formats."""
    return world.price_performance + chip_gains(world, t, progress)
