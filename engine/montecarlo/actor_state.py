"""The state of each actor: its progress, and the times of its next runs."""

from __future__ import annotations

import math

from engine.montecarlo.arrays import Floats
from engine.montecarlo.future import WAITS, ActorState, Batch, Exogenous, Future, Members, Setting, first_of
from engine.montecarlo.timeline import steps_by
from engine.rules.actors import actor_traits
from engine.rules.compiled import kernel
from engine.rules.governance import licence_wait, size_fixed
from engine.rules.investment import actor_budget
from engine.rules.luck import Luck
from engine.rules.regime import Regime
from engine.rules.training import class_tokens, enters, next_plan, planned_run, run_pause, run_pauses
from engine.rules.world import Policy, World


@kernel
def reset_actors(luck: Luck, world: World, entered: Floats, actors: ActorState) -> None:
    """Set every actor to its state before the first run, given the times at which they `entered` (a,)."""
    actors.largest[0] = -math.inf
    actors.filed[:] = math.inf
    actors.fixed[:] = math.inf
    actors.runs[:] = 0
    actors.finished[:] = math.inf
    a = 0
    for c in range(world.n_classes):
        actors.tokens[c] = class_tokens(world, c)
        actors.first_actor[c] = a
        _draw(luck, world, c, world.count[c], actors.offset[a:], actors.elicitation[a:], actors.next_time[a:])
        for member in range(world.count[c]):
            actors.of_class[a] = c
            if member >= world.present[c]:
                actors.next_time[a] = max(enters(world, c), entered[a]) + run_pause(luck, world, c, member, 0)
            a += 1


@kernel
def _draw(
    luck: Luck, world: World, c: int, members: int, offset: Floats, elicitation: Floats, next_time: Floats
) -> None:
    """Traits and first pauses of the members of class `c`; plain loops, for vector instructions."""
    for member in range(members):
        offset[member], elicitation[member] = actor_traits(luck, world, c, member)
    for member in range(members):
        next_time[member] = enters(world, c) + run_pause(luck, world, c, member, 0)


@kernel
def capped_between(policy: Policy, regime: Regime) -> tuple[float, float]:
    """The period in which runs may be capped relative to others' runs; (inf, -inf) for never."""
    first, last = math.inf, -math.inf
    for m in range(policy.n_measures):
        if policy.relative_cap[m] < math.inf and regime.start[m] < regime.end[m]:
            first, last = min(first, regime.start[m]), max(last, regime.end[m])
    return first, last


@kernel
def resources_at(world: World, c: int, begun: float, offset: float, exogenous: Exogenous) -> tuple[int, float]:
    """(step of the timeline of class `c`, log10 US$) that a member has for a run at `begun`.

    `offset` is that of its log budget from the class's.
    """
    year = int(begun - world.start)
    before, after = exogenous.budget[c, year], exogenous.budget[c, year + 1]
    step = steps_by(exogenous.step_time[c], exogenous.events[0], begun)
    return step, actor_budget(world, begun, year, before, after, offset)


@kernel
def begin_runs(setting: Setting, some: Members, until: float, future: Future) -> int:
    """Set the times at which runs of `some` actors begin, actor by actor; returns their number.

    Pauses are drawn in blocks that suffice for most actors of the class, in whole vector registers.
    """
    luck, world, policy, c = setting.luck, setting.world, setting.policy, some.c
    batch, actors = future.batch, future.actors
    duration, until = world.run_duration[c], min(until, world.horizon)
    begun, pauses = batch.begun, batch.pauses
    next_time = actors.next_time[some.actor : some.actor + some.members]
    years = until - next_time[first_of(next_time)]
    usual = max(0.0, years) / (duration + world.run_pause[c])
    block = min(8 * math.ceil((usual + math.sqrt(usual)) / 8.0), pauses.shape[1])
    for member in range(some.members):
        _draw_pauses(luck, world, c, some.first + member, actors.runs[some.actor + member] + 1, block, pauses[member])
    runs = 0
    for member in range(some.members):
        a = some.actor + member
        batch.first_run[member] = runs
        now, n = actors.next_time[a], (actors.runs[a] + 1) & 1
        while now < until:
            if policy.licenses and math.isinf(actors.filed[a]):
                wait, fixed = _wait(world, policy, c, a, now, future.regime, future.exogenous, actors)
                if wait > 0.0:
                    future.counted[WAITS] += 1
                    actors.filed[a], actors.fixed[a] = now, fixed
                    now += wait
                    continue
            finished = now + duration
            if finished >= world.horizon:
                now = math.inf
                break
            if n == block:
                _draw_pauses(luck, world, c, some.first + member, actors.runs[a] + 1, block, pauses[member])
                n = (actors.runs[a] + 1) & 1
            begun[runs] = now
            batch.fixed[runs] = min(now, actors.fixed[a])
            filed = min(now, actors.filed[a])
            actors.filed[a] = actors.fixed[a] = math.inf
            now = next_plan(world, c, finished, filed, pauses[member, n])
            n += 1
            runs += 1
            actors.runs[a] += 1
        actors.next_time[a] = now
    batch.first_run[some.members] = runs
    return runs


@kernel
def _draw_pauses(luck: Luck, world: World, c: int, member: int, run: int, block: int, pauses: Floats) -> None:
    """The pauses of a `member` before `block` (even) runs; the first of them is `run`, or the one before it."""
    for n in range(block // 2):
        pauses[2 * n], pauses[2 * n + 1] = run_pauses(luck, world, c, member, (run & ~1) + 2 * n)


@kernel
def _wait(
    world: World, policy: Policy, c: int, a: int, begun: float, regime: Regime, exogenous: Exogenous, actors: ActorState
) -> tuple[float, float]:
    """(years that actor `a` waits for a licence for a run planned for `begun`, the time that fixes what it uses)."""
    if licence_wait(policy, regime, a, begun, math.inf) == 0.0:
        return 0.0, math.inf
    step, budget = resources_at(world, c, begun, actors.offset[a], exogenous)
    progress = exogenous.step_progress[c, step]
    compute = planned_run(world, policy, regime, a, begun, begun, budget, progress, -math.inf)
    return licence_wait(policy, regime, a, begun, compute), size_fixed(policy, regime, a, begun, compute)


@kernel
def leave(world: World, c: int, member: int, actor: int, batch: Batch, actors: ActorState) -> None:
    """Record the largest runs, for relative caps in sequential training."""
    last = batch.first_run[member + 1] - 1
    for r in range(batch.first_run[member], last):
        actors.largest[0] = max(actors.largest[0], batch.compute[r])
    if last >= batch.first_run[member]:
        slot = (actors.runs[actor] - 1) % 2
        actors.finished[slot, actor] = batch.begun[last] + world.run_duration[c]
        actors.finished_compute[slot, actor] = batch.compute[last]
