"""The command `published`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
import xarray as xr

from engine.analyses.published.analysis import needed, published_comparison
from engine.analyses.published.experiment import replayed_futures
from engine.analyses.published.quantities import Source
from engine.analyses.published.summary import comparison_rows, published_in_words
from engine.analyses.published.table import FORECASTS, read_figures
from engine.execution import Execution
from engine.execution.atomic_write import DATASET, TABLE, check_target
from engine.montecarlo import Keep
from engine.results.files import write_results
from engine.scenario import BASELINE, FUTURES, SAMPLING, WORLDS, Scenario, check_addresses, load_scenario
from engine.shell.options import (
    INTEGER,
    Futures,
    Output,
    Seed,
    Threads,
    Worlds,
    check_not_read,
    default_output,
)
from engine.shell.printing import say, write_table
from engine.simulation import simulate

_BASELINE, _HINDCAST = "baseline", "hindcast_2018"

Compared = Annotated[str, typer.Option("--scenario", metavar="SCENARIO", help="scenario to compare")]
Hindcast = Annotated[
    str, typer.Option("--hindcast", metavar="SCENARIO", help="scenario for the cost of a fixed accuracy")
]
Figures = Annotated[
    Path, typer.Option("--figures", metavar="FILE.csv", help="published figures in place of the package's own")
]
Replays = Annotated[
    int, typer.Option(**INTEGER, help="number of futures replayed for costs of runs and releases of weights")
]


def command(
    scenario: Compared = _BASELINE,
    hindcast: Hindcast = _HINDCAST,
    figures: Figures = FORECASTS,
    worlds: Worlds = WORLDS,
    futures: Futures = FUTURES,
    replays: Replays = 100,
    seed: Seed = 0,
    threads: Threads = None,
    output: Output = None,
) -> None:
    """Compares published forecasts and estimates with the engine's own."""
    check_addresses(worlds, futures, seed, SAMPLING)
    read = read_figures(figures)
    wanted = needed(read)
    loaded = load_scenario(scenario)
    target = output or default_output(f"{loaded.name}-published", DATASET)
    rows = target.with_suffix(TABLE.ending)
    for path in (target, rows):
        check_not_read(path, figures, Path(scenario))
    check_target(rows, TABLE)
    sources: dict[Source, xr.Dataset] = {}
    if "prices" in wanted:
        sources["prices"] = _futures(load_scenario(hindcast), worlds, futures, seed, threads, "prices")
    if "replays" in wanted:
        sources["replays"] = replayed_futures(loaded, min(replays, worlds), worlds, seed)
    sources["paths"] = _futures(loaded, worlds, futures, seed, threads, "paths")
    found = published_comparison(read, sources)
    write_results(found, target)
    write_table(comparison_rows(found), rows)
    say(published_in_words(found))
    say(f"\nWritten to {target} and {rows}")


def _futures(scenario: Scenario, worlds: int, futures: int, seed: int, threads: int | None, keep: Keep) -> xr.Dataset:
    """Results of the baseline policy with paths."""
    return simulate(
        scenario,
        worlds,
        futures,
        seed,
        policies=[BASELINE],
        execution=Execution(threads=threads, progress=True),
        keep=keep,
    )
