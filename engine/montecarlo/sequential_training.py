"""Training runs in order of time, while a run may be capped relative to other actors' runs."""

from __future__ import annotations

import math

from engine.montecarlo.actor_state import resources_at
from engine.montecarlo.arrays import Floats
from engine.montecarlo.future import RUNS, WAITS, ActorState, Future, Run, Setting, attain, first_of, grid_step
from engine.montecarlo.paths import follow_run, follow_size, follows, follows_all
from engine.rules.compiled import kernel, standalone
from engine.rules.diffusion import publishes_weights
from engine.rules.governance import licence_wait
from engine.rules.regime import Event
from engine.rules.training import planned_run, run_cost, run_pause, run_reaches
from engine.rules.world import Actor


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
        step, budget = resources_at(world, c, begun, actors.offset[a], exogenous)
        progress = exogenous.step_progress[c, step]
        largest = _largest_before(begun, actors)
        compute = planned_run(world, policy, regime, a, begun, budget, progress, largest)
        wait = 0.0 if actors.licensed[a] else licence_wait(policy, regime, a, begun, compute)
        actors.licensed[a] = wait > 0.0
        if wait > 0.0:
            future.counted[WAITS] += 1
            actors.next_time[a] = begun + wait
            continue
        finished = begun + world.run_duration[c]
        if finished < world.horizon:
            invariant, scaled = exogenous.step_invariant[c, step], exogenous.step_scaled[c, step]
            reached = run_reaches(world, begun, compute, invariant, scaled, actors.tokens[c], actors.elicitation[a])
            band = thresholds_reached(compute, setting.thresholds)
            run = Run(begun, finished, compute, reached, band)
            _finish(setting, c, a, run, future)
            member = a - actors.first_actor[c]
            if follows(future.paths):
                published = publishes_weights(luck, world, c, member, future.paths.runs[a])
                follow_size(setting, Actor(c, member, a), run, published, future.paths)
            if follows_all(future.paths):
                cost = run_cost(world, policy, regime, a, begun, budget, progress, compute)
                follow_run(setting, Actor(c, member, a), run, cost, exogenous, future.paths)
            actors.next_time[a] = finished + run_pause(luck, world, c, member, actors.runs[a])
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
def thresholds_reached(compute: float, thresholds: Floats) -> int:
    """The number of `thresholds` that a run of `compute` reaches, all log10 FLOP."""
    band = 0
    for threshold in thresholds:
        band += compute >= threshold
    return band


@kernel
def _finish(setting: Setting, c: int, a: int, run: Run, future: Future) -> None:
    """Record a run of actor `a`: models by size and time, the class's best, and capabilities that emerge in it."""
    world, policy = setting.world, setting.policy
    actors, models, exogenous = future.actors, future.models, future.exogenous
    # A run that ended exactly when this one began is not among the largest yet; the one before it is.
    slot = actors.runs[a] % 2
    actors.finished[slot, a], actors.finished_compute[slot, a] = run.finished, run.compute
    actors.runs[a] += 1
    future.counted[RUNS] += 1
    for m in range(policy.n_measures):
        if policy.trigger[m] == Event.RUN and run.compute >= policy.trigger_compute[m]:
            models.run_trigger[m] = min(models.run_trigger[m], run.finished)
    best = models.best[c]
    j = min(grid_step(run.finished - world.start, setting.time_step), best.size - 1)
    best[j] = max(best[j], run.reached)
    models.runs_above[run.band, j] += world.represents[c]
    climbed = actors.climbed[a]
    while climbed < world.n_capabilities and run.reached >= exogenous.requirement[exogenous.by_requirement[climbed]]:
        k = exogenous.by_requirement[climbed]
        attain(c, k, a, run.finished, run.compute, future.attainments, future.counted)
        climbed += 1
    actors.climbed[a] = climbed
