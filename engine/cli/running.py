"""Commands that play a scenario and tell what came out: `compare`, `replay`, `validate`, `describe`."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from engine import load_scenario, open_results, paired_table, replay, side_by_side, simulate, write_results
from engine.analysis import comparison
from engine.cli.options import (
    INTEGER,
    Drawn,
    Futures,
    Policies,
    ScenarioPath,
    Seed,
    Threads,
    Worlds,
    default_output,
    group,
    listed,
    named,
    size,
    written,
)
from engine.cli.printing import say, write_table
from engine.errors import InputError
from engine.execution.whole_file import DATASET, TABLE
from engine.results.summary import describe_results, summarise
from engine.scenario import BASELINE, check_addresses
from engine.scenario.origins import origins_in_words

commands = group()


@commands.command()
def compare(
    scenario: ScenarioPath,
    policies: Policies = None,
    worlds: Worlds = 1000,
    futures: Futures = 10,
    seed: Seed = 0,
    sampling: Drawn = "random",
    threads: Threads = None,
    classes: Annotated[
        str | None,
        typer.Option(metavar="A,B,...", help="classes whose delays are printed; by default the first and the last"),
    ] = None,
    output: Annotated[
        Path | None, written(TABLE, "--output", "-o", help="table of differences; by default outputs/NAME.csv")
    ] = None,
    results_file: Annotated[
        Path | None, written(DATASET, "--results", help="write the whole results to this file too")
    ] = None,
) -> None:
    """Compare policies with the baseline in the same futures; print and write the paired differences."""
    check_addresses(worlds, futures, seed, sampling)
    loaded = load_scenario(scenario)
    names = named(loaded, policies)
    if len(names) == 1 and loaded.policies:
        others = ", ".join(loaded.policies)
        raise InputError(f"a comparison needs a policy besides {BASELINE}; use one of: {others}")
    if len(names) == 1:
        loaded.policy_number("")
    told = listed(classes)
    for name in told or ():
        loaded.class_number(name)
    target = output or default_output(loaded.name, TABLE)
    began = time.perf_counter()
    results = simulate(loaded, worlds, futures, seed, policies=names, threads=threads, sampling=sampling, progress=True)
    took = time.perf_counter() - began
    write_table(paired_table(results), target)
    if results_file is not None:
        write_results(results, results_file)
    say(comparison(results, told))
    files = f"{target} and {results_file}" if results_file else str(target)
    say(f"\n{size(worlds, futures, names)} in {took:.1f} s. Written to {files}")


@commands.command("replay")
def replay_(
    scenario: ScenarioPath,
    world: Annotated[int, typer.Option(**INTEGER, help="which world, from 0")],
    future: Annotated[int, typer.Option(**INTEGER, help="which future in it, from 0")],
    policy: Annotated[
        str | None,
        typer.Option(metavar="A or A,B", help="tell it side by side under the baseline and A, or under A and B"),
    ] = None,
    alone: Annotated[bool, typer.Option("--alone", help="with --policy A: tell it under A alone")] = False,
    worlds: Worlds = 1000,
    seed: Seed = 0,
    sampling: Drawn = "random",
    everything: Annotated[bool, typer.Option("--all", help="tell every event")] = False,
    events: Annotated[Path | None, written(TABLE, "--events", help="write all events to this file")] = None,
) -> None:
    """Tell the story of one future. Seed, sampling and worlds must be those of its run."""
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


@commands.command()
def validate(scenario: ScenarioPath) -> None:
    """Check a scenario, and say what it holds."""
    loaded = load_scenario(scenario)
    actors = sum(spec.count for spec in loaded.actor_classes.values())
    say(
        f"{scenario}: valid. {loaded.start:g} to {loaded.horizon:g}, {len(loaded.actor_classes)} actor classes with "
        f"{actors} actors, {len(loaded.capabilities)} capabilities, {len(loaded.policies)} policies beside the "
        f"baseline, {len(loaded.uncertain())} uncertain numbers"
    )
    say(origins_in_words(loaded))


@commands.command()
def describe(results: Annotated[Path, typer.Argument(metavar="FILE.nc", help="a results file")]) -> None:
    """Say what a results file holds, and print its summary."""
    with open_results(results) as dataset:
        say(describe_results(dataset))
        say(summarise(dataset))
