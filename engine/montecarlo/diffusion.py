"""Diffusion from attainments by training, under the Monte Carlo clock: open weights and thefts."""

from __future__ import annotations

import math

from engine.montecarlo.arrays import Ints
from engine.montecarlo.future import (
    NO_ROUTE,
    OPEN_WEIGHTS,
    POSTPONED,
    STOLEN,
    THEFTS,
    TRAINED,
    WEIGHT_RELEASES,
    Attainments,
    Exogenous,
    first_of,
)
from engine.montecarlo.timeline import steps_by
from engine.rules.compiled import ZERO, kernel, standalone
from engine.rules.diffusion import (
    can_run,
    releases_weights,
    theft_hazard,
    theft_luck,
    thief,
    unsecured,
    weights_released,
    weights_taken_up,
)
from engine.rules.governance import class_price, release_allowed
from engine.rules.hardware import price_performance
from engine.rules.hazard import hazard_left, time_to_event
from engine.rules.luck import Luck
from engine.rules.regime import Regime, next_change
from engine.rules.world import Actor, Policy, World


@standalone
def diffuse(
    luck: Luck,
    world: World,
    policy: Policy,
    regime: Regime,
    exogenous: Exogenous,
    attainments: Attainments,
    counted: Ints,
) -> None:
    """Set releases, uptakes, thefts, and the resulting first attainment of every class."""
    attainments.class_open[:] = math.inf
    attainments.class_stolen[:] = math.inf
    counted[WEIGHT_RELEASES] = counted[POSTPONED] = counted[THEFTS] = 0
    _release_weights(luck, world, policy, regime, exogenous, attainments, counted)
    _steal(luck, world, policy, regime, attainments, counted)
    _settle(world, attainments)


@kernel
def _release_weights(
    luck: Luck,
    world: World,
    policy: Policy,
    regime: Regime,
    exogenous: Exogenous,
    attainments: Attainments,
    counted: Ints,
) -> None:
    """Set releases of open weights, and the times at which each class has access by them.

    Releases are processed in order of time until no later one can give any class earlier access.
    """
    for k in range(world.n_capabilities):
        releases = attainments.released
        first = ZERO
        for c in range(world.n_classes):
            _find_releases(luck, world, policy, c, k, first, regime, attainments, counted)
            first += world.count[c]
        attainments.first_release[k] = releases[first_of(releases)]
        for released in releases:
            counted[WEIGHT_RELEASES] += released < world.horizon
        while True:
            actor = first_of(releases)
            released = releases[actor]
            compute = attainments.trained_compute[k, actor]
            if released >= world.horizon or not _take_up(
                world, policy, k, released, compute, regime, exogenous, attainments
            ):
                break
            releases[actor] = math.inf


@kernel
def _find_releases(
    luck: Luck,
    world: World,
    policy: Policy,
    c: int,
    k: int,
    first: int,
    regime: Regime,
    attainments: Attainments,
    counted: Ints,
) -> None:
    """Set the times at which members of class `c`, from actor `first`, release weights with `k`; inf for never."""
    trained, released = attainments.trained_time[k], attainments.released
    for member in range(world.count[c]):
        releases = releases_weights(luck, world, c, member, k)
        released[first + member] = weights_released(world, c, trained[first + member]) if releases else math.inf
    if policy.n_measures == 0:
        return
    for member in range(world.count[c]):
        actor = first + member
        wished, compute = released[actor], attainments.trained_compute[k, actor]
        if wished < world.horizon:
            allowed = release_allowed(luck, world, policy, regime, Actor(c, member, actor), k, wished, compute)
            released[actor] = allowed
            counted[POSTPONED] += allowed > wished


@kernel
def _take_up(
    world: World,
    policy: Policy,
    k: int,
    released: float,
    compute: float,
    regime: Regime,
    exogenous: Exogenous,
    attainments: Attainments,
) -> bool:
    """Give access to classes that can run the model; returns whether any class could use a later release."""
    wanted = False
    for c in range(world.n_classes):
        taken_up = weights_taken_up(world, c, released)
        if taken_up < attainments.class_open[c, k] and taken_up < world.horizon:
            step = steps_by(exogenous.step_time[c], exogenous.events[0], released)
            chips = price_performance(world, released, exogenous.step_progress[c, step])
            if can_run(world, c, compute, chips - class_price(policy, regime, c, released)):
                attainments.class_open[c, k] = taken_up
            else:
                wanted = True
    return wanted


@kernel
def _steal(luck: Luck, world: World, policy: Policy, regime: Regime, attainments: Attainments, counted: Ints) -> None:
    """Set the theft of each capability by each class that steals, while the class has no access of its own."""
    for c in range(world.n_classes):
        if world.theft_rate[c] <= 0.0:
            continue
        for k in range(world.n_capabilities):
            until = min(attainments.class_trained[c, k], attainments.class_open[c, k], world.horizon)
            stolen = _time_of_theft(luck, world, policy, c, k, until, regime, attainments)
            if stolen < until:
                attainments.class_stolen[c, k] = stolen
                attainments.thief[c, k] = thief(world, c, theft_luck(luck, world, c, k)[1])
                counted[THEFTS] += 1


@kernel
def _time_of_theft(
    luck: Luck, world: World, policy: Policy, c: int, k: int, until: float, regime: Regime, attainments: Attainments
) -> float:
    """The time at which the integrated hazard reaches its draw; inf if not before `until`."""
    remaining, _ = theft_luck(luck, world, c, k)
    since = _held_by_others(world, c, k, attainments)
    while since < until:
        hazard, change = _hazard(world, policy, c, k, since, until, regime, attainments)
        stolen = since + time_to_event(remaining, hazard)
        if stolen <= change:
            return stolen
        remaining = hazard_left(remaining, hazard, change - since)
        since = change
    return math.inf


@kernel
def theft_probability(world: World, policy: Policy, c: int, k: int, regime: Regime, attainments: Attainments) -> float:
    """Probability that class `c` steals capability `k` within the horizon, given everything else in the future.

    It does not use the draw: the hazard is integrated while the class has no access of its own.
    """
    integrated = 0.0
    until = min(attainments.class_trained[c, k], attainments.class_open[c, k], world.horizon)
    since = _held_by_others(world, c, k, attainments)
    while since < until:
        hazard, change = _hazard(world, policy, c, k, since, until, regime, attainments)
        integrated += hazard * (change - since)
        since = change
    return -math.expm1(-integrated)


@kernel
def _held_by_others(world: World, c: int, k: int, attainments: Attainments) -> float:
    """The time from which a class other than `c` has capability `k` by training."""
    since = math.inf
    for d in range(world.n_classes):
        if d != c:
            since = min(since, attainments.class_trained[d, k])
    return since


@kernel
def _hazard(
    world: World, policy: Policy, c: int, k: int, since: float, until: float, regime: Regime, attainments: Attainments
) -> tuple[float, float]:
    """(hazard at `since` that class `c` steals capability `k`, time of its next change, at most `until`).

    It changes when another class attains the capability, and when measures start or end.
    """
    change = min(until, next_change(policy, regime, since))
    exposed = 0.0
    for d in range(world.n_classes):
        if d != c:
            held = attainments.class_trained[d, k]
            if held <= since:
                exposed += unsecured(world, policy, regime, d, since)
            else:
                change = min(change, held)
    return theft_hazard(world, c, exposed), change


@kernel
def _settle(world: World, attainments: Attainments) -> None:
    """Set the first attainment of each class, and its route."""
    for c in range(world.n_classes):
        for k in range(world.n_capabilities):
            time, route = attainments.class_trained[c, k], TRAINED
            if attainments.class_open[c, k] < time:
                time, route = attainments.class_open[c, k], OPEN_WEIGHTS
            if attainments.class_stolen[c, k] < time:
                time, route = attainments.class_stolen[c, k], STOLEN
            attainments.class_time[c, k] = time
            attainments.class_route[c, k] = route if time < math.inf else NO_ROUTE
