"""The command `convergence`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from engine.analyses.convergence.summary import convergence_in_words
from engine.execution import Execution
from engine.execution.atomic_write import DATASET
from engine.results.files import open_results
from engine.scenario import FUTURES, SAMPLING, WORLDS, check_addresses, load_scenario
from engine.shell.options import (
    NUMBER,
    Drawn,
    Futures,
    Seed,
    Threads,
    Worlds,
)
from engine.shell.printing import say
from engine.simulation import simulate

FileOrScenario = Annotated[
    str, typer.Argument(metavar="FILE.nc|SCENARIO", help="results file (.nc), or scenario to run")
]


def command(
    source: FileOrScenario,
    se: Annotated[float, typer.Option("--se", **NUMBER, help="target standard error of probabilities")] = 0.005,
    worlds: Worlds = WORLDS,
    futures: Futures = FUTURES,
    seed: Seed = 0,
    sampling: Drawn = SAMPLING,
    threads: Threads = None,
) -> None:
    """Reports standard errors, effective numbers of futures, and the worlds that a target standard error needs."""
    path = Path(source)
    if path.suffix.lower() == DATASET.ending:
        with open_results(path) as results:
            say(convergence_in_words(results, se))
        return
    check_addresses(worlds, futures, seed, sampling)
    results = simulate(
        load_scenario(source),
        worlds,
        futures,
        seed,
        sampling=sampling,
        execution=Execution(threads=threads, progress=True),
    )
    say(convergence_in_words(results, se))
