"""Training runs under the Monte Carlo clock, while they do not depend on other actors.

Short loops over the runs of up to 16 actors replace one long loop: pure arithmetic with few arrays and no branches
compiles to vector instructions. While runs may be capped relative to other actors' runs,
`engine.montecarlo.sequential_training` simulates them in order of time.
"""

from __future__ import annotations

import math

from engine.montecarlo.actor_state import begin_runs, leave, resources_at
from engine.montecarlo.arrays import Floats, Ints
from engine.montecarlo.future import (
    BATCH,
    RUNS,
    Batch,
    Exogenous,
    Future,
    Ledger,
    Members,
    Models,
    Setting,
    grid_step,
)
from engine.montecarlo.offers import offers_wanted
from engine.montecarlo.paths import follows_all
from engine.rules.actors import of_each, weight
from engine.rules.algorithms import algorithmic_efficiency
from engine.rules.compiled import ZERO, kernel, standalone
from engine.rules.diffusion import publication_draw, with_odds
from engine.rules.governance import largest_allowed, spending_power
from engine.rules.hardware import price_performance
from engine.rules.hosting import offer_draw
from engine.rules.luck import Luck
from engine.rules.regime import Event, Regime, binds
from engine.rules.training import (
    effective_compute,
    run_compute,
    run_cost,
    token_shortfall,
)
from engine.rules.world import Policy, World


@standalone
def train(setting: Setting, until: float, future: Future) -> None:
    """Simulate the runs of all actors that begin before `until`."""
    world, policy, batch, models = setting.world, setting.policy, future.batch, future.models
    actor = ZERO
    for c in range(world.n_classes):
        for first in range(0, world.count[c], BATCH):
            some = Members(c, first, min(BATCH, world.count[c] - first), actor)
            runs = _train_batch(setting, some, until, future)
            begun, compute, band, step = batch.begun, batch.compute, batch.band, batch.grid_step
            _sort_runs(world, c, runs, setting.thresholds, setting.time_step, begun, compute, band, step)
            _record(world, some, batch, models)
            _trigger(world, policy, c, runs, batch, models)
            _enter(setting, some, runs, future)
            future.counted[RUNS] += runs
            for member in range(some.members):
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
    _size(world, runs, batch.fixed, batch.budget_of_run, batch.progress, batch.compute)
    for m in range(policy.n_measures):
        _cap(policy, m, actor, members, regime, batch)
    invariant, scaled, elicitation = batch.invariant, batch.scaled, batch.elicitation
    _reach(world, runs, actors.tokens[c], batch.fixed, invariant, scaled, batch.compute, elicitation, batch.reached)
    return runs


@kernel
def _set_resources(world: World, c: int, runs: int, exogenous: Exogenous, batch: Batch) -> None:
    """Set what each run uses when that is fixed: budget (in addition to the actor's offset), chips, algorithms."""
    for r in range(runs):
        step, batch.budget_of_run[r] = resources_at(world, c, batch.fixed[r], batch.budget_of_run[r], exogenous)
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
def _size(world: World, runs: int, fixed: Floats, budget: Floats, progress: Floats, compute: Floats) -> None:
    """Set run compute, log10 FLOP."""
    for r in range(runs):
        compute[r] = price_performance(world, fixed[r], progress[r])
    for r in range(runs):
        compute[r] = run_compute(world, fixed[r], budget[r], compute[r])


@kernel
def _reach(
    world: World,
    runs: int,
    tokens: float,
    fixed: Floats,
    invariant: Floats,
    scaled: Floats,
    compute: Floats,
    elicitation: Floats,
    reached: Floats,
) -> None:
    """Set effective compute, log10 FLOP."""
    for r in range(runs):
        efficiency = algorithmic_efficiency(world, fixed[r], invariant[r], scaled[r], compute[r])
        shortfall = token_shortfall(world, fixed[r], compute[r], tokens, efficiency)
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
def _record(world: World, some: Members, batch: Batch, models: Models) -> None:
    """Record a batch of runs: models by size and time, and the class's best by time."""
    c = some.c
    best, number = models.best[c], models.runs_above
    last = best.size - 1
    for member in range(some.members):
        standing = weight(world, c, some.first + member)
        for r in range(batch.first_run[member], batch.first_run[member + 1]):
            j = min(batch.grid_step[r], last)
            best[j] = max(best[j], batch.reached[r])
            number[batch.band[r], j] += standing


@kernel
def _trigger(world: World, policy: Policy, c: int, runs: int, batch: Batch, models: Models) -> None:
    """Set the first run of the size that starts each measure."""
    for m in range(policy.n_measures):
        if policy.trigger[m] == Event.RUN:
            for r in range(runs):
                if batch.compute[r] >= policy.trigger_compute[m]:
                    models.run_trigger[m] = min(models.run_trigger[m], batch.begun[r] + world.run_duration[c])


@kernel
def _enter(setting: Setting, some: Members, runs: int, future: Future) -> None:
    """Enter a batch of runs into the ledger, if it has room for them."""
    luck, world, policy = setting.luck, setting.world, setting.policy
    batch, ledger, regime = future.batch, future.ledger, future.regime
    entered = ledger.runs[0]
    ledger.runs[0] += runs
    if ledger.runs[0] > ledger.actor.size:
        return
    begun, compute, reached = batch.begun, batch.compute, batch.reached
    duration = world.run_duration[some.c]
    # A loop for each array, to vectorise.
    for r in range(runs):
        ledger.of_class[entered + r] = some.c
    for r in range(runs):
        ledger.begun[entered + r] = begun[r]
    for r in range(runs):
        ledger.finished[entered + r] = begun[r] + duration
    for r in range(runs):
        ledger.compute[entered + r] = compute[r]
    for r in range(runs):
        ledger.reached[entered + r] = reached[r]
    for member in range(some.members):
        a, first, last = some.actor + member, batch.first_run[member], batch.first_run[member + 1]
        earlier = future.actors.runs[a] - (last - first)
        for r in range(first, last):
            ledger.actor[entered + r] = a
            ledger.number[entered + r] = earlier + r - first
        if follows_all(future.paths):
            for r in range(first, last):
                own = batch.budget_of_run[r]
                for m in range(policy.n_measures):
                    if binds(regime, m, a, begun[r]):
                        own -= spending_power(policy, m)
                fixed, progress = batch.fixed[r], batch.progress[r]
                cost = run_cost(world, policy, regime, a, begun[r], fixed, own, progress, compute[r])
                ledger.cost[entered + r] = cost
    _draw_offers(luck, world, some, entered, batch, ledger)


@kernel
def _draw_offers(luck: Luck, world: World, some: Members, entered: int, batch: Batch, ledger: Ledger) -> None:
    """The draws of what `some` actors offer of their runs, `entered` from there on; plain loops, to vectorise."""
    c, last, first_actor = some.c, ledger.runs[0], some.actor - some.first
    actor, number, finished = ledger.actor[entered:last], ledger.number[entered:last], ledger.finished[entered:last]
    publication, offer, trend = ledger.publication[entered:last], batch.offer, world.openness_trend[c]
    runs, several, hosts = publication.size, world.represents[c] > 1, world.hosting[c] > 0.0
    for r in range(runs):
        publication[r] = publication_draw(luck, world, c, actor[r] - first_actor, number[r])
    if several:
        for r in range(runs):
            publication[r] = of_each(publication[r], weight(world, c, actor[r] - first_actor))
    if trend != 0.0:
        for r in range(runs):
            publication[r] = with_odds(publication[r], -trend * (finished[r] - world.start))
    if hosts:
        for r in range(runs):
            offer[r] = offer_draw(luck, world, c, actor[r] - first_actor, number[r])
        if several:
            for r in range(runs):
                offer[r] = of_each(offer[r], weight(world, c, actor[r] - first_actor))
    else:
        offer[:runs] = 1.0
    for r in range(runs):
        ledger.offers[entered + r] = offers_wanted(world, c, publication[r], offer[r])
