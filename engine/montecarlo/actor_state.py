"""Actors in line: how far each has come, and when it begins its next runs."""

from __future__ import annotations

import math

from engine.montecarlo.future import WAITS, Batch, Floats, Ints, Line, Surroundings, first_of
from engine.montecarlo.timeline import steps_by
from engine.rules.compiled import kernel
from engine.rules.governance import Regime, licence_wait
from engine.rules.investment import actor_budget, actor_traits
from engine.rules.luck import Luck
from engine.rules.training import class_tokens, enters, planned_run, run_pause
from engine.rules.world import Policy, World


@kernel
def line_up(luck: Luck, world: World, line: Line) -> None:
    """Every actor before its first run."""
    line = line
    line.largest[0] = -math.inf
    line.licensed[:] = False
    line.runs[:] = 0
    line.climbed[:] = 0
    line.finished[:] = math.inf
    a = 0
    for c in range(world.n_classes):
        line.tokens[c] = class_tokens(world, c)
        line.first_actor[c] = a
        _draw(luck, world, c, world.count[c], line.offset[a:], line.elicitation[a:], line.next_time[a:])
        for _ in range(world.count[c]):
            line.of_class[a] = c
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
    """From when until when runs may be capped relative to others' runs; (inf, -inf) for never."""
    first, last = math.inf, -math.inf
    for m in range(policy.n_measures):
        if policy.relative_cap[m] < math.inf and regime.start[m] < regime.end[m]:
            first, last = min(first, regime.start[m]), max(last, regime.end[m])
    return first, last


@kernel
def had_by(world: World, c: int, begun: float, offset: float, surroundings: Surroundings) -> tuple[int, float]:
    """(step of the timeline of class `c`, log10 US$) that a member has for a run at `begun`; `offset` as in a Line."""
    year = int(begun - world.start)
    before, after = surroundings.budget[c, year], surroundings.budget[c, year + 1]
    step = steps_by(surroundings.step_time[c], surroundings.events[0], begun)
    return step, actor_budget(world, begun, year, before, after, offset)


@kernel
def begin_runs(
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
    """When the runs of a batch of actors begin, actor by actor; their number.

    Pauses are drawn in blocks of what most actors of the class need, in whole vector registers.
    """
    duration, until = world.run_duration[c], min(until, world.horizon)
    begun, pauses, line = batch.begun, batch.pauses, line
    next_time = line.next_time[actor : actor + members]
    years = until - next_time[first_of(next_time)]
    usual = max(0.0, years) / (duration + world.run_pause[c])
    block = min(8 * math.ceil((usual + math.sqrt(usual)) / 8.0), pauses.shape[1])
    for member in range(members):
        _draw_pauses(luck, world, c, first + member, line.runs[actor + member] + 1, block, pauses[member])
    runs = 0
    for member in range(members):
        a = actor + member
        batch.first_run[member] = runs
        now, licensed, n = line.next_time[a], line.licensed[a], 0
        while now < until:
            if policy.licenses and not licensed:
                wait = _wait(world, policy, c, a, now, regime, surroundings, line)
                if wait > 0.0:
                    counted[WAITS] += 1
                    licensed = True
                    now += wait
                    continue
            licensed = False
            finished = now + duration
            if finished >= world.horizon:
                now = math.inf
                break
            if n == block:
                _draw_pauses(luck, world, c, first + member, line.runs[a] + 1, block, pauses[member])
                n = 0
            begun[runs] = now
            now = finished + pauses[member, n]
            n += 1
            runs += 1
            line.runs[a] += 1
        line.next_time[a], line.licensed[a] = now, licensed
    batch.first_run[members] = runs
    return runs


@kernel
def _draw_pauses(luck: Luck, world: World, c: int, member: int, run: int, block: int, pauses: Floats) -> None:
    """The pauses of a `member` before `run` and `block` - 1 more."""
    for n in range(block):
        pauses[n] = run_pause(luck, world, c, member, run + n)


@kernel
def _wait(
    world: World, policy: Policy, c: int, a: int, begun: float, regime: Regime, surroundings: Surroundings, line: Line
) -> float:
    """Years that actor `a` waits for a licence for the run that it plans for `begun`."""
    if licence_wait(policy, regime, a, begun, math.inf) == 0.0:
        return 0.0
    step, budget = had_by(world, c, begun, line.offset[a], surroundings)
    progress = surroundings.step_progress[c, step]
    compute = planned_run(world, policy, regime, a, begun, budget, progress, -math.inf)
    return licence_wait(policy, regime, a, begun, compute)


@kernel
def leave(world: World, c: int, member: int, actor: int, batch: Batch, line: Line) -> None:
    """Leave to runs that are taken in order what they may be capped relative to."""
    line = line
    last = batch.first_run[member + 1] - 1
    for r in range(batch.first_run[member], last):
        line.largest[0] = max(line.largest[0], batch.compute[r])
    if last >= batch.first_run[member]:
        slot = (line.runs[actor] - 1) % 2
        line.finished[slot, actor] = batch.begun[last] + world.run_duration[c]
        line.finished_compute[slot, actor] = batch.compute[last]
