"""Commands for a decision and for a rare event: `decide`, `rare`."""

from __future__ import annotations

from typing import Annotated

import typer

from engine import load_scenario, write_results
from engine.analysis.decision import ValueCurve, decide, decision_in_words, option_grid
from engine.analysis.rare import RareEvent, Route, rare_in_words, rare_probability
from engine.cli.options import (
    NUMBER,
    Drawn,
    Futures,
    Output,
    ScenarioPath,
    Seed,
    Threads,
    Worlds,
    default_output,
    group,
    listed,
)
from engine.cli.printing import say
from engine.errors import InputError
from engine.execution.whole_file import DATASET
from engine.scenario import BASELINE, check_addresses

commands = group()

OfClass = Annotated[str, typer.Option("--actor-class", help="the class the actor belongs to")]
Regulations = Annotated[str | None, typer.Option(metavar="A,B,...", help="regulations to fear; by default none")]


@commands.command("decide")
def decide_(
    scenario: ScenarioPath,
    actor_class: OfClass,
    budgets: Annotated[str, typer.Option(metavar="A,B,...", help="budgets, as multiples of its class's")] = "0.1,1,10",
    starts: Annotated[str, typer.Option(metavar="A,B,...", help="years from now until it begins to train")] = "0,2,4",
    data: Annotated[str, typer.Option(metavar="A,B,...", help="data of its own, as multiples of its class's")] = "1,10",
    capture: Annotated[
        float, typer.Option(**NUMBER, help="share of the world's gain that goes to those who provide it")
    ] = 0.022,
    rivalry: Annotated[
        float, typer.Option(**NUMBER, help="how n actors with access share it: each has 1/n^RIVALRY")
    ] = 1.0,
    discount: Annotated[float, typer.Option(**NUMBER, help="discount rate a year")] = 0.08,
    policies: Regulations = None,
    worlds: Worlds = 250,
    futures: Futures = 4,
    seed: Seed = 0,
    sampling: Drawn = "random",
    threads: Threads = None,
    output: Output = None,
) -> None:
    """Invest or wait: what one actor gains and pays by its budget, start and data, and what regulation changes."""
    check_addresses(worlds, futures, seed, sampling)
    loaded = load_scenario(scenario)
    curve = ValueCurve(capture, rivalry, discount)
    options = option_grid(_numbers("budgets", budgets), _numbers("starts", starts), _numbers("data", data))
    target = output or default_output(f"{loaded.name}-decide", DATASET)
    found = decide(
        loaded,
        actor_class,
        options,
        curve=curve,
        policies=listed(policies) or (),
        worlds=worlds,
        futures=futures,
        seed=seed,
        sampling=sampling,
        threads=threads,
        progress=True,
    )
    write_results(found, target)
    say(decision_in_words(found))
    say(f"\nWritten to {target}")


@commands.command("rare")
def rare_(
    scenario: ScenarioPath,
    actor_class: OfClass,
    within: Annotated[float, typer.Option(**NUMBER, help="years from the start of the scenario")],
    capabilities: Annotated[
        str | None, typer.Option(metavar="A,B,...", help="any of these; by default any dangerous one")
    ] = None,
    route: Annotated[Route, typer.Option(help="how it is attained")] = "stolen",
    policy: Annotated[str, typer.Option(help="the policy in force")] = BASELINE,
    worlds: Worlds = 10_000,
    futures: Futures = 10,
    seed: Seed = 0,
    threads: Threads = None,
    output: Output = None,
) -> None:
    """Estimate the probability of an event that is too rare to count, by importance sampling."""
    check_addresses(worlds, futures, seed, "random")
    loaded = load_scenario(scenario)
    event = RareEvent(actor_class, within, tuple(listed(capabilities) or ()), route)
    target = output or default_output(f"{loaded.name}-rare", DATASET)
    found = rare_probability(loaded, event, worlds, futures, seed, policy=policy, threads=threads)
    write_results(found, target)
    say(rare_in_words(found))
    say(f"\nWritten to {target}")


def _numbers(option: str, text: str) -> list[float]:
    """The numbers in an option such as "0.1,1,10". Raises InputError, saying what is right, for anything else."""
    try:
        return [float(part) for part in listed(text) or ()]
    except ValueError:
        raise InputError(f"--{option} takes numbers with commas between them, such as 0.1,1,10, not {text!r}") from None
