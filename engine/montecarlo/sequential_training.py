"""Training runs in order of time, while a run may be capped relative to other actors' runs."""

from __future__ import annotations

import math

from engine.montecarlo.actor_state import resources_at
from engine.montecarlo.future import (
    RUNS,
    WAITS,
    ActorState,
    Future,
    Setting,
    first_of,
    grid_step,
    thresholds_reached,
)
from engine.montecarlo.offers import offers_wanted
from engine.montecarlo.paths import follows_all
from engine.rules.actors import weight
from engine.rules.compiled import kernel, standalone
from engine.rules.diffusion import publication_luck
from engine.rules.governance import licence_wait, size_fixed
from engine.rules.hosting import offer_luck
from engine.rules.regime import Event
from engine.rules.training import next_plan, planned_run, run_cost, run_pause, run_reaches


@standalone
def train_in_order(setting: Setting, until: float, future: Future) -> None:
    """Simulate the runs of all actors that begin before `until`, in order of their beginning."""
    luck, world, policy = setting.luck, setting.world, setting.policy
    regime, exogenous, actors = future.regime, future.exogenous, future.actors
    until = min(until, world.horizon)
    while True:
        a = first_of(actors.next_time)
        begun = actors.next_time[a]
        if begun >= until:
            return
        c = actors.of_class[a]
        fixed = min(begun, actors.fixed[a])
        step, budget = resources_at(world, c, fixed, actors.offset[a], exogenous)
        progress = exogenous.step_progress[c, step]
        largest = _largest_before(begun, actors)
        compute = planned_run(world, policy, regime, a, begun, fixed, budget, progress, largest)
        filed = min(begun, actors.filed[a])
        wait = licence_wait(policy, regime, a, begun, compute) if math.isinf(actors.filed[a]) else 0.0
        if wait > 0.0:
            actors.filed[a], actors.fixed[a] = begun, size_fixed(policy, regime, a, begun, compute)
            future.counted[WAITS] += 1
            actors.next_time[a] = begun + wait
            continue
        actors.filed[a] = actors.fixed[a] = math.inf
        finished = begun + world.run_duration[c]
        if finished < world.horizon:
            invariant, scaled = exogenous.step_invariant[c, step], exogenous.step_scaled[c, step]
            reached = run_reaches(world, fixed, compute, invariant, scaled, actors.tokens[c], actors.elicitation[a])
            entered = future.ledger.runs[0]
            _finish(setting, c, a, begun, compute, reached, future)
            if follows_all(future.paths) and entered < future.ledger.cost.size:
                cost = run_cost(world, policy, regime, a, begun, fixed, budget, progress, compute)
                future.ledger.cost[entered] = cost
            member = a - actors.first_actor[c]
            pause = run_pause(luck, world, c, member, actors.runs[a])
            actors.next_time[a] = next_plan(world, c, finished, filed, pause)
        else:
            actors.next_time[a] = math.inf


@kernel
def _largest_before(t: float, actors: ActorState) -> float:
    """log10 FLOP of the largest run finished before `t`; -inf for none. `t` never falls from call to call."""
    for slot in range(2):
        for a in range(actors.finished.shape[1]):
            if actors.finished[slot, a] < t:
                actors.largest[0] = max(actors.largest[0], actors.finished_compute[slot, a])
                actors.finished[slot, a] = math.inf
    return actors.largest[0]


@kernel
def _finish(setting: Setting, c: int, a: int, begun: float, compute: float, reached: float, future: Future) -> None:
    """Record a run of actor `a`: in the ledger if it has room, models by size and time, and the class's best."""
    world, policy = setting.world, setting.policy
    actors, models, ledger = future.actors, future.models, future.ledger
    finished, member = begun + world.run_duration[c], a - actors.first_actor[c]
    # A run that ended exactly when this one began is not among the largest yet; the one before it is.
    slot = actors.runs[a] % 2
    actors.finished[slot, a], actors.finished_compute[slot, a] = finished, compute
    entered = ledger.runs[0]
    ledger.runs[0] += 1
    if entered < ledger.actor.size:
        ledger.of_class[entered], ledger.actor[entered], ledger.number[entered] = c, a, actors.runs[a]
        ledger.begun[entered], ledger.finished[entered] = begun, finished
        ledger.compute[entered], ledger.reached[entered] = compute, reached
        number = actors.runs[a]
        publication = publication_luck(setting.luck, world, c, member, number, finished)
        offer = offer_luck(setting.luck, world, c, member, number)
        ledger.publication[entered], ledger.offers[entered] = publication, offers_wanted(world, c, publication, offer)
    actors.runs[a] += 1
    future.counted[RUNS] += 1
    for m in range(policy.n_measures):
        if policy.trigger[m] == Event.RUN and compute >= policy.trigger_compute[m]:
            models.run_trigger[m] = min(models.run_trigger[m], finished)
    best = models.best[c]
    j = min(grid_step(finished - world.start, setting.time_step), best.size - 1)
    best[j] = max(best[j], reached)
    models.runs_above[thresholds_reached(compute, setting.thresholds), j] += weight(world, c, member)
