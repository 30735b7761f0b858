"""The command `compare`."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer
import xarray as xr

from engine.analyses.compare.summary import comparison, table_of
from engine.analyses.compare.surprising_signs import surprising_signs
from engine.errors import InputError
from engine.execution import Execution
from engine.execution.atomic_write import DATASET, TABLE
from engine.montecarlo import Keep
from engine.results.files import write_results
from engine.scenario import BASELINE, FUTURES, SAMPLING, WORLDS, check_addresses, load_scenario
from engine.shell.options import (
    Drawn,
    Futures,
    Metrics,
    Policies,
    ScenarioPath,
    Seed,
    Threads,
    Worlds,
    default_output,
    listed,
    named,
    size,
    written,
)
from engine.shell.printing import say, write_table
from engine.simulation import simulate
from engine.statistics.metrics import metric_differences

#: Most times of attainment that are kept to say what a surprising sign depends on; longer runs do not say it.
_MOST_TIMES = 20_000_000


def command(
    scenario: ScenarioPath,
    policies: Policies = None,
    worlds: Worlds = WORLDS,
    futures: Futures = FUTURES,
    seed: Seed = 0,
    sampling: Drawn = SAMPLING,
    threads: Threads = None,
    classes: Annotated[
        str | None,
        typer.Option(metavar="A,B,...", help="classes whose delays are printed; default: first and last"),
    ] = None,
    metric: Metrics = None,
    output: Annotated[
        Path | None, written(TABLE, "--output", "-o", help="table of differences; default: outputs/NAME.csv")
    ] = None,
    results_file: Annotated[
        Path | None, written(DATASET, "--results", help="also write the full results to this file")
    ] = None,
) -> None:
    """Writes the paired differences from the baseline, with their standard errors."""
    check_addresses(worlds, futures, seed, sampling)
    loaded = load_scenario(scenario)
    names = named(loaded, policies)
    if len(names) == 1 and loaded.policies:
        others = ", ".join(loaded.policies)
        raise InputError(f"a comparison needs a policy besides {BASELINE}; use one of: {others}")
    if len(names) == 1:
        loaded.policy_number("")
    wanted = listed(classes)
    for name in wanted or ():
        loaded.class_number(name)
    target = output or default_output(loaded.name, TABLE)
    began = time.perf_counter()

    def simulated(policies: list[str], keep: Keep) -> xr.Dataset:
        execution = Execution(threads=threads, progress=True)
        return simulate(
            loaded, worlds, futures, seed, policies=policies, execution=execution, keep=keep, sampling=sampling
        )

    results = simulated(names, "counts" if metric is None else "samples")
    surprises = surprising_signs(results)
    of = list(dict.fromkeys([BASELINE, *(sign.policy for sign in surprises.largest)]))
    times = worlds * futures * len(of) * len(loaded.actor_classes) * len(loaded.capabilities)
    if surprises.largest and metric is None and times <= _MOST_TIMES:
        # Single futures, which nothing else here needs, of the same run.
        surprises = surprising_signs(results, simulated(of, "samples"))
    took = time.perf_counter() - began
    differences = metric_differences(results, metric or ())
    write_table(table_of(results, differences), target)
    if results_file is not None:
        write_results(results, results_file)
    say(comparison(results, wanted, differences, surprises))
    files = f"{target} and {results_file}" if results_file else str(target)
    say(f"\n{size(worlds, futures, names)} in {took:.1f} s. Written to {files}")
