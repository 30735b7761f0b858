"""Commands that play a scenario into a results file: `run`, and `resume` after a crash."""

from __future__ import annotations

import shlex
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
import xarray as xr

from engine import load_scenario, simulate, write_results
from engine.analysis import policy_summary
from engine.analysis.convergence import precise_simulation
from engine.cli.options import (
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
    group,
    named,
    posterior_worlds,
    size,
    written,
)
from engine.cli.printing import say
from engine.errors import InputError
from engine.execution import Execution
from engine.execution.cluster import ClusterError
from engine.execution.directory import RESULTS
from engine.execution.estimate import check_fits, with_time
from engine.execution.manifest import MANIFEST, RunDirectoryError
from engine.execution.whole_file import DATASET, ResultsError
from engine.montecarlo import Job
from engine.results.played import begun_job, kept_of, new_job, played_to_file
from engine.results.summary import summarise
from engine.scenario import Sampling, check_addresses

Cluster = Annotated[
    str | None,
    typer.Option(metavar="PLACE", help="play on Dask: local, local:N, tcp://host:port or slurm:config.yaml"),
]
#: Exit code of what was interrupted.
INTERRUPTED = 130

commands = group()


@commands.command()
def run(
    scenario: ScenarioPath,
    policies: Policies = None,
    worlds: Worlds = 1000,
    futures: Futures = 10,
    seed: Seed = 0,
    sampling: Drawn = "random",
    worlds_from: WorldsFrom = None,
    threads: Threads = None,
    cluster: Cluster = None,
    chunk: Annotated[
        int | None, typer.Option(**INTEGER, help="futures played at a time; by default by size of the run")
    ] = None,
    run_dir: Annotated[
        Path | None, typer.Option(metavar="DIR", help="keep finished chunks here, so that the run can be resumed")
    ] = None,
    samples: Annotated[bool, typer.Option("--samples", help="keep every single future in the file")] = False,
    paths: Annotated[bool, typer.Option("--paths", help="and how each came about, year by year")] = False,
    estimate: Annotated[bool, typer.Option("--estimate", help="say what the run would take, and stop")] = False,
    until_se: Annotated[
        float | None,
        typer.Option(**NUMBER, help="add worlds until every probability of attainment has at most this standard error"),
    ] = None,
    most_worlds: Annotated[
        int, typer.Option(**INTEGER, help="with --until-se: the most worlds that may be played")
    ] = 100_000,
    output: Output = None,
) -> None:
    """Simulate a scenario, write its results, and print a summary."""
    check_addresses(worlds, futures, seed, sampling)
    loaded = load_scenario(scenario)
    names = named(loaded, policies)
    execution = Execution(threads, cluster, chunk, run_dir, progress=True)
    target = output or (default_output(loaded.name, DATASET) if run_dir is None else run_dir / RESULTS)
    if worlds_from is not None:
        check_not_read(target, worlds_from)
    if run_dir is not None and worlds_from is not None:
        raise InputError("a folder keeps runs of worlds that are drawn; leave out --run-dir or --worlds-from")
    if until_se is None:
        kept = kept_of(samples, paths)
        design = posterior_worlds(worlds_from, loaded, worlds, seed, sampling)
        job = new_job(loaded, worlds, futures, seed, policies=names, kept=kept, sampling=sampling, design=design)
        _play(job, execution, target, output, estimate)
        return
    if run_dir is not None or paths or estimate or worlds_from is not None:
        raise InputError(
            "--until-se finds out how many worlds to play; leave out --run-dir, --paths, --estimate and --worlds-from"
        )

    def played(count: int) -> xr.Dataset:
        return simulate(
            loaded,
            count,
            futures,
            seed,
            policies=names,
            threads=threads,
            sampling=sampling,
            keep_samples=samples,
            cluster=cluster,
            chunk=chunk,
            progress=True,
        )

    began = time.perf_counter()
    results = precise_simulation(played, worlds, until_se, most_worlds)
    took = time.perf_counter() - began
    write_results(results, target)
    _tell(results)
    enough = int(results.attrs["worlds"])
    say(
        f"{enough:,} worlds: the largest standard error of a probability of attainment is "
        f"{results.attrs['largest_standard_error']:.2g}, at most {until_se:g}. The same results, to the bit:\n  "
        + _plain(scenario, policies, enough, futures, seed, sampling)
    )
    say(f"{size(enough, futures, names)} in {took:.1f} s. Written to {target}")


@commands.command()
def resume(
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
    _play(job, Execution(threads, cluster, chunk, directory, progress=True), target, output)


def _play(job: Job, execution: Execution, target: Path, output: Path | None, only_estimate: bool = False) -> None:
    """Play a job into the results file `target`, and tell of it."""
    needed = check_fits(job, execution, in_memory=False, target=target)
    with _resumable(execution.directory, output):
        say(with_time(needed, job, execution).in_words(), err=True)
        if only_estimate:
            return
        began = time.perf_counter()
        results = played_to_file(job, execution, target)
    took = time.perf_counter() - began
    with results:
        _tell(results)
    say(f"{size(job.sampler.total, job.futures, list(job.policies))} in {took:.1f} s. Written to {target}")


@contextmanager
def _resumable(directory: Path | None, output: Path | None) -> Iterator[None]:
    """Say how to go on if what is done within fails or is interrupted."""
    try:
        yield
    except KeyboardInterrupt:
        say(f"\nengine: stopped. {_how_to_go_on(directory, output)}", err=True)
        raise typer.Exit(INTERRUPTED) from None
    except RunDirectoryError:
        raise
    except (ResultsError, ClusterError) as error:
        raise type(error)(f"{error}\n{_how_to_go_on(directory, output)}") from None


def _how_to_go_on(directory: Path | None, output: Path | None) -> str:
    if directory is None or not (directory / MANIFEST).exists():
        return "Nothing was kept; with --run-dir DIR finished chunks are, and `engine resume DIR` goes on"
    words = ["engine", "resume", str(directory), *(["-o", str(output)] if output is not None else [])]
    return f"Finished chunks are kept. Go on with:\n  {shlex.join(words)}"


def _tell(results: xr.Dataset) -> None:
    """Print what came out, and the differences that policies make."""
    say(summarise(results))
    if results.sizes["policy"] > 1:
        say(f"\nPolicies: differences from the baseline, +- their standard error\n{policy_summary(results)}\n")


def _plain(scenario: Path, policies: str | None, worlds: int, futures: int, seed: int, sampling: Sampling) -> str:
    """The command line of a run of so many worlds."""
    words = ["engine", "run", str(scenario), "--worlds", str(worlds), "--futures", str(futures), "--seed", str(seed)]
    words += ["--policies", policies] if policies is not None else []
    words += ["--sampling", sampling] if sampling != "random" else []
    return shlex.join(words)
