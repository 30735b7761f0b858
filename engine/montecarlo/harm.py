"""Defence, harm and benefit under the Monte Carlo clock."""

from __future__ import annotations

import math

from engine.montecarlo.arrays import Ints
from engine.montecarlo.future import INCIDENTS, Attainments, Exogenous, Harms, Ledger, access_since
from engine.rules.compiled import ZERO, kernel, standalone
from engine.rules.emergence import is_near
from engine.rules.governance import defence_speed, foresees, is_malicious, learning_speed
from engine.rules.harm import (
    MOST_INCIDENTS,
    MOST_THOUSANDS,
    benefit,
    defence_work,
    incident_hazard,
    incident_loss,
    incident_luck,
    learning_work,
    whole_thousands,
)
from engine.rules.hazard import hazard_left, time_to_event
from engine.rules.luck import Luck
from engine.rules.regime import Regime, next_change
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
    harms.incidents[:] = 0
    harms.benefit[0] = 0
    counted[INCIDENTS] = 0
    for k in range(world.n_capabilities):
        if world.dangerous[k] == 1:
            foreseen = _foreseen(luck, world, policy, k, regime, exogenous, ledger)
            _defend(luck, world, policy, k, foreseen, regime, attainments, harms)
            first_actor = ZERO
            for c in range(world.n_classes):
                if is_malicious(world, c) and world.success_probability[k] > 0.0:
                    _misuse(luck, world, policy, c, k, first_actor, regime, attainments, harms)
                first_actor += world.count[c]
            counted[INCIDENTS] += harms.incidents[k]
        else:
            _use(world, k, attainments, harms)


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
                if finished < foreseen and is_near(required, least, ledger.compute[r], ledger.reached[r], within):
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
    foreseen: float,
    regime: Regime,
    attainments: Attainments,
    harms: Harms,
) -> None:
    """Set the times at which authorities learn of capability `k`, and at which a defence is ready.

    They learn when it is `foreseen` at the latest.
    """
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
    while now < world.horizon:
        change = next_change(policy, regime, now)
        if learned:
            speed = defence_speed(world, policy, regime, now)
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


@kernel
def _misuse(
    luck: Luck,
    world: World,
    policy: Policy,
    c: int,
    k: int,
    first_actor: int,
    regime: Regime,
    attainments: Attainments,
    harms: Harms,
) -> None:
    """The incidents by class `c` with capability `k`: a Poisson process whose rate changes at events."""
    ready, horizon = harms.ready[k], world.horizon
    since = harms.since
    members = _sorted_access(world, c, k, first_actor, attainments, harms)
    if members == 0:
        return
    having = n = ZERO
    now = since[0]
    remaining, greater = incident_luck(luck, world, c, k, 0)
    while now < horizon:
        while having < members and since[having] <= now:
            having += 1
        change = min(horizon, next_change(policy, regime, now))
        if having < members:
            change = min(change, since[having])
        if now < ready < change:
            change = ready
        hazard = incident_hazard(world, policy, regime, c, k, having * world.represents[c], now, ready)
        happens = now + time_to_event(remaining, hazard)
        if happens >= change:
            remaining = hazard_left(remaining, hazard, change - now)
            now = change
            continue
        now = happens
        year = min(int(now - world.start), harms.annual_loss.size - 1)
        loss = harms.annual_loss[year] + whole_thousands(incident_loss(world, k, greater))
        harms.annual_loss[year] = min(loss, MOST_THOUSANDS)
        harms.first_incident[k] = min(harms.first_incident[k], now)
        harms.incidents[k] += 1
        n += 1
        if n == MOST_INCIDENTS:
            return
        remaining, greater = incident_luck(luck, world, c, k, n)


@kernel
def _sorted_access(world: World, c: int, k: int, first_actor: int, attainments: Attainments, harms: Harms) -> int:
    """Set `harms.since` to the rising times of access to `k` in class `c`; returns their number before the horizon."""
    since = harms.since
    members = 0
    for member in range(world.count[c]):
        time = access_since(attainments, c, k, first_actor + member)
        if time < world.horizon:
            place = members
            while place > 0 and since[place - 1] > time:
                since[place] = since[place - 1]
                place -= 1
            since[place] = time
            members += 1
    return members


@kernel
def _use(world: World, k: int, attainments: Attainments, harms: Harms) -> None:
    """Benefit of capability `k` until the horizon."""
    if world.benefit_rate[k] == -math.inf:
        return
    actor_years = 0.0
    actor = 0
    for c in range(world.n_classes):
        years = 0.0
        for _ in range(world.count[c]):
            years += max(0.0, world.horizon - access_since(attainments, c, k, actor))
            actor += 1
        actor_years += years * world.represents[c]
    earned = min(benefit(world, k, actor_years) / 1000.0, float(MOST_THOUSANDS))
    harms.benefit[0] = min(harms.benefit[0] + int(earned), MOST_THOUSANDS)
