"""One scenario in, the distributions of its futures out."""

from __future__ import annotations

import xarray as xr

from engine.montecarlo import run
from engine.results.dataset import add_samples, build_dataset
from engine.results.provenance import content_id, provenance
from engine.scenario import SAMPLINGS, Sampling, Scenario, WorldSampler

MOST_WORLDS = 2**32
MOST_FUTURES = 2**32


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
    check_run(worlds, futures, seed, threads, sampling)
    sampler = WorldSampler(scenario, worlds, seed, sampling)
    tally, samples = run(sampler, futures, threads=threads, keep_samples=keep_samples, progress=progress)
    dataset = build_dataset(scenario, tally, worlds, futures)
    if samples is not None:
        dataset = add_samples(dataset, samples, sampler)
    dataset.attrs = provenance(scenario, worlds, futures, seed, sampling)
    dataset.attrs["id"] = content_id(dataset)
    return dataset


def check_run(worlds: int, futures: int, seed: int, threads: int | None, sampling: str) -> None:
    """Raise ValueError, saying what would be right, unless the numbers of a run are possible."""
    if not 1 <= worlds <= MOST_WORLDS:
        raise ValueError(f"worlds must be 1 to {MOST_WORLDS}, not {worlds}")
    if not 1 <= futures <= MOST_FUTURES:
        raise ValueError(f"futures must be 1 to {MOST_FUTURES}, not {futures}")
    if not 0 <= seed < 2**63:
        raise ValueError(f"seed must be 0 to 2^63 - 1, not {seed}")
    if threads is not None and threads < 1:
        raise ValueError(f"threads must be at least 1, not {threads}")
    if sampling not in SAMPLINGS:
        raise ValueError(f"sampling must be one of {', '.join(SAMPLINGS)}, not {sampling}")
