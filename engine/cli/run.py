"""The command `run`: from a scenario to a results file."""

from __future__ import annotations

import shlex
import time
from pathlib import Path
from typing import Annotated

import typer
import xarray as xr

from engine.analyses import overviews
from engine.cli.simulating import Cluster, play
from engine.errors import InputError
from engine.execution import Execution
from engine.execution.atomic_write import DATASET
from engine.execution.directory import RESULTS
from engine.montecarlo import Keep
from engine.results.files import write_results
from engine.results.provenance import sampling_option
from engine.scenario import FUTURES, SAMPLING, WORLDS, check_addresses, load_scenario
from engine.scenario.entries import entries_left_out
from engine.shell.options import (
    INTEGER,
    NUMBER,
    Drawn,
    Futures,
    Output,
    Policies,
    ScenarioPath,
    Seed,
    Threads,
    Worlds,
    WorldsFrom,
    check_not_read,
    default_output,
    named,
    posterior_worlds,
    size,
)
from engine.shell.printing import say
from engine.simulation import simulate
from engine.simulation.jobs import new_job
from engine.statistics.precision import precise_simulation


def command(
    scenario: ScenarioPath,
    policies: Policies = None,
    worlds: Worlds = WORLDS,
    futures: Futures = FUTURES,
    seed: Seed = 0,
    sampling: Drawn = SAMPLING,
    worlds_from: WorldsFrom = None,
    threads: Threads = None,
    cluster: Cluster = None,
    chunk: Annotated[int | None, typer.Option(**INTEGER, help="futures per chunk; default: chosen by run size")] = None,
    run_dir: Annotated[
        Path | None, typer.Option(metavar="DIR", help="folder for finished chunks, to resume from")
    ] = None,
    samples: Annotated[bool, typer.Option("--samples", help="store the outcomes of every future")] = False,
    paths: Annotated[
        bool, typer.Option("--paths", help="store every future year by year (includes --samples)")
    ] = False,
    estimate: Annotated[bool, typer.Option("--estimate", help="estimate time, memory and disk, and exit")] = False,
    until_se: Annotated[
        float | None,
        typer.Option(
            **NUMBER, help="add worlds until no probability of attainment has a larger (pooled) standard error"
        ),
    ] = None,
    most_worlds: Annotated[int, typer.Option(**INTEGER, help="limit of worlds for --until-se")] = 100_000,
    output: Output = None,
) -> None:
    """Without --policies, all policies of the scenario are simulated in the same futures as the baseline."""
    check_addresses(worlds, futures, seed, sampling)
    loaded = load_scenario(scenario)
    for sentence in entries_left_out(loaded):
        say(sentence, err=True)
    names = named(loaded, policies)
    execution = Execution(threads, cluster, chunk, run_dir, progress=True)
    target = output or (default_output(loaded.name, DATASET) if run_dir is None else run_dir / RESULTS)
    if worlds_from is not None:
        check_not_read(target, worlds_from)
    if run_dir is not None and worlds_from is not None:
        raise InputError("a run folder stores only runs of drawn worlds; leave out --run-dir or --worlds-from")
    keep: Keep = "prices" if paths else "samples" if samples else "counts"
    if until_se is None:
        drawn, worlds = posterior_worlds(worlds_from, loaded, worlds, seed, sampling)
        job = new_job(loaded, worlds, futures, seed, policies=names, keep=keep, sampling=drawn)
        play(job, execution, target, output, estimate)
        return
    if run_dir is not None or paths or estimate or worlds_from is not None:
        raise InputError(
            "--until-se determines the number of worlds; leave out --run-dir, --paths, --estimate and --worlds-from"
        )

    def simulated(count: int) -> xr.Dataset:
        return simulate(loaded, count, futures, seed, policies=names, keep=keep, sampling=sampling, execution=execution)

    # The default gives way to a lower limit.
    at_first = min(worlds, most_worlds) if worlds == WORLDS else worlds
    began = time.perf_counter()
    results = precise_simulation(simulated, at_first, until_se, most_worlds)
    took = time.perf_counter() - began
    write_results(results, target)
    say("\n".join(overviews(results)))
    enough = int(results.attrs["worlds"])
    say(
        f"{enough:,} worlds: the largest standard error of a probability of attainment, pooled by class, is "
        f"{results.attrs['largest_standard_error']:.2g}, at most {until_se:g}. The same results, to the bit:\n  "
        + _plain(scenario, policies, enough, futures, seed, sampling)
    )
    say(f"{size(enough, futures, names)} in {took:.1f} s. Written to {target}")


def _plain(scenario: str, policies: str | None, worlds: int, futures: int, seed: int, sampling: str) -> str:
    """The command line of a run with this number of worlds."""
    words = ["engine", "run", scenario, "--worlds", str(worlds), "--futures", str(futures), "--seed", str(seed)]
    words += ["--policies", policies] if policies is not None else []
    return shlex.join([*words, *sampling_option(sampling)])
