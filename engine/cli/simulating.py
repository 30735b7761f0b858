"""The part that the commands `run` and `resume` share: a job is simulated into a results file."""

from __future__ import annotations

import shlex
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from engine.analyses import overviews
from engine.cli import INTERRUPTED
from engine.errors import ResultsError
from engine.execution import Execution
from engine.execution.cluster_address import ClusterError
from engine.execution.estimate import check_fits, with_time
from engine.execution.manifest import MANIFEST, RunDirectoryError
from engine.montecarlo import Job
from engine.shell.options import size
from engine.shell.printing import say
from engine.simulation.jobs import simulated_to_file

Cluster = Annotated[
    str | None,
    typer.Option(metavar="PLACE", help="run on a Dask cluster: local, local:N, tcp://host:port or slurm:config.yaml"),
]


def play(job: Job, execution: Execution, target: Path, output: Path | None, only_estimate: bool = False) -> None:
    """Simulate a job into the results file `target`, and print its summary."""
    needed = check_fits(job, execution, in_memory=False, target=target)
    with _resumable(execution.directory, output):
        say(with_time(needed, job, execution).in_words(), err=True)
        if only_estimate:
            return
        began = time.perf_counter()
        results = simulated_to_file(job, execution, target)
    took = time.perf_counter() - began
    with results:
        say("\n".join(overviews(results)))
    say(f"{size(job.sampler.total, job.futures, list(job.policies))} in {took:.1f} s. Written to {target}")


@contextmanager
def _resumable(directory: Path | None, output: Path | None) -> Iterator[None]:
    """Print how to resume if the work within fails or is interrupted."""
    try:
        yield
    except KeyboardInterrupt:
        say(f"\nengine: stopped. {_how_to_resume(directory, output)}", err=True)
        raise typer.Exit(INTERRUPTED) from None
    except RunDirectoryError:
        raise
    except (ResultsError, ClusterError) as error:
        raise type(error)(f"{error}\n{_how_to_resume(directory, output)}") from None


def _how_to_resume(directory: Path | None, output: Path | None) -> str:
    if directory is None or not (directory / MANIFEST).exists():
        return "Nothing was stored. With --run-dir DIR, finished chunks are, and `engine resume DIR` resumes the run"
    words = ["engine", "resume", str(directory), *(["-o", str(output)] if output is not None else [])]
    return f"Finished chunks are stored. Resume with:\n  {shlex.join(words)}"
