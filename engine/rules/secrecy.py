"""Secrecy: whether a class publishes a breakthrough or keeps it secret, and when other classes use it.

A secret breakthrough reaches the others too (staff move, and others find it again), but later than a published one.
"""

from __future__ import annotations

from engine.rules.compiled import rule
from engine.rules.governance import mean_at_least, mean_factor
from engine.rules.luck import Luck, Stream, exponential, uniform_pair
from engine.rules.regime import Regime
from engine.rules.world import Policy, World


@rule
def secrecy(world: World, policy: Policy, regime: Regime, c: int, t: float) -> float:
    """Probability that class `c` keeps a breakthrough of `t` secret."""
    return mean_at_least(world.secrecy[c], world, policy.n_measures, policy.least_secrecy, regime, c, t)


@rule
def breakthrough_reach(luck: Luck, world: World, c: int, n: int, secrecy: float) -> tuple[bool, bool]:
    """(whether it is scale-dependent, whether its class keeps it secret, with probability `secrecy`)."""
    scale, secret = uniform_pair(luck, Stream.BREAKTHROUGH_REACH, world.class_address[c], n)
    return scale < world.scale_dependent_probability, secret < secrecy


@rule
def publication_lag(world: World, policy: Policy, regime: Regime, c: int, t: float, secret: bool) -> float:
    """Mean lag, in years, until a class of absorption 1 uses a breakthrough that class `c` found at `t`."""
    lag = world.secret_lag if secret else world.published_lag
    return lag * mean_factor(world, policy.n_measures, policy.lag_multiplier, regime, c, t)


@rule
def crossing_lag(world: World, finder: int, adopter: int, lag: float) -> float:
    """The mean `lag` of a breakthrough of class `finder` on its way to class `adopter`, at absorption 1."""
    return lag * world.lag_factor[world.relation[finder, adopter]]


@rule
def adoption_lag(luck: Luck, world: World, finder: int, n: int, adopter: int, lag: float) -> float:
    """Years from breakthrough `n` of the class at address `finder` until class `adopter` uses it.

    0 for the finder; else Exponential with the mean `lag` of such a breakthrough, divided by the adopter's
    absorption.
    """
    own = world.class_address[adopter]
    mean = lag / world.absorption[adopter]
    years = mean * exponential(luck, Stream.ADOPTION, finder, (own << 16) | n)
    return 0.0 if own == finder else years
