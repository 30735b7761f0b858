"""The command `decide`."""

from __future__ import annotations

from typing import Annotated

import typer

from engine.analyses.decide.experiment import decide
from engine.analyses.decide.options import option_grid
from engine.analyses.decide.summary import decision_in_words
from engine.analyses.decide.value import ValueCurve
from engine.errors import InputError
from engine.execution import Execution
from engine.execution.atomic_write import DATASET
from engine.scenario import check_addresses, load_scenario
from engine.shell.options import (
    NUMBER,
    Drawn,
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

Regulations = Annotated[str | None, typer.Option(metavar="A,B,...", help="regulations to fear; by default none")]


def command(
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
        execution=Execution(threads=threads, progress=True),
    )
    finish(found, decision_in_words(found), target)


def _numbers(option: str, text: str) -> list[float]:
    """The numbers in an option such as "0.1,1,10". Raises InputError, saying what is right, for anything else."""
    try:
        return [float(part) for part in listed(text) or ()]
    except ValueError:
        raise InputError(f"--{option} takes numbers with commas between them, such as 0.1,1,10, not {text!r}") from None
