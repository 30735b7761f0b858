"""What a run will take, before it is begun: time, memory and disk; and whether that is there."""

from __future__ import annotations

import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from engine.errors import EngineError
from engine.execution.cluster_address import local_workers
from engine.execution.directory import finished_chunks
from engine.execution.machine import available_memory, resident_memory, usable_cpus
from engine.execution.runner import Execution
from engine.montecarlo import Chunk, Job, chunks, count_chunks, play_chunk
from engine.montecarlo.arrays import Ints
from engine.montecarlo.run import MOST_WORLDS
from engine.montecarlo.tally import new_tally

# Memory is told by rough assumptions, rather too much than too little; what is packed was measured.
#: Bytes for what does not depend on the run: compiled code and what packages load when they are first used.
_FIXED = 130e6
#: Bytes of a process of its own that plays.
_PROCESS = 400e6
#: Copies of a tally that are made while its dataset is.
_DATASET = 3.0
#: Bytes on disk of one in memory, of tallies and of single futures, compressed (benchmarks/README.md).
_TALLY_PACKED, _SAMPLES_PACKED = 0.03, 0.6
#: Seconds of playing by which the time of a run is told.
_PILOT = 0.2


class TooLargeError(EngineError, ValueError):
    """A run that does not fit; one line that says what would."""


@dataclass(frozen=True)
class Estimate:
    """What a run takes, about: bytes of memory beside what is taken, bytes on disk, and seconds if they were measured.

    `directory` is what chunks that are not finished will take in the run's folder.
    """

    futures: int
    policies: int
    memory: float
    results: float
    directory: float
    seconds: float | None = None

    def in_words(self) -> str:
        """One line for people."""
        times = f" x {self.policies} policies" if self.policies > 1 else ""
        took = "" if self.seconds is None else f"{_told_seconds(self.seconds)}, "
        kept = f" and {_told_bytes(self.directory)} for its chunks" if self.directory else ""
        return (
            f"{self.futures:,} futures{times}: {took}{_told_bytes(self.memory + resident_memory())} of memory, "
            f"{_told_bytes(self.results)} on disk{kept}"
        )


def estimate(job: Job, execution: Execution, in_memory: bool) -> Estimate:
    """What `job` takes, without its time; with single futures `in_memory`, or written as they come."""
    scenario, sampler = job.sampler.scenario, job.sampler
    policies, size = len(job.policies), execution.chunk_of(job)
    tally = sum(array.nbytes for array in new_tally(scenario, policies))
    future, numbers = job.future_bytes, 8 * len(scenario.uncertain())
    chunk = next(chunks(sampler.total, job.futures, size))
    apart = 4 * min(MOST_WORLDS, chunk.worlds) * policies * len(scenario.class_names) * len(scenario.capability_names)
    piece = tally + apart * len(scenario.time_grid) + future * chunk.worlds * chunk.futures
    # Of workers elsewhere what waits to be counted is here; workers here are processes with all that one has.
    local = local_workers(execution.cluster) if execution.cluster else execution.workers
    pieces = 2 + local + (execution.workers if execution.cluster else 0)
    processes = local * (_PROCESS + tally) if execution.cluster else 0.0
    whole = future * job.size + (numbers * sampler.total if future else 0)
    hypercube = 3 * numbers * sampler.total if sampler.sampling == "lhs" else 0
    memory = (
        _FIXED + pieces * piece + (1 + _DATASET) * tally + hypercube + processes + (2.0 * whole if in_memory else 0)
    )
    parts = count_chunks(sampler.total, job.futures, size)
    kept = 0.0
    if execution.directory is not None:
        there = [file.stat().st_size for file in finished_chunks(execution.directory)]
        each = sum(there) / len(there) if there else tally * _TALLY_PACKED + whole / parts * _SAMPLES_PACKED
        kept = max(0, parts - len(there)) * each
    return Estimate(job.size, policies, memory, tally * _TALLY_PACKED + whole * _SAMPLES_PACKED, kept)


def check_fits(job: Job, execution: Execution, in_memory: bool, target: Path | None = None) -> Estimate:
    """What `job` takes; `target` is the file to be written. Raises TooLargeError, saying what would fit."""
    try:
        needed = estimate(job, execution, in_memory)
    except MemoryError:
        raise TooLargeError("one chunk needs more memory than can be addressed; simulate fewer actors") from None
    there = available_memory()
    if needed.memory > there:
        raise TooLargeError(
            f"needs about {_told_bytes(needed.memory)} of memory, and {_told_bytes(there)} are free; "
            + _mend(job, execution, in_memory, there)
        )
    wanted: dict[int, tuple[Path, float]] = {}
    for folder, size in ((target.parent if target else None, needed.results), (execution.directory, needed.directory)):
        if folder is not None:
            existing = _existing(folder)
            first, before = wanted.get(existing.stat().st_dev, (existing, 0.0))
            wanted[existing.stat().st_dev] = (first, before + size)
    for folder, size in wanted.values():
        free = _free(folder)
        if size > free:
            raise TooLargeError(
                f"{folder}: needs about {_told_bytes(size)} on disk, and {_told_bytes(free)} are free; make room there "
                "or name another folder, keep less of single futures, or play fewer"
            )
    return needed


def with_time(needed: Estimate, job: Job, execution: Execution) -> Estimate:
    """`needed` with the time of what is not finished yet, from playing futures of `job` here for about a second.

    For a cluster, whose workers may be of any number and speed, without.
    """
    if execution.cluster is not None:
        return needed
    parts = count_chunks(job.sampler.total, job.futures, execution.chunk_of(job))
    finished = len(finished_chunks(execution.directory)) if execution.directory else 0
    left = 1.0 - min(1.0, finished / parts)
    if not left:
        return replace(needed, seconds=0.0)
    # In a thread, for an interrupt cannot end what is being compiled but need not wait for it.
    executor = ThreadPoolExecutor(1)
    stop = np.zeros(1, np.int64)
    try:
        alone, each = executor.submit(_pilot, job, stop).result()
    finally:
        stop[0] = 1
        executor.shutdown(wait=False)
    return replace(needed, seconds=left * (parts * alone + job.size * each) / min(execution.workers, usable_cpus()))


def _pilot(job: Job, stop: Ints) -> tuple[float, float]:
    """Seconds that a chunk takes by itself, and those that each of its futures adds."""
    first = Chunk(0, 1, 0, 1)
    _seconds(job, first, stop)  # compiles, if need be
    alone = _seconds(job, first, stop)
    many, took = first, alone
    while took < alone + _PILOT and many.futures * many.worlds < job.size:
        many = Chunk(0, min(2 * many.worlds, job.sampler.total), 0, min(2 * many.futures, job.futures))
        took = _seconds(job, many, stop)
    return alone, max(0.0, took - alone) / max(1, many.worlds * many.futures - 1)


def _seconds(job: Job, chunk: Chunk, stop: Ints) -> float:
    """How long `chunk` takes to play here."""
    began = time.perf_counter()
    play_chunk(job, chunk, stop)
    return time.perf_counter() - began


def _mend(job: Job, execution: Execution, in_memory: bool, there: int) -> str:
    """What would fit in memory."""
    alone = estimate(replace(job, kept="counts"), execution, in_memory).memory
    if job.kept != "counts" and in_memory and alone < there:
        each = (estimate(job, execution, in_memory).memory - alone) / job.size
        return (
            f"keep about {int((there - alone) / each):,} futures at most, or write them to a file as they come "
            "(`engine run --samples`)"
        )
    if execution.workers > 1 and not execution.cluster:
        return "play fewer policies or with fewer --threads"
    return "play fewer policies, or a scenario of fewer actors and points of time"


def _existing(folder: Path) -> Path:
    """`folder`, or what there is of the path to it if it is still to be made."""
    while not folder.exists():
        folder = folder.parent
    return folder


def _free(folder: Path) -> int:
    """Bytes free on the disk of `folder`."""
    return shutil.disk_usage(folder).free


def _told_bytes(size: float) -> str:
    for unit, scale in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6)):
        if size >= scale:
            return f"{size / scale:.{0 if size >= 10 * scale else 1}f} {unit}"
    return f"{size / 1e3:.0f} kB"


def _told_seconds(seconds: float) -> str:
    for unit, scale in (("days", 86400.0), ("hours", 3600.0), ("minutes", 60.0)):
        if seconds >= 2.0 * scale:
            return f"about {seconds / scale:,.1f} {unit}"
    return f"about {seconds:.{0 if seconds >= 10 else 1}f} seconds" if seconds >= 1.0 else "less than a second"
