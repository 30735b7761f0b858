"""A job played in chunks, by threads here or by workers elsewhere, and counted.

Results depend on none of this: a chunk has one possible content wherever it is played, and contents add up exactly.
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
from engine.execution.cluster import check_place, open_cluster, told
from engine.execution.cluster_address import ClusterError
from engine.execution.directory import RunDirectory
from engine.execution.machine import usable_cpus
from engine.montecarlo import Chunk, Job, Piece, Samples, Tally, chunks, new_tally, play_chunk
from engine.montecarlo.arrays import Ints
from engine.montecarlo.samples import enter
from engine.scenario import integer

#: Futures of an ordinary chunk: long enough to hide Python, short enough for a lively progress bar.
CHUNK = 4096
#: Most chunks of an ordinary run: each is a file, if they are kept, or a message, if they are played elsewhere.
MOST_CHUNKS = 1000
#: Most bytes of single futures that are kept of a chunk. Those that take many take long to follow too.
MOST_KEPT = 2**25
#: Chunks given to each worker at a time; few, so that memory does not grow with their number.
_QUEUED = 2
#: Seconds after which a cluster is asked again how many workers it has, and whether it is there.
_LOOK_ROUND = 5.0

#: Takes what is kept of single futures, chunk by chunk in any order.
Store = Callable[[Chunk, Samples], None]


@dataclass(frozen=True)
class Execution:
    """Where and how a run is played; results do not depend on it.

    `threads` (None: one for each CPU this process may use) play here, or the workers of a Dask `cluster`: `local`,
    `local:4`, `tcp://host:port` or `slurm:config.yaml`. `chunk` is about how many futures are played at a time (None:
    chosen by the size of the run). In the folder `directory` every finished chunk is kept, so that the run can go on
    after a crash. `progress` shows a bar on a terminal. `stop` (1,) is a token for threads here: once another thread
    sets it to 1, the run ends soon and raises Stopped; it is 1 after every run.

    Raises InputError if a number is out of range or the cluster is none.
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
            raise InputError("threads play here and a cluster elsewhere; give one of them")
        if self.cluster is not None:
            check_place(self.cluster)

    @property
    def workers(self) -> int:
        """Threads that play here; of a cluster, as many as there are CPUs here."""
        return self.threads or usable_cpus()

    def chunk_of(self, job: Job) -> int:
        """About how many futures of `job` are played at a time."""
        if self.chunk is not None:
            return self.chunk
        # In even parts, so that as many workers as there are here end together.
        parts = -(-job.size // (CHUNK * self.workers)) * self.workers
        most = int(MOST_KEPT // job.future_bytes) if job.kept != "counts" else job.size
        return max(1, min(-(-job.size // min(parts, MOST_CHUNKS)), most))


@contextmanager
def opened(job: Job, execution: Execution) -> Iterator[tuple[int, RunDirectory | None]]:
    """About how many futures of `job` are played at a time, and its folder, if it has one.

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
    """Play `job`; its counts, and all that is kept of single futures."""
    execution = execution or Execution()
    whole = job.room(job.sampler.total, job.futures)
    with opened(job, execution) as (size, directory):
        tally = run(job, execution, size, directory, lambda chunk, kept: enter(kept, whole, chunk.world, chunk.future))
    return tally, whole


def run(job: Job, execution: Execution, size: int, directory: RunDirectory | None, store: Store) -> Tally:
    """Play `job` in chunks of about `size` futures, and count them; give what is kept of single futures to `store`.

    Raises ResultsError if a chunk cannot be kept in `directory`, ClusterError if the cluster cannot be used.
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
            """Chunks that are not in the folder; those that are, are taken on the way."""
            for number, chunk in enumerate(chunks(job.sampler.total, job.futures, size)):
                piece = directory.finished(number, chunk) if directory else None
                if piece is None:
                    yield Numbered(number, chunk, directory.label(number) if directory else "")
                else:
                    take(chunk, piece)

        def finish(what: Numbered, played: Piece | bytes) -> None:
            if isinstance(played, bytes):
                if directory is not None:
                    directory.save(what.number, played)
                played = from_bytes(played, what.label, job, what.chunk)
            take(what.chunk, played)

        waiting = missing()
        first = next(waiting, None)
        if first is not None:
            with _players(job, execution, as_bytes=directory is not None) as players:
                _play_all(players, chain([first], waiting), finish)
    return tally


class Numbered(NamedTuple):
    """A chunk, its number in the run, and what bytes of it are labelled with."""

    number: int
    chunk: Chunk
    label: str


class _Players(NamedTuple):
    submit: Callable[[Numbered], Future[Piece | bytes]]
    workers: Callable[[], int]


def _play_all(
    players: _Players, waiting: Iterator[Numbered], finish: Callable[[Numbered, Piece | bytes], None]
) -> None:
    playing: dict[Future[Piece | bytes], Numbered] = {}
    while True:
        for what in islice(waiting, max(0, _QUEUED * players.workers() - len(playing))):
            playing[players.submit(what)] = what
        if not playing:
            return
        done, _ = wait(playing, timeout=_LOOK_ROUND, return_when=FIRST_COMPLETED)
        # What is counted is let go at once: pieces are large.
        while done:
            future = done.pop()
            finish(playing.pop(future), future.result())
            del future


@contextmanager
def _players(job: Job, execution: Execution, as_bytes: bool) -> Iterator[_Players]:
    """Threads here or workers elsewhere. Nobody waits for them if anything fails."""
    if execution.cluster is not None:
        with open_cluster(execution.cluster) as pool:
            import cloudpickle  # comes with Dask; a change may be a function that has no name

            sent = zlib.compress(cloudpickle.dumps(job))
            try:
                yield _Players(lambda what: pool.executor.submit(play_sent, sent, what.chunk, what.label), pool.workers)
            except Exception as error:
                if line := told(error):
                    raise ClusterError(f"{execution.cluster}: {line}") from None
                raise
        return
    threads = execution.workers
    stop = np.zeros(1, np.int64) if execution.stop is None else execution.stop
    executor = ThreadPoolExecutor(threads)
    try:
        if job.sampler.sampling == "lhs":
            job.sampler.uniforms(0, 1)  # a Latin hypercube is drawn as a whole, once
        play = _play_to_bytes if as_bytes else _play
        yield _Players(lambda what: executor.submit(play, job, what, stop), lambda: threads)
    finally:
        stop[0] = 1
        executor.shutdown(wait=False, cancel_futures=True)


def _play(job: Job, what: Numbered, stop: Ints) -> Piece | bytes:
    return play_chunk(job, what.chunk, stop)


def _play_to_bytes(job: Job, what: Numbered, stop: Ints) -> Piece | bytes:
    return to_bytes(play_chunk(job, what.chunk, stop), what.label)


def play_sent(job: bytes, chunk: Chunk, label: str) -> Piece | bytes:
    """Play a chunk of a job that came as bytes."""
    return to_bytes(play_chunk(_job(job), chunk, np.zeros(1, np.int64)), label)


@lru_cache(maxsize=1)
def _job(sent: bytes) -> Job:
    """The job that was sent; the same object for all its chunks, for a Latin hypercube is drawn once."""
    return pickle.loads(zlib.decompress(sent))
