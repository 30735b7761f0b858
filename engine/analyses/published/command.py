"""The command `published`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, NamedTuple

import pandas as pd
import typer
import xarray as xr

from engine.analyses.published.analysis import needed, published_comparison
from engine.analyses.published.experiment import check_replays, replayed_futures
from engine.analyses.published.forecast_experiment import replayed_harm, risk_with_access
from engine.analyses.published.forecast_quantities import Sources, check_forecasts, losses_of
from engine.analyses.published.forecast_summary import forecast_rows, forecasts_in_words
from engine.analyses.published.forecast_table import EXTERNAL, read_forecasts
from engine.analyses.published.forecasts import forecast_comparison
from engine.analyses.published.prior_predictive import prior_predictive
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
#: Futures that are replayed by default. Harm needs more, because large incidents are rare.
_REPLAYS, _REPLAYS_OF_HARM = 100, 1_000

Compared = Annotated[str, typer.Option("--scenario", metavar="SCENARIO", help="scenario to compare")]
Hindcast = Annotated[
    str, typer.Option("--hindcast", metavar="SCENARIO", help="scenario for the cost of a fixed accuracy")
]
Forecasts = Annotated[
    bool, typer.Option("--forecasts", help="the prior predictive beside forecasts of experts, in place of the figures")
]
Figures = Annotated[
    Path | None, typer.Option("--figures", metavar="FILE.csv", help="figures in place of the package's own")
]
Replays = Annotated[
    int | None,
    typer.Option(
        **INTEGER,
        help="number of futures replayed for costs of runs and releases of weights, with --forecasts for incidents "
        f"and thefts; default: at most {_REPLAYS}, with --forecasts {_REPLAYS_OF_HARM:,}",
    ),
]


def command(
    scenario: Compared = _BASELINE,
    forecasts: Forecasts = False,
    hindcast: Hindcast = _HINDCAST,
    figures: Figures = None,
    worlds: Worlds = WORLDS,
    futures: Futures = FUTURES,
    replays: Replays = None,
    seed: Seed = 0,
    threads: Threads = None,
    output: Output = None,
) -> None:
    """Compares published forecasts and estimates with the engine's own."""
    check_addresses(worlds, futures, seed, SAMPLING)
    loaded = load_scenario(scenario)
    path = figures or (EXTERNAL if forecasts else FORECASTS)
    count = replays if replays is not None else min(worlds, _REPLAYS_OF_HARM if forecasts else _REPLAYS)
    target = output or default_output(f"{loaded.name}-{'forecasts' if forecasts else 'published'}", DATASET)
    _check_targets(target, path, Path(scenario))
    run = _Run(loaded, worlds, futures, min(count, worlds), seed, threads)
    found, rows, words = _forecasts(path, run) if forecasts else _figures(path, run, hindcast)
    write_results(found, target)
    write_table(rows, target.with_suffix(TABLE.ending))
    say(words)
    say(f"\nWritten to {target} and {target.with_suffix(TABLE.ending)}")


class _Run(NamedTuple):
    """What is compared: a scenario and the number of its futures, those replayed among them."""

    scenario: Scenario
    worlds: int
    futures: int
    replays: int
    seed: int
    threads: int | None


def _check_targets(target: Path, *read: Path) -> None:
    rows = target.with_suffix(TABLE.ending)
    for path in (target, rows):
        check_not_read(path, *read)
    check_target(rows, TABLE)


def _figures(path: Path, run: _Run, hindcast: str) -> tuple[xr.Dataset, pd.DataFrame, str]:
    """The comparison with the figures at `path`, as a dataset, as rows and in words."""
    read = read_figures(path)
    wanted = needed(read)
    sources: dict[Source, xr.Dataset] = {}
    if "prices" in wanted:
        sources["prices"] = _futures(run._replace(scenario=load_scenario(hindcast)), "prices")
    if "replays" in wanted:
        sources["replays"] = replayed_futures(run.scenario, run.replays, run.worlds, run.seed)
    sources["paths"] = _futures(run, "paths")
    found = published_comparison(read, sources)
    return found, comparison_rows(found), published_in_words(found)


def _forecasts(path: Path, run: _Run) -> tuple[xr.Dataset, pd.DataFrame, str]:
    """The comparison with the forecasts at `path` and the prior predictive, as a dataset, as rows and in words."""
    read = read_forecasts(path)
    check_forecasts(read, run.scenario)
    check_replays(run.replays, run.worlds)
    losses, of_worlds = losses_of(read), (run.worlds, run.seed)
    harm = replayed_harm(run.scenario, run.replays, *of_worlds, losses)
    risk = risk_with_access(run.scenario, *of_worlds, losses)
    sources = Sources(_futures(run, "prices").sel(policy=BASELINE, drop=True), harm, risk)
    found = forecast_comparison(read, sources).assign(prior_predictive(sources))
    return found, forecast_rows(found), forecasts_in_words(found)


def _futures(run: _Run, keep: Keep) -> xr.Dataset:
    """Results of the baseline policy with paths, or with prices."""
    return simulate(
        run.scenario,
        run.worlds,
        run.futures,
        run.seed,
        policies=[BASELINE],
        execution=Execution(threads=run.threads, progress=True),
        keep=keep,
    )
