"""Processes of actors: training runs, releases of weights, thefts."""

from __future__ import annotations

from engine.replay.exogenous import Process
from engine.replay.state import State
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


def training(state: State, c: int, member: int) -> Process:
    """Training runs of one actor: pause, perhaps a wait for a licence, run. The inputs of a run are fixed then."""
    world, luck, of_class = state.world, state.luck, state.classes[c]
    actor, a = of_class.members[member], of_class.first_actor + member
    offset, elicitation = actor_traits(luck, world, c, member)
    tokens = class_tokens(world, c)
    mine: set[int] = set()
    run, idle_since = 0, float(enters(world, c))
    while True:
        yield state.until(idle_since + run_pause(luck, world, c, member, run))
        budget, compute = _plan(state, c, a, offset)
        wait = licence_wait(state.policy, state.regime, a, state.now, compute)
        if wait > 0.0:
            state.log("licence_wait", c, actor, f"run {run + 1}", log10_flop=compute, years=wait)
            yield state.until(state.now + wait)
            budget, compute = _plan(state, c, a, offset)
        begun = state.now
        reached = run_reaches(world, begun, compute, *of_class.efficiency(begun), tokens, elicitation)
        numbers = {"log10_flop": compute, "log10_effective_flop": reached, "log10_usd": budget}
        state.log("run_start", c, actor, f"run {run + 1}", **numbers)
        yield state.until(begun + float(world["run_duration"][c]))
        state.log("run_finish", c, actor, f"run {run + 1}", **numbers)
        state.finished.append((state.now, compute))
        state.happened(Event.RUN, log10_flop=compute)
        for k, required in enumerate(state.requirements):
            if k not in mine and reached >= required:
                mine.add(k)
                state.attained(c, k, actor, "trained", log10_flop=compute, log10_effective_flop=reached)
                if releases_weights(luck, world, c, member, k):
                    state.env.process(weight_release(state, c, member, k, compute))
        run, idle_since = run + 1, state.now


def _plan(state: State, c: int, a: int, offset: float) -> tuple[float, float]:
    """(log10 US$ of actor `a` for a run, log10 FLOP of the run), if it begins now."""
    world, now, of_class = state.world, state.now, state.classes[c]
    year, knots = int(now - world["start"]), state.budgets[c]
    budget = actor_budget(world, now, year, knots[year], knots[year + 1], offset)
    largest = state.largest_before(now) if state.policy["caps_relatively"] else float("-inf")
    compute = planned_run(world, state.policy, state.regime, a, now, budget, of_class.progress(now), largest)
    return float(budget), float(compute)


def weight_release(state: State, c: int, member: int, k: int, compute: float) -> Process:
    """The release of a model's weights at the allowed time, and its uptake by every class that can run it."""
    world, of_class = state.world, state.classes[c]
    actor, a = of_class.members[member], of_class.first_actor + member
    yield state.until(weights_released(world, c, state.now))
    wished = state.now
    while True:
        # Checked again at the allowed time: a measure may have started since.
        allowed = release_allowed(
            state.luck, world, state.policy, state.regime, Actor(c, member, a), k, wished, compute
        )
        if allowed > wished == state.now:
            years = float(allowed - wished)
            state.log("release_postponed", c, actor, state.capabilities[k], log10_flop=compute, years=years)
        if allowed <= state.now:
            break
        yield state.until(float(allowed))
    state.log("weight_release", c, actor, state.capabilities[k], log10_flop=compute)
    state.happened(Event.RELEASE, k)
    for taker, takes in enumerate(state.classes):
        # A class takes up a capability only once.
        if k not in takes.opened and can_run(world, taker, compute, state.price_performance(taker, state.now)):
            state.env.process(uptake(state, taker, k))


def uptake(state: State, c: int, k: int) -> Process:
    """A class takes up open weights; only the first uptake of a capability has an effect."""
    yield state.until(weights_taken_up(state.world, c, state.now))
    if k not in state.classes[c].opened:
        state.attained(c, k, "all members", "open_weights")


def theft(state: State, c: int, k: int) -> Process:
    """A class steals a capability: its hazard is integrated, and changes with the holders and with measures.

    It steals only while it has no access of its own.
    """
    world, policy, regime = state.world, state.policy, state.regime
    remaining, pick = theft_luck(state.luck, world, c, k)
    since = state.now
    while not state.classes[c].has(k):
        exposed = sum(unsecured(world, policy, regime, holder, since) for _, holder in state.holders(k, c))
        hazard = theft_hazard(world, c, exposed)
        stolen = state.until(since + time_to_event(remaining, hazard))
        yield state.unless_changed(stolen, k)
        if stolen.processed:
            state.attained(c, k, state.classes[c].members[thief(world, c, pick)], "stolen")
            return
        remaining = hazard_left(remaining, hazard, state.now - since)
        since = state.now
