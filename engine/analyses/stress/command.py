"""The command `stress`."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from engine.analyses.stress.analysis import USUAL_REQUIREMENTS, stress_test
from engine.analyses.stress.summary import stress_in_words
from engine.errors import InputError
from engine.execution import Execution
from engine.execution.atomic_write import DATASET
from engine.results.files import write_results
from engine.scenario import SAMPLING, check_addresses, load_scenario
from engine.shell.options import (
    NUMBER,
    Drawn,
    Futures,
    Metrics,
    Policies,
    ScenarioPath,
    Seed,
    Threads,
    Worlds,
    default_output,
    named,
    size,
    written,
)
from engine.shell.printing import say
from engine.simulation import simulate


def command(
    scenario: ScenarioPath,
    policies: Policies = None,
    worlds: Worlds = 2048,
    futures: Futures = 10,
    seed: Seed = 0,
    sampling: Drawn = SAMPLING,
    threads: Threads = None,
    metric: Metrics = None,
    require: Annotated[
        list[str] | None,
        typer.Option(
            metavar="'METRIC <= NUMBER'",
            help="requirement in each world (repeatable); a percentage is relative to the baseline. "
            f"Default: {' and '.join(map(repr, USUAL_REQUIREMENTS))} (an assumption)",
        ),
    ] = None,
    plausible: Annotated[
        float,
        typer.Option(**NUMBER, help="share of worlds that count as plausible in the search for the worst"),
    ] = 0.95,
    output: Annotated[
        Path | None, written(DATASET, "--output", "-o", help="output file; default: outputs/NAME-stress.nc")
    ] = None,
    results_file: Annotated[
        Path | None, written(DATASET, "--results", help="also write the results with all futures")
    ] = None,
) -> None:
    """Finds where policies fail, what reverses their ranking, and the worst plausible worlds."""
    check_addresses(worlds, futures, seed, sampling)
    if not 0.0 < plausible <= 1.0:
        raise InputError(f"--plausible must be above 0 and at most 1, not {plausible:g}")
    loaded = load_scenario(scenario)
    names = named(loaded, policies)
    target = output or default_output(f"{loaded.name}-stress", DATASET)
    began = time.perf_counter()
    # A mistake in a metric or a requirement must fail at once, not after minutes.
    stress_test(simulate(loaded, 2, 1, seed, policies=names, keep="samples"), metric, require)
    results = simulate(
        loaded,
        worlds,
        futures,
        seed,
        policies=names,
        execution=Execution(threads=threads, progress=True),
        keep="samples",
        sampling=sampling,
    )
    simulated = time.perf_counter()
    found = stress_test(results, metric, require, plausible=plausible)
    if results_file is not None:
        write_results(results, results_file)
    write_results(found, target)
    say(stress_in_words(found))
    took = f"{simulated - began:.1f} s, analysed in {time.perf_counter() - simulated:.1f} s"
    files = f"{target} and {results_file}" if results_file else str(target)
    say(f"\n{size(worlds, futures, names)} in {took}. Written to {files}")
