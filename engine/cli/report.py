"""The command `report`: the results of a run as one HTML page to read, print and mail."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from engine.execution import Execution
from engine.execution.atomic_write import PAGE, atomic_write
from engine.report import report
from engine.results.files import open_results
from engine.shell.options import Threads, check_not_read, default_output, written
from engine.shell.printing import say


def command(
    results: Annotated[Path, typer.Argument(metavar="FILE.nc", help="results file, as `engine run` writes it")],
    threads: Threads = None,
    output: Annotated[
        Path | None, written(PAGE, "--output", "-o", help="report (HTML); default: outputs/NAME.html")
    ] = None,
) -> None:
    """The report contains findings, figures, policies, timelines and all assumptions."""
    target = output or default_output(results.stem, PAGE)
    check_not_read(target, results)
    began = time.perf_counter()
    with open_results(results) as opened:
        page = report(opened, execution=Execution(threads=threads, progress=True))
    with atomic_write(target) as unfinished:
        unfinished.write_text(page, encoding="utf-8", newline="\n")
    size = target.stat().st_size / 1e6
    say(f"{size:.1f} MB in {time.perf_counter() - began:.1f} s. Written to {target}")
