"""Defence, harm and benefit under the Monte Carlo clock."""

from __future__ import annotations

import math

from engine.montecarlo.access import list_access, list_rising_access
from engine.montecarlo.arrays import Ints
from engine.montecarlo.entry import next_entry
from engine.montecarlo.future import HOSTED_INCIDENTS, INCIDENTS, Attainments, Exogenous, Harms, Ledger
from engine.montecarlo.hosting import first_use, least_guarded, years_of_use
from engine.rules.actors import first_weight
from engine.rules.compiled import ZERO, kernel, standalone
from engine.rules.emergence import has, is_near
from engine.rules.governance import defence_speed, foresees, is_malicious, learning_speed
from engine.rules.harm import (
    MOST_INCIDENTS,
    MOST_THOUSANDS,
    benefit,
    defence_work,
    incident_hazard,
    incident_loss,
    incident_luck,
    lead_speed,
    learning_work,
    whole_thousands,
)
from engine.rules.hazard import hazard_left, time_to_event
from engine.rules.luck import Luck, Stream
from engine.rules.regime import Regime, members_at, next_change
from engine.rules.world import Actor, Policy, World


@standalone
def harm(
    luck: Luck,
    world: World,
    policy: Policy,
    regime: Regime,
    exogenous: Exogenous,
    ledger: Ledger,
    attainments: Attainments,
    harms: Harms,
    counted: Ints,
) -> None:
    """Set the times of defences, every incident and its loss, and the benefit of valuable capabilities."""
    harms.ready[:] = math.inf
    harms.first_incident[:] = math.inf
    harms.annual_loss[:] = 0
    harms.incidents[:] = harms.hosted_incidents[:] = 0
    harms.hosted_loss[0] = harms.benefit[0] = harms.hosted_benefit[0] = 0
    counted[INCIDENTS] = counted[HOSTED_INCIDENTS] = 0
    for k in range(world.n_capabilities):
        if world.dangerous[k] == 1:
            _defend(luck, world, policy, k, regime, exogenous, ledger, attainments, harms)
            for c in range(world.n_classes):
                if is_malicious(world, c) and world.success_probability[k] > 0.0:
                    for hosted in range(1 + (attainments.uses[c, k] > 0)):
                        _misuse(luck, world, policy, c, k, hosted == 1, regime, attainments, harms)
            counted[INCIDENTS] += harms.incidents[k]
            counted[HOSTED_INCIDENTS] += harms.hosted_incidents[k]
        else:
            _use(world, k, regime, attainments, harms)


@kernel
def _foreseen(
    luck: Luck, world: World, policy: Policy, k: int, regime: Regime, exogenous: Exogenous, ledger: Ledger
) -> float:
    """The first time at which an evaluation shows authorities capability `k`; inf for never."""
    foreseen, required, least = math.inf, exogenous.requirement[k], world.least_compute[k]
    for m in range(policy.n_measures):
        if policy.foresight_probability[m] > 0.0:
            for r in range(ledger.runs[0]):
                finished, within = ledger.finished[r], policy.foresight[m]
                near = is_near(required, least, ledger.compute[r], ledger.reached[r], within)
                # By distillation a model may have what it is not near to.
                if finished < foreseen and (near or has(ledger.capabilities[r], k)):
                    c, a = ledger.of_class[r], ledger.actor[r]
                    who = Actor(c, a - world.first_actor[c], a)
                    if foresees(luck, world, policy, regime, m, who, k, finished):
                        foreseen = finished
    return foreseen


@kernel
def _defend(
    luck: Luck,
    world: World,
    policy: Policy,
    k: int,
    regime: Regime,
    exogenous: Exogenous,
    ledger: Ledger,
    attainments: Attainments,
    harms: Harms,
) -> None:
    """Set the times at which authorities learn of capability `k`, and at which a defence is ready.

    They learn when an evaluation shows it at the latest.
    """
    foreseen = _foreseen(luck, world, policy, k, regime, exogenous, ledger)
    regime, reported = regime, harms.reported
    now = math.inf
    for c in range(world.n_classes):
        now = min(now, attainments.class_time[c, k])
    learned = foreseen <= now
    now = min(now, foreseen)
    if now >= world.horizon or math.isinf(world.defence_duration[k]):
        return
    for m in range(policy.n_measures):
        reported[m] = math.inf
        if policy.learning_speed[m] > 1.0:
            for a in range(attainments.trained_time.shape[1]):
                if regime.obeys[m, a]:
                    reported[m] = min(reported[m], attainments.trained_time[k, a])
    remaining = defence_work(luck, world, k) if learned else learning_work(luck, world, k)
    faster = lead_speed(world, k, _lead(world, k, now, exogenous, ledger)) if learned else 1.0
    while now < world.horizon:
        change = next_change(policy, regime, now)
        if learned:
            speed = faster * defence_speed(world, policy, regime, now)
        else:
            speed = learning_speed(policy, regime, reported, now)
            for m in range(policy.n_measures):
                if now < reported[m] < change:
                    change = reported[m]
        done = now + time_to_event(remaining, speed)
        if not learned:
            done = min(done, foreseen)
        if done > change:
            remaining = hazard_left(remaining, speed, change - now)
            now = change
        elif learned:
            harms.ready[k] = done
            return
        else:
            learned = True
            remaining = defence_work(luck, world, k)
            now = done
            faster = lead_speed(world, k, _lead(world, k, now, exogenous, ledger))


@kernel
def _lead(world: World, k: int, t: float, exogenous: Exogenous, ledger: Ledger) -> float:
    """OOM by which the best model of classes that attempt no misuse exceeds the requirement of `k` at `t`."""
    best = -math.inf
    if world.defence_lead_speed[k] > 0.0:
        for r in range(ledger.runs[0]):
            if ledger.finished[r] <= t and not is_malicious(world, ledger.of_class[r]):
                best = max(best, ledger.reached[r])
    return best - exogenous.requirement[k]


@kernel
def _misuse(
    luck: Luck,
    world: World,
    policy: Policy,
    c: int,
    k: int,
    hosted: bool,
    regime: Regime,
    attainments: Attainments,
    harms: Harms,
) -> None:
    """The incidents by class `c` with capability `k`: a Poisson process whose rate changes at events.

    Those by its members with access; or, if `hosted`, those by the others, which use the least guarded service.
    """
    ready, horizon, since = harms.ready[k], world.horizon, attainments.group_since
    groups = list_rising_access(world, c, k, regime, attainments)
    having = holders = n = ZERO
    through, guarded = 1.0, -math.inf
    now = first_use(attainments, c, k) if hosted else since[0] if groups > 0 else math.inf
    if now >= horizon:
        return
    stream = Stream.HOSTED_INCIDENT.value if hosted else Stream.INCIDENT.value
    remaining, greater = incident_luck(luck, world, stream, c, k, 0)
    while now < horizon:
        while having < groups and since[having] <= now:
            holders += attainments.group_standing[having]
            having += 1
        edge = next_change(policy, regime, now)
        change = min(horizon, edge)
        if having < groups:
            change = min(change, since[having])
        if now < ready < change:
            change = ready
        actors = holders
        if hosted:
            entered = members_at(world, regime, c, now)
            actors = first_weight(world, c, entered) - holders
            change = min(change, next_entry(world, c, entered, regime))
            if now >= guarded:
                through, guarded = least_guarded(world, policy, regime, c, k, now, attainments)
                guarded = min(guarded, edge)
            change = min(change, guarded)
        hazard = through * incident_hazard(world, policy, regime, c, k, actors, now, ready)
        happens = now + time_to_event(remaining, hazard)
        if happens >= change:
            remaining = hazard_left(remaining, hazard, change - now)
            now = change
            continue
        now = happens
        year = min(int(now - world.start), harms.annual_loss.size - 1)
        loss = whole_thousands(incident_loss(world, k, greater))
        harms.annual_loss[year] = min(harms.annual_loss[year] + loss, MOST_THOUSANDS)
        harms.first_incident[k] = min(harms.first_incident[k], now)
        if hosted:
            harms.hosted_loss[0] = min(harms.hosted_loss[0] + loss, MOST_THOUSANDS)
            harms.hosted_incidents[k] += 1
        else:
            harms.incidents[k] += 1
        n += 1
        if n == MOST_INCIDENTS:
            return
        remaining, greater = incident_luck(luck, world, stream, c, k, n)


@kernel
def _use(world: World, k: int, regime: Regime, attainments: Attainments, harms: Harms) -> None:
    """Benefit of capability `k` until the horizon, by access and by use."""
    if world.benefit_rate[k] == -math.inf:
        return
    actor_years = user_years = 0.0
    for c in range(world.n_classes):
        years = used = 0.0
        for n in range(list_access(world, c, k, regime, attainments)):
            since, standing = attainments.group_since[n], attainments.group_standing[n]
            years += standing * max(0.0, world.horizon - since)
            if attainments.uses[c, k] > 0:
                entered = attainments.group_entered[n]
                used += standing * years_of_use(attainments, c, k, entered, min(since, world.horizon))
        actor_years += years
        user_years += used
    _earn(benefit(world, k, actor_years + user_years), harms.benefit)
    _earn(benefit(world, k, user_years), harms.hosted_benefit)


@kernel
def _earn(usd: float, earned: Ints) -> None:
    """Add an amount to what is `earned` (1,) so far."""
    earned[0] = min(earned[0] + int(min(usd / 1000.0, float(MOST_THOUSANDS))), MOST_THOUSANDS)
