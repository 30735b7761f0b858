"""What a run will take, before it is begun: time, memory and disk; and whether that is there."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from engine.execution.directory import finished_chunks
from engine.execution.machine import available_memory
from engine.execution.playing import Execution
from engine.montecarlo import Chunk, Job, chunks, play_chunk
from engine.montecarlo.run import MOST_WORLDS
from engine.montecarlo.tally import new_tally

#: Bytes for what does not depend on the run: compiled code and what packages load when they are first used.
_FIXED = 150e6
#: Copies of a tally that are made while its dataset is.
_DATASET = 3.0
#: Bytes on disk of one in memory, of tallies and of single futures, compressed (benchmarks/README.md).
_TALLY_PACKED, _SAMPLES_PACKED = 0.05, 0.6
#: Seconds of playing by which the time of a run is told.
_PILOT = 0.2


class TooLargeError(ValueError):
    """A run that does not fit; one line that says what would."""


@dataclass(frozen=True)
class Estimate:
    """What a run takes, about: bytes of memory in this process, bytes on disk, and seconds if they were measured."""

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
            f"{self.futures:,} futures{times}: {took}{_told_bytes(self.memory)} of memory, "
            f"{_told_bytes(self.results)} on disk{kept}"
        )


def estimate(job: Job, execution: Execution, in_memory: bool) -> Estimate:
    """What `job` takes, without its time; with single futures `in_memory`, or written as they come."""
    scenario, sampler = job.sampler.scenario, job.sampler
    policies = len(job.policies)
    tally = sum(array.nbytes for array in new_tally(scenario, policies))
    future = job.future_bytes
    numbers = 8 * len(scenario.uncertain())
    chunk = next(chunks(sampler.total, job.futures, execution.chunk_of(job)))
    apart = 4 * min(MOST_WORLDS, chunk.worlds) * policies * len(scenario.class_names) * len(scenario.capability_names)
    piece = tally + apart * len(scenario.time_grid) + future * chunk.worlds * chunk.futures
    # Workers elsewhere have memory of their own; what comes from them is counted at once.
    pieces = 2 if execution.cluster else 2 + execution.workers
    whole = future * job.size + (numbers * sampler.total if future else 0)
    hypercube = 2 * numbers * sampler.total if sampler.sampling == "lhs" else 0
    memory = _FIXED + pieces * piece + (1 + _DATASET) * tally + hypercube + (2.0 * whole if in_memory else 0.0)
    parts = -(-job.size // (chunk.worlds * chunk.futures))
    kept = parts * tally * _TALLY_PACKED + whole * _SAMPLES_PACKED if execution.directory else 0.0
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
    for folder, size in ((target.parent if target else None, needed.results), (execution.directory, needed.directory)):
        if folder is None:
            continue
        free = _free(folder)
        if size > free:
            raise TooLargeError(
                f"{folder}: needs about {_told_bytes(size)} on disk, and {_told_bytes(free)} are free; name a folder "
                "with more room, keep less of single futures, or play fewer"
            )
    return needed


def with_time(needed: Estimate, job: Job, execution: Execution) -> Estimate:
    """`needed` with the time of what is not finished yet, from playing futures of `job` here for about a second."""
    parts = list(chunks(job.sampler.total, job.futures, execution.chunk_of(job)))
    finished = len(finished_chunks(execution.directory)) if execution.directory else 0
    left = 1.0 - min(1.0, finished / len(parts))
    if not left:
        return replace(needed, seconds=0.0)
    first = Chunk(0, 1, 0, 1)
    _seconds(job, first)  # compiles, if need be
    alone = _seconds(job, first)
    many, took = first, alone
    while took < alone + _PILOT and many.futures * many.worlds < job.size:
        many = Chunk(0, min(2 * many.worlds, job.sampler.total), 0, min(2 * many.futures, job.futures))
        took = _seconds(job, many)
    # A chunk costs something by itself, whatever its size.
    each = max(0.0, took - alone) / max(1, many.worlds * many.futures - 1)
    return replace(needed, seconds=left * (len(parts) * alone + job.size * each) / execution.workers)


def _seconds(job: Job, chunk: Chunk) -> float:
    """How long `chunk` takes to play here."""
    began = time.perf_counter()
    play_chunk(job, chunk, np.zeros(1, np.int64))
    return time.perf_counter() - began


def _mend(job: Job, execution: Execution, in_memory: bool, there: int) -> str:
    """What would fit in memory."""
    alone = estimate(replace(job, kept="nothing"), execution, in_memory).memory
    if job.kept != "nothing" and in_memory and alone < there:
        each = (estimate(job, execution, in_memory).memory - alone) / job.size
        return (
            f"keep about {int((there - alone) / each):,} futures at most, or write them to a file as they come "
            "(`engine run --samples`)"
        )
    if execution.workers > 1 and not execution.cluster:
        return "play fewer policies or with fewer --threads"
    return "play fewer policies, or a scenario of fewer actors and points of time"


def _free(folder: Path) -> int:
    """Bytes free on the disk of `folder`, which may be still to be made."""
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free


def _told_bytes(size: float) -> str:
    for unit, scale in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6)):
        if size >= scale:
            return f"{size / scale:.{0 if size >= 10 * scale else 1}f} {unit}"
    return f"{size / 1e3:.0f} kB"


def _told_seconds(seconds: float) -> str:
    for unit, scale in (("days", 86400.0), ("hours", 3600.0), ("minutes", 60.0)):
        if seconds >= 2.0 * scale:
            return f"about {seconds / scale:.2g} {unit}"
    return f"about {seconds:.2g} seconds" if seconds >= 1 else "less than a second"
