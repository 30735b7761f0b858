"""The command `resume`: a run that was stopped, to its end."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from engine.cli.playing import Cluster, play
from engine.execution import Execution
from engine.execution.atomic_write import DATASET
from engine.execution.directory import RESULTS
from engine.shell.options import (
    Threads,
    written,
)
from engine.simulation.jobs import begun_job


def command(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="the folder of a run, as given to --run-dir")],
    threads: Threads = None,
    cluster: Cluster = None,
    as_begun: Annotated[
        bool, typer.Option("--as-begun", help="take the scenario as it was, though its file has changed")
    ] = False,
    output: Annotated[
        Path | None, written(DATASET, "--output", "-o", help="where results are written; by default DIR/results.nc")
    ] = None,
) -> None:
    """Go on with a run that was stopped or crashed; what is finished is not played again."""
    job, chunk = begun_job(directory, as_begun)
    target = output or directory / RESULTS
    play(job, Execution(threads, cluster, chunk, directory, progress=True), target, output)
