"""Diffusion after the first attainment: open weights and theft."""

from __future__ import annotations

from engine.rules.compiled import rule
from engine.rules.governance import security
from engine.rules.luck import Luck, Stream, exponential_from, uniform, uniform_pair
from engine.rules.regime import Regime
from engine.rules.world import Policy, World


@rule
def releases_weights(luck: Luck, world: World, c: int, member: int, k: int) -> bool:
    """Whether a member of class `c` that attained capability `k` by training releases the weights."""
    index = (member << 16) | world.capability_address[k]
    return uniform(luck, Stream.OPENNESS, world.class_address[c], index) < world.openness[c]


@rule
def publishes_weights(luck: Luck, world: World, c: int, member: int, run: int) -> bool:
    """Whether a member of class `c` publishes the weights of the model of its `run`, measures aside.

    Used for counts of open models as in databases, whether or not a model brings a capability. Capabilities spread by
    `releases_weights`, which has the same probability.
    """
    index = (member << 16) | (run & 0xFFFF)
    return uniform(luck, Stream.PUBLICATION, world.class_address[c], index) < world.openness[c]


@rule
def weights_released(world: World, c: int, attained: float) -> float:
    """The time at which a member of class `c` releases the weights of a model that `attained` a capability."""
    return attained + world.release_lag[c]


@rule
def weights_taken_up(world: World, c: int, released: float) -> float:
    """The time at which class `c` has access by weights that were `released`."""
    return released + world.uptake_lag[c]


@rule
def can_run(world: World, c: int, compute: float, price_performance: float) -> bool:
    """Whether class `c` can run an open model trained with `compute` (log10 FLOP).

    The number of parameters of a compute-optimal model is proportional to the root of its training
    compute (Hoffmann et al. 2022), and the cost of running it grows with its parameters: an OOM of
    the class's `price_performance` since the start allows models with two more OOM of training compute.
    """
    bought = 2.0 * (price_performance - world.price_performance)
    return compute <= world.runnable_compute[c] + bought


@rule
def theft_luck(luck: Luck, world: World, c: int, k: int) -> tuple[float, float]:
    """(integrated hazard at which class `c` steals capability `k`, uniform that picks the member)."""
    u, v = uniform_pair(luck, Stream.THEFT, world.class_address[c], world.capability_address[k])
    return exponential_from(u), v


@rule
def unsecured(world: World, policy: Policy, regime: Regime, holder: int, t: float) -> float:
    """Share of theft that the class `holder` does not prevent at `t`."""
    return 1.0 - security(world, policy, regime, holder, t)


@rule
def theft_hazard(world: World, c: int, exposed: float) -> float:
    """Hazard (1/yr) of a theft by class `c`; `exposed` is the sum of `unsecured` over the holders."""
    return world.theft_rate[c] * exposed


@rule
def thief(world: World, c: int, u: float) -> int:
    """The member of class `c` that attains the stolen capability."""
    return int(u * world.count[c])
