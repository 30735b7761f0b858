"""Dask workers on this machine: processes that end with this one.

They are started as separate commands, not by `multiprocessing`, which would run a user's script again in each of them.
They have a session of their own, so that Ctrl-C in a terminal reaches only this process.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from engine.execution.cluster_address import ClusterError
from engine.execution.machine import usable_cpus

if TYPE_CHECKING:
    from distributed import Client

_HOST = "127.0.0.1"
#: Seconds within which the first process must start.
_START = 120
#: Seconds without a heartbeat after which a worker counts as dead: compilation may hold Python's lock for minutes.
WORKER_SILENCE = 3600


@contextmanager
def local_client(number: int) -> Iterator[tuple[Client, Callable[[], None]]]:
    """A client of `number` worker processes (0: one for each CPU), and a check that raises ClusterError if they end."""
    from distributed import Client, LocalCluster

    number = number or usable_cpus()
    with (
        TemporaryDirectory(prefix="engine-cluster-", ignore_cleanup_errors=True) as folder,
        LocalCluster(
            n_workers=0,
            threads_per_worker=1,
            host=_HOST,
            dashboard_address=f"{_HOST}:0",
            scheduler_kwargs={"dashboard": False, "worker_ttl": WORKER_SILENCE, "local_directory": folder},
        ) as cluster,
        Client(cluster, set_as_default=False) as client,
        _processes(cluster.scheduler_address, number, Path(folder)) as check,
    ):
        end = time.monotonic() + _START
        while not client.nthreads():
            check()
            if time.monotonic() > end:
                raise ClusterError(f"local: no worker process has started in {_START} s; use fewer, local:N")
            time.sleep(0.05)
        yield client, check


@contextmanager
def _processes(address: str, number: int, folder: Path) -> Iterator[Callable[[], None]]:
    """One process that keeps `number` workers alive; all are killed at the end, because everything is stored."""
    log = folder / "workers.log"
    command = [sys.executable, "-P", "-m", "distributed.cli.dask_worker", address, "--host", _HOST]
    command += ["--nworkers", str(number), "--nthreads", "1", "--local-directory", str(folder)]
    command += ["--no-dashboard", "--dashboard-address", f"{_HOST}:0"]
    # No memory limit, as for threads: near a limit Dask pauses a worker, and compilation never returns its memory.
    command += ["--memory-limit", "0", "--death-timeout", str(_START)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path or os.getcwd() for path in sys.path)}
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=True,
        )

    def check() -> None:
        if process.poll() is not None:
            said = log.read_text(errors="replace").strip().splitlines() or ["nothing"]
            raise ClusterError(
                f"local: the worker processes have ended (their last message: {said[-1][:200].strip()}); "
                "use fewer, local:N, or threads"
            )

    try:
        yield check
    finally:
        _kill(process)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End `process` and its children, with a signal that also ends compiled code."""
    if hasattr(os, "killpg"):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        # Without process groups, Dask's workers end themselves when their parent ends.
        process.kill()
    process.wait()
