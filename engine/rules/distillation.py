"""Distillation: what a run must reach for a capability is less if it learns from a model that has it.

It lowers what is required, never what a run reaches, and not the least training compute: the models that reached a
level with least compute were distilled already, so that the gain would count twice.
"""

from __future__ import annotations

from engine.rules.compiled import rule
from engine.rules.regime import Regime, binds
from engine.rules.world import Policy, World


@rule
def distils(world: World) -> bool:
    """Whether distillation lowers any requirement."""
    return world.distillation_gain_hosted > 0.0 or world.distillation_gain_open > 0.0


@rule
def most_distilled(world: World) -> float:
    """OOM by which distillation lowers a requirement at most."""
    return max(world.distillation_gain_hosted, world.distillation_gain_open)


@rule
def open_gain(world: World, begun: float, released: float) -> float:
    """OOM that a run `begun` then needs less for a capability whose first open weights were `released` then."""
    return world.distillation_gain_open if released + world.distillation_lag <= begun else 0.0


@rule
def hosted_gain(world: World, begun: float, served: float) -> float:
    """OOM that a run `begun` then needs less for a capability first `served` to its class then, without limits."""
    return world.distillation_gain_hosted if served + world.distillation_lag <= begun else 0.0


@rule
def distillable(policy: Policy, regime: Regime, a: int, t: float) -> float:
    """Share of the gain from services of actor `a` that limits on distillation leave at `t`; the strictest counts."""
    limit = 0.0
    for m in range(policy.n_measures):
        if policy.distillation_limit[m] > limit and binds(regime, m, a, t):
            limit = policy.distillation_limit[m]
    return 1.0 - limit
