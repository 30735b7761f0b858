"""Processes of harm: authorities that learn and build defences, and misuse."""

from __future__ import annotations

import math

from engine.replay.exogenous import Process
from engine.replay.state import Stage
from engine.rules.governance import defence_speed, learning_speed
from engine.rules.harm import (
    MOST_INCIDENTS,
    defence_work,
    incident_hazard,
    incident_loss,
    incident_luck,
    learning_work,
)
from engine.rules.hazard import hazard_left, time_to_event
from engine.rules.regime import Event


def defence(stage: Stage, k: int) -> Process:
    """Authorities learn of a dangerous capability some time after anyone attains it, and build a defence."""
    if math.isinf(stage.world["defence_duration"][k]):
        return
    while not any(state.has(k) for state in stage.classes):
        yield stage.changed[k]
    yield from _work(stage, k, learning_work(stage.luck, stage.world, k), learning=True)
    stage.log("authorities_learn", subject=stage.capabilities[k])
    yield from _work(stage, k, defence_work(stage.luck, stage.world, k), learning=False)
    stage.log("defence_ready", subject=stage.capabilities[k])
    stage.ready[k] = stage.now
    stage.wake(k)


def _work(stage: Stage, k: int, remaining: float, learning: bool) -> Process:
    """Work of this many years at speed 1; the speed changes with measures and with reporting actors."""
    since = stage.now
    while True:
        if learning:
            speed = learning_speed(stage.policy, stage.regime, stage.reported[k], since)
        else:
            speed = defence_speed(stage.world, stage.policy, stage.regime, since)
        done = stage.until(since + time_to_event(remaining, speed))
        yield stage.unless_changed(done, k)
        if done.processed:
            return
        remaining = hazard_left(remaining, speed, stage.now - since)
        since = stage.now


def misuse(stage: Stage, c: int, k: int) -> Process:
    """The incidents by a class with a dangerous capability: a Poisson process whose rate changes at events."""
    world, luck, state = stage.world, stage.luck, stage.classes[c]
    n, since = 0, stage.now
    remaining, greater = incident_luck(luck, world, c, k, 0)
    while n < MOST_INCIDENTS:
        actors = state.having(k) * state.represents
        hazard = incident_hazard(world, stage.policy, stage.regime, c, k, actors, since, stage.ready[k])
        happens = stage.until(since + time_to_event(remaining, hazard))
        yield stage.unless_changed(happens, k)
        if happens.processed:
            loss = float(incident_loss(world, k, greater))
            stage.log("incident", c, "a member", stage.capabilities[k], log10_usd=loss)
            stage.happened(Event.INCIDENT, k)
            n += 1
            remaining, greater = incident_luck(luck, world, c, k, n)
        else:
            remaining = hazard_left(remaining, hazard, stage.now - since)
        since = stage.now
