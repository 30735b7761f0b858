"""The Monte Carlo clock: one future under one policy, step by step, without a common queue.

Which interactions need a common clock? Chips, algorithms, budgets and requirements change by themselves; a run
depends on them and on the measures in force; releases, thefts and harm follow attainments. A future is therefore
simulated in steps, each over the whole period: timelines, runs, diffusion, harm. Only a measure that an event starts
affects an earlier step from a later one; and only while a cap relative to others' runs is in force do runs of
different actors depend on one another (`engine.montecarlo.sequential_training`).

A measure started by an event changes nothing before its start. So the future is simulated without it; the earliest
such start is then certain, because nothing before it can change; and the future is simulated again with it, until no
more measures start. The SimPy clock simulates all of this in one queue, and tests compare the two.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

from engine.montecarlo.actor_state import capped_between, reset_actors
from engine.montecarlo.arrays import Floats, Ints
from engine.montecarlo.diffusion import diffuse
from engine.montecarlo.entry import set_entries
from engine.montecarlo.future import (
    MEASURES,
    RUNS,
    WAITS,
    Attainments,
    Future,
    Harms,
    Models,
    Setting,
)
from engine.montecarlo.harm import harm
from engine.montecarlo.paths import follow, sum_models
from engine.montecarlo.sequential_training import train_in_order
from engine.montecarlo.timeline import set_budgets, set_timelines
from engine.montecarlo.vectorised_training import train
from engine.rules.compiled import kernel, standalone
from engine.rules.emergence import requirement
from engine.rules.luck import Luck
from engine.rules.regime import Event, Regime, Step, begin_measure, set_regime, triggered_start, triggers
from engine.rules.world import Policy, World

#: `reuse_from` of a future without reusable steps, and the result of `play` if its arrays are too small.
EVERYTHING, TOO_SMALL = 0, -1

#: A kernel that is called by pointer.
Kernel = Any


class Steps(NamedTuple):
    """The steps of a future that are compiled by themselves."""

    set_timelines: Kernel
    train: Kernel
    train_in_order: Kernel
    diffuse: Kernel
    harm: Kernel


STEPS = Steps(set_timelines, train, train_in_order, diffuse, harm)


def compiled(values: Callable[[], dict[str, Any]]) -> tuple[Kernel, Steps]:
    """`play` and its steps as arguments of their callers, compiled for `values_of` the first future."""
    return play.once(values), Steps(*(step.once(values) for step in STEPS))


def values_of(setting: Setting, future: Future) -> dict[str, Any]:
    """Values of the types that kernels are compiled for, by the names of their arguments."""
    return {"setting": setting, "future": future, "steps": STEPS, **setting._asdict(), **future._asdict()}


@standalone
def play(setting: Setting, reuse_from: int, future: Future, steps: Steps) -> int:
    """Simulate the future of `setting` into `future`.

    `future` contains the same future under another policy, which differs from the baseline from step `reuse_from`, or
    EVERYTHING. Returns the step from which it now differs, or TOO_SMALL.
    """
    luck, world, policy = setting.luck, setting.world, setting.policy
    if reuse_from == EVERYTHING:
        set_budgets(luck, world, future.exogenous)
        set_entries(luck, world, future.regime, future.counted)
        for k in range(world.n_capabilities):
            future.exogenous.requirement[k] = requirement(luck, world, k)
    set_regime(luck, world, policy, future.regime)
    step, differs = reuse_from, Step.NOTHING.value
    for m in range(policy.n_measures):
        if policy.trigger[m] == Event.DATE:
            differs = min(differs, policy.acts_on[m])
        elif policy.trigger[m] == Event.RUN:
            step = min(step, Step.RUNS.value)
    step = min(step, differs)
    while True:
        if step <= Step.TIMELINES and not steps.set_timelines(
            luck, world, policy, future.regime, future.exogenous, future.counted
        ):
            return TOO_SMALL
        if step <= Step.RUNS:
            _run(setting, future, steps)
            if future.ledger.runs[0] > future.ledger.actor.size:
                return TOO_SMALL
        if step <= Step.SPREAD:
            steps.diffuse(
                luck,
                world,
                policy,
                future.regime,
                future.exogenous,
                future.ledger,
                future.attainments,
                future.counted,
            )
            follow(setting, future)
        if step <= Step.HARM:
            steps.harm(
                luck,
                world,
                policy,
                future.regime,
                future.exogenous,
                future.ledger,
                future.attainments,
                future.harms,
                future.counted,
            )
        step = _start_measures(
            luck, world, policy, future.regime, future.attainments, future.models, future.harms, future.counted
        )
        if step == Step.NOTHING:
            return differs
        differs = min(differs, step)


@kernel
def _run(setting: Setting, future: Future, steps: Steps) -> None:
    """All training runs; models and best models summed over time."""
    luck, world, policy = setting.luck, setting.world, setting.policy
    models, counted = future.models, future.counted
    models.run_trigger[:] = math.inf
    models.best[:] = -math.inf
    models.runs_above[:] = 0
    future.ledger.runs[0] = 0
    counted[RUNS] = counted[WAITS] = 0
    reset_actors(luck, world, future.regime.entered, future.actors)
    first, last = capped_between(policy, future.regime)
    steps.train(setting, first, future)
    if first < min(last, world.horizon):
        steps.train_in_order(setting, last, future)
        steps.train(setting, math.inf, future)
    _sum_models(models)


@kernel
def _sum_models(models: Models) -> None:
    """Convert values of each grid step to cumulative models above each threshold, and the best so far."""
    sum_models(models.runs_above)
    classes, times = models.best.shape
    for c in range(classes):
        for j in range(1, times):
            models.best[c, j] = max(models.best[c, j], models.best[c, j - 1])


@kernel
def _start_measures(
    luck: Luck,
    world: World,
    policy: Policy,
    regime: Regime,
    attainments: Attainments,
    models: Models,
    harms: Harms,
    counted: Ints,
) -> int:
    """Set the certain starts of measures that events start; returns the first step that the new ones act on.

    The earliest start is certain, and so is the start of every measure whose event precedes it.
    """
    earliest = math.inf
    for m in range(policy.n_measures):
        if policy.trigger[m] != Event.DATE and regime.start[m] == math.inf:
            happened = _trigger_time(world, policy, m, attainments, models, harms)
            earliest = min(earliest, triggered_start(policy, regime, m, happened))
    new = earliest < world.horizon
    acts_on = Step.NOTHING.value
    counted[MEASURES] = 0
    for m in range(policy.n_measures):
        if new and policy.trigger[m] != Event.DATE and regime.start[m] == math.inf:
            happened = _trigger_time(world, policy, m, attainments, models, harms)
            start = triggered_start(policy, regime, m, happened)
            if happened < earliest and start < math.inf:
                begin_measure(luck, world, policy, regime, m, start)
                acts_on = min(acts_on, policy.acts_on[m])
        # A measure counts with the first of its parts that is in force.
        others = False
        for part in range(policy.first_part[m], m):
            others |= _is_ever_in_force(world, regime, part)
        counted[MEASURES] += _is_ever_in_force(world, regime, m) and not others
    return acts_on


@kernel
def _is_ever_in_force(world: World, regime: Regime, m: int) -> bool:
    """Whether part `m` of a measure is in force at any time of the future."""
    return max(regime.start[m], world.start) < min(world.horizon, regime.end[m])


@kernel
def _trigger_time(
    world: World, policy: Policy, m: int, attainments: Attainments, models: Models, harms: Harms
) -> float:
    """The first time of the event that starts measure `m`; inf for never."""
    happens = models.run_trigger[m] if policy.trigger[m] == Event.RUN else math.inf
    for k in range(world.n_capabilities):
        if triggers(world, policy, m, Event.EMERGENCE, k):
            happens = min(happens, _earliest(attainments.class_trained, k))
        elif triggers(world, policy, m, Event.THEFT, k):
            happens = min(happens, attainments.first_theft[k])
        elif triggers(world, policy, m, Event.RELEASE, k):
            happens = min(happens, attainments.first_release[k])
        elif triggers(world, policy, m, Event.INCIDENT, k):
            happens = min(happens, harms.first_incident[k])
    return happens


@kernel
def _earliest(class_time: Floats, k: int) -> float:
    """The earliest of `class_time` (c, k) of any class for capability `k`."""
    earliest = math.inf
    for c in range(class_time.shape[0]):
        earliest = min(earliest, class_time[c, k])
    return earliest
