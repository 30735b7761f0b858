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
from engine.scenario import SAMPLING, check_addresses, load_scenario
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

Regulations = Annotated[str | None, typer.Option(metavar="A,B,...", help="policies to consider; default: none")]


def command(
    scenario: ScenarioPath,
    actor_class: OfClass,
    budgets: Annotated[
        str, typer.Option(metavar="A,B,...", help="budgets as multiples of the class budget")
    ] = "0.1,1,10",
    starts: Annotated[str, typer.Option(metavar="A,B,...", help="years until training begins")] = "0,2,4",
    data: Annotated[str, typer.Option(metavar="A,B,...", help="data as multiples of the class data")] = "1,10",
    capture: Annotated[float, typer.Option(**NUMBER, help="share of the benefit captured by providers")] = 0.022,
    rivalry: Annotated[float, typer.Option(**NUMBER, help="each of n providers receives 1/n^RIVALRY")] = 1.0,
    discount: Annotated[float, typer.Option(**NUMBER, help="yearly discount rate")] = 0.08,
    policies: Regulations = None,
    worlds: Worlds = 256,
    futures: Futures = 4,
    seed: Seed = 0,
    sampling: Drawn = SAMPLING,
    threads: Threads = None,
    output: Output = None,
) -> None:
    """Compares the value and cost of training now, later or never for one actor."""
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
    """The numbers in an option such as "0.1,1,10". Raises InputError with the right form for anything else."""
    try:
        return [float(part) for part in listed(text) or ()]
    except ValueError:
        raise InputError(f"--{option} takes numbers with commas between them, such as 0.1,1,10, not {text!r}") from None
