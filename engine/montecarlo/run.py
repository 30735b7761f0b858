"""Runs of the Monte Carlo clock: chunks of addresses, over threads, into one tally."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from engine.montecarlo.clock import EVERYTHING, TOO_SMALL, play
from engine.montecarlo.future import Floats, Future, Ints, new_future
from engine.montecarlo.samples import Keep, Samples, keep, keeps, new_samples
from engine.montecarlo.tally import GROUPS, Tally, attainment_squares, count, log10_thresholds, new_tally
from engine.rules.compiled import ZERO, standalone
from engine.scenario import BASELINE, Policies, Worlds, WorldSampler

#: Futures of a chunk, about: long enough to hide Python, short enough for a lively progress bar.
CHUNK = 4096
_MOST_WORLDS = 256
#: Chunks waiting for each thread; few, so that memory does not grow with their number.
_QUEUED = 4


@dataclass(frozen=True)
class Chunk:
    """A block of addresses: `worlds` worlds from `world`, `futures` futures from `future` in each."""

    world: int
    worlds: int
    future: int
    futures: int


def chunks(worlds: int, futures: int, size: int) -> Iterator[Chunk]:
    """Blocks of about `size` futures that cover all addresses once, in order."""
    if futures > size:
        for world in range(worlds):
            for future in range(0, futures, size):
                yield Chunk(world, 1, future, min(size, futures - future))
        return
    step = min(max(1, size // futures), _MOST_WORLDS)
    for world in range(0, worlds, step):
        yield Chunk(world, min(step, worlds - world), 0, futures)


def run(
    sampler: WorldSampler,
    futures: int,
    policies: Sequence[str] = (BASELINE,),
    *,
    threads: int | None = None,
    kept: Keep = "nothing",
    chunk: int = CHUNK,
    progress: bool = False,
) -> tuple[Tally, Samples]:
    """Play `futures` futures in each world of `sampler` under each of `policies`, the baseline first, and count them.

    Every policy sees the same luck. The result is the same for any `threads` and `chunk`. `threads` None takes one
    for each CPU this process may use. `progress` shows a bar where the output is a terminal.
    """
    threads = threads or usable_cpus()
    runner = _Runner(sampler, futures, policies, kept)
    total = sampler.total * futures
    with (
        ThreadPoolExecutor(threads) as pool,
        tqdm(total=total, unit=" futures", unit_scale=True, disable=None if progress else True, leave=False) as bar,
    ):
        waiting = chunks(sampler.total, futures, chunk)
        jobs = {pool.submit(runner.play, part): part for part in islice(waiting, _QUEUED * threads)}
        try:
            while jobs:
                done, _ = wait(jobs, return_when=FIRST_COMPLETED)
                for job in done:
                    job.result()
                    part = jobs.pop(job)
                    bar.update(part.worlds * part.futures)
                jobs |= {pool.submit(runner.play, part): part for part in islice(waiting, len(done))}
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise
    return runner.total(), runner.samples


def usable_cpus() -> int:
    """CPUs this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class _Runner:
    """State of one run: a tally for each thread, worlds not yet whole, and samples."""

    def __init__(self, sampler: WorldSampler, futures: int, policies: Sequence[str], kept: Keep) -> None:
        self.sampler = sampler
        self.scenario = sampler.scenario
        self.futures = futures
        self.policies = [self.scenario.policy_names.index(name) for name in policies]
        self.lock = threading.Lock()
        self.local = threading.local()
        self.tallies: list[Tally] = []
        self.partial: dict[int, tuple[int, NDArray[np.int64]]] = {}
        self.thresholds = log10_thresholds(self.scenario)
        grid = self.scenario.time_grid
        self.time_step = (self.scenario.horizon - self.scenario.start) / (len(grid) - 1)
        self.investments = np.log10(np.array(self.scenario.output.investments))
        self.kept = kept
        self.samples = self._room(sampler.total, futures)

    def _room(self, worlds: int, futures: int) -> Samples:
        """Room for what is kept of so many futures."""
        return new_samples(self.scenario, len(self.policies), worlds, futures, self.kept)

    def _tally(self) -> Tally:
        if not hasattr(self.local, "tally"):
            self.local.tally = new_tally(self.scenario, len(self.policies))
            with self.lock:
                self.tallies.append(self.local.tally)
        return self.local.tally  # type: ignore[no-any-return]

    def play(self, part: Chunk) -> None:
        scenario, tally = self.scenario, self._tally()
        with self.lock:
            worlds, policies = self.sampler.draw(part.world, part.worlds)
        policies = np.ascontiguousarray(policies[:, self.policies]).view(np.recarray)
        # What acts late comes first: it leaves most of the baseline's future in place for the next.
        order = np.argsort(-policies.first_step[0], kind="stable")
        future = new_future(scenario, worlds, policies, keeps(self.kept, "paths"))
        classes, capabilities, times = len(scenario.actor_classes), len(scenario.capabilities), len(scenario.time_grid)
        access = np.zeros((capabilities, times), np.int64)
        attained_by = np.zeros((part.worlds, len(order), classes, capabilities, times), np.int32)
        samples = self._room(part.worlds, part.futures)
        fits = _play_chunk(
            self.sampler.seed,
            self.sampler.luck(part.world, part.worlds),
            part.world,
            part.future,
            part.futures,
            self.sampler.total,
            self.futures,
            worlds,
            policies,
            order,
            self.thresholds,
            self.time_step,
            self.investments,
            future,
            access,
            attained_by,
            tally,
            # With None Numba leaves out what keeps them, which need not be compiled then.
            None if self.kept == "nothing" else samples,
        )
        if not fits:
            raise RuntimeError(f"a future in {part} has more events than the engine made room for; please report it")
        self._store(part, samples)
        self._square(part, attained_by, tally)

    def _store(self, part: Chunk, samples: Samples) -> None:
        worlds = slice(part.world, part.world + part.worlds)
        futures = slice(part.future, part.future + part.futures)
        for name, kept in samples._asdict().items():
            getattr(self.samples, name)[:, worlds, futures] = kept

    def _square(self, part: Chunk, attained_by: NDArray[np.int32], tally: Tally) -> None:
        """Square the counts of whole worlds; keep those of a world whose futures are in several chunks."""
        if part.futures == self.futures:
            self._add_squares(attained_by, tally)
            return
        with self.lock:
            done, counts = self.partial.pop(part.world, (0, np.zeros(attained_by.shape, np.int64)))
            done, counts = done + part.futures, counts + attained_by
            if done < self.futures:
                self.partial[part.world] = (done, counts)
                return
        self._add_squares(counts, tally)

    def _add_squares(self, attained_by: NDArray[np.integer[Any]], tally: Tally) -> None:
        tally.attained_squares[:] += attainment_squares(attained_by)
        if len(self.policies) > 1:
            tally.difference_squares[:] += attainment_squares(attained_by - attained_by[:, :1])

    def total(self) -> Tally:
        total = new_tally(self.scenario, len(self.policies))
        for tally in self.tallies:
            total.add(tally)
        return total


@standalone
def _play_chunk(
    seed: int,
    luck_of: Ints,
    first_world: int,
    first_future: int,
    futures: int,
    total_worlds: int,
    total_futures: int,
    worlds: Worlds,
    policies: Policies,
    order: Ints,
    thresholds: Floats,
    time_step: float,
    investments: Floats,
    future: Future,
    access: Ints,
    attained_by: NDArray[np.int32],
    tally: Tally,
    samples: Samples | None,
) -> bool:
    for w in range(worlds.shape[0]):
        world = worlds[w]
        for f in range(futures):
            luck = (seed, luck_of[w], first_future + f)
            # Neighbours in one group, for those of a Sobol' sequence are spread evenly; of one world its futures.
            if total_worlds > 1:
                group = (first_world + w) * GROUPS // total_worlds
            else:
                group = (first_future + f) * GROUPS // total_futures
            stale = ZERO + EVERYTHING
            for p in order:
                stale = play(luck, world, policies[w, p], thresholds, time_step, stale, future)
                if stale == TOO_SMALL:
                    return False
                count(world, p, group, time_step, future, access, attained_by[w, p], tally)
                if samples is not None:
                    keep(world, policies[w, p], p, w, f, investments, future, access, samples)
    return True
