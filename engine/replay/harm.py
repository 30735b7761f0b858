"""Processes of harm: authorities that learn and build defences, and misuse."""

from __future__ import annotations

import math

from engine.replay.exogenous import Process
from engine.replay.hosting import through_services
from engine.replay.state import State
from engine.rules.governance import defence_speed, learning_speed
from engine.rules.harm import (
    MOST_INCIDENTS,
    defence_work,
    incident_hazard,
    incident_loss,
    incident_luck,
    lead_speed,
    learning_work,
)
from engine.rules.hazard import hazard_left, time_to_event
from engine.rules.luck import Stream
from engine.rules.regime import Event


def defence(state: State, k: int) -> Process:
    """Authorities learn of a dangerous capability some time after anyone attains it, and build a defence."""
    if math.isinf(state.world["defence_duration"][k]):
        return
    while not (state.foreseen[k] or any(of_class.has(k) for of_class in state.classes)):
        yield state.changed[k]
    yield from _work(state, k, learning_work(state.luck, state.world, k), learning=True)
    state.log("authorities_learn", subject=state.capabilities[k])
    faster = float(lead_speed(state.world, k, state.best_defender - state.requirements[k]))
    yield from _work(state, k, defence_work(state.luck, state.world, k), learning=False, faster=faster)
    state.log("defence_ready", subject=state.capabilities[k])
    state.ready[k] = state.now
    state.wake(k)


def _work(state: State, k: int, remaining: float, learning: bool, faster: float = 1.0) -> Process:
    """Work of this many years at speed 1; the speed changes with measures and with reporting actors.

    A defence is built `faster` by this factor.
    """
    since = state.now
    while not (learning and state.foreseen[k]):
        if learning:
            speed = learning_speed(state.policy, state.regime, state.reported[k], since)
        else:
            speed = faster * defence_speed(state.world, state.policy, state.regime, since)
        done = state.until(since + time_to_event(remaining, speed))
        yield state.unless_changed(done, k)
        if done.processed:
            return
        remaining = hazard_left(remaining, speed, state.now - since)
        since = state.now


def misuse(state: State, c: int, k: int, hosted: bool) -> Process:
    """The incidents by a class with a dangerous capability: a Poisson process whose rate changes at events.

    Those by its members with access; or, if `hosted`, those by the others, which use the least guarded service.
    """
    world, luck, of_class = state.world, state.luck, state.classes[c]
    stream, kind = (Stream.HOSTED_INCIDENT, "hosted_incident") if hosted else (Stream.INCIDENT, "incident")
    n, since = 0, state.now
    remaining, greater = incident_luck(luck, world, stream, c, k, 0)
    while n < MOST_INCIDENTS:
        actors, through = of_class.having(k), 1.0
        if hosted:
            actors, through = of_class.arrived - actors, through_services(state, c, k)
        hazard = through * incident_hazard(world, state.policy, state.regime, c, k, actors, since, state.ready[k])
        happens = state.until(since + time_to_event(remaining, hazard))
        yield state.unless_changed(happens, k)
        if happens.processed:
            loss = float(incident_loss(world, k, greater))
            state.log(kind, c, "a member", state.capabilities[k], log10_usd=loss)
            state.happened(Event.INCIDENT, k)
            n += 1
            remaining, greater = incident_luck(luck, world, stream, c, k, n)
        else:
            remaining = hazard_left(remaining, hazard, state.now - since)
        since = state.now
