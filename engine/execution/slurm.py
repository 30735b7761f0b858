"""Dask workers as jobs of SLURM, by a configuration file in YAML."""

from __future__ import annotations

import re
import shutil
import sys
import time
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any
from weakref import WeakKeyDictionary

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from engine.execution.local import WORKER_SILENCE
from engine.execution.place import ClusterError
from engine.scenario.errors import Problem, ScenarioError, in_lines, shown
from engine.scenario.numbers import meant
from engine.scenario.source import Layout, Source, read_source

if TYPE_CHECKING:
    from dask_jobqueue import SLURMCluster
    from distributed import Client

_MEMORY = re.compile(r"[1-9][0-9]*(\.[0-9]+)? ?[kMGT]i?B")
_WALLTIME = re.compile(r"(?:([0-9]{1,3})-)?([0-9]{1,3}):([0-5][0-9]):([0-5][0-9])")
#: Shortest walltime, and the most that workers leave before it, seconds.
_SHORTEST = 300
_MARGIN = 300
#: Seconds between two looks at which jobs have ended, and looks for which all workers of a job must be gone.
_LOOK = 15.0
_LOOKS = 2


def seconds(walltime: str) -> int:
    """Seconds of a walltime such as 02:00:00 or 1-12:00:00 (days first). Raises ValueError for anything else."""
    found = _WALLTIME.fullmatch(walltime)
    if not found:
        raise ValueError(f"{shown(walltime)} is no walltime; write hours:minutes:seconds, such as 02:00:00")
    days, hours, minutes, rest = (int(part or 0) for part in found.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60 + rest


def _long_enough(walltime: str) -> str:
    if seconds(walltime) < _SHORTEST:
        raise ValueError("too short to compile and play; give at least 00:05:00")
    return walltime


def _bytes(memory: str) -> str:
    if not _MEMORY.fullmatch(memory):
        raise ValueError(f"{shown(memory)} is no amount of memory; write one such as 8GB")
    return memory


class SlurmConfig(BaseModel):
    """What a SLURM job is to have; keys not given are left to Dask's own configuration."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, use_attribute_docstrings=True)

    workers: Annotated[int, Field(ge=1)]
    """Worker processes in all."""
    cores: Annotated[int, Field(ge=1)]
    """CPUs of a job; each process plays on `cores / processes` of them."""
    memory: Annotated[str, AfterValidator(_bytes)]
    """Memory of a job, such as 8GB."""
    walltime: Annotated[str, AfterValidator(_long_enough)]
    """Longest time of a job, hours:minutes:seconds; workers leave a little earlier, and new jobs take their place."""
    processes: Annotated[int, Field(ge=1)] = 1
    """Worker processes of a job."""
    queue: str | None = None
    """Partition (`sbatch -p`)."""
    account: str | None = None
    """Account (`sbatch -A`)."""
    interface: str | None = None
    """Network by which workers reach this machine, such as ib0."""
    local_directory: str | None = None
    """Folder on the nodes for temporary files."""
    log_directory: str | None = None
    """Folder for what jobs print."""
    job_extra_directives: list[str] | None = None
    """Further options of sbatch, such as --exclusive."""
    job_script_prologue: list[str] | None = None
    """Shell commands before the worker, such as module load."""
    python: str | None = None
    """Python on the nodes, with the same engine; by default the one here."""

    @model_validator(mode="after")
    def _check_cores(self) -> SlurmConfig:
        if self.cores < self.processes:
            raise ValueError(f"{self.processes} processes need at least as many cores, not {self.cores}; give more")
        return self

    @property
    def stagger(self) -> int:
        """Seconds by which workers leave at different times."""
        return min(_MARGIN, seconds(self.walltime) // 20)

    @property
    def lifetime(self) -> int:
        """Seconds after which a worker leaves, on average: before SLURM ends it, with time to hand over."""
        walltime = seconds(self.walltime)
        return walltime - self.stagger - min(_MARGIN, max(60, walltime // 20))


_LAYOUT = Layout("configuration of SLURM", frozenset(SlurmConfig.model_fields), "workers: 4")


def read_config(path: Path) -> SlurmConfig:
    """The configuration in the file `path`. Raises ClusterError, one line for each problem: `file:line: key: mend`."""
    try:
        source = read_source(path, str(path), layout=_LAYOUT)
    except ScenarioError as error:
        raise ClusterError(str(error)) from None
    try:
        return SlurmConfig.model_validate(source.data)
    except ValidationError as error:
        raise ClusterError(in_lines([_problem(source, dict(wrong)) for wrong in error.errors()])) from None


def _problem(source: Source, error: dict[str, Any]) -> Problem:
    path, kind = tuple(error["loc"]), error["type"]
    if kind == "missing":
        return source.problem(path, "missing; add this key")
    if kind == "extra_forbidden":
        return source.problem(path, f"unknown key; {meant(str(path[-1]), list(SlurmConfig.model_fields))}")
    if kind == "value_error":
        return source.problem(path, str(error["ctx"]["error"]))
    must = error["msg"].replace("Input should", "must")
    return source.problem(path, f"{must}, not {shown(error['input'])}")


def slurm_cluster(config: SlurmConfig, folder: str) -> SLURMCluster:
    """A cluster with no jobs yet; its scheduler is in this process and puts its files in `folder`."""
    from dask_jobqueue import SLURMCluster

    return SLURMCluster(
        **config.model_dump(exclude={"workers"}),
        job_name="engine",
        worker_extra_args=f"--no-dashboard --lifetime {config.lifetime}s --lifetime-stagger {config.stagger}s".split(),
        scheduler_options={
            "dashboard": False,
            "dashboard_address": ":0",
            "worker_ttl": WORKER_SILENCE,
            "local_directory": folder,
        },
    )


@contextmanager
def slurm_client(config: SlurmConfig, place: str) -> Iterator[tuple[Client, Callable[[], None]]]:
    """A client of a cluster of SLURM jobs, once the first has come; jobs that end are replaced until this is left."""
    from distributed import Client

    if shutil.which("sbatch") is None:
        raise ClusterError(f"{place}: there is no `sbatch` here; run the engine on a machine that submits SLURM jobs")
    with TemporaryDirectory(prefix="engine-cluster-", ignore_cleanup_errors=True) as folder, ExitStack() as stack:
        try:
            cluster = stack.enter_context(slurm_cluster(config, folder))
        except (OSError, RuntimeError, ValueError) as error:
            raise ClusterError(f"{place}: {_last_line(error)}; mend the configuration") from None
        client = stack.enter_context(Client(cluster, set_as_default=False))
        try:
            cluster.sync(_submit, cluster, config.workers)
        except (OSError, RuntimeError, ValueError) as error:
            raise ClusterError(f"{place}: sbatch refuses the jobs ({_last_line(error)}); mend it") from None
        print(
            f"engine: waiting for the first of {config.workers} workers from SLURM (Ctrl-C stops)",
            file=sys.stderr,
            flush=True,
        )
        while not client.nthreads():
            time.sleep(0.2)
        with _replacing(cluster, config.workers):
            yield client, lambda: None


@contextmanager
def _replacing(cluster: SLURMCluster, workers: int) -> Iterator[None]:
    """Ask for a new job whenever one has ended, until this is left: Dask itself asks once."""
    from tornado.ioloop import PeriodicCallback

    absent: WeakKeyDictionary[Any, int] = WeakKeyDictionary()
    callback = PeriodicCallback(lambda: _replace_ended(cluster, workers, absent), _LOOK * 1000)
    cluster.loop.add_callback(callback.start)
    try:
        yield
    finally:
        cluster.loop.add_callback(callback.stop)


async def _replace_ended(cluster: SLURMCluster, workers: int, absent: MutableMapping[Any, int]) -> None:
    """Look which jobs have ended or been refused; `absent` counts, for each of them, the looks without its workers."""
    present = {str(worker.name) for worker in cluster.scheduler.workers.values()}
    for name, job in list(cluster.workers.items()):
        if any(worker == name or worker.startswith(f"{name}-") for worker in present):
            absent[job] = 0
        elif job in absent or job.job_id is None:
            absent[job] = absent.get(job, 0) + 1
            # A worker that has failed is started again by its nanny, and is absent for some seconds.
            if absent[job] > _LOOKS:
                del absent[job], cluster.workers[name]
                await job.close()
    cluster.scale(workers)


async def _submit(cluster: SLURMCluster, workers: int) -> None:
    """Ask for all jobs. Raises RuntimeError if SLURM refuses them, which `scale` by itself would only log."""
    from distributed.core import Status

    cluster.scale(workers)
    try:
        await cluster._correct_state()
    except BaseException:
        # The error holds on to the jobs, and a cluster closes only if each it finds has an end.
        for job in cluster.workers.values():
            job.status = Status.failed
        raise


def _last_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines or [type(error).__name__])[-1][:200]
