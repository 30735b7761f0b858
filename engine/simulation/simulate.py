"""One scenario in, the distributions of its futures out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import xarray as xr

from engine.execution import Execution
from engine.montecarlo import Job
from engine.scenario import Change, Design, Scenario
from engine.simulation.jobs import begun_job, kept_of, new_job, played, played_to_file


def simulate(
    scenario: Scenario,
    worlds: int = 1000,
    futures: int = 10,
    seed: int = 0,
    *,
    policies: Sequence[str] | None = None,
    threads: int | None = None,
    keep_samples: bool = False,
    keep_paths: bool = False,
    keep_prices: bool | None = None,
    sampling: str = "random",
    design: Design | None = None,
    change: Change | None = None,
    progress: bool = False,
    cluster: str | None = None,
    chunk: int | None = None,
    directory: str | Path | None = None,
    output: str | Path | None = None,
) -> xr.Dataset:
    """Play `futures` futures in each of `worlds` worlds of `scenario`, under each of `policies` with the same luck.

    `policies` are names, None for all of the scenario; the baseline, of no measures, is always played and comes
    first. Returns a dataset (docs/results.md) with dimensions policy, actor_class, capability, route, time, quantile,
    threshold, period, loss and level; with `keep_samples` also world, future and parameter, for what comes of every
    single future; with `keep_paths` also year and actor, for how it came to it year by year, and investment, for what
    money would have bought, unless `keep_prices` is False: finding that is most of the work. `sampling` says
    how the uncertain numbers of worlds are drawn: `random`, `lhs` or `sobol`; or a `design` gives them. `change` is
    made in the worlds after they are drawn, for counterfactuals with the same luck; describe it in the attributes of
    what you make of the dataset.

    The same seed gives the same dataset wherever and however it is played: by `threads` here (None: one for each CPU
    this process may use), or on a Dask `cluster` (`local:4`, `tcp://host:port`, `slurm:config.yaml`); `chunk` futures
    at a time; with finished chunks kept in the folder `directory`, from which the same call, or `resume`, goes on
    after a crash. `progress` shows a bar on a terminal. With `output` the results are written to that file, single
    futures as they come and then returned lazily, so that memory does not grow with their number.

    Raises InputError if a number is out of range, a policy unknown, or the memory or the disk too small; ResultsError
    if the folder cannot be used or holds another run, or the file cannot be written.
    """
    job = new_job(
        scenario,
        worlds,
        futures,
        seed,
        policies=policies,
        kept=kept_of(keep_samples, keep_paths, keep_prices),
        sampling=sampling,
        design=design,
        change=change,
    )
    folder = None if directory is None else Path(directory)
    return _played(job, Execution(threads, cluster, chunk, folder, progress), output)


def resume(
    directory: str | Path,
    *,
    threads: int | None = None,
    cluster: str | None = None,
    progress: bool = False,
    as_begun: bool = False,
    output: str | Path | None = None,
) -> xr.Dataset:
    """Go on with the run in the folder `directory`: the dataset that it would have given if nothing had happened.

    Raises ResultsError if it is not the folder of a run, is in use, or was begun by another version of the engine; or
    if the scenario's file has changed since, unless the scenario is to be taken `as_begun`.
    """
    folder = Path(directory)
    job, chunk = begun_job(folder, as_begun)
    return _played(job, Execution(threads, cluster, chunk, folder, progress), output)


def _played(job: Job, execution: Execution, output: str | Path | None) -> xr.Dataset:
    return played(job, execution) if output is None else played_to_file(job, execution, Path(output))
