"""Runs of the Monte Carlo clock: chunks of addresses, each simulated alone into counts that add up."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from engine.montecarlo.arrays import Floats, Ints
from engine.montecarlo.clock import EVERYTHING, STEPS, TOO_SMALL, Kernel, Steps, compiled, play, values_of
from engine.montecarlo.future import Future, Setting, new_future
from engine.montecarlo.samples import Keep, Samples, enter, keep, keeps, new_samples
from engine.montecarlo.tally import GROUPS, Tally, count, log10_thresholds, new_tally
from engine.rules.compiled import ZERO, Standalone, entry, kernel
from engine.scenario import Policies, Worlds, WorldSampler

#: Worlds that are drawn at a time.
MOST_WORLDS = 256
_DONE, _NO_ROOM, _STOPPED = 0, 1, 2


@dataclass(frozen=True)
class Chunk:
    """A block of addresses: `worlds` worlds from `world`, `futures` futures from `future` in each."""

    world: int
    worlds: int
    future: int
    futures: int


def chunks(worlds: int, futures: int, size: int) -> Iterator[Chunk]:
    """Blocks of about `size` futures that cover all addresses once, in order: whole worlds, or even parts of one."""
    if futures > size:
        parts = -(-futures // size)
        for world in range(worlds):
            for part in range(parts):
                first, last = part * futures // parts, (part + 1) * futures // parts
                yield Chunk(world, 1, first, last - first)
        return
    step = max(1, size // futures)
    for world in range(0, worlds, step):
        yield Chunk(world, min(step, worlds - world), 0, futures)


def count_chunks(worlds: int, futures: int, size: int) -> int:
    """The number of `chunks`."""
    return worlds * -(-futures // size) if futures > size else -(-worlds // max(1, size // futures))


@dataclass(frozen=True)
class Job:
    """A job: `futures` futures in each world of `sampler` under each of `policies`, the baseline first.

    Every policy has the same random draws. `kept` names the stored parts of single futures.
    """

    sampler: WorldSampler
    futures: int
    policies: tuple[str, ...]
    kept: Keep = "counts"

    @property
    def size(self) -> int:
        """Futures under each policy."""
        return self.sampler.total * self.futures

    @property
    def future_bytes(self) -> int:
        """Bytes of the samples of one future under all policies."""
        return sum(array.nbytes for array in self.room(1, 1))

    def room(self, worlds: int, futures: int) -> Samples:
        """Empty samples for this number of futures."""
        return new_samples(self.sampler.scenario, len(self.policies), worlds, futures, self.kept)


class Piece(NamedTuple):
    """The result of one chunk."""

    tally: Tally
    samples: Samples  # samples of the chunk's futures


class Stopped(Exception):
    """Raised by `play_chunk` on a request to stop."""


def play_chunk(job: Job, chunk: Chunk, stop: Ints) -> Piece:
    """Simulate the futures of `chunk` in order. Raises Stopped soon after `stop` (1,) is no longer 0."""
    tally = new_tally(job.sampler.scenario, len(job.policies))
    samples = job.room(chunk.worlds, chunk.futures)
    for first in range(0, chunk.worlds, MOST_WORLDS):
        block = Chunk(chunk.world + first, min(MOST_WORLDS, chunk.worlds - first), chunk.future, chunk.futures)
        enter(_play_block(job, block, stop, tally), samples, first, 0)
    return Piece(tally, samples)


def _play_block(job: Job, chunk: Chunk, stop: Ints, tally: Tally) -> Samples:
    """Count a few worlds into `tally`; returns the samples of their futures."""
    block = _block(job, chunk, tally)
    values = partial(_values, block)
    ended = _play(
        block,
        stop,
        *compiled(values),
        count.once(values),
        # With None Numba omits the code for samples, which then need not be compiled.
        None if job.kept == "counts" else keep.once(values),
    )
    if ended == _STOPPED:
        raise Stopped
    if ended == _NO_ROOM:
        raise RuntimeError(f"a future in {chunk} has more events than the engine allocated; please report it")
    return block.samples


def kernels(kept: Keep) -> list[Standalone]:
    """The kernels that are compiled by themselves, for runs that store `kept`."""
    return [*STEPS, play, count, *([] if kept == "counts" else [keep])]


def compile_kernels(job: Job, names: Collection[str]) -> None:
    """Compile the kernels with these `names` for runs like `job`, and store them."""
    block = _block(job, Chunk(0, 1, 0, 1), new_tally(job.sampler.scenario, len(job.policies)))
    for one in kernels(job.kept):
        if one.function.__name__ in names:
            one.once(partial(_values, block))


class Addresses(NamedTuple):
    """The position of the worlds and futures of a chunk within the run."""

    seed: int
    luck: Ints  # (w,) of each world
    first_world: int
    first_future: int
    futures: int  # of each world in the chunk
    total_worlds: int


class Drawn(NamedTuple):
    """The worlds of a chunk, and the policies drawn with them."""

    worlds: Worlds  # (w,)
    policies: Policies  # (w, p)
    order: Ints  # (p,) order in which policies are simulated


class Grids(NamedTuple):
    """The grids on which futures are counted."""

    thresholds: Floats  # (threshold,) log10 FLOP, rising
    time_step: float  # years
    investments: Floats  # (i,) log10 US$


@kernel
def _group(at: Addresses, w: int, f: int) -> int:
    """The group that a future is counted in: the replicate of its world, or with one world a group of futures."""
    return (at.first_world + w if at.total_worlds > 1 else at.first_future + f) % GROUPS


class Block(NamedTuple):
    """A few worlds with their policies, the arrays in which their futures are simulated, and those they enter."""

    at: Addresses
    drawn: Drawn
    grids: Grids
    future: Future
    access: Ints  # (k, j) actors with access
    users: Ints  # (k, j) scratch of `count`
    tally: Tally
    samples: Samples


def _block(job: Job, chunk: Chunk, tally: Tally) -> Block:
    """The block of `chunk`, with its worlds drawn and its arrays empty."""
    scenario, sampler = job.sampler.scenario, job.sampler
    worlds, policies = sampler.draw(chunk.world, chunk.worlds)
    numbers = [scenario.policy_names.index(name) for name in job.policies]
    policies = np.ascontiguousarray(policies[:, numbers]).view(np.recarray)
    times = len(scenario.time_grid)
    luck = sampler.luck(chunk.world, chunk.worlds)
    return Block(
        Addresses(sampler.seed, luck, chunk.world, chunk.future, chunk.futures, sampler.total),
        # Policies that act late come first: they leave most of the baseline's future intact for the next.
        Drawn(worlds, policies, np.argsort(-policies.first_step[0], kind="stable")),
        Grids(
            log10_thresholds(scenario),
            (scenario.horizon - scenario.start) / (times - 1),
            np.log10(np.array(scenario.output.investments)),
        ),
        new_future(scenario, worlds, policies, sizes=keeps(job.kept, "sizes"), paths=keeps(job.kept, "paths")),
        np.zeros((len(scenario.capabilities), times), np.int64),
        np.zeros((len(scenario.capabilities), times), np.int64),
        tally,
        job.room(chunk.worlds, chunk.futures),
    )


def _values(block: Block) -> dict[str, Any]:
    """Values of the types that kernels are compiled for, by the names of their arguments."""
    at, drawn, grids = block.at, block.drawn, block.grids
    setting = Setting((at.seed, 0, 0), drawn.worlds[0], drawn.policies[0, 0], grids.thresholds, grids.time_step)
    return {**values_of(setting, block.future), **grids._asdict(), **block._asdict()}


@entry
def _play(block: Block, stop: Ints, play: Kernel, steps: Steps, count: Kernel, keep: Kernel | None) -> int:
    at, drawn, grids, future = block.at, block.drawn, block.grids, block.future
    for w in range(drawn.worlds.shape[0]):
        world = drawn.worlds[w]
        for f in range(at.futures):
            if stop[0] != 0:
                return _STOPPED
            luck = (at.seed, at.luck[w], at.first_future + f)
            group = _group(at, w, f)
            reuse_from = ZERO + EVERYTHING
            for p in drawn.order:
                setting = Setting(luck, world, drawn.policies[w, p], grids.thresholds, grids.time_step)
                reuse_from = play(setting, reuse_from, future, steps)
                if reuse_from == TOO_SMALL:
                    return _NO_ROOM
                count(world, p, group, grids.time_step, future, block.access, block.users, block.tally)
                if keep is not None:
                    keep(world, setting.policy, p, w, f, grids.investments, future, block.access, block.samples)
    return _DONE
