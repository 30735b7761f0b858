"""Training runs under the Monte Carlo clock, while they do not depend on other actors.

Short loops over the runs of up to 16 actors replace one long loop: pure arithmetic with few arrays and no branches
compiles to vector instructions. While runs may be capped relative to other actors' runs,
`engine.montecarlo.sequential_training` simulates them in order of time.
"""

from __future__ import annotations

import math

from engine.montecarlo.actor_state import begin_runs, leave, resources_at
from engine.montecarlo.arrays import Bools, Floats, Ints
from engine.montecarlo.future import (
    BATCH,
    RUNS,
    Batch,
    Exogenous,
    Future,
    Members,
    Models,
    Paths,
    Run,
    Setting,
    attain,
    grid_step,
)
from engine.montecarlo.paths import follow_run, follow_size, follows, follows_all
from engine.rules.algorithms import algorithmic_efficiency
from engine.rules.compiled import ZERO, kernel, standalone
from engine.rules.diffusion import publishes_weights
from engine.rules.governance import largest_allowed, spending_power
from engine.rules.hardware import price_performance
from engine.rules.luck import Luck
from engine.rules.regime import Event, Regime, binds
from engine.rules.training import (
    effective_compute,
    run_compute,
    run_cost,
    token_shortfall,
)
from engine.rules.world import Actor, Policy, World


@standalone
def train(setting: Setting, until: float, future: Future) -> None:
    """Simulate the runs of all actors that begin before `until`, and the capabilities that emerge in them."""
    world, policy, batch, models = setting.world, setting.policy, future.batch, future.models
    actor = ZERO
    for c in range(world.n_classes):
        for first in range(0, world.count[c], BATCH):
            some = Members(c, first, min(BATCH, world.count[c] - first), actor)
            runs = _train_batch(setting, some, until, future)
            begun, compute, band, step = batch.begun, batch.compute, batch.band, batch.grid_step
            _sort_runs(world, c, runs, setting.thresholds, setting.time_step, begun, compute, band, step)
            _record(world, c, runs, batch, models)
            _trigger(world, policy, c, runs, batch, models)
            if follows(future.paths):
                _follow(setting, some, future.regime, future.exogenous, batch, future.paths)
            future.counted[RUNS] += runs
            for member in range(some.members):
                _emerge(world, c, member, actor, future)
                if policy.caps_relatively:
                    leave(world, c, member, actor, batch, future.actors)
                actor += 1


@kernel
def _train_batch(setting: Setting, some: Members, until: float, future: Future) -> int:
    """Set the times, sizes and effective compute of the runs of `some` actors; returns their number.

    Runs that would finish past the horizon are left out.
    """
    world, policy, regime, batch, actors = setting.world, setting.policy, future.regime, future.batch, future.actors
    c, members, actor = some.c, some.members, some.actor
    runs = begin_runs(setting, some, until, future)
    for member in range(members):
        for r in range(batch.first_run[member], batch.first_run[member + 1]):
            batch.budget_of_run[r] = actors.offset[actor + member]
            batch.elicitation[r] = actors.elicitation[actor + member]
    _set_resources(world, c, runs, future.exogenous, batch)
    for m in range(policy.n_measures):
        _support(policy, m, actor, members, regime, batch)
    _size(world, runs, batch.begun, batch.budget_of_run, batch.progress, batch.compute)
    for m in range(policy.n_measures):
        _cap(policy, m, actor, members, regime, batch)
    invariant, scaled, elicitation = batch.invariant, batch.scaled, batch.elicitation
    _reach(world, runs, actors.tokens[c], batch.begun, invariant, scaled, batch.compute, elicitation, batch.reached)
    return runs


@kernel
def _set_resources(world: World, c: int, runs: int, exogenous: Exogenous, batch: Batch) -> None:
    """Set the actor's state at the beginning of each run: budget (in addition to its offset), chips, algorithms."""
    for r in range(runs):
        step, batch.budget_of_run[r] = resources_at(world, c, batch.begun[r], batch.budget_of_run[r], exogenous)
        batch.progress[r] = exogenous.step_progress[c, step]
        batch.invariant[r] = exogenous.step_invariant[c, step]
        batch.scaled[r] = exogenous.step_scaled[c, step]


@kernel
def _support(policy: Policy, m: int, actor: int, members: int, regime: Regime, batch: Batch) -> None:
    """Add the support of measure `m` to the budgets of the runs that it binds."""
    added = spending_power(policy, m)
    if added == 0.0:
        return
    for member in range(members):
        for r in range(batch.first_run[member], batch.first_run[member + 1]):
            if binds(regime, m, actor + member, batch.begun[r]):
                batch.budget_of_run[r] += added


@kernel
def _cap(policy: Policy, m: int, actor: int, members: int, regime: Regime, batch: Batch) -> None:
    """Limit the runs that measure `m` binds to the size that it allows."""
    allowed = largest_allowed(policy, m, -math.inf)
    if allowed == math.inf:
        return
    for member in range(members):
        for r in range(batch.first_run[member], batch.first_run[member + 1]):
            if binds(regime, m, actor + member, batch.begun[r]):
                batch.compute[r] = min(batch.compute[r], allowed)


@kernel
def _size(world: World, runs: int, begun: Floats, budget: Floats, progress: Floats, compute: Floats) -> None:
    """Set run compute, log10 FLOP."""
    for r in range(runs):
        chips = price_performance(world, begun[r], progress[r])
        compute[r] = run_compute(world, begun[r], budget[r], chips)


@kernel
def _reach(
    world: World,
    runs: int,
    tokens: float,
    begun: Floats,
    invariant: Floats,
    scaled: Floats,
    compute: Floats,
    elicitation: Floats,
    reached: Floats,
) -> None:
    """Set effective compute, log10 FLOP."""
    for r in range(runs):
        efficiency = algorithmic_efficiency(world, begun[r], invariant[r], scaled[r], compute[r])
        shortfall = token_shortfall(world, begun[r], compute[r], tokens, efficiency)
        reached[r] = effective_compute(world, compute[r], efficiency, shortfall, elicitation[r])


@kernel
def _sort_runs(
    world: World,
    c: int,
    runs: int,
    thresholds: Floats,
    time_step: float,
    begun: Floats,
    compute: Floats,
    band: Ints,
    step: Ints,
) -> None:
    """Set the band of thresholds of each run, and the step of the time grid in which it finishes."""
    for r in range(runs):
        step[r] = grid_step(begun[r] + world.run_duration[c] - world.start, time_step)
        band[r] = 0
    for threshold in thresholds:
        for r in range(runs):
            band[r] += compute[r] >= threshold


@kernel
def _record(world: World, c: int, runs: int, batch: Batch, models: Models) -> None:
    """Record a batch of runs: models by size and time, and the class's best by time."""
    best, number = models.best[c], models.runs_above
    last, weight = best.size - 1, world.represents[c]
    for r in range(runs):
        j = min(batch.grid_step[r], last)
        best[j] = max(best[j], batch.reached[r])
        number[batch.band[r], j] += weight


@kernel
def _trigger(world: World, policy: Policy, c: int, runs: int, batch: Batch, models: Models) -> None:
    """Set the first run of the size that starts each measure."""
    for m in range(policy.n_measures):
        if policy.trigger[m] == Event.RUN:
            for r in range(runs):
                if batch.compute[r] >= policy.trigger_compute[m]:
                    models.run_trigger[m] = min(models.run_trigger[m], batch.begun[r] + world.run_duration[c])


@kernel
def _follow(setting: Setting, some: Members, regime: Regime, exogenous: Exogenous, batch: Batch, paths: Paths) -> None:
    """Record a batch of runs in the paths of its actors."""
    world, policy = setting.world, setting.policy
    runs = _number_runs(some, batch, paths)
    # Drawn for all runs at once, for vector instructions.
    _publish(setting.luck, world, some.c, runs, batch.member, batch.number, batch.published)
    for member in range(some.members):
        a = some.actor + member
        who = Actor(some.c, some.first + member, a)
        for r in range(batch.first_run[member], batch.first_run[member + 1]):
            begun, compute, budget = batch.begun[r], batch.compute[r], batch.budget_of_run[r]
            run = Run(begun, begun + world.run_duration[some.c], compute, batch.reached[r], batch.band[r])
            follow_size(setting, who, run, batch.published[r], paths)
            if follows_all(paths):
                for m in range(policy.n_measures):
                    if binds(regime, m, a, begun):
                        budget -= spending_power(policy, m)
                cost = run_cost(world, policy, regime, a, begun, budget, batch.progress[r], compute)
                follow_run(setting, who, run, cost, exogenous, paths)


@kernel
def _number_runs(some: Members, batch: Batch, paths: Paths) -> int:
    """Set the member and the number of each run; returns the number of runs."""
    for member in range(some.members):
        first, number = batch.first_run[member], paths.runs[some.actor + member]
        for r in range(first, batch.first_run[member + 1]):
            batch.member[r] = some.first + member
            batch.number[r] = number + r - first
    return batch.first_run[some.members]


@kernel
def _publish(luck: Luck, world: World, c: int, runs: int, member: Ints, number: Ints, published: Bools) -> None:
    """Set whether the weights of the model of each run are published."""
    for r in range(runs):
        published[r] = publishes_weights(luck, world, c, member[r], number[r])


@kernel
def _emerge(world: World, c: int, member: int, actor: int, future: Future) -> None:
    """Set the capabilities that emerge in an actor's runs.

    An actor that reaches a requirement has all lower ones, so it climbs them in order.
    """
    exogenous, batch, actors = future.exogenous, future.batch, future.actors
    climbed, capabilities = actors.climbed[actor], world.n_capabilities
    if climbed == capabilities:
        return
    required = exogenous.requirement[exogenous.by_requirement[climbed]]
    for r in range(batch.first_run[member], batch.first_run[member + 1]):
        while batch.reached[r] >= required:
            finished = batch.begun[r] + world.run_duration[c]
            k = exogenous.by_requirement[climbed]
            attain(c, k, actor, finished, batch.compute[r], future.attainments, future.counted)
            climbed += 1
            actors.climbed[actor] = climbed
            if climbed == capabilities:
                return
            required = exogenous.requirement[exogenous.by_requirement[climbed]]
