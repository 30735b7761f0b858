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
from engine.scenario import check_addresses, load_scenario
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
    worlds: Worlds = 2000,
    futures: Futures = 10,
    seed: Seed = 0,
    sampling: Drawn = "random",
    threads: Threads = None,
    metric: Metrics = None,
    require: Annotated[
        list[str] | None,
        typer.Option(
            metavar="'METRIC <= NUMBER'",
            help="what a policy must achieve in a world, 90% for a share of the baseline's; may be repeated. "
            f"By default {' and '.join(map(repr, USUAL_REQUIREMENTS))} (an assumption)",
        ),
    ] = None,
    plausible: Annotated[
        float,
        typer.Option(**NUMBER, help="worst worlds: leave out those more unusual than this share is expected to be"),
    ] = 0.95,
    output: Annotated[
        Path | None, written(DATASET, "--output", "-o", help="the stress test; by default outputs/NAME-stress.nc")
    ] = None,
    results_file: Annotated[
        Path | None, written(DATASET, "--results", help="write the results with all futures to this file too")
    ] = None,
) -> None:
    """Stress test: under which assumptions policies fail, what turns their ranking round, and the worst worlds."""
    check_addresses(worlds, futures, seed, sampling)
    if not 0.0 < plausible <= 1.0:
        raise InputError(f"--plausible must be above 0 and at most 1, not {plausible:g}")
    loaded = load_scenario(scenario)
    names = named(loaded, policies)
    target = output or default_output(f"{loaded.name}-stress", DATASET)
    began = time.perf_counter()
    # A mistake in a metric or a requirement is told at once, not after minutes.
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
    played = time.perf_counter()
    found = stress_test(results, metric, require, plausible=plausible)
    if results_file is not None:
        write_results(results, results_file)
    write_results(found, target)
    say(stress_in_words(found))
    took = f"{played - began:.1f} s, analysed in {time.perf_counter() - played:.1f} s"
    files = f"{target} and {results_file}" if results_file else str(target)
    say(f"\n{size(worlds, futures, names)} in {took}. Written to {files}")
