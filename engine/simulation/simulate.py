"""From a scenario to the distributions of its futures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import xarray as xr

from engine.errors import InputError
from engine.execution import Execution
from engine.montecarlo import Job, Keep
from engine.scenario import FUTURES, SAMPLING, WORLDS, Change, Design, Scenario
from engine.simulation.jobs import begun_job, new_job, simulated, simulated_to_file


def simulate(
    scenario: Scenario,
    worlds: int = WORLDS,
    futures: int = FUTURES,
    seed: int = 0,
    *,
    policies: Sequence[str] | None = None,
    keep: Keep = "counts",
    sampling: str | Design = SAMPLING,
    change: Change | None = None,
    execution: Execution | None = None,
    output: str | Path | None = None,
) -> xr.Dataset:
    """Simulate `futures` futures in each of `worlds` worlds of `scenario`, under each of `policies` with equal draws.

    Parameters
    ----------
    policies
        Names, None for all of the scenario. The baseline, without measures, is always simulated and comes first.
    keep
        Stored parts of single futures: "counts" (nothing), "samples" (the outcomes of every future), "sizes" (also its
        models by training compute), "paths" (also its course year by year), or "prices" (also the compute that money
        would buy, most of the work). Each includes the ones before it.
    sampling
        Sampling of worlds: "qmc", "random", "lhs" or the sampler of another package; or a `Design` with the worlds.
    change
        Applied to the worlds after they are drawn, for counterfactuals with the same random draws. Describe it in the
        attributes of datasets that you derive.
    execution
        Where and how it is computed; results do not depend on it.
    output
        A file for the results. Single futures are written during the run and returned lazily, so that memory does not
        grow with their number.

    Returns
    -------
    A dataset (docs/results.md) with the dimensions policy, actor_class, capability, route, time, quantile, threshold,
    period, loss and level; with samples also world, future and parameter; with sizes also year and actor; with prices
    also investment. The same seed gives the same dataset, to the bit, independent of where and how it is computed.

    Raises InputError if a number is out of range, a policy unknown, or the memory or the disk too small; ResultsError
    if the folder of `execution` cannot be used or contains another run, or the file cannot be written.
    """
    job = new_job(scenario, worlds, futures, seed, policies=policies, keep=keep, sampling=sampling, change=change)
    return _simulated(job, execution, output)


def resume(
    directory: str | Path,
    *,
    execution: Execution | None = None,
    as_begun: bool = False,
    output: str | Path | None = None,
) -> xr.Dataset:
    """Resume the run in the folder `directory`: the same dataset as without a stop.

    `directory` and `chunk` of `execution` are replaced by those of the run. Raises ResultsError if it is not the folder
    of a run, is in use, or was started by another version of the engine; or if the scenario's file has changed since,
    unless `as_begun` selects the original scenario.
    """
    folder = Path(directory)
    job, chunk = begun_job(folder, as_begun)
    return _simulated(job, replace(_checked(execution), chunk=chunk, directory=folder), output)


def _simulated(job: Job, execution: Execution | None, output: str | Path | None) -> xr.Dataset:
    where = _checked(execution)
    return simulated(job, where) if output is None else simulated_to_file(job, where, Path(output))


def _checked(execution: Execution | None) -> Execution:
    """Where and how to compute; everything by default. Raises InputError for anything but an Execution."""
    if execution is not None and not isinstance(execution, Execution):
        raise InputError(f"execution must be an Execution, such as engine.Execution(threads=2), not {execution!r:.60}")
    return execution or Execution()
