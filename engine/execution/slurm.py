"""Dask workers as jobs of SLURM, by a configuration file in YAML.

The scheduler is in this process. Jobs are scripts for `sbatch`; `squeue` lists the remaining ones, and `scancel` ends
them.
"""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any
from uuid import uuid4

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from tqdm import tqdm

from engine.errors import InputError
from engine.execution.cluster_address import ClusterError
from engine.execution.local import WORKER_SILENCE
from engine.scenario.errors import Problem, ScenarioError, in_lines, shown
from engine.scenario.numbers import meant
from engine.scenario.readings import whole
from engine.scenario.source import Layout, Source, read_source

if TYPE_CHECKING:
    from distributed import Client, SpecCluster

_MEMORY = re.compile(r"[1-9][0-9]*(\.[0-9]+)? ?[kMGT]i?B")
_WALLTIME = re.compile(r"(?:([0-9]{1,3})-)?([0-9]{1,3}):([0-5][0-9]):([0-5][0-9])")
#: Shortest walltime, and the longest time before it at which workers leave, seconds.
_SHORTEST = 300
_MARGIN = 300
#: Seconds between two checks for ended jobs.
_LOOK = 15.0
#: Failures in a row, without a worker from any job in between, after which no more jobs are submitted.
_FAILURES = 3
#: Seconds in which a command of SLURM must answer, and a worker must reach the scheduler.
_ANSWER = 60
_CONNECT = 120
_COMMANDS = ("sbatch", "squeue", "scancel")


def seconds(walltime: str) -> int:
    """Seconds of a walltime such as 02:00:00 or 1-12:00:00 (days first). Raises InputError for anything else."""
    found = _WALLTIME.fullmatch(walltime)
    if not found:
        raise InputError(f"{shown(walltime)} is not a walltime; write hours:minutes:seconds, such as 02:00:00")
    days, hours, minutes, rest = (int(part or 0) for part in found.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60 + rest


def _long_enough(walltime: str) -> str:
    if seconds(walltime) < _SHORTEST:
        raise InputError("too short to compile and simulate; give at least 00:05:00")
    return walltime


def _bytes(memory: str) -> str:
    if not _MEMORY.fullmatch(memory):
        raise InputError(f"{shown(memory)} is not an amount of memory; write one such as 8GB")
    return memory


class SlurmConfig(BaseModel):
    """The resources of a SLURM job; SLURM and Dask choose missing ones."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, use_attribute_docstrings=True)

    workers: Annotated[int, Field(ge=1)]
    """Worker processes in all."""
    cores: Annotated[int, Field(ge=1)]
    """CPUs of a job; each process uses `cores / processes` of them."""
    memory: Annotated[str, AfterValidator(_bytes)]
    """Memory of a job, such as 8GB."""
    walltime: Annotated[str, AfterValidator(_long_enough)]
    """Longest time of a job, hours:minutes:seconds; workers leave a little earlier, and new jobs replace them."""
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
    """Folder for the output of jobs; by default the current one."""
    job_extra_directives: list[str] | None = None
    """Further options of sbatch, such as --exclusive."""
    job_script_prologue: list[str] | None = None
    """Shell commands before the worker, such as module load."""
    python: str | None = None
    """Python on the nodes, with the same engine; by default the one here."""

    @model_validator(mode="after")
    def _check_cores(self) -> SlurmConfig:
        if self.cores < self.processes:
            raise InputError(f"{self.processes} processes need at least as many cores, not {self.cores}; give more")
        return self

    @property
    def jobs(self) -> int:
        """Jobs in all."""
        return -(-self.workers // self.processes)

    @property
    def stagger(self) -> int:
        """Seconds over which the departures of workers are staggered."""
        return min(_MARGIN, seconds(self.walltime) // 20)

    @property
    def lifetime(self) -> int:
        """Mean seconds after which a worker leaves: before SLURM ends it, with time to transfer results."""
        walltime = seconds(self.walltime)
        return walltime - self.stagger - min(_MARGIN, max(60, walltime // 20))

    def log(self, job: str) -> Path:
        """The log file of a job, by its number, or by SLURM's %j."""
        return Path(self.log_directory, f"engine-{job}.out") if self.log_directory else Path(f"slurm-{job}.out")


_LAYOUT = Layout("configuration of SLURM", frozenset(SlurmConfig.model_fields), "workers: 4")


def read_config(path: Path) -> SlurmConfig:
    """The configuration in the file `path`. Raises ClusterError, one line per problem: `file:line: key: remedy`."""
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
    given, is_int = error["input"], kind == "int_type"
    written = str(given) if is_int and isinstance(given, float) else shown(given)
    return source.problem(path, f"{must}, not {written}{whole(given) if is_int else ''}")


def job_script(config: SlurmConfig, scheduler: str, name: str, worker: str) -> str:
    """The script of the job `name`, whose workers, named `worker`, join the scheduler at that address."""
    from dask.utils import parse_bytes

    memory = parse_bytes(config.memory)
    options = [f"--job-name={name}", f"--output={config.log('%j')}", "--ntasks=1", f"--cpus-per-task={config.cores}"]
    options += [f"--mem={-(-memory // 2**20)}M", f"--time={config.walltime}", "--no-requeue"]
    options += [f"--partition={config.queue}"] if config.queue else []
    options += [f"--account={config.account}"] if config.account else []
    options += config.job_extra_directives or []
    command = [config.python or shlex.quote(sys.executable), "-m distributed.cli.dask_worker", scheduler]
    command += [f"--name {worker} --nworkers {config.processes} --nthreads {config.cores // config.processes}"]
    command += [f"--memory-limit {memory // config.processes} --nanny --no-dashboard --death-timeout {_CONNECT}"]
    command += [f"--lifetime {config.lifetime}s --lifetime-stagger {config.stagger}s"]
    command += [f"--interface {config.interface}"] if config.interface else []
    command += [f"--local-directory {config.local_directory}"] if config.local_directory else []
    directives = [f"#SBATCH {option}" for option in options]
    return "\n".join(["#!/usr/bin/env bash", *directives, *(config.job_script_prologue or []), " ".join(command), ""])


@contextmanager
def slurm_client(config: SlurmConfig, place: str) -> Iterator[tuple[Client, Callable[[], None]]]:
    """A client of SLURM jobs, once the first worker has joined, and a check that replaces ended jobs.

    Raises ClusterError if SLURM refuses the jobs or if they fail; so does the check.
    """
    from distributed import Client

    for command in _COMMANDS:
        if shutil.which(command) is None:
            raise ClusterError(
                f"{place}: there is no `{command}` here; run the engine on a machine that submits SLURM jobs"
            )
    with TemporaryDirectory(prefix="engine-cluster-", ignore_cleanup_errors=True) as folder, ExitStack() as stack:
        try:
            cluster = stack.enter_context(_scheduler(config, folder))
            if config.log_directory:
                Path(config.log_directory).mkdir(parents=True, exist_ok=True)
        except (OSError, RuntimeError, ValueError) as error:
            raise ClusterError(f"{place}: {_last_line(str(error))}; correct the configuration") from None
        client = stack.enter_context(Client(cluster, set_as_default=False))
        jobs = _Jobs(config, place, cluster.scheduler_address, Path(folder))
        stack.callback(jobs.cancel)
        jobs.begin()
        _print(f"waiting for the first of {config.workers} workers from SLURM (Ctrl-C stops)")
        looked = time.monotonic()

        def check() -> None:
            nonlocal looked
            if time.monotonic() - looked >= _LOOK:
                looked = time.monotonic()
                jobs.look(client.run_on_scheduler(_worker_names))

        while not client.nthreads():
            check()
            time.sleep(0.2)
        yield client, check


def _scheduler(config: SlurmConfig, folder: str) -> SpecCluster:
    """A cluster with only a scheduler, which runs in this process and stores its files in `folder`."""
    from distributed import Scheduler, SpecCluster

    options = {"dashboard": False, "dashboard_address": ":0", "interface": config.interface}
    options |= {"worker_ttl": WORKER_SILENCE, "local_directory": folder}
    return SpecCluster(scheduler={"cls": Scheduler, "options": options})


def _worker_names(dask_scheduler: Any) -> list[str]:
    """Runs in the scheduler: the names of the current workers."""
    return [str(worker.name) for worker in dask_scheduler.workers.values()]


class _Refused(Exception):
    """A command of SLURM that failed; its text is the last line that the command printed."""


@dataclass
class _Job:
    """A job: its number, the name of its workers, and whether one of them has ever joined."""

    number: str
    worker: str
    came: bool = False

    def has(self, name: str) -> bool:
        return name == self.worker or name.startswith(f"{self.worker}-")


class _Jobs:
    """The jobs of a run. An ended job is replaced; a job that ended before any of its workers joined has failed.

    After three failures in a row no more jobs are submitted, and the run stops once no worker is left.
    """

    def __init__(self, config: SlurmConfig, place: str, scheduler: str, folder: Path) -> None:
        self._config, self._place, self._scheduler, self._folder = config, place, scheduler, folder
        self._name = f"engine-{uuid4().hex[:8]}"
        self._jobs: list[_Job] = []
        self._asked = 0
        self._failures: list[str] = []
        self._last_messages: dict[str, str] = {}

    def begin(self) -> None:
        """Submit all jobs. Raises ClusterError if SLURM accepts none of them."""
        self._ask(workers=0)
        if not self._jobs:
            raise ClusterError(f"{self._place}: {self._failures[-1]}; correct this")

    def look(self, present: Collection[str]) -> None:
        """Replace ended jobs, given the names of the workers that are `present`.

        Raises ClusterError if the last three jobs have failed and there is no worker.
        """
        try:
            queue = self._queue()
        except _Refused as refused:
            self._print_once("squeue", f"squeue fails ({refused}); trying again")
            return
        for job in list(self._jobs):
            if not job.came and any(job.has(name) for name in present):
                job.came = True
                self._failures.clear()
            if job.number not in queue:
                self._jobs.remove(job)
                if not job.came:
                    self._fail(f"job {job.number} ended before any of its workers joined; {self._said(job)}")
        if len(self._failures) < _FAILURES:
            self._ask(len(present))
        elif not present:
            many, last = len(self._failures), self._failures[-1]
            raise ClusterError(f"{self._place}: {many} jobs have failed in a row. The last: {last}; correct this")
        states = Counter(queue[job.number] for job in self._jobs if job.number in queue)
        if states and not present:
            found = ", ".join(f"{number} {state}" for state, number in sorted(states.items()))
            self._print_once("jobs", f"there is no worker; SLURM reports for the jobs: {found}")

    def cancel(self) -> None:
        """End all jobs."""
        if self._jobs:
            with suppress(_Refused):
                _said_by("scancel", *(job.number for job in self._jobs))

    def _ask(self, workers: int) -> None:
        """Submit missing jobs, given the current number of workers."""
        for _ in range(self._config.jobs - len(self._jobs)):
            self._asked += 1
            worker = f"worker-{self._asked}"
            script = self._folder / "job.sh"
            script.write_text(job_script(self._config, self._scheduler, self._name, worker), encoding="utf-8")
            try:
                said = _said_by("sbatch", str(script))
                number = re.search(r"[0-9]+", said)
                if number is None:
                    raise _Refused(f"no job number in its answer {_last_line(said)!r}")
            except _Refused as refused:
                what = f"sbatch refuses a job ({refused})"
                if self._jobs or workers:
                    self._print_once("sbatch", f"{what}; trying again")
                else:
                    self._failures.append(what)
                return
            self._jobs.append(_Job(number[0], worker))

    def _queue(self) -> dict[str, str]:
        """The state of each job that waits or runs, by its number."""
        said = _said_by("squeue", "--noheader", f"--name={self._name}", "--format=%A %T %r")
        lines = [line.split(maxsplit=2) for line in said.splitlines() if line.strip()]
        return {number: f"{state} ({', '.join(why)})" if state == "PENDING" else state for number, state, *why in lines}

    def _fail(self, what: str) -> None:
        self._failures.append(what)
        _print(what)

    def _said(self, job: _Job) -> str:
        """The log of a job, and its last line that mentions an error, or else its last line."""
        log = self._config.log(job.number)
        try:
            lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
        except OSError:
            return f"there is no log {log}"
        errors = [line for line in lines if "error" in line.lower()] or lines or ["nothing"]
        return f"its log {log} says: {errors[-1][:200]}"

    def _print_once(self, topic: str, what: str) -> None:
        """Print a message on a topic, unless it repeats the last one on that topic."""
        if self._last_messages.get(topic) != what:
            self._last_messages[topic] = what
            _print(what)


def _said_by(*command: str) -> str:
    """The output of a command of SLURM. Raises _Refused if it fails."""
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_ANSWER,
            start_new_session=True,  # Ctrl-C must not reach it
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise _Refused(_last_line(str(error))) from None
    if done.returncode:
        raise _Refused(_last_line(done.stderr or done.stdout))
    return done.stdout


def _print(what: str) -> None:
    tqdm.write(f"engine: {what}", file=sys.stderr)


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return (lines or ["no output"])[-1][:200]
