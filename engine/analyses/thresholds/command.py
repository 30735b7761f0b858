"""The command `thresholds`."""

from __future__ import annotations

from typing import Annotated

import typer

from engine.analyses.thresholds.analysis import thresholds
from engine.analyses.thresholds.summary import thresholds_in_words
from engine.execution import Execution
from engine.execution.atomic_write import DATASET
from engine.scenario import SAMPLING, check_addresses, load_scenario
from engine.shell.options import (
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
    named,
)
from engine.shell.printing import finish
from engine.simulation import simulate


def command(
    scenario: ScenarioPath,
    policies: Policies = None,
    worlds: Worlds = 512,
    futures: Futures = 4,
    seed: Seed = 0,
    sampling: Drawn = SAMPLING,
    threads: Threads = None,
    obsolete: Annotated[
        float, typer.Option(**NUMBER, help="share of attaining actors below which a threshold counts as obsolete")
    ] = 0.5,
    output: Output = None,
) -> None:
    """Reports the cost of capabilities by year, and when fixed compute thresholds become obsolete."""
    check_addresses(worlds, futures, seed, sampling)
    loaded = load_scenario(scenario)
    target = output or default_output(f"{loaded.name}-thresholds", DATASET)
    results = simulate(
        loaded,
        worlds,
        futures,
        seed,
        policies=named(loaded, policies or ""),
        sampling=sampling,
        execution=Execution(threads=threads, progress=True),
        keep="prices",
    )
    found = thresholds(results, obsolete)
    words = [thresholds_in_words(found, str(policy)) for policy in found["policy"].values]
    finish(found, "\n\n".join(words), target)
