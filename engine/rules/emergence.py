"""Emergence: which capabilities a model has, from what its run reaches.

The capabilities of a model are the bits of a whole number: bit k is set if it has capability k.
"""

from __future__ import annotations

from engine.rules.compiled import rule
from engine.rules.luck import Luck, Stream, normal
from engine.rules.world import World


@rule
def requirement(luck: Luck, world: World, k: int) -> float:
    """log10 effective FLOP at which capability `k` emerges in this future, for every actor."""
    spread = world.requirement_spread[k]
    if spread <= 0.0:
        return world.requirement[k]
    return world.requirement[k] + spread * normal(luck, Stream.REQUIREMENT, world.capability_address[k], 0)


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
def has(capabilities: int, k: int) -> bool:
    """Whether capability `k` is among the `capabilities` of a model."""
    return (capabilities >> k) & 1 == 1


@rule
def dangerous_capabilities(world: World) -> int:
    """The bits of all dangerous capabilities."""
    dangerous = 0
    for k in range(world.n_capabilities):
        if world.dangerous[k] == 1:
            dangerous |= 1 << k
    return dangerous
