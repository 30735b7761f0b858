"""The command `calibrate`."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from engine.analyses.calibrate.discrepancy import Discrepancy
from engine.analyses.calibrate.experiment import calibrate
from engine.analyses.calibrate.plots import posterior_figure
from engine.analyses.calibrate.summary import posterior_in_words, posterior_table
from engine.data import OBSERVATIONS
from engine.execution import Execution
from engine.execution.atomic_write import DATASET
from engine.scenario import WORLDS, check_addresses, load_scenario
from engine.shell.observed import (
    HINDCAST,
    Drawings,
    Figures,
    Observed,
    PastScenario,
    Until,
    check_outputs,
    end_of,
    observed,
    write_outputs,
)
from engine.shell.options import (
    INTEGER,
    NUMBER,
    Futures,
    Output,
    Seed,
    Threads,
    default_output,
    listed,
)
from engine.shell.printing import say


def command(
    scenario: PastScenario = HINDCAST,
    observations: Observed = None,
    until: Until = None,
    kinds: Annotated[
        str, typer.Option(metavar="A,B,...", help="kinds of observations to use")
    ] = "organisations,models,compute",
    error_compute: Annotated[
        float,
        typer.Option(**NUMBER, help="standard deviation of the discrepancy of compute, in OOM"),
    ] = Discrepancy.compute,
    error_counts: Annotated[
        float, typer.Option(**NUMBER, help="standard deviation of the discrepancy of log10(1 + count)")
    ] = Discrepancy.counts,
    worlds: Annotated[int, typer.Option(**INTEGER, help="number of worlds in each round")] = 10_000,
    futures: Futures = 4,
    rounds: Annotated[int, typer.Option(**INTEGER, help="rounds after the prior")] = 2,
    keep: Annotated[int, typer.Option(**INTEGER, help="posterior worlds to write")] = WORLDS,
    check: Annotated[
        int, typer.Option(**INTEGER, help="number of truths for simulation-based calibration; 0 for none")
    ] = 0,
    seed: Seed = 0,
    threads: Threads = None,
    top: Annotated[int, typer.Option(**INTEGER, help="number of rows to print")] = 12,
    figures: Figures = True,
    output: Output = None,
) -> None:
    """Conditions the worlds of the scenario on observations, and writes them for `engine run --worlds-from`."""
    check_addresses(worlds, futures, seed, "random")
    loaded = load_scenario(scenario)
    target = output or default_output(f"{loaded.name}-posterior", DATASET)
    drawn: Drawings = {"": posterior_figure} if figures else {}
    check_outputs(target, observations or [OBSERVATIONS], drawn)
    given = observed(observations, loaded.start)
    began = time.perf_counter()
    found = calibrate(
        loaded,
        given,
        kinds=tuple(listed(kinds) or ()),
        discrepancy=Discrepancy(error_compute, error_counts),
        until=end_of(until),
        worlds=worlds,
        futures=futures,
        rounds=rounds,
        kept=keep,
        truths=check,
        seed=seed,
        execution=Execution(threads=threads, progress=True),
    )
    written = write_outputs(found, target, posterior_table(found), drawn)
    say(posterior_in_words(found, top))
    say(f"\nIn {time.perf_counter() - began:.1f} s. Written to {written}")
