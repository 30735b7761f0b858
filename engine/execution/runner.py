"""A job simulated in chunks, by threads here or by workers elsewhere, and counted.

Results do not depend on this: a chunk has exactly one possible content everywhere, and contents add up exactly.
"""

from __future__ import annotations

import pickle
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple

import numpy as np
from tqdm import tqdm

from engine.errors import InputError
from engine.execution.chunk_codec import from_bytes, to_bytes
from engine.execution.cluster import check_place, explanation, open_cluster
from engine.execution.cluster_address import ClusterError
from engine.execution.compilation import compile_and_play
from engine.execution.directory import RunDirectory
from engine.execution.machine import usable_cpus
from engine.montecarlo import Chunk, Job, Piece, Samples, Tally, chunks, new_tally
from engine.montecarlo.arrays import Ints
from engine.montecarlo.samples import enter
from engine.rules.point_set import REPLICATES
from engine.scenario import integer

#: Futures of an ordinary chunk: enough to hide the overhead of Python, few enough for a smooth progress bar.
CHUNK = 4096
#: Most chunks of an ordinary run: each is a file, if it is stored, or a message, if it is simulated elsewhere.
MOST_CHUNKS = 1000
#: Most bytes of single futures in a chunk. Large futures also take long to simulate.
MOST_STORED = 2**25
#: Chunks given to each worker at a time; few, so that memory does not grow with their number.
_QUEUED = 2
#: Seconds between checks of a cluster and of its number of workers.
_LOOK_ROUND = 5.0

#: Receives the samples of single futures, chunk by chunk in any order.
Store = Callable[[Chunk, Samples], None]


@dataclass(frozen=True)
class Execution:
    """Where and how a run is simulated; results do not depend on it.

    The run uses `threads` here (None: one for each CPU that this process may use), or the workers of a Dask `cluster`:
    `local`, `local:4`, `tcp://host:port` or `slurm:config.yaml`. `chunk` is the approximate number of futures per chunk
    (None: chosen by the size of the run). The folder `directory` stores every finished chunk, so that the run can
    resume after a crash. `progress` shows a bar on a terminal. `stop` (1,) is a token for threads here: once another
    thread sets it to 1, the run ends soon and raises Stopped; it is 1 after every run.

    Raises InputError if a number is out of range or the cluster is invalid.
    """

    threads: int | None = None
    cluster: str | None = None
    chunk: int | None = None
    directory: Path | None = None
    progress: bool = False
    stop: Ints | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        if self.directory is not None:
            object.__setattr__(self, "directory", Path(self.directory))
        for name in ("threads", "chunk"):
            if (value := getattr(self, name)) is None:
                continue
            if integer(name, value) < 1:
                raise InputError(f"{name} must be a whole number of at least 1, not {value}")
            object.__setattr__(self, name, int(value))
        if self.cluster is not None and self.threads is not None:
            raise InputError("threads run here and a cluster elsewhere; give one of them")
        if self.cluster is not None:
            check_place(self.cluster)

    @property
    def workers(self) -> int:
        """Number of threads here; for a cluster, the number of CPUs here."""
        return self.threads or usable_cpus()

    def chunk_of(self, job: Job) -> int:
        """Approximate number of futures of `job` per chunk."""
        if self.chunk is not None:
            return self.chunk
        # In even parts, so that all workers end together.
        parts = -(-job.size // (CHUNK * self.workers)) * self.workers
        most = int(MOST_STORED // job.future_bytes) if job.kept != "counts" else job.size
        return max(1, min(-(-job.size // min(parts, MOST_CHUNKS)), most))


@contextmanager
def opened(job: Job, execution: Execution) -> Iterator[tuple[int, RunDirectory | None]]:
    """Approximate number of futures of `job` per chunk, and its folder, if it has one.

    Raises ResultsError if the folder cannot be used.
    """
    if execution.directory is None:
        yield execution.chunk_of(job), None
        return
    directory = RunDirectory(execution.directory, job, execution.chunk_of(job))
    try:
        yield directory.manifest.chunk, directory
    finally:
        directory.close()


def run_in_memory(job: Job, execution: Execution | None = None) -> tuple[Tally, Samples]:
    """Simulate `job`; returns its counts and the samples of single futures."""
    execution = execution or Execution()
    whole = job.room(job.sampler.total, job.futures)
    with opened(job, execution) as (size, directory):
        tally = run(job, execution, size, directory, lambda chunk, kept: enter(kept, whole, chunk.world, chunk.future))
    return tally, whole


def run(job: Job, execution: Execution, size: int, directory: RunDirectory | None, store: Store) -> Tally:
    """Simulate and count `job` in chunks of about `size` futures; pass samples of single futures to `store`.

    Raises ResultsError if a chunk cannot be stored in `directory`, ClusterError if the cluster cannot be used.
    """
    tally = new_tally(job.sampler.scenario, len(job.policies))
    with tqdm(
        total=job.size, unit=" futures", unit_scale=True, disable=None if execution.progress else True, leave=False
    ) as bar:

        def take(chunk: Chunk, piece: Piece) -> None:
            tally.add(piece.tally)
            store(chunk, piece.samples)
            bar.update(chunk.worlds * chunk.futures)

        def missing() -> Iterator[Numbered]:
            """Chunks that are not in the folder; stored chunks are counted on the way."""
            for number, chunk in enumerate(chunks(job.sampler.total, job.futures, size)):
                piece = directory.finished(number, chunk) if directory else None
                if piece is None:
                    yield Numbered(number, chunk, directory.label(number) if directory else "")
                else:
                    take(chunk, piece)

        def finish(what: Numbered, result: Piece | bytes) -> None:
            if isinstance(result, bytes):
                if directory is not None:
                    directory.save(what.number, result)
                result = from_bytes(result, what.label, job, what.chunk)
            take(what.chunk, result)

        waiting = missing()
        first = next(waiting, None)
        if first is not None:
            with _executors(job, execution, as_bytes=directory is not None) as executors:
                _run_all(executors, chain([first], waiting), finish)
    return tally


class Numbered(NamedTuple):
    """A chunk, its number in the run, and the label of its bytes."""

    number: int
    chunk: Chunk
    label: str


class _Executors(NamedTuple):
    submit: Callable[[Numbered], Future[Piece | bytes]]
    workers: Callable[[], int]


def _run_all(
    executors: _Executors, waiting: Iterator[Numbered], finish: Callable[[Numbered, Piece | bytes], None]
) -> None:
    running: dict[Future[Piece | bytes], Numbered] = {}
    while True:
        for what in islice(waiting, max(0, _QUEUED * executors.workers() - len(running))):
            running[executors.submit(what)] = what
        if not running:
            return
        done, _ = wait(running, timeout=_LOOK_ROUND, return_when=FIRST_COMPLETED)
        # Counted pieces are released at once, because they are large.
        while done:
            future = done.pop()
            finish(running.pop(future), future.result())
            del future


@contextmanager
def _executors(job: Job, execution: Execution, as_bytes: bool) -> Iterator[_Executors]:
    """Threads here or workers elsewhere. If anything fails, they are not awaited."""
    if execution.cluster is not None:
        with open_cluster(execution.cluster) as pool:
            import cloudpickle  # comes with Dask; a change may be an anonymous function

            sent = zlib.compress(cloudpickle.dumps(job))
            try:
                yield _Executors(
                    lambda what: pool.executor.submit(simulate_sent, sent, what.chunk, what.label), pool.workers
                )
            except Exception as error:
                if line := explanation(error):
                    raise ClusterError(f"{execution.cluster}: {line}") from None
                raise
        return
    threads = execution.workers
    stop = np.zeros(1, np.int64) if execution.stop is None else execution.stop
    executor = ThreadPoolExecutor(threads)
    try:
        if job.sampler.sampling == "lhs":
            job.sampler.uniforms(0, min(REPLICATES, job.sampler.total))  # Latin hypercubes are drawn as a whole
        simulate = _simulate_to_bytes if as_bytes else _simulate
        yield _Executors(lambda what: executor.submit(simulate, job, what, stop), lambda: threads)
    finally:
        stop[0] = 1
        executor.shutdown(wait=False, cancel_futures=True)


def _simulate(job: Job, what: Numbered, stop: Ints) -> Piece | bytes:
    return compile_and_play(job, what.chunk, stop)


def _simulate_to_bytes(job: Job, what: Numbered, stop: Ints) -> Piece | bytes:
    return to_bytes(compile_and_play(job, what.chunk, stop), what.label)


def simulate_sent(job: bytes, chunk: Chunk, label: str) -> Piece | bytes:
    """Simulate a chunk of a job that was sent as bytes."""
    return to_bytes(compile_and_play(_job(job), chunk, np.zeros(1, np.int64)), label)


@lru_cache(maxsize=1)
def _job(sent: bytes) -> Job:
    """The job that was sent; the same object for all its chunks, so that a Latin hypercube is drawn once."""
    return pickle.loads(zlib.decompress(sent))
