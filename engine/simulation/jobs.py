"""The simulation of a job to a dataset: in memory, or written during the run."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import get_args

import xarray as xr

from engine.errors import InputError
from engine.execution import Execution, opened, run, run_in_memory
from engine.execution.atomic_write import DATASET, atomic_write, check_letters, check_target
from engine.execution.directory import check_apart
from engine.execution.estimate import check_fits
from engine.execution.manifest import check_unchanged, read_manifest, scenario_of
from engine.montecarlo import Job, Keep, Tally, chunks
from engine.results.dataset import build_dataset
from engine.results.files import open_results, write_results
from engine.results.provenance import content_id, provenance
from engine.results.sample_file import SampleFile
from engine.results.samples import add_samples
from engine.scenario import BASELINE, SAMPLING, Change, Design, Scenario, WorldSampler, check_addresses, integer
from engine.scenario.names import as_list
from engine.scenario.samplers import OWN

#: Most futures that 64 bits can count.
MOST_FUTURES = 2**62
#: Comment on the standard errors of a run whose worlds another package drew.
SAMPLED_ELSEWHERE = "assumes that worlds with different world mod 16 are independent"


def new_job(
    scenario: Scenario,
    worlds: int,
    futures: int,
    seed: int,
    *,
    policies: Sequence[str] | None = None,
    keep: Keep = "counts",
    sampling: str | Design = SAMPLING,
    change: Change | None = None,
) -> Job:
    """The job of a simulation. Raises InputError if an argument is out of range, unknown or of another kind."""
    if not isinstance(scenario, Scenario):
        name = str(scenario) if isinstance(scenario, str | Path) else "baseline"
        raise InputError(f"use a Scenario, such as engine.load_scenario({name!r}), not {type(scenario).__name__}")
    if keep not in get_args(Keep):
        raise InputError(f"keep must be one of {', '.join(get_args(Keep))}, not {keep!r}")
    design, sampling = (sampling, "random") if isinstance(sampling, Design) else (None, sampling)
    check_addresses(worlds, futures, seed, sampling)
    worlds, futures, seed = integer("worlds", worlds), integer("futures", futures), integer("seed", seed)
    if worlds * futures > MOST_FUTURES:
        raise InputError(f"{worlds:,} worlds x {futures:,} futures are more than can be counted; simulate fewer")
    sampler = WorldSampler(scenario, worlds, seed, sampling, design=design, change=change)
    return Job(sampler, futures, tuple(selected_policies(scenario, policies)), keep)


def summary_of(job: Job, tally: Tally) -> xr.Dataset:
    """The dataset without single futures, with its provenance except for the id."""
    sampler = job.sampler
    dataset = build_dataset(sampler, job.policies, tally, job.futures)
    if sampler.sampling not in OWN:
        for name in dataset.data_vars:
            if str(name).endswith("_se"):
                dataset[name].attrs["comment"] = SAMPLED_ELSEWHERE
    dataset.attrs = provenance(sampler.scenario, sampler.total, job.futures, sampler.seed, sampler.sampling_or_design)
    if sampler.source_of_worlds:
        dataset.attrs["worlds_from"] = sampler.source_of_worlds
    if sampler.is_changed:
        dataset.attrs["worlds_changed"] = "after they were drawn, by a function of the caller"
    return dataset


def begun_job(directory: Path, as_begun: bool = False) -> tuple[Job, int]:
    """The job in the folder `directory`, and its approximate number of futures per chunk.

    Raises ResultsError if it is not the folder of a run; or if the scenario's file has changed since the run began,
    unless `as_begun` selects the original scenario.
    """
    manifest = read_manifest(directory)
    if not as_begun:
        check_unchanged(directory, manifest)
    job = new_job(
        scenario_of(directory, manifest),
        manifest.worlds,
        manifest.futures,
        manifest.seed,
        policies=manifest.policies,
        keep=manifest.kept,
        sampling=manifest.sampling,
    )
    return job, manifest.chunk


def simulated(job: Job, execution: Execution) -> xr.Dataset:
    """The dataset of `job`, with the samples of single futures in memory."""
    check_fits(job, execution, in_memory=True)
    tally, samples = run_in_memory(job, execution)
    dataset = add_samples(summary_of(job, tally), samples, job.sampler)
    dataset.attrs["id"] = content_id(dataset)
    return dataset


def simulated_to_file(job: Job, execution: Execution, target: Path) -> xr.Dataset:
    """Write the results of `job` to `target`, single futures during the run: memory does not grow with their number.

    Returns them, single futures lazily. The file equals that of `write_results` for the dataset of `simulated`. Raises
    ResultsError if it cannot be written; an existing file is not changed then.
    """
    if execution.directory is not None:
        check_apart(execution.directory, target)
    check_letters(target, for_netcdf=True)
    # The folder of the run may not exist yet.
    if target.parent != execution.directory or target.parent.is_dir():
        check_target(target, DATASET)
    if job.kept == "counts":
        results = simulated(job, execution)
        write_results(results, target)
        return results
    check_fits(job, execution, in_memory=False, target=target)
    with opened(job, execution) as (size, directory):
        first = next(chunks(job.sampler.total, job.futures, size))
        step = (first.worlds, first.futures)
        with (
            atomic_write(target, directory.tag if directory else "") as unfinished,
            closing(SampleFile(unfinished, job.sampler, job.policies, job.futures, job.kept, step)) as file,
        ):
            file.finish(summary_of(job, run(job, execution, size, directory, file.write)))
    return open_results(target)


def selected_policies(scenario: Scenario, policies: Sequence[str] | None) -> list[str]:
    """The names of `policies` with the baseline first, each once; all of the scenario for None.

    Raises InputError, with the right form, if one is unknown.
    """
    wanted = scenario.policy_names if policies is None else as_list(policies)
    for name in wanted:
        scenario.policy_number(name)
    return list(dict.fromkeys([BASELINE, *wanted]))
