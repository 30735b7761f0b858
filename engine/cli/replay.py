"""The command `replay`: one future, event by event."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from engine.errors import InputError
from engine.execution.atomic_write import TABLE
from engine.replay import replay, side_by_side
from engine.scenario import BASELINE, SAMPLING, WORLDS, load_scenario
from engine.shell.options import (
    INTEGER,
    Drawn,
    ScenarioPath,
    Seed,
    Worlds,
    listed,
    written,
)
from engine.shell.printing import say, write_table


def command(
    scenario: ScenarioPath,
    world: Annotated[int, typer.Option(**INTEGER, help="world, counted from 0")],
    future: Annotated[int, typer.Option(**INTEGER, help="future in that world, counted from 0")],
    policy: Annotated[
        str | None,
        typer.Option(metavar="A or A,B", help="compare the baseline and A, or A and B, in two columns"),
    ] = None,
    alone: Annotated[bool, typer.Option("--alone", help="with --policy A: replay under A only")] = False,
    worlds: Worlds = WORLDS,
    seed: Seed = 0,
    sampling: Drawn = SAMPLING,
    everything: Annotated[bool, typer.Option("--all", help="print every event")] = False,
    events: Annotated[Path | None, written(TABLE, "--events", help="write all events to this file")] = None,
) -> None:
    """Without --policy, the future is replayed under the baseline."""
    loaded = load_scenario(scenario)
    names = listed(policy) or [BASELINE]
    if len(names) > 2 or (alone and len(names) > 1):
        raise InputError("--policy takes one or two policies, such as `--policy licensing`; with --alone one")
    if len(names) == 1 and policy and not alone:
        names.insert(0, BASELINE)
    histories = [
        replay(loaded, world, future, policy=name, worlds=worlds, seed=seed, sampling=sampling) for name in names
    ]
    if events is not None:
        write_table(pd.concat([h.events.assign(policy=h.policy) for h in histories]), events)
    if len(histories) == 2:
        say(side_by_side(histories[0], histories[1], everything))
    else:
        say(histories[0].narrative(everything))
