"""Training runs under the Monte Carlo clock, while nothing that other actors do changes them.

Short loops over the runs of up to 16 actors in place of one long one: those that only calculate compile to vector
instructions, which takes few arrays and no branch. While runs may be capped relative to other actors' runs,
`engine.montecarlo.sequential_training` takes them in order of time.
"""

from __future__ import annotations

import math

from engine.montecarlo.actor_state import begin_runs, had_by, leave
from engine.montecarlo.future import (
    BATCH,
    RUNS,
    Attainments,
    Batch,
    Floats,
    Ints,
    Line,
    Models,
    Paths,
    Surroundings,
    attain,
    grid_step,
)
from engine.montecarlo.paths import follow_run, follows
from engine.rules.algorithms import algorithmic_efficiency
from engine.rules.compiled import ZERO, kernel, standalone
from engine.rules.governance import Event, Regime, binds, largest_allowed, spending_power
from engine.rules.hardware import price_performance
from engine.rules.luck import Luck
from engine.rules.training import (
    effective_compute,
    run_compute,
    run_cost,
    token_shortfall,
)
from engine.rules.world import Policy, World


@standalone
def train(
    luck: Luck,
    world: World,
    policy: Policy,
    thresholds: Floats,
    time_step: float,
    regime: Regime,
    surroundings: Surroundings,
    until: float,
    batch: Batch,
    line: Line,
    gained: Attainments,
    models: Models,
    paths: Paths,
    counted: Ints,
) -> None:
    """The runs of all actors in `line` that begin before `until`, and the capabilities that emerge in them."""
    actor = ZERO
    for c in range(world.n_classes):
        for first in range(0, world.count[c], BATCH):
            members = min(BATCH, world.count[c] - first)
            runs = _train_batch(
                luck, world, policy, c, first, members, actor, regime, surroundings, until, batch, line, counted
            )
            begun, compute, band, step = batch.begun, batch.compute, batch.band, batch.grid_step
            _sort_runs(world, c, runs, thresholds, time_step, begun, compute, band, step)
            _record(world, c, runs, batch, models)
            _trigger(world, policy, c, runs, batch, models)
            if follows(paths):
                _follow(luck, world, policy, regime, c, first, members, actor, time_step, surroundings, batch, paths)
            counted[RUNS] += runs
            for member in range(members):
                _emerge(world, c, member, actor, surroundings, batch, line, gained, counted)
                if policy.caps_relatively:
                    leave(world, c, member, actor, batch, line)
                actor += 1


@kernel
def _train_batch(
    luck: Luck,
    world: World,
    policy: Policy,
    c: int,
    first: int,
    members: int,
    actor: int,
    regime: Regime,
    surroundings: Surroundings,
    until: float,
    batch: Batch,
    line: Line,
    counted: Ints,
) -> int:
    """The runs of a batch of actors: when they begin, how large they are, what they reach; their number.

    `actor` is the first of them among all actors. Runs that would finish past the horizon are left out.
    """
    runs = begin_runs(luck, world, policy, c, first, members, actor, regime, surroundings, until, batch, line, counted)
    for member in range(members):
        for r in range(batch.first_run[member], batch.first_run[member + 1]):
            batch.budget_of_run[r] = line.offset[actor + member]
            batch.elicitation[r] = line.elicitation[actor + member]
    _surround(world, c, runs, surroundings, batch)
    for m in range(policy.n_measures):
        _support(policy, m, actor, members, regime, batch)
    _size(world, runs, batch.begun, batch.budget_of_run, batch.progress, batch.compute)
    for m in range(policy.n_measures):
        _cap(policy, m, actor, members, regime, batch)
    invariant, scaled, elicitation = batch.invariant, batch.scaled, batch.elicitation
    _reach(world, runs, line.tokens[c], batch.begun, invariant, scaled, batch.compute, elicitation, batch.reached)
    return runs


@kernel
def _surround(world: World, c: int, runs: int, surroundings: Surroundings, batch: Batch) -> None:
    """What the actor has when each run begins: budget (on top of the offset there), chips, algorithms."""
    for r in range(runs):
        step, batch.budget_of_run[r] = had_by(world, c, batch.begun[r], batch.budget_of_run[r], surroundings)
        batch.progress[r] = surroundings.step_progress[c, step]
        batch.invariant[r] = surroundings.step_invariant[c, step]
        batch.scaled[r] = surroundings.step_scaled[c, step]


@kernel
def _support(policy: Policy, m: int, actor: int, members: int, regime: Regime, batch: Batch) -> None:
    """What measure `m` adds to the budgets of the runs that it binds."""
    added = spending_power(policy, m)
    if added == 0.0:
        return
    for member in range(members):
        for r in range(batch.first_run[member], batch.first_run[member + 1]):
            if binds(regime, m, actor + member, batch.begun[r]):
                batch.budget_of_run[r] += added


@kernel
def _cap(policy: Policy, m: int, actor: int, members: int, regime: Regime, batch: Batch) -> None:
    """The runs that measure `m` binds, at most as large as it allows."""
    allowed = largest_allowed(policy, m, -math.inf)
    if allowed == math.inf:
        return
    for member in range(members):
        for r in range(batch.first_run[member], batch.first_run[member + 1]):
            if binds(regime, m, actor + member, batch.begun[r]):
                batch.compute[r] = min(batch.compute[r], allowed)


@kernel
def _size(world: World, runs: int, begun: Floats, budget: Floats, progress: Floats, compute: Floats) -> None:
    """Run compute, log10 FLOP."""
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
    """Effective compute, log10 FLOP."""
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
    """The band of thresholds each run lies in, and the step of the time grid in which it finishes."""
    for r in range(runs):
        step[r] = grid_step(begun[r] + world.run_duration[c] - world.start, time_step)
        band[r] = 0
    for threshold in thresholds:
        for r in range(runs):
            band[r] += compute[r] >= threshold


@kernel
def _record(world: World, c: int, runs: int, batch: Batch, models: Models) -> None:
    """Enter a batch of runs into the models by size and time, and the class's best by time."""
    best, number = models.best[c], models.number
    last, weight = best.size - 1, world.represents[c]
    for r in range(runs):
        j = min(batch.grid_step[r], last)
        best[j] = max(best[j], batch.reached[r])
        number[batch.band[r], j] += weight


@kernel
def _trigger(world: World, policy: Policy, c: int, runs: int, batch: Batch, models: Models) -> None:
    """The first run of the size that starts each measure."""
    for m in range(policy.n_measures):
        if policy.trigger[m] == Event.RUN:
            for r in range(runs):
                if batch.compute[r] >= policy.trigger_compute[m]:
                    models.run_trigger[m] = min(models.run_trigger[m], batch.begun[r] + world.run_duration[c])


@standalone
def _follow(
    luck: Luck,
    world: World,
    policy: Policy,
    regime: Regime,
    c: int,
    first: int,
    members: int,
    actor: int,
    time_step: float,
    surroundings: Surroundings,
    batch: Batch,
    paths: Paths,
) -> None:
    """Enter a batch of runs into the paths of its actors."""
    for member in range(members):
        a = actor + member
        for r in range(batch.first_run[member], batch.first_run[member + 1]):
            begun, compute, budget = batch.begun[r], batch.compute[r], batch.budget_of_run[r]
            for m in range(policy.n_measures):
                if binds(regime, m, a, begun):
                    budget -= spending_power(policy, m)
            cost = run_cost(world, policy, regime, a, begun, budget, batch.progress[r], compute)
            band, reached = batch.band[r], batch.reached[r]
            follow_run(
                luck, world, c, first + member, a, begun, time_step, cost, compute, band, reached, surroundings, paths
            )


@kernel
def _emerge(
    world: World,
    c: int,
    member: int,
    actor: int,
    surroundings: Surroundings,
    batch: Batch,
    line: Line,
    gained: Attainments,
    counted: Ints,
) -> None:
    """The capabilities that emerge in an actor's runs.

    An actor that reaches a requirement has all lower ones, so it climbs them in order.
    """
    climbed, capabilities = line.climbed[actor], world.n_capabilities
    if climbed == capabilities:
        return
    required = surroundings.requirement[surroundings.by_requirement[climbed]]
    for r in range(batch.first_run[member], batch.first_run[member + 1]):
        while batch.reached[r] >= required:
            finished = batch.begun[r] + world.run_duration[c]
            attain(c, surroundings.by_requirement[climbed], actor, finished, batch.compute[r], gained, counted)
            climbed += 1
            line.climbed[actor] = climbed
            if climbed == capabilities:
                return
            required = surroundings.requirement[surroundings.by_requirement[climbed]]
