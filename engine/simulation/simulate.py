"""One scenario in, the distributions of its futures out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import xarray as xr

from engine.execution import Execution
from engine.montecarlo import Job, Keep
from engine.scenario import Change, Design, Scenario
from engine.simulation.jobs import begun_job, new_job, played, played_to_file


def simulate(
    scenario: Scenario,
    worlds: int = 1000,
    futures: int = 10,
    seed: int = 0,
    *,
    policies: Sequence[str] | None = None,
    keep: Keep = "counts",
    sampling: str | Design = "random",
    change: Change | None = None,
    execution: Execution | None = None,
    output: str | Path | None = None,
) -> xr.Dataset:
    """Simulate `futures` futures in each of `worlds` worlds of `scenario`, under each of `policies` with the same luck.

    Parameters
    ----------
    policies
        Names, None for all of the scenario. The baseline, of no measures, is always simulated and comes first.
    keep
        What is kept of single futures: "counts" (nothing), "samples" (what comes of every future), "paths" (also how it
        came to it, year by year), or "prices" (also what money would have bought, which is most of the work). Each
        holds all that comes before it.
    sampling
        How worlds are drawn: "random", "lhs", "sobol" or the sampler of another package; or a `Design` that gives them.
    change
        Made in the worlds after they are drawn, for counterfactuals with the same luck. Describe it in the attributes
        of what you make of the dataset.
    execution
        Where and how it is computed; results do not depend on it.
    output
        A file to which the results are written, single futures as they come and then returned lazily, so that memory
        does not grow with their number.

    Returns
    -------
    A dataset (docs/results.md) with the dimensions policy, actor_class, capability, route, time, quantile, threshold,
    period, loss and level; with samples also world, future and parameter; with paths also year and actor; with prices
    also investment. The same seed gives the same dataset, to the bit, wherever and however it is computed.

    Raises InputError if a number is out of range, a policy unknown, or the memory or the disk too small; ResultsError
    if the folder of `execution` cannot be used or holds another run, or the file cannot be written.
    """
    design = sampling if isinstance(sampling, Design) else None
    name = "random" if isinstance(sampling, Design) else sampling
    job = new_job(
        scenario,
        worlds,
        futures,
        seed,
        policies=policies,
        keep=keep,
        sampling=name,
        design=design,
        change=change,
    )
    return _simulated(job, execution or Execution(), output)


def resume(
    directory: str | Path,
    *,
    execution: Execution | None = None,
    as_begun: bool = False,
    output: str | Path | None = None,
) -> xr.Dataset:
    """Continue the run in the folder `directory`: the dataset that it would have given if nothing had happened.

    Of `execution`, `directory` and `chunk` are those of the run. Raises ResultsError if it is not the folder of a run,
    is in use, or was begun by another version of the engine; or if the scenario's file has changed since, unless the
    scenario is to be taken `as_begun`.
    """
    folder = Path(directory)
    job, chunk = begun_job(folder, as_begun)
    return _simulated(job, replace(execution or Execution(), chunk=chunk, directory=folder), output)


def _simulated(job: Job, execution: Execution, output: str | Path | None) -> xr.Dataset:
    return played(job, execution) if output is None else played_to_file(job, execution, Path(output))
