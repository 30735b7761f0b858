"""The shell's way in: `engine run`, `compare`, `replay`, `validate`, `describe`."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from engine import (
    ResultsError,
    ScenarioError,
    __version__,
    load_scenario,
    open_results,
    paired_table,
    replay,
    side_by_side,
    simulate,
    write_results,
)
from engine.analysis import comparison, policy_summary
from engine.results import selected_policies
from engine.results.files import check_target, whole_file
from engine.results.summary import describe_results, summarise
from engine.scenario import BASELINE, Sampling, Scenario, check_addresses

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="When does each class of actor gain an AI capability, and how sure are we?",
)

ScenarioPath = Annotated[Path, typer.Argument(metavar="SCENARIO", help="a scenario file (YAML)")]
Worlds = Annotated[int, typer.Option(help="worlds: draws of the uncertain numbers")]
Futures = Annotated[int, typer.Option(help="futures in each world")]
Threads = Annotated[int | None, typer.Option(help="threads; by default one for each CPU")]
Policies = Annotated[
    str | None, typer.Option(metavar="A,B,...", help="policies beside the baseline; by default all of the scenario")
]
Seed = Annotated[int, typer.Option(help="seed of all chance")]
Drawn = Annotated[Sampling, typer.Option(help="how worlds are drawn")]


@app.callback(invoke_without_command=True)
def version(
    show: Annotated[bool, typer.Option("--version", help="print the version and stop")] = False,
) -> None:
    """Common options."""
    if show:
        typer.echo(f"engine {__version__}")
        raise typer.Exit


@app.command()
def run(
    scenario: ScenarioPath,
    policies: Policies = None,
    worlds: Worlds = 1000,
    futures: Futures = 10,
    seed: Seed = 0,
    sampling: Drawn = "random",
    threads: Threads = None,
    samples: Annotated[bool, typer.Option("--samples", help="keep every single future in the file")] = False,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="results file; by default outputs/NAME.nc")
    ] = None,
) -> None:
    """Simulate a scenario, write its results, and print a summary."""
    check_addresses(worlds, futures, seed, sampling)
    loaded = load_scenario(scenario)
    names = _named(loaded, policies)
    target = output or _default_output(loaded.name, ".nc")
    check_target(target)
    began = time.perf_counter()
    results = simulate(
        loaded,
        worlds,
        futures,
        seed,
        policies=names,
        threads=threads,
        sampling=sampling,
        keep_samples=samples,
        progress=True,
    )
    took = time.perf_counter() - began
    write_results(results, target)
    typer.echo(summarise(results))
    if len(names) > 1:
        typer.echo(f"\nPolicies: differences from the baseline, +- their standard error\n{policy_summary(results)}\n")
    typer.echo(f"{_size(worlds, futures, names)} in {took:.1f} s. Written to {target}")


@app.command()
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
        Path | None, typer.Option("--output", "-o", help="table of differences (CSV); by default outputs/NAME.csv")
    ] = None,
    results_file: Annotated[
        Path | None, typer.Option("--results", help="write the whole results to this file (.nc) too")
    ] = None,
) -> None:
    """Compare policies with the baseline in the same futures; print and write the paired differences."""
    check_addresses(worlds, futures, seed, sampling)
    loaded = load_scenario(scenario)
    names = _named(loaded, policies)
    if len(names) == 1:
        loaded.policy_number("")
    told = [name.strip() for name in classes.split(",")] if classes else None
    for name in told or ():
        loaded.class_number(name)
    target = output or _default_output(loaded.name, ".csv")
    for path in (target, results_file):
        if path is not None:
            check_target(path)
    began = time.perf_counter()
    results = simulate(loaded, worlds, futures, seed, policies=names, threads=threads, sampling=sampling, progress=True)
    took = time.perf_counter() - began
    with whole_file(target) as beside:
        paired_table(results).to_csv(beside, index=False)
    if results_file is not None:
        write_results(results, results_file)
    typer.echo(comparison(results, told))
    written = f"{target} and {results_file}" if results_file else str(target)
    typer.echo(f"\n{_size(worlds, futures, names)} in {took:.1f} s. Written to {written}")


def _named(scenario: Scenario, policies: str | None) -> list[str]:
    """The policies that an option names, the baseline first."""
    names = None if policies is None else [name.strip() for name in policies.split(",") if name.strip()]
    return selected_policies(scenario, names)


def _size(worlds: int, futures: int, policies: list[str]) -> str:
    under = f" under each of {len(policies)} policies" if len(policies) > 1 else ""
    return f"{worlds * futures:,} futures{under}"


def _default_output(name: str, ending: str) -> Path:
    folder = Path("outputs")
    return (folder if folder.is_dir() else Path()) / f"{name.replace(' ', '_')}{ending}"


@app.command("replay")
def replay_(
    scenario: ScenarioPath,
    world: Annotated[int, typer.Option(help="which world, from 0")],
    future: Annotated[int, typer.Option(help="which future in it, from 0")],
    policy: Annotated[
        str | None,
        typer.Option(metavar="A or A,B", help="tell it side by side under the baseline and A, or under A and B"),
    ] = None,
    alone: Annotated[bool, typer.Option("--alone", help="with --policy A: tell it under A alone")] = False,
    worlds: Worlds = 1000,
    seed: Seed = 0,
    sampling: Drawn = "random",
    everything: Annotated[bool, typer.Option("--all", help="tell every event")] = False,
    events: Annotated[Path | None, typer.Option(help="write all events to this CSV file")] = None,
) -> None:
    """Tell the story of one future. Seed, sampling and worlds must be those of its run."""
    loaded = load_scenario(scenario)
    names = [name.strip() for name in policy.split(",")] if policy else [BASELINE]
    if len(names) > 2 or (alone and len(names) > 1):
        raise ValueError("--policy takes one or two policies, such as `--policy licensing`; with --alone one")
    if len(names) == 1 and policy and not alone:
        names.insert(0, BASELINE)
    histories = [
        replay(loaded, world, future, policy=name, worlds=worlds, seed=seed, sampling=sampling) for name in names
    ]
    if events is not None:
        check_target(events)
        with whole_file(events) as beside:
            pd.concat([h.events.assign(policy=h.policy) for h in histories]).to_csv(beside, index=False)
    if len(histories) == 2:
        typer.echo(side_by_side(histories[0], histories[1], everything))
    else:
        typer.echo(histories[0].narrative(everything))


@app.command()
def validate(scenario: ScenarioPath) -> None:
    """Check a scenario, and say what it holds."""
    loaded = load_scenario(scenario)
    actors = sum(spec.count for spec in loaded.actor_classes.values())
    typer.echo(
        f"{scenario}: valid. {loaded.start:g} to {loaded.horizon:g}, {len(loaded.actor_classes)} actor classes with "
        f"{actors} actors, {len(loaded.capabilities)} capabilities, {len(loaded.policies)} policies beside the "
        f"baseline, {len(loaded.uncertain())} uncertain numbers"
    )


@app.command()
def describe(results: Annotated[Path, typer.Argument(metavar="FILE.nc", help="a results file")]) -> None:
    """Say what a results file holds, and print its summary."""
    with open_results(results) as dataset:
        typer.echo(describe_results(dataset))
        typer.echo(summarise(dataset))


def main() -> None:
    """Run the command line. Bad input is one line and exit code 2; an interrupt is exit code 130."""
    try:
        app()
    except (ScenarioError, ResultsError, ValueError) as error:
        _fail(str(error), 2)
    except OSError as error:
        _fail(f"{error.filename or 'file'}: {error.strerror or error}", 2)
    except MemoryError as error:
        _fail(f"not enough memory ({error}); use fewer worlds and futures, or leave out --samples", 2)


def _fail(message: str, code: int) -> None:
    for line in message.splitlines():
        print(f"engine: {line}", file=sys.stderr)
    sys.exit(code)


if __name__ == "__main__":
    main()
