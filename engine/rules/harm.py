"""Defence, harm and benefit: authorities' knowledge and defences, losses from misuse, benefit from use."""

from __future__ import annotations

import math

from engine.rules.compiled import rule
from engine.rules.elementary import exp, log
from engine.rules.governance import undefended
from engine.rules.luck import Luck, Stream, exponential, exponential_from, gamma, uniform_pair
from engine.rules.normal import normal_cdf, normal_quantile
from engine.rules.regime import Regime
from engine.rules.world import Policy, World

_LN10 = math.log(10.0)
#: Below this coefficient of variation a duration is its mean.
_REGULAR = 1e-6
#: The largest amount of a future or a year, in thousands of US$ (1e18 US$): larger amounts count as this.
MOST_THOUSANDS = 10**15
#: Most incidents of one class with one capability, each with its own draws; later ones are not simulated.
MOST_INCIDENTS = 2**26


@rule
def learning_work(luck: Luck, world: World, k: int) -> float:
    """Years from the first attainment of dangerous capability `k` until authorities know, at speed 1: Exponential."""
    return world.learning_lag[k] * exponential(luck, Stream.LEARNING, world.capability_address[k], 0)


@rule
def defence_work(luck: Luck, world: World, k: int) -> float:
    """Years to build a defence against capability `k`, at speed 1: Gamma."""
    mean, cv = world.defence_duration[k], world.defence_duration_cv[k]
    if cv < _REGULAR or math.isinf(mean):
        return mean
    shape = 1.0 / (cv * cv)
    return gamma(luck, Stream.DEFENCE, world.capability_address[k], 0, shape) * mean / shape


@rule
def lead_speed(world: World, k: int, lead: float) -> float:
    """Factor on the speed at which a defence against `k` is built with a model that exceeds the requirement by `lead`.

    The lead is in OOM, of the best model of classes that attempt no misuse, when authorities learn of the capability.
    """
    return 1.0 + world.defence_lead_speed[k] * max(lead, 0.0)


@rule
def incident_hazard(
    world: World, policy: Policy, regime: Regime, c: int, k: int, actors: int, t: float, ready: float
) -> float:
    """Incidents a year by members of class `c` that stand for `actors` with access to `k`; a defence is `ready`."""
    through = undefended(world, policy, regime, c, k, t) if t >= ready else 1.0
    return world.attempt_rate[c] * actors * world.success_probability[k] * through


@rule
def incident_luck(luck: Luck, world: World, stream: int, c: int, k: int, n: int) -> tuple[float, float]:
    """(integrated hazard from the last incident of class `c` with `k` to number `n`, probability of a greater loss).

    Incidents by access and by use have a `stream` each.
    """
    # Addresses of classes have 16 bits, so the higher bits of `n` have a place of their own.
    entity = world.class_address[c] | ((n >> 16) << 16)
    gap, loss = uniform_pair(luck, stream, entity, (world.capability_address[k] << 16) | (n & 0xFFFF))
    return exponential_from(gap), loss


@rule
def incident_loss(world: World, k: int, greater: float) -> float:
    """log10 US$ lost in an incident with capability `k` that a share `greater` of incidents exceed.

    Lognormal; beyond the start of the tail, Pareto with the same probability of exceeding that start.
    """
    median, sd, tail = world.loss_median[k], world.loss_sd[k], world.loss_tail_start[k]
    in_tail = 1.0 if median >= tail else 0.0
    if sd > 0.0 and not math.isinf(tail):
        in_tail = normal_cdf((median - tail) / sd)
    if greater < in_tail:
        loss = tail - log(greater / in_tail) / (_LN10 * world.loss_tail_index[k])
    elif sd > 0.0:
        loss = median - sd * normal_quantile(greater)
    else:
        loss = median
    return min(loss, world.loss_ceiling)


@rule
def benefit(world: World, k: int, actor_years: float) -> float:
    """US$ earned with capability `k` in `actor_years` of access."""
    if world.benefit_rate[k] == -math.inf:
        return 0.0
    return exp(world.benefit_rate[k] * _LN10) * actor_years


@rule
def whole_thousands(log10_usd: float) -> int:
    """An amount of log10 US$ in whole thousands of US$, in which amounts are added without rounding."""
    return int(exp((log10_usd - 3.0) * _LN10) + 0.5)
