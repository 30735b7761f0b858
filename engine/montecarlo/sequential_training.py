"""Training runs in order of time, while a run may be capped relative to other actors' runs."""

from __future__ import annotations

import math

from engine.montecarlo.actor_state import had_by
from engine.montecarlo.future import (
    RUNS,
    WAITS,
    Attainments,
    Floats,
    Ints,
    Line,
    Models,
    Paths,
    Surroundings,
    attain,
    first_of,
    grid_step,
)
from engine.montecarlo.paths import follow_run, follows
from engine.rules.compiled import kernel, standalone
from engine.rules.governance import Event, Regime, licence_wait
from engine.rules.luck import Luck
from engine.rules.training import planned_run, run_cost, run_pause, run_reaches
from engine.rules.world import Policy, World


@standalone
def train_in_order(
    luck: Luck,
    world: World,
    policy: Policy,
    thresholds: Floats,
    time_step: float,
    regime: Regime,
    surroundings: Surroundings,
    until: float,
    line: Line,
    gained: Attainments,
    models: Models,
    paths: Paths,
    counted: Ints,
) -> None:
    """The runs of all actors in `line` that begin before `until`, the next to begin first."""
    line = line
    until = min(until, world.horizon)
    while True:
        a = first_of(line.next_time)
        begun = line.next_time[a]
        if begun >= until:
            return
        c = line.of_class[a]
        step, budget = had_by(world, c, begun, line.offset[a], surroundings)
        progress = surroundings.step_progress[c, step]
        largest = _largest_before(begun, line)
        compute = planned_run(world, policy, regime, a, begun, budget, progress, largest)
        wait = 0.0 if line.licensed[a] else licence_wait(policy, regime, a, begun, compute)
        line.licensed[a] = wait > 0.0
        if wait > 0.0:
            counted[WAITS] += 1
            line.next_time[a] = begun + wait
            continue
        finished = begun + world.run_duration[c]
        if finished < world.horizon:
            invariant, scaled = surroundings.step_invariant[c, step], surroundings.step_scaled[c, step]
            reached = run_reaches(world, begun, compute, invariant, scaled, line.tokens[c], line.elicitation[a])
            _finish(
                world,
                policy,
                a,
                c,
                finished,
                compute,
                reached,
                thresholds,
                time_step,
                surroundings,
                line,
                gained,
                models,
                counted,
            )
            member = a - line.first_actor[c]
            if follows(paths):
                cost = run_cost(world, policy, regime, a, begun, budget, progress, compute)
                band = thresholds_reached(compute, thresholds)
                follow_run(
                    luck, world, c, member, a, begun, time_step, cost, compute, band, reached, surroundings, paths
                )
            line.next_time[a] = finished + run_pause(luck, world, c, member, line.runs[a])
        else:
            line.next_time[a] = math.inf


@kernel
def _largest_before(t: float, line: Line) -> float:
    """log10 FLOP of the largest run finished before `t`; -inf for none. `t` never falls from call to call."""
    line = line
    for slot in range(2):
        for a in range(line.finished.shape[1]):
            if line.finished[slot, a] < t:
                line.largest[0] = max(line.largest[0], line.finished_compute[slot, a])
                line.finished[slot, a] = math.inf
    return line.largest[0]


@kernel
def thresholds_reached(compute: float, thresholds: Floats) -> int:
    """How many of `thresholds` a run of `compute` reaches, all log10 FLOP."""
    band = 0
    for threshold in thresholds:
        band += compute >= threshold
    return band


@kernel
def _finish(
    world: World,
    policy: Policy,
    a: int,
    c: int,
    finished: float,
    compute: float,
    reached: float,
    thresholds: Floats,
    time_step: float,
    surroundings: Surroundings,
    line: Line,
    gained: Attainments,
    models: Models,
    counted: Ints,
) -> None:
    """Enter a run into the models by size and time, the class's best, and what emerges in it."""
    line = line
    # A run that ended just as this one began is not among the largest yet; the one before it is.
    slot = line.runs[a] % 2
    line.finished[slot, a], line.finished_compute[slot, a] = finished, compute
    line.runs[a] += 1
    counted[RUNS] += 1
    for m in range(policy.n_measures):
        if policy.trigger[m] == Event.RUN and compute >= policy.trigger_compute[m]:
            models.run_trigger[m] = min(models.run_trigger[m], finished)
    band = thresholds_reached(compute, thresholds)
    best = models.best[c]
    j = min(grid_step(finished - world.start, time_step), best.size - 1)
    best[j] = max(best[j], reached)
    models.number[band, j] += world.represents[c]
    climbed = line.climbed[a]
    while climbed < world.n_capabilities and reached >= surroundings.requirement[surroundings.by_requirement[climbed]]:
        attain(c, surroundings.by_requirement[climbed], a, finished, compute, gained, counted)
        climbed += 1
    line.climbed[a] = climbed
