"""Thefts under the Monte Carlo clock: each takes the best model of a holder, with all that it has."""

from __future__ import annotations

import math

from engine.montecarlo.access import lacks
from engine.montecarlo.arrays import Ints
from engine.montecarlo.emergence import best_by, rank
from engine.montecarlo.future import THEFTS, Attainments, Exogenous, Ledger
from engine.montecarlo.runnable import runnable_from
from engine.rules.compiled import ZERO, kernel, rule
from engine.rules.diffusion import theft_hazard, theft_luck, thief, unsecured
from engine.rules.emergence import has
from engine.rules.hazard import hazard_left, time_to_event
from engine.rules.luck import Luck
from engine.rules.regime import Regime, members_at, next_change
from engine.rules.world import Policy, World


@kernel
def steal(
    luck: Luck,
    world: World,
    policy: Policy,
    c: int,
    regime: Regime,
    exogenous: Exogenous,
    ledger: Ledger,
    attainments: Attainments,
    counted: Ints,
) -> None:
    """Set the thefts by class `c`: each takes the best model of a class that has any capability by training.

    A theft of what the thief has already, or has open weights of, changes nothing.
    """
    since, n = world.start, ZERO
    remaining, pick = theft_luck(luck, world, c, 0)
    while since < world.horizon and _lacks_any(world, c, since, attainments):
        exposed, change = _exposed(world, policy, c, since, regime, attainments)
        change = min(change, world.horizon)
        hazard = theft_hazard(world, c, exposed)
        stolen = since + time_to_event(remaining, hazard)
        if stolen >= change:
            remaining = hazard_left(remaining, hazard, change - since)
            since = change
            continue
        since = stolen
        holder = _holder(world, policy, c, since, pick * exposed, regime, attainments)
        r = ledger.best[holder, best_by(ledger, holder, since)]
        who = thief(luck, world, c, n, members_at(world, regime, c, since))
        compute, gains = ledger.compute[r], ZERO
        for k in range(world.n_capabilities):
            if has(ledger.capabilities[r], k) and lacks(world, c, k, who, compute, since, regime, attainments):
                attainments.first_theft[k] = min(attainments.first_theft[k], since)
                gains |= 1 << k
        if gains != 0:
            counted[THEFTS] += 1
            _take(c, who, gains, attainments)
            stolen = attainments.stolen[0]
            attainments.thief_class[stolen], attainments.thief[stolen] = c, who
            attainments.stolen_use[stolen] = runnable_from(world, policy, c, compute, since, regime, exogenous)
            attainments.stolen_compute[stolen], attainments.stolen_capabilities[stolen] = compute, gains
            attainments.stolen[0] += 1
        n += 1
        remaining, pick = theft_luck(luck, world, c, n)


@kernel
def _take(c: int, who: int, gains: int, attainments: Attainments) -> None:
    """The thief `who` of class `c` no longer needs what it `gains` in larger stolen models, which it cannot run yet."""
    for n in range(attainments.stolen[0]):
        if attainments.thief_class[n] == c and attainments.thief[n] == who:
            attainments.stolen_capabilities[n] &= ~gains


@kernel
def theft_probability(
    world: World,
    policy: Policy,
    c: int,
    wanted: int,
    regime: Regime,
    exogenous: Exogenous,
    ledger: Ledger,
    attainments: Attainments,
) -> float:
    """Probability that class `c` gains any of the capabilities `wanted` by theft, given everything else in the future.

    It does not use the draws of its thefts: the hazard of thefts that bring a capability is integrated while the class
    has no access to it of its own, within the horizon.
    """
    exposed_years = 0.0
    for holder in range(world.n_classes):
        if holder != c:
            exposed_years += _exposed_years(world, policy, c, wanted, holder, regime, exogenous, ledger, attainments)
    return -math.expm1(-theft_hazard(world, c, exposed_years))


@kernel
def _has_itself(world: World, c: int, k: int, attainments: Attainments) -> float:
    """The time from which class `c` has `k` without theft, at most the horizon."""
    return min(attainments.class_trained[c, k], attainments.class_open[c, k], world.horizon)


@rule
def _exposed_years(
    world: World,
    policy: Policy,
    c: int,
    wanted: int,
    holder: int,
    regime: Regime,
    exogenous: Exogenous,
    ledger: Ledger,
    attainments: Attainments,
) -> float:
    """Years in which a theft from class `holder` gives class `c` one of the capabilities `wanted`.

    That is, its use before the class has access to it of its own. Years are weighted with the share of theft that the
    holder does not prevent.
    """
    since, until = math.inf, -math.inf
    for k in range(world.n_capabilities):
        if has(wanted, k):
            since = min(since, attainments.class_trained[holder, k])
            until = max(until, _has_itself(world, c, k, attainments))
    rank(holder, ledger)
    best, bests, finished = ledger.best[holder], ledger.bests[holder], ledger.finished
    years, place = 0.0, 0
    while since < until:
        while place + 1 < bests and finished[best[place + 1]] <= since:
            place += 1
        change = min(until, next_change(policy, regime, since))
        if place + 1 < bests:
            change = min(change, finished[best[place + 1]])
        brought = ledger.capabilities[best[place]] & wanted
        if brought != 0:
            # Up to the change, what cannot be run yet can be run at the same time, and what can be run stays so.
            runnable = runnable_from(world, policy, c, ledger.compute[best[place]], since, regime, exogenous)
            gains = False
            for k in range(world.n_capabilities):
                own = _has_itself(world, c, k, attainments)
                if has(brought, k) and since < own:
                    gains |= runnable < own
                    change = min(change, own)
            if gains:
                years += unsecured(world, policy, regime, c, holder, since) * (change - since)
        since = change
    return years


@kernel
def _lacks_any(world: World, c: int, t: float, attainments: Attainments) -> bool:
    """Whether class `c` has no open weights with some capability at `t` that another class trains sooner or later."""
    lacks = False
    for k in range(world.n_capabilities):
        if attainments.class_open[c, k] > t:
            for d in range(world.n_classes):
                lacks |= d != c and attainments.class_trained[d, k] < math.inf
    return lacks


@kernel
def _exposed(
    world: World, policy: Policy, c: int, since: float, regime: Regime, attainments: Attainments
) -> tuple[float, float]:
    """(sum of the unsecured shares of holders that class `c` can steal from at `since`, time of its next change).

    It changes when another class becomes a holder, and when measures start or end.
    """
    change = next_change(policy, regime, since)
    exposed = 0.0
    for d in range(world.n_classes):
        if d != c:
            held = attainments.holds[d]
            if held <= since:
                exposed += unsecured(world, policy, regime, c, d, since)
            else:
                change = min(change, held)
    return exposed, change


@kernel
def _holder(
    world: World, policy: Policy, c: int, t: float, share: float, regime: Regime, attainments: Attainments
) -> int:
    """The holder at which the unsecured shares, added up class by class, pass the `share` of their sum."""
    holder = -1
    for d in range(world.n_classes):
        if d != c and attainments.holds[d] <= t:
            exposed = unsecured(world, policy, regime, c, d, t)
            if exposed > 0.0:
                holder = d
                if share < exposed:
                    return holder
                share -= exposed
    return holder
