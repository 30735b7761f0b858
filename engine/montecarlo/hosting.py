"""Use of models that others run as services, under the Monte Carlo clock."""

from __future__ import annotations

import math

from engine.montecarlo.arrays import Ints
from engine.montecarlo.future import SERVICES, Attainments
from engine.rules.compiled import ZERO, kernel, rule
from engine.rules.hosting import is_withdrawn, serves, unguarded
from engine.rules.regime import Regime, next_change
from engine.rules.world import Actor, Policy, World


@kernel
def set_uses(world: World, policy: Policy, regime: Regime, attainments: Attainments, counted: Ints) -> None:
    """Set the periods in which each class can use each capability by the service of another actor."""
    attainments.uses[:] = 0
    if counted[SERVICES] == 0:
        return
    closes = False
    for m in range(policy.n_measures):
        closes |= policy.withdraws[m] == 1
        for c in range(world.n_classes):
            closes |= policy.refuses[m, c] == 1
    for c in range(world.n_classes):
        for k in range(world.n_capabilities):
            if closes:
                _set_use(world, policy, regime, c, k, attainments)
            elif attainments.first_served[c, k] < world.horizon:
                attainments.uses[c, k] = 1
                attainments.use_start[c, k, 0] = attainments.first_served[c, k]
                attainments.use_end[c, k, 0] = world.horizon


@kernel
def _set_use(world: World, policy: Policy, regime: Regime, c: int, k: int, attainments: Attainments) -> None:
    """Set the periods in which class `c` can use `k`."""
    use_start, use_end = attainments.use_start[c, k], attainments.use_end[c, k]
    now, uses, using = world.start, ZERO, False
    while now < world.horizon:
        used, change = _use_at(world, policy, regime, c, k, now, attainments)
        if used and not using:
            use_start[uses] = now
            uses += 1
        elif using and not used:
            use_end[uses - 1] = now
        using, now = used, change
    if using:
        use_end[uses - 1] = world.horizon
    attainments.uses[c, k] = uses


@rule
def _use_at(
    world: World, policy: Policy, regime: Regime, c: int, k: int, t: float, attainments: Attainments
) -> tuple[bool, float]:
    """(whether class `c` can use `k` at `t`, the time until which that cannot change)."""
    used, begins = False, math.inf
    for host in range(world.n_classes):
        if world.hosting[host] > 0.0 and serves(world, host, c):
            for a in range(world.first_actor[host], world.first_actor[host] + world.count[host]):
                served, harmless = attainments.served[a, k], attainments.served_harmless[a, k]
                used |= harmless <= t and not is_withdrawn(policy, regime, a, c, False, t)
                used |= served <= t and not is_withdrawn(policy, regime, a, c, True, t)
                begins = min(begins, served if served > t else math.inf, harmless if harmless > t else math.inf)
    change = next_change(policy, regime, t)
    return used, change if used else min(change, begins)


@rule
def least_guarded(
    world: World, policy: Policy, regime: Regime, c: int, k: int, t: float, attainments: Attainments
) -> tuple[float, float]:
    """(share of attempts by class `c` with `k` that the least guarded service lets through at `t`, time of its change).

    Without a service the share is 0. It changes when a less guarded service begins, if measures stay as they are; the
    time may be that of a service that is no less guarded, and never comes after the change.
    """
    through, change = 0.0, math.inf
    for host in range(world.n_classes):
        if world.hosting[host] > 0.0 and serves(world, host, c):
            for member in range(world.count[host]):
                a = world.first_actor[host] + member
                begins = attainments.served[a, k]
                if begins >= change or is_withdrawn(policy, regime, a, c, True, t):
                    continue
                share = unguarded(world, policy, regime, Actor(host, member, a), t)
                if begins <= t:
                    through = max(through, share)
                elif share > through:
                    change = begins
    return through, change


@kernel
def years_of_use(attainments: Attainments, c: int, k: int, since: float, until: float) -> float:
    """Years between `since` and `until` in which class `c` can use `k`."""
    years = 0.0
    for use in range(attainments.uses[c, k]):
        begins = max(attainments.use_start[c, k, use], since)
        years += max(0.0, min(attainments.use_end[c, k, use], until) - begins)
    return years


@kernel
def first_use(attainments: Attainments, c: int, k: int) -> float:
    """The time of the first use of `k` by class `c`; inf for never."""
    return attainments.use_start[c, k, 0] if attainments.uses[c, k] > 0 else math.inf
