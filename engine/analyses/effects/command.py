"""The command `effects`."""

from __future__ import annotations

from typing import Annotated

import typer

from engine.analyses.effects.analysis import counterfactuals, effects
from engine.analyses.effects.summary import effects_in_words
from engine.execution import Execution
from engine.execution.atomic_write import DATASET
from engine.scenario import SAMPLING, check_addresses, load_scenario
from engine.shell.options import (
    NUMBER,
    Ceiling,
    Drawn,
    Futures,
    Output,
    ScenarioPath,
    Seed,
    Threads,
    Worlds,
    default_output,
)
from engine.shell.printing import finish


def command(
    scenario: ScenarioPath,
    worlds: Worlds = 512,
    futures: Futures = 2,
    seed: Seed = 0,
    sampling: Drawn = SAMPLING,
    threads: Threads = None,
    investment: Annotated[
        float, typer.Option(**NUMBER, help="cost in US$ of the run whose performance is printed")
    ] = 1e8,
    ceiling: Ceiling = 100.0,
    output: Output = None,
) -> None:
    """Attributes the access and performance effects to their causes, by runs with chips or algorithms frozen."""
    check_addresses(worlds, futures, seed, sampling)
    loaded = load_scenario(scenario)
    target = output or default_output(f"{loaded.name}-effects", DATASET)
    paths = counterfactuals(
        loaded, worlds, futures, seed, sampling=sampling, execution=Execution(threads=threads, progress=True)
    )
    found = effects(paths, ceiling)
    finish(found, effects_in_words(found, investment), target)
