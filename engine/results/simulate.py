"""One scenario in, the distributions of its futures out."""

from __future__ import annotations

from collections.abc import Sequence

import xarray as xr

from engine.montecarlo import Keep, run
from engine.montecarlo.run import CHUNK
from engine.results.dataset import build_dataset
from engine.results.provenance import content_id, provenance
from engine.results.samples import add_samples
from engine.scenario import BASELINE, Change, Design, Sampling, Scenario, WorldSampler, check_addresses

#: Futures of a chunk that are followed, each as costly as twenty others.
FOLLOWED_CHUNK = 256
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
    policies: Sequence[str] | None = None,
    threads: int | None = None,
    keep_samples: bool = False,
    keep_paths: bool = False,
    keep_prices: bool | None = None,
    sampling: Sampling = "random",
    design: Design | None = None,
    change: Change | None = None,
    progress: bool = False,
) -> xr.Dataset:
    """Play `futures` futures in each of `worlds` worlds of `scenario`, under each of `policies` with the same luck.

    `policies` are names, None for all of the scenario; the baseline, of no measures, is always played and comes
    first. Returns a dataset (docs/results.md) with dimensions policy, actor_class, capability, route, time, quantile,
    threshold, period, loss and level; with `keep_samples` also world, future and parameter, for what comes of every
    single future; with `keep_paths` also year and actor, for how it came to it year by year, and investment, for what
    money would have bought, unless `keep_prices` is False: finding that is most of the work. The same seed
    gives the same dataset for any number of `threads` (None: one for each CPU this process may use). `sampling` says
    how the uncertain numbers of worlds are drawn: `random`, `lhs` or `sobol`; or a `design` gives them. `change` is
    made in the worlds after they are drawn, for counterfactuals with the same luck; describe it in the attributes of
    what you make of the dataset. `progress` shows a bar on a terminal.

    Raises ValueError if a number is out of range or a policy unknown.
    """
    check_addresses(worlds, futures, seed, sampling)
    if threads is not None and threads < 1:
        raise ValueError(f"threads must be at least 1, not {threads}")
    sampler = WorldSampler(scenario, worlds, seed, sampling, design=design, change=change)
    kept = _kept(keep_samples, keep_paths, keep_prices)
    names = selected_policies(scenario, policies)
    chunk = FOLLOWED_CHUNK if kept in ("paths", "prices") else CHUNK
    tally, samples = run(sampler, futures, names, threads=threads, kept=kept, chunk=chunk, progress=progress)
    dataset = build_dataset(sampler, names, tally, futures)
    dataset = add_samples(dataset, samples, sampler)
    if sampling != "random":
        for name in dataset.data_vars:
            if str(name).endswith("_se"):
                dataset[name].attrs["comment"] = SAMPLED_EVENLY
    dataset.attrs = provenance(scenario, worlds, futures, seed, "design" if design is not None else sampling)
    if change is not None:
        dataset.attrs["worlds_changed"] = "after they were drawn, by a function of the caller"
    dataset.attrs["id"] = content_id(dataset)
    return dataset


def _kept(samples: bool, paths: bool, prices: bool | None) -> Keep:
    """What is kept of single futures, each with all that comes before it."""
    if prices or (paths and prices is None):
        return "prices"
    return "paths" if paths else "outcomes" if samples else "nothing"


def selected_policies(scenario: Scenario, policies: Sequence[str] | None) -> list[str]:
    """The names of `policies` with the baseline first, each once; all of the scenario for None.

    Raises ValueError, saying what would be right, if one is unknown.
    """
    wanted = scenario.policy_names if policies is None else policies
    for name in wanted:
        scenario.policy_number(name)
    return list(dict.fromkeys([BASELINE, *wanted]))
