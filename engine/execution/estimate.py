"""An estimate of a run's time, memory and disk before it starts, and a check that they are available."""

from __future__ import annotations

import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from engine.errors import EngineError
from engine.execution.cluster_address import local_workers
from engine.execution.compilation import compile_and_play
from engine.execution.directory import finished_chunks
from engine.execution.machine import available_memory, resident_memory, usable_cpus
from engine.execution.runner import Execution
from engine.montecarlo import Chunk, Job, chunks, count_chunks
from engine.montecarlo.arrays import Ints
from engine.montecarlo.run import MOST_WORLDS
from engine.montecarlo.tally import new_tally

# Memory is estimated by rough assumptions, on the high side; packed sizes were measured.
#: Bytes that do not depend on the run: compiled code and data that packages load on first use.
_FIXED = 130e6
#: Bytes of a separate worker process.
_PROCESS = 400e6
#: Copies of a tally during the construction of its dataset.
_DATASET = 3.0
#: Bytes on disk per byte in memory, for tallies and for single futures, compressed (benchmarks/README.md).
_TALLY_PACKED, _SAMPLES_PACKED = 0.03, 0.6
#: Seconds of simulation from which the time of a run is estimated.
_PILOT = 0.2


class TooLargeError(EngineError, ValueError):
    """A run that does not fit; one line that names a size that would."""


@dataclass(frozen=True)
class Estimate:
    """Approximate needs of a run: additional bytes of memory, bytes on disk, and seconds if they were measured.

    `directory` are the bytes of unfinished chunks in the run's folder.
    """

    futures: int
    policies: int
    memory: float
    results: float
    directory: float
    seconds: float | None = None

    def in_words(self) -> str:
        """The estimate as one line."""
        times = f" x {self.policies} policies" if self.policies > 1 else ""
        took = "" if self.seconds is None else f"{_seconds_text(self.seconds)}, "
        kept = f" and {_bytes_text(self.directory)} for its chunks" if self.directory else ""
        return (
            f"{self.futures:,} futures{times}: {took}{_bytes_text(self.memory + resident_memory())} of memory, "
            f"{_bytes_text(self.results)} on disk{kept}"
        )


def estimate(job: Job, execution: Execution, in_memory: bool) -> Estimate:
    """The needs of `job`, without its time; single futures stay `in_memory` or are written at once."""
    scenario, sampler = job.sampler.scenario, job.sampler
    policies, size = len(job.policies), execution.chunk_of(job)
    tally = sum(array.nbytes for array in new_tally(scenario, policies))
    future, numbers = job.future_bytes, 8 * len(scenario.uncertain())
    chunk = next(chunks(sampler.total, job.futures, size))
    apart = 4 * min(MOST_WORLDS, chunk.worlds) * policies * len(scenario.class_names) * len(scenario.capability_names)
    piece = tally + apart * len(scenario.time_grid) + future * chunk.worlds * chunk.futures
    # For workers elsewhere, only pieces that wait to be counted are here; workers here are complete processes.
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
    """The needs of `job`; `target` is the output file. Raises TooLargeError, with a size that would fit."""
    try:
        needed = estimate(job, execution, in_memory)
    except MemoryError:
        raise TooLargeError("one chunk needs more memory than can be addressed; simulate fewer actors") from None
    there = available_memory()
    if needed.memory > there:
        raise TooLargeError(
            f"needs about {_bytes_text(needed.memory)} of memory, and {_bytes_text(there)} are free; "
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
                f"{folder}: needs about {_bytes_text(size)} on disk, and {_bytes_text(free)} are free; free some space "
                "or name another folder, store less of single futures, or simulate fewer"
            )
    return needed


def with_time(needed: Estimate, job: Job, execution: Execution) -> Estimate:
    """`needed` with the time of unfinished chunks, measured by simulating futures of `job` here for about a second.

    Without a time for a cluster, whose workers may have any number and speed.
    """
    if execution.cluster is not None:
        return needed
    parts = count_chunks(job.sampler.total, job.futures, execution.chunk_of(job))
    finished = len(finished_chunks(execution.directory)) if execution.directory else 0
    left = 1.0 - min(1.0, finished / parts)
    if not left:
        return replace(needed, seconds=0.0)
    # In a thread: an interrupt cannot end a compilation, but need not wait for it.
    executor = ThreadPoolExecutor(1)
    stop = np.zeros(1, np.int64)
    try:
        alone, each = executor.submit(_pilot, job, stop).result()
    finally:
        stop[0] = 1
        executor.shutdown(wait=False)
    return replace(needed, seconds=left * (parts * alone + job.size * each) / min(execution.workers, usable_cpus()))


def _pilot(job: Job, stop: Ints) -> tuple[float, float]:
    """Fixed seconds per chunk, and seconds per future in it."""
    first = Chunk(0, 1, 0, 1)
    _seconds(job, first, stop)  # compiles, if necessary
    alone = _seconds(job, first, stop)
    many, took = first, alone
    # A tenth of a small run is enough.
    while took < alone + _PILOT and 10 * many.futures * many.worlds < job.size:
        many = Chunk(0, min(2 * many.worlds, job.sampler.total), 0, min(2 * many.futures, job.futures))
        took = _seconds(job, many, stop)
    return alone, max(0.0, took - alone) / max(1, many.worlds * many.futures - 1)


def _seconds(job: Job, chunk: Chunk, stop: Ints) -> float:
    """Seconds that `chunk` takes here."""
    began = time.perf_counter()
    compile_and_play(job, chunk, stop)
    return time.perf_counter() - began


def _mend(job: Job, execution: Execution, in_memory: bool, there: int) -> str:
    """A suggestion that would fit in memory."""
    alone = estimate(replace(job, kept="counts"), execution, in_memory).memory
    if job.kept != "counts" and in_memory and alone < there:
        each = (estimate(job, execution, in_memory).memory - alone) / job.size
        # A twentieth is left for pieces under way, which do not become smaller with the run.
        most = int(0.95 * (there - alone) / each)
        return f"store at most about {most:,} futures, or write them to a file during the run (`engine run --samples`)"
    if execution.workers > 1 and not execution.cluster:
        return "simulate fewer policies or use fewer --threads"
    return "simulate fewer policies, or a scenario with fewer actors and points of time"


def _existing(folder: Path) -> Path:
    """`folder`, or its nearest existing parent."""
    while not folder.exists():
        folder = folder.parent
    return folder


def _free(folder: Path) -> int:
    """Bytes free on the disk of `folder`."""
    return shutil.disk_usage(folder).free


def _bytes_text(size: float) -> str:
    for unit, scale in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6)):
        if size >= scale:
            return f"{size / scale:.{0 if size >= 10 * scale else 1}f} {unit}"
    return f"{size / 1e3:.0f} kB"


def _seconds_text(seconds: float) -> str:
    for unit, scale in (("days", 86400.0), ("hours", 3600.0), ("minutes", 60.0)):
        if seconds >= 2.0 * scale:
            return f"about {seconds / scale:,.1f} {unit}"
    return f"about {seconds:.{0 if seconds >= 10 else 1}f} seconds" if seconds >= 1.0 else "less than a second"
