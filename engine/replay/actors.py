"""Processes of actors: training runs, releases of weights, thefts."""

from __future__ import annotations

from engine.replay import hosting
from engine.replay.exogenous import Process
from engine.replay.state import AFTER_DISTILLATION, AFTER_TRAINING, AFTER_UPTAKE, Model, State
from engine.rules.actors import actor_traits
from engine.rules.diffusion import (
    first_runnable,
    publication_luck,
    publishes_weights,
    theft_hazard,
    theft_luck,
    thief,
    unsecured,
    weights_released,
    weights_taken_up,
)
from engine.rules.emergence import dangerous_capabilities, has, has_capability, is_near
from engine.rules.governance import class_price, foresees, is_malicious, licence_wait, release_allowed, size_fixed
from engine.rules.hazard import hazard_left, time_to_event
from engine.rules.hosting import offer_luck, offers_service
from engine.rules.investment import actor_budget
from engine.rules.regime import Event
from engine.rules.training import class_tokens, enters, next_plan, planned_run, run_pause, run_reaches
from engine.rules.world import Actor


def training(state: State, c: int, member: int) -> Process:
    """Training runs of one actor: pause, perhaps a wait for a licence, run. Its start fixes what it uses,
    or its filing."""
    world, luck, of_class = state.world, state.luck, state.classes[c]
    actor, a = of_class.members[member], of_class.first_actor + member
    offset, elicitation = actor_traits(luck, world, c, member)
    tokens = class_tokens(world, c)
    mine = 0
    entered = of_class.entered[member]
    run, planned = 0, float(max(enters(world, c), entered) + run_pause(luck, world, c, member, 0))
    while True:
        yield state.until(planned)
        filed = fixed = state.now
        budget, compute = _plan(state, c, a, offset, fixed)
        wait = licence_wait(state.policy, state.regime, a, state.now, compute)
        if wait > 0.0:
            state.log("licence_wait", c, actor, f"run {run + 1}", log10_flop=compute, years=wait)
            fixed = float(size_fixed(state.policy, state.regime, a, state.now, compute))
            yield state.until(state.now + wait)
            fixed = min(fixed, state.now)
            budget, compute = _plan(state, c, a, offset, fixed)
        begun = state.now
        reached = run_reaches(world, fixed, compute, *of_class.efficiency(fixed), tokens, elicitation)
        numbers = {"log10_flop": compute, "log10_effective_flop": reached, "log10_usd": budget}
        state.log("run_start", c, actor, f"run {run + 1}", **numbers)
        yield state.until(begun + float(world["run_duration"][c]))
        state.log("run_finish", c, actor, f"run {run + 1}", **numbers)
        state.finished.append((state.now, compute))
        if not is_malicious(world, c):
            state.best_defender = max(state.best_defender, float(reached))
        state.happened(Event.RUN, log10_flop=compute)
        trained = _capabilities(state, compute, reached)
        distilled = hosting.distilled(state, c, begun, compute, reached, trained)
        model = Model(c, member, run, state.now, compute, reached, trained | distilled)
        foresee(state, Actor(c, member, a), model)
        for k in state.among(trained & ~mine):
            state.attained(c, k, actor, "trained", log10_flop=compute, log10_effective_flop=reached)
        if distilled & ~mine:
            yield state.after_others(AFTER_TRAINING)
        for k in state.among(distilled & ~mine):
            state.attained(c, k, actor, "distilled", log10_flop=compute, log10_effective_flop=reached)
        mine |= model.capabilities
        if model.capabilities:
            of_class.models.append(model)
            dangerous = model.capabilities & dangerous_capabilities(world) != 0
            publication = publication_luck(luck, world, c, member, run, state.now)
            if publishes_weights(world, c, publication, dangerous):
                state.env.process(weight_release(state, model, dangerous))
            if offers_service(world, c, offer_luck(luck, world, c, member, run), dangerous):
                state.env.process(hosting.service(state, Actor(c, member, a), model, dangerous))
        run += 1
        planned = float(next_plan(world, c, state.now, filed, run_pause(luck, world, c, member, run)))


def entry(state: State, c: int, member: int) -> Process:
    """The entry of a newcomer, which changes the rate of misuse by its class."""
    of_class = state.classes[c]
    yield state.until(of_class.entered[member])
    of_class.present += 1
    of_class.arrived += of_class.weights[member]
    state.log("entry", c, of_class.members[member])
    for k in range(len(state.capabilities)):
        state.wake(k)


def foresee(state: State, who: Actor, model: Model) -> None:
    """Evaluations of a model that is finished now, which may show authorities what it has or is near to."""
    world, policy = state.world, state.policy
    for k, required in enumerate(state.requirements):
        for m in range(state.measures):
            least, within = world["least_compute"][k], policy["foresight"][m]
            near = has(model.capabilities, k) or is_near(required, least, model.compute, model.reached, within)
            if world["dangerous"][k] == 1 and not state.foreseen[k] and near:
                state.foreseen[k] = bool(foresees(state.luck, world, policy, state.regime, m, who, k, state.now))
                if state.foreseen[k]:
                    state.wake(k)


def _capabilities(state: State, compute: float, reached: float) -> int:
    """The capabilities of a model, as bits."""
    least = state.world["least_compute"]
    required = enumerate(state.requirements)
    return sum(1 << k for k, needed in required if has_capability(needed, least[k], compute, reached))


def _plan(state: State, c: int, a: int, offset: float, fixed: float) -> tuple[float, float]:
    """(log10 US$ of actor `a` for a run, log10 FLOP of the run), if it begins now with what was `fixed` at a time."""
    world, now, of_class = state.world, state.now, state.classes[c]
    year, knots = int(fixed - world["start"]), state.budgets[c]
    budget = actor_budget(world, fixed, year, knots[year], knots[year + 1], offset)
    largest = state.largest_before(now) if state.policy["caps_relatively"] else float("-inf")
    progress = of_class.progress(fixed)
    compute = planned_run(world, state.policy, state.regime, a, now, fixed, budget, progress, largest)
    return float(budget), float(compute)


def weight_release(state: State, model: Model, dangerous: bool) -> Process:
    """The release of a model's weights at the allowed time, and its uptake by every class that it gives something."""
    world, c = state.world, model.c
    a = state.classes[c].first_actor + model.member
    actor = state.classes[c].members[model.member]
    who, subject = Actor(c, model.member, a), ", ".join(state.capabilities[k] for k in state.among(model.capabilities))
    yield state.until(weights_released(world, c, state.now))
    wished = state.now
    while True:
        # Checked again at the allowed time: a measure may have started since.
        allowed = float(
            release_allowed(
                state.luck, world, state.policy, state.regime, who, model.run, dangerous, wished, model.compute
            )
        )
        if allowed > wished == state.now:
            state.log("release_postponed", c, actor, subject, log10_flop=model.compute, years=allowed - wished)
        if allowed <= state.now:
            break
        yield state.until(allowed)
    state.log("weight_release", c, actor, subject, log10_flop=model.compute)
    gives = 0
    for k in state.among(model.capabilities):
        state.happened(Event.RELEASE, k)
        state.first_release[k] = min(state.first_release[k], state.now)
        # A class can run a smaller model no later, so that only the smallest so far matters.
        if model.compute < state.smallest_open[k]:
            state.smallest_open[k] = model.compute
            gives |= 1 << k
    if gives:
        for taker in range(len(state.classes)):
            state.env.process(uptake(state, taker, gives, model.compute))


def uptake(state: State, c: int, gives: int, compute: float) -> Process:
    """A class takes up released weights once it can run them; only the first uptake of a capability has an effect."""
    yield from until_runnable(state, c, compute)
    yield state.until(weights_taken_up(state.world, c, state.now))
    yield state.after_others(AFTER_DISTILLATION)
    for k in state.among(gives):
        if k not in state.classes[c].opened:
            state.attained(c, k, "all members", "open_weights")


def until_runnable(state: State, c: int, compute: float) -> Process:
    """Wait until class `c` can run a model trained with `compute` (log10 FLOP)."""
    while True:
        progress = state.classes[c].progress(state.now)
        price = class_price(state.world, state.policy, state.regime, c, state.now)
        change = state.next_change_of_chips(c)
        runnable = float(first_runnable(state.world, c, compute, state.now, change, progress, price))
        if runnable <= state.now:
            return
        awaited = state.until(runnable)
        yield state.env.any_of([awaited, state.until(change), state.chips_known, state.regime_known])
        if awaited.processed:
            return


def theft(state: State, c: int) -> Process:
    """Thefts by a class: the hazard is integrated, and changes with the holders and with measures."""
    world, luck = state.world, state.luck
    n, since = 0, state.now
    remaining, pick = theft_luck(luck, world, c, 0)
    while True:
        shares = {d: unsecured(world, state.policy, state.regime, c, d, since) for d in state.holders(c)}
        exposed = sum(shares.values())
        hazard = theft_hazard(world, c, exposed)
        stolen = state.until(since + time_to_event(remaining, hazard))
        yield state.unless_changed(stolen)
        if stolen.processed:
            who = int(thief(luck, world, c, n, state.classes[c].present))
            holder = _holder(shares, pick * exposed)
            best = max(state.classes[holder].models, key=lambda model: model.reached)
            gains = state.gains(c, who, best)
            if gains:
                actor = state.classes[best.c].members[best.member]
                by = state.classes[c].members[state.member_of(c, who)]
                state.log("theft", c, by, f"run {best.run + 1} of {actor}")
                for k in state.among(gains):
                    state.happened(Event.THEFT, k)
                state.env.process(use_stolen(state, c, who, gains, best.compute))
            n += 1
            remaining, pick = theft_luck(luck, world, c, n)
        else:
            remaining = hazard_left(remaining, hazard, state.now - since)
        since = state.now


def _holder(shares: dict[int, float], share: float) -> int:
    """The class at which the unsecured `shares` (by class) pass a `share` of their sum."""
    exposed = [(d, unprevented) for d, unprevented in shares.items() if unprevented > 0.0]
    for d, unprevented in exposed:
        if share < unprevented:
            return d
        share -= unprevented
    return exposed[-1][0]


def use_stolen(state: State, c: int, who: int, gains: int, compute: float) -> Process:
    """The thief, `who` of the real actors of class `c`, uses a stolen model once its class can run it."""
    yield from until_runnable(state, c, compute)
    yield state.after_others(AFTER_UPTAKE)
    for k in state.among(gains):
        if not state.has(c, who, k):
            state.steals(c, k, who)
