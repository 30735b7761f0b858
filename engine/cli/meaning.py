"""Commands that say what futures mean: `effects`, `leads`, `thresholds`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
import xarray as xr

from engine import load_scenario, simulate, write_results
from engine.analysis import (
    counterfactuals,
    effects,
    effects_in_words,
    leads,
    leads_in_words,
    thresholds,
    thresholds_in_words,
)
from engine.cli.options import (
    NUMBER,
    Drawn,
    Futures,
    Output,
    Policies,
    ScenarioPath,
    Seed,
    Threads,
    Worlds,
    default_output,
    group,
    named,
)
from engine.cli.printing import say
from engine.execution.whole_file import DATASET
from engine.scenario import Sampling, check_addresses

commands = group()

Ceiling = Annotated[
    float, typer.Option(**NUMBER, help="ceiling of the performance score where the scenario has none, points")
]


@commands.command("effects")
def effects_(
    scenario: ScenarioPath,
    worlds: Worlds = 500,
    futures: Futures = 2,
    seed: Seed = 0,
    sampling: Drawn = "random",
    threads: Threads = None,
    investment: Annotated[float, typer.Option(**NUMBER, help="US$ of the run whose performance is printed")] = 1e8,
    ceiling: Ceiling = 100.0,
    output: Output = None,
) -> None:
    """Tell access effect and performance effect, each with its causes, from runs with chips or algorithms frozen."""
    check_addresses(worlds, futures, seed, sampling)
    loaded = load_scenario(scenario)
    target = output or default_output(f"{loaded.name}-effects", DATASET)
    paths = counterfactuals(loaded, worlds, futures, seed, sampling=sampling, threads=threads, progress=True)
    found = effects(paths, ceiling)
    _finish(found, effects_in_words(found, investment), target)


@commands.command("leads")
def leads_(
    scenario: ScenarioPath,
    policies: Policies = None,
    worlds: Worlds = 500,
    futures: Futures = 4,
    seed: Seed = 0,
    sampling: Drawn = "random",
    threads: Threads = None,
    ceiling: Ceiling = 100.0,
    output: Output = None,
) -> None:
    """Tell how far the first class is ahead, who comes before whom, and how long there is to prepare."""
    results, target = _paths(scenario, policies, worlds, futures, seed, sampling, threads, output, "leads", False)
    found = leads(results, ceiling)
    words = [leads_in_words(found, str(policy)) for policy in found["policy"].values]
    _finish(found, "\n\n".join(words), target)


@commands.command("thresholds")
def thresholds_(
    scenario: ScenarioPath,
    policies: Policies = None,
    worlds: Worlds = 500,
    futures: Futures = 4,
    seed: Seed = 0,
    sampling: Drawn = "random",
    threads: Threads = None,
    obsolete: Annotated[
        float, typer.Option(**NUMBER, help="a threshold is obsolete once it catches less than this share")
    ] = 0.5,
    output: Output = None,
) -> None:
    """Tell what a capability costs year by year, and how long static compute thresholds catch those who reach it."""
    results, target = _paths(scenario, policies, worlds, futures, seed, sampling, threads, output, "thresholds", True)
    found = thresholds(results, obsolete)
    words = [thresholds_in_words(found, str(policy)) for policy in found["policy"].values]
    _finish(found, "\n\n".join(words), target)


def _paths(
    scenario: Path,
    policies: str | None,
    worlds: int,
    futures: int,
    seed: int,
    sampling: Sampling,
    threads: int | None,
    output: Path | None,
    ending: str,
    prices: bool,
) -> tuple[xr.Dataset, Path]:
    """Results with paths under the baseline and the policies named, and where to write what is made of them."""
    check_addresses(worlds, futures, seed, sampling)
    loaded = load_scenario(scenario)
    names = named(loaded, policies or "")
    target = output or default_output(f"{loaded.name}-{ending}", DATASET)
    results = simulate(
        loaded,
        worlds,
        futures,
        seed,
        policies=names,
        sampling=sampling,
        threads=threads,
        keep_paths=True,
        keep_prices=prices,
        progress=True,
    )
    return results, target


def _finish(found: xr.Dataset, words: str, target: Path) -> None:
    write_results(found, target)
    say(words)
    say(f"\nWritten to {target}")
