"""The command `rare`."""

from __future__ import annotations

from typing import Annotated

import typer

from engine.analyses.rare.experiment import RareEvent, Route, rare_in_words, rare_probability
from engine.execution import Execution
from engine.execution.atomic_write import DATASET
from engine.scenario import BASELINE, check_addresses, load_scenario
from engine.shell.options import (
    NUMBER,
    Futures,
    OfClass,
    Output,
    ScenarioPath,
    Seed,
    Threads,
    Worlds,
    default_output,
    listed,
)
from engine.shell.printing import finish


def command(
    scenario: ScenarioPath,
    actor_class: OfClass,
    within: Annotated[float, typer.Option(**NUMBER, help="time limit in years from the start")],
    capabilities: Annotated[
        str | None, typer.Option(metavar="A,B,...", help="any of these capabilities; default: any dangerous one")
    ] = None,
    route: Annotated[Route, typer.Option(help="route of attainment")] = "stolen",
    policy: Annotated[str, typer.Option(help="policy in force")] = BASELINE,
    worlds: Worlds = 10_000,
    futures: Futures = 10,
    seed: Seed = 0,
    threads: Threads = None,
    output: Output = None,
) -> None:
    """Estimates the probability of attainment by one class within a time limit, by importance sampling."""
    check_addresses(worlds, futures, seed, "random")
    loaded = load_scenario(scenario)
    event = RareEvent(actor_class, within, tuple(listed(capabilities) or ()), route)
    target = output or default_output(f"{loaded.name}-rare", DATASET)
    found = rare_probability(loaded, event, worlds, futures, seed, policy=policy, execution=Execution(threads=threads))
    finish(found, rare_in_words(found), target)
