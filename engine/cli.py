"""The shell's way in: `engine run`, `replay`, `validate`, `describe`."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from engine import (
    ResultsError,
    ScenarioError,
    __version__,
    load_scenario,
    open_results,
    replay,
    simulate,
    write_results,
)
from engine.results.summary import describe_results, summarise
from engine.scenario import Sampling, check_addresses

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="When does each class of actor gain an AI capability, and how sure are we?",
)

ScenarioPath = Annotated[Path, typer.Argument(metavar="SCENARIO", help="a scenario file (YAML)")]
Worlds = Annotated[int, typer.Option(help="worlds: draws of the uncertain numbers")]
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
    worlds: Worlds = 1000,
    futures: Annotated[int, typer.Option(help="futures in each world")] = 10,
    seed: Seed = 0,
    sampling: Drawn = "random",
    threads: Annotated[int | None, typer.Option(help="threads; by default one for each CPU")] = None,
    samples: Annotated[bool, typer.Option("--samples", help="keep every single future in the file")] = False,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="results file; by default outputs/NAME.nc")
    ] = None,
) -> None:
    """Simulate a scenario, write its results, and print a summary."""
    check_addresses(worlds, futures, seed, sampling)
    loaded = load_scenario(scenario)
    target = output or _default_output(loaded.name)
    if not target.parent.is_dir():
        raise ResultsError(f"{target}: the folder {target.parent} does not exist; make it first")
    began = time.perf_counter()
    results = simulate(
        loaded, worlds, futures, seed, threads=threads, sampling=sampling, keep_samples=samples, progress=True
    )
    took = time.perf_counter() - began
    write_results(results, target)
    typer.echo(summarise(results))
    typer.echo(f"{worlds * futures:,} futures in {took:.1f} s. Written to {target}")


def _default_output(name: str) -> Path:
    folder = Path("outputs")
    return (folder if folder.is_dir() else Path()) / f"{name.replace(' ', '_')}.nc"


@app.command("replay")
def replay_(
    scenario: ScenarioPath,
    world: Annotated[int, typer.Option(help="which world, from 0")],
    future: Annotated[int, typer.Option(help="which future in it, from 0")],
    worlds: Worlds = 1000,
    seed: Seed = 0,
    sampling: Drawn = "random",
    everything: Annotated[bool, typer.Option("--all", help="tell every event")] = False,
    events: Annotated[Path | None, typer.Option(help="write all events to this CSV file")] = None,
) -> None:
    """Tell the story of one future. Seed, sampling and worlds must be those of its run."""
    history = replay(load_scenario(scenario), world, future, worlds=worlds, seed=seed, sampling=sampling)
    if events is not None:
        history.events.to_csv(events, index=False)
    typer.echo(history.narrative(everything))


@app.command()
def validate(scenario: ScenarioPath) -> None:
    """Check a scenario, and say what it holds."""
    loaded = load_scenario(scenario)
    actors = sum(spec.count for spec in loaded.actor_classes.values())
    typer.echo(
        f"{scenario}: valid. {loaded.start:g} to {loaded.horizon:g}, {len(loaded.actor_classes)} actor classes with "
        f"{actors} actors, {len(loaded.capabilities)} capabilities, {len(loaded.uncertain())} uncertain numbers"
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
