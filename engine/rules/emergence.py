"""Emergence: which capabilities a model has, from what its run reaches.

The capabilities of a model are the bits of a whole number: bit k is set if it has capability k.
"""

from __future__ import annotations

import math

from engine.rules.compiled import rule
from engine.rules.luck import Luck, Stream, normal
from engine.rules.world import World


@rule
def has(capabilities: int, k: int) -> bool:
    """Whether capability `k` is among the `capabilities` of a model."""
    return (capabilities >> k) & 1 == 1


@rule
def own_requirement(luck: Luck, world: World, k: int) -> float:
    """log10 effective FLOP that capability `k` requires in this future by itself.

    A share of the variance of its deviation from the centre is common to all capabilities.
    """
    spread, share = world.requirement_spread[k], world.common_deviation_share
    if spread <= 0.0:
        return world.requirement[k]
    own = normal(luck, Stream.REQUIREMENT, world.capability_address[k], 0)
    common = normal(luck, Stream.COMMON_REQUIREMENT, 0, 0) if share > 0.0 else 0.0
    return world.requirement[k] + spread * (math.sqrt(1.0 - share) * own + math.sqrt(share) * common)


@rule
def requirement(luck: Luck, world: World, k: int) -> float:
    """log10 effective FLOP at which capability `k` emerges in this future, for every actor.

    It is the highest of its own and of those of all capabilities without which no model has it.
    """
    highest = own_requirement(luck, world, k)
    for j in range(world.n_capabilities):
        if j != k and has(world.basis[k], j):
            highest = max(highest, own_requirement(luck, world, j))
    return highest


@rule
def has_capability(required: float, least: float, compute: float, reached: float) -> bool:
    """Whether a model has a capability: it `reached` what is `required`, both log10 effective FLOP.

    Its training `compute` must also be at least the `least` from which any algorithm attains it, both log10 FLOP.
    """
    return (reached >= required) & (compute >= least)


@rule
def is_near(required: float, least: float, compute: float, reached: float, within: float) -> bool:
    """Whether a model has a capability, or would have it with `within` OOM more of what is missing."""
    return has_capability(required - within, least - within, compute, reached)


@rule
def dangerous_capabilities(world: World) -> int:
    """The bits of all dangerous capabilities."""
    dangerous = 0
    for k in range(world.n_capabilities):
        if world.dangerous[k] == 1:
            dangerous |= 1 << k
    return dangerous
