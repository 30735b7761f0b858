"""The command `resume`: the rest of a stopped run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from engine.cli.simulating import Cluster, play
from engine.execution import Execution
from engine.execution.atomic_write import DATASET
from engine.execution.directory import RESULTS
from engine.shell.options import Threads, written
from engine.simulation.jobs import begun_job


def command(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="folder of the run (its --run-dir)")],
    threads: Threads = None,
    cluster: Cluster = None,
    as_begun: Annotated[
        bool, typer.Option("--as-begun", help="use the original scenario although its file has changed")
    ] = False,
    output: Annotated[
        Path | None, written(DATASET, "--output", "-o", help="output file; default: DIR/results.nc")
    ] = None,
) -> None:
    """Finished chunks are not simulated again. The results are the same as without a stop."""
    job, chunk = begun_job(directory, as_begun)
    target = output or directory / RESULTS
    play(job, Execution(threads, cluster, chunk, directory, progress=True), target, output)
