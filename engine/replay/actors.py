"""Processes of actors: training runs, releases of weights, thefts."""

from __future__ import annotations

from engine.replay.exogenous import Process
from engine.replay.state import Stage
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
from engine.rules.governance import licence_wait, release_allowed
from engine.rules.hazard import hazard_left, time_to_event
from engine.rules.investment import actor_budget, actor_traits
from engine.rules.regime import Event
from engine.rules.training import class_tokens, enters, planned_run, run_pause, run_reaches
from engine.rules.world import Actor


def training(stage: Stage, c: int, member: int) -> Process:
    """Training runs of one actor: pause, perhaps a wait for a licence, run. The inputs of a run are fixed then."""
    world, luck, state = stage.world, stage.luck, stage.classes[c]
    actor, a = state.members[member], state.first_actor + member
    offset, elicitation = actor_traits(luck, world, c, member)
    tokens = class_tokens(world, c)
    mine: set[int] = set()
    run, idle_since = 0, float(enters(world, c))
    while True:
        yield stage.until(idle_since + run_pause(luck, world, c, member, run))
        budget, compute = _plan(stage, c, a, offset)
        wait = licence_wait(stage.policy, stage.regime, a, stage.now, compute)
        if wait > 0.0:
            stage.log("licence_wait", c, actor, f"run {run + 1}", log10_flop=compute, years=wait)
            yield stage.until(stage.now + wait)
            budget, compute = _plan(stage, c, a, offset)
        begun = stage.now
        reached = run_reaches(world, begun, compute, *state.efficiency(begun), tokens, elicitation)
        numbers = {"log10_flop": compute, "log10_effective_flop": reached, "log10_usd": budget}
        stage.log("run_start", c, actor, f"run {run + 1}", **numbers)
        yield stage.until(begun + float(world["run_duration"][c]))
        stage.log("run_finish", c, actor, f"run {run + 1}", **numbers)
        stage.finished.append((stage.now, compute))
        stage.happened(Event.RUN, log10_flop=compute)
        for k, required in enumerate(stage.requirements):
            if k not in mine and reached >= required:
                mine.add(k)
                stage.attained(c, k, actor, "trained", log10_flop=compute, log10_effective_flop=reached)
                if releases_weights(luck, world, c, member, k):
                    stage.env.process(weight_release(stage, c, member, k, compute))
        run, idle_since = run + 1, stage.now


def _plan(stage: Stage, c: int, a: int, offset: float) -> tuple[float, float]:
    """(log10 US$ of actor `a` for a run, log10 FLOP of the run), if it begins now."""
    world, now, state = stage.world, stage.now, stage.classes[c]
    year, knots = int(now - world["start"]), stage.budgets[c]
    budget = actor_budget(world, now, year, knots[year], knots[year + 1], offset)
    largest = stage.largest_before(now) if stage.policy["caps_relatively"] else float("-inf")
    compute = planned_run(world, stage.policy, stage.regime, a, now, budget, state.progress(now), largest)
    return float(budget), float(compute)


def weight_release(stage: Stage, c: int, member: int, k: int, compute: float) -> Process:
    """The release of a model's weights at the allowed time, and its uptake by every class that can run it."""
    world, state = stage.world, stage.classes[c]
    actor, a = state.members[member], state.first_actor + member
    yield stage.until(weights_released(world, c, stage.now))
    wished = stage.now
    while True:
        # Checked again at the allowed time: a measure may have started since.
        allowed = release_allowed(
            stage.luck, world, stage.policy, stage.regime, Actor(c, member, a), k, wished, compute
        )
        if allowed > wished == stage.now:
            years = float(allowed - wished)
            stage.log("release_postponed", c, actor, stage.capabilities[k], log10_flop=compute, years=years)
        if allowed <= stage.now:
            break
        yield stage.until(float(allowed))
    stage.log("weight_release", c, actor, stage.capabilities[k], log10_flop=compute)
    stage.happened(Event.RELEASE, k)
    for taker, takes in enumerate(stage.classes):
        # A class takes up a capability only once.
        if k not in takes.opened and can_run(world, taker, compute, stage.price_performance(taker, stage.now)):
            stage.env.process(uptake(stage, taker, k))


def uptake(stage: Stage, c: int, k: int) -> Process:
    """A class takes up open weights; only the first uptake of a capability has an effect."""
    yield stage.until(weights_taken_up(stage.world, c, stage.now))
    if k not in stage.classes[c].opened:
        stage.attained(c, k, "all members", "open_weights")


def theft(stage: Stage, c: int, k: int) -> Process:
    """A class steals a capability: its hazard is integrated, and changes with the holders and with measures.

    It steals only while it has no access of its own.
    """
    world, policy, regime = stage.world, stage.policy, stage.regime
    remaining, pick = theft_luck(stage.luck, world, c, k)
    since = stage.now
    while not stage.classes[c].has(k):
        exposed = sum(unsecured(world, policy, regime, holder, since) for _, holder in stage.holders(k, c))
        hazard = theft_hazard(world, c, exposed)
        stolen = stage.until(since + time_to_event(remaining, hazard))
        yield stage.unless_changed(stolen, k)
        if stolen.processed:
            stage.attained(c, k, stage.classes[c].members[thief(world, c, pick)], "stolen")
            return
        remaining = hazard_left(remaining, hazard, stage.now - since)
        since = stage.now
