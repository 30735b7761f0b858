"""Chunks of futures simulated by Dask workers: processes here, a running Dask cluster, or jobs of SLURM.

Dask is imported only when a cluster is opened: the default, threads, needs none of it.
"""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import CancelledError, Executor, Future
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, ParamSpec, TypeVar
from uuid import uuid4

from tqdm import tqdm

from engine.execution.cluster_address import ClusterError, parsed
from engine.execution.fingerprint import cpu_type, versions
from engine.execution.local import local_client
from engine.execution.slurm import read_config, slurm_client
from engine.extras import need
from engine.text.printable import printable

if TYPE_CHECKING:
    from distributed import Client

__all__ = ["ClusterError", "Pool", "check_place", "explanation", "open_cluster"]

#: Seconds to wait for a scheduler to answer, and for a first worker of a cluster that the user has started.
_CONNECT = 10
_FIRST_WORKER = 60
#: Seconds without any worker before a message that the run waits for one; then twice as many, and so on.
_ALONE = 60.0
#: Loggers of Dask, each with a level of its own.
_LOGGERS = ("distributed", "distributed.client", "distributed.gc", "tornado", "tornado.application", "asyncio")

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")


class Pool(NamedTuple):
    """An executor of functions, and the number that it can run at once now, at least 1.

    `workers` raises ClusterError if the cluster has been lost, so it should be called regularly.
    """

    executor: Executor
    workers: Callable[[], int]


def check_place(place: str) -> None:
    """Raise ClusterError if `place` names no cluster, or an invalid configuration of SLURM. Starts nothing."""
    kind, what = parsed(place)
    if kind == "slurm":
        read_config(Path(what))


@contextmanager
def open_cluster(place: str) -> Iterator[Pool]:
    """Start or join the Dask cluster `place`: `local`, `local:4`, `tcp://host:port`, `tls://host:port`, `slurm:FILE`.

    Functions run only on workers with the same versions of this engine and its libraries. At the end, waiting functions
    are cancelled, and workers started here are ended, even in the middle of a function. Raises ClusterError.
    """
    opened = _opened(place)
    with _silence(), opened as (client, check):
        _check_engines(client)
        executor = _Checking(client.get_executor(pure=False), _watch_cpus(client))

        def workers() -> int:
            check()
            return max(1, sum(_threads(client, place).values()))

        try:
            yield Pool(executor, workers)
        finally:
            executor.shutdown(wait=False)


def explanation(error: BaseException) -> str | None:
    """One line, with the remedy, about a failure of Dask itself; None for any other error."""
    try:
        from distributed import KilledWorker
        from distributed.comm import CommClosedError
    except ImportError:
        return None
    if isinstance(error, KilledWorker):
        return (
            f"a chunk of futures ended its worker {error.allowed_failures + 1} times, most likely for lack of memory; "
            "use fewer policies or give workers more memory; finished chunks are stored"
        )
    if isinstance(error, CommClosedError | TimeoutError | CancelledError):
        return _LOST
    return None


_LOST = (
    "the Dask scheduler was lost during the run; make sure that it runs and can be reached, then resume: finished "
    "chunks are stored"
)


def _opened(place: str) -> AbstractContextManager[tuple[Client, Callable[[], None]]]:
    kind, what = parsed(place)
    need("cluster", "distributed")
    if kind == "slurm":
        return slurm_client(read_config(Path(what)), place)
    return local_client(int(what)) if kind == "local" else _joined(what)


@contextmanager
def _joined(address: str) -> Iterator[tuple[Client, Callable[[], None]]]:
    """A client of the scheduler at `address`, once it has a worker."""
    from distributed import Client

    try:
        client = Client(address, timeout=_CONNECT, set_as_default=False)
    except (OSError, TimeoutError, ValueError, TypeError) as error:
        said = " ".join(str(error).split())[:150] or type(error).__name__
        raise ClusterError(
            f"{address}: no Dask scheduler answers there ({said}); start one with `dask scheduler`, or fix the address"
        ) from None
    with client:
        try:
            client.wait_for_workers(1, timeout=_FIRST_WORKER)
        except TimeoutError:
            raise ClusterError(f"{address}: has no workers; start them with `dask worker {address}`") from None
        alone = _Alone(address)
        yield client, lambda: alone.look(len(_threads(client, address)))


class _Alone:
    """Reports, with the remedy, that the scheduler at `address` has had no workers for a while."""

    def __init__(self, address: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._address, self._clock = address, clock
        self._since: float | None = None
        self._patience = _ALONE

    def look(self, workers: int) -> None:
        """Record the current number of workers."""
        if workers:
            self._since, self._patience = None, _ALONE
            return
        now = self._clock()
        self._since = now if self._since is None else self._since
        if now - self._since >= self._patience:
            self._patience *= 2
            minutes = (now - self._since) / 60
            tqdm.write(
                f"engine: {self._address}: there has been no worker for {minutes:.0f} min, and the run waits for one. "
                f"Start workers with `dask worker {self._address}`, or stop with Ctrl-C",
                file=sys.stderr,
            )


def _threads(client: Client, place: str) -> dict[str, int]:
    """Current threads of each worker, by its address."""
    try:
        return dict(client.nthreads())
    except (OSError, TimeoutError):
        raise ClusterError(f"{place}: {_LOST}") from None


def _check_engines(client: Client) -> None:
    """Raise ClusterError if a worker has another engine, or if the scheduler, which unpickles functions, has none."""
    try:
        client.run_on_scheduler(versions)
    except (ImportError, AttributeError) as error:
        raise ClusterError(
            f"the Dask scheduler cannot use the engine ({error}); install the same engine there"
        ) from None
    here = versions()
    for worker, found in client.run(versions, on_error="return").items():
        if isinstance(found, BaseException):
            raise ClusterError(f"worker {worker}: cannot use the engine ({found}); install the same engine there")
        _compare(worker, found, here)


def _compare(worker: str, found: Mapping[str, str], expected: Mapping[str, str]) -> None:
    for name, version in expected.items():
        if found.get(name) != version:
            raise ClusterError(
                f"worker {worker}: has {name} {found.get(name, 'of no version')}, but this machine has {version}; "
                "install the same engine there, with the same libraries"
            )


class _Checking(Executor):
    """Dask's executor with a check of the worker before every function, because workers may join at any time."""

    def __init__(self, executor: Executor, topic: str) -> None:
        self._executor = executor
        self._topic = topic
        self._expected = versions()

    def submit(
        self, function: Callable[_Arguments, _Result], /, *args: _Arguments.args, **kwargs: _Arguments.kwargs
    ) -> Future[_Result]:
        task: Callable[..., _Result] = _checked
        return self._executor.submit(task, self._expected, self._topic, function, *args, **kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self._executor.shutdown(wait=wait and not cancel_futures)


def _checked(
    expected: Mapping[str, str], topic: str, function: Callable[..., _Result], *args: Any, **kwargs: Any
) -> _Result:
    """Runs in a worker."""
    from distributed import get_worker

    _compare(get_worker().address, versions(), expected)
    _announce_cpu(topic)
    return function(*args, **kwargs)


@cache
def _announce_cpu(topic: str) -> None:
    """Runs in a worker, once for each client."""
    from distributed import get_worker

    get_worker().log_event(topic, cpu_type())


def _watch_cpus(client: Client) -> str:
    """Warn of CPUs of another type than this one; returns the topic under which workers announce theirs."""
    topic, known = f"engine-cpu-{uuid4().hex}", {cpu_type()}
    here = cpu_type()

    def heard(event: tuple[float, str]) -> None:
        cpu = event[1]
        if cpu not in known:
            known.add(cpu)
            said = f"engine: workers have other CPUs ({cpu}) than this machine ({here}): "
            tqdm.write(printable(f"{said}results may differ in the last bits"), file=sys.stderr)

    client.subscribe_topic(topic, heard)
    return topic


@contextmanager
def _silence() -> Iterator[None]:
    """Silence Dask's loggers: exceptions report failures, and users cannot act on most of its messages."""
    import distributed  # noqa: F401  (it sets the levels of its loggers when imported)

    loggers = [logging.getLogger(name) for name in _LOGGERS]
    levels = [logger.level for logger in loggers]
    try:
        for logger in loggers:
            logger.setLevel(logging.CRITICAL + 1)
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
