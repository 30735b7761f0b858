"""One scenario in, the distributions of its futures out."""

from __future__ import annotations

import xarray as xr

from engine.montecarlo import run
from engine.results.dataset import add_samples, build_dataset
from engine.results.provenance import content_id, provenance
from engine.scenario import Sampling, Scenario, WorldSampler, check_addresses

#: Stands beside the standard errors of a run whose worlds were not drawn independently.
SAMPLED_EVENLY = (
    "an upper bound: worlds drawn by a Latin hypercube or a Sobol' sequence are spread more evenly than chance"
)


def simulate(
    scenario: Scenario,
    worlds: int = 1000,
    futures: int = 10,
    seed: int = 0,
    *,
    threads: int | None = None,
    keep_samples: bool = False,
    sampling: Sampling = "random",
    progress: bool = False,
) -> xr.Dataset:
    """Play `futures` futures in each of `worlds` worlds of `scenario`.

    Returns a dataset (docs/results.md) with dimensions policy, actor_class, capability, route, time, quantile
    and threshold; with `keep_samples` also world, future and parameter. The same seed gives the same
    dataset for any number of `threads` (None: one for each CPU this process may use). `sampling` says how
    the uncertain numbers of worlds are drawn: `random`, `lhs` or `sobol`. `progress` shows a bar on a terminal.

    Raises ValueError if a number is out of range.
    """
    check_addresses(worlds, futures, seed, sampling)
    if threads is not None and threads < 1:
        raise ValueError(f"threads must be at least 1, not {threads}")
    sampler = WorldSampler(scenario, worlds, seed, sampling)
    tally, samples = run(sampler, futures, threads=threads, keep_samples=keep_samples, progress=progress)
    dataset = build_dataset(scenario, tally, worlds, futures)
    if samples is not None:
        dataset = add_samples(dataset, samples, sampler)
    if sampling != "random":
        dataset.attainment_probability_se.attrs["comment"] = SAMPLED_EVENLY
    dataset.attrs = provenance(scenario, worlds, futures, seed, sampling)
    dataset.attrs["id"] = content_id(dataset)
    return dataset
