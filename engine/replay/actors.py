"""Processes of actors: training runs, releases of weights, thefts."""

from __future__ import annotations

from engine.replay.stage import Stage
from engine.replay.surroundings import Process
from engine.rules.diffusion import (
    can_run,
    hazard_left,
    releases_weights,
    theft_hazard,
    theft_luck,
    thief,
    time_to_theft,
    unsecured,
    weights_released,
    weights_taken_up,
)
from engine.rules.investment import actor_budget, actor_traits
from engine.rules.training import class_tokens, run_pause, run_reaches


def training(stage: Stage, c: int, member: int) -> Process:
    """Training runs of one actor: pause, run, pause, run. What a run uses is fixed at its start."""
    world, luck, state = stage.world, stage.luck, stage.classes[c]
    actor = state.members[member]
    offset, elicitation = actor_traits(luck, world, c, member)
    tokens = class_tokens(world, c)
    mine: set[int] = set()
    run = 0
    while True:
        yield stage.until(stage.now + run_pause(luck, world, c, member, run))
        begun = stage.now
        progress, invariant, scaled = state.surroundings(begun)
        year = int(begun - world["start"])
        knots = stage.budgets[c]
        budget = actor_budget(world, begun, year, knots[year], knots[year + 1], offset)
        compute, reached = run_reaches(world, begun, budget, progress, invariant, scaled, tokens, elicitation)
        numbers = {"log10_flop": compute, "log10_effective_flop": reached, "log10_usd": budget}
        stage.log("run_start", c, actor, f"run {run + 1}", **numbers)
        yield stage.until(begun + float(world["run_duration"][c]))
        stage.log("run_finish", c, actor, f"run {run + 1}", **numbers)
        for k, required in enumerate(stage.requirements):
            if k not in mine and reached >= required:
                mine.add(k)
                stage.attained(c, k, actor, "trained", log10_flop=compute, log10_effective_flop=reached)
                if releases_weights(luck, world, c, member, k):
                    stage.env.process(weight_release(stage, c, actor, k, compute))
        run += 1


def weight_release(stage: Stage, c: int, actor: str, k: int, compute: float) -> Process:
    """The release of a model's weights, and its uptake by every class that can run it."""
    world = stage.world
    yield stage.until(weights_released(world, c, stage.now))
    stage.log("weight_release", c, actor, stage.capabilities[k], log10_flop=compute)
    for taker in range(len(stage.classes)):
        if can_run(world, taker, compute, stage.price_performance(taker, stage.now)):
            stage.env.process(uptake(stage, taker, k))


def uptake(stage: Stage, c: int, k: int) -> Process:
    """A class takes up open weights; only the first release it takes up gives it anything."""
    yield stage.until(weights_taken_up(stage.world, c, stage.now))
    if k not in stage.classes[c].opened:
        stage.attained(c, k, "all members", "open_weights")


def theft(stage: Stage, c: int, k: int) -> Process:
    """A class steals a capability: its hazard is integrated, and changes with the holders.

    It steals only while it has no access of its own.
    """
    world = stage.world
    remaining, pick = theft_luck(stage.luck, world, c, k)
    since = stage.now
    while not stage.classes[c].has(k):
        exposed = sum(unsecured(world, holder) for _, holder in stage.holders(k, c))
        hazard = theft_hazard(world, c, exposed)
        stolen = since + time_to_theft(remaining, hazard)
        changed = stage.changed[k]
        yield stage.until(stolen) | changed
        if not changed.triggered:
            stage.attained(c, k, stage.classes[c].members[thief(world, c, pick)], "stolen")
            return
        remaining = hazard_left(remaining, hazard, stage.now - since)
        since = stage.now
