"""The command `hindcast`."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer
import xarray as xr

from engine.analyses.hindcast.experiment import hindcast
from engine.analyses.hindcast.plots import scores_figure, series_figure
from engine.analyses.hindcast.summary import hindcast_in_words, hindcast_table
from engine.data import OBSERVATIONS
from engine.execution import Execution
from engine.execution.atomic_write import DATASET
from engine.results.files import open_written
from engine.scenario import FUTURES, SAMPLING, WORLDS, check_addresses, load_scenario
from engine.shell.observed import (
    HINDCAST,
    Drawings,
    Figures,
    Observed,
    PastScenario,
    Until,
    check_outputs,
    end_of,
    observed,
    write_outputs,
)
from engine.shell.options import (
    NUMBER,
    Drawn,
    Futures,
    Output,
    Seed,
    Threads,
    Worlds,
    WorldsFrom,
    default_output,
    posterior_worlds,
)
from engine.shell.printing import say
from engine.simulation.worlds_file import ENOUGH


def command(
    scenario: PastScenario = HINDCAST,
    observations: Observed = None,
    until: Until = None,
    after: Annotated[float | None, typer.Option(**NUMBER, help="score only observations after this year")] = None,
    worlds_from: WorldsFrom = None,
    worlds: Worlds = WORLDS,
    futures: Futures = FUTURES,
    seed: Seed = 0,
    sampling: Drawn = SAMPLING,
    threads: Threads = None,
    figures: Figures = True,
    output: Output = None,
) -> None:
    """Scores the forecast against observations, and compares it with naive forecasts."""
    check_addresses(worlds, futures, seed, sampling)
    loaded = load_scenario(scenario)
    ending = (f"-after-{after:g}" if after is not None else "") + ("-posterior" if worlds_from is not None else "")
    target = output or default_output(f"{loaded.name}-hindcast{ending}", DATASET)
    drawn: Drawings = {"": series_figure, "-scores": scores_figure} if figures else {}
    check_outputs(target, [*(observations or [OBSERVATIONS]), *([worlds_from] if worlds_from else [])], drawn)
    given = observed(observations, max(loaded.start, end_of(after) or loaded.start))
    began = time.perf_counter()
    drawn_worlds, worlds = posterior_worlds(worlds_from, loaded, worlds, seed, sampling)
    found = hindcast(
        loaded,
        given,
        worlds=worlds,
        futures=futures,
        seed=seed,
        sampling=drawn_worlds,
        until=end_of(until),
        since=end_of(after),
        execution=Execution(threads=threads, progress=True),
    )
    if worlds_from is not None:
        _mark(found, worlds_from)
    written = write_outputs(found, target, hindcast_table(found), drawn)
    say(hindcast_in_words(found))
    say(f"\n{worlds * futures:,} futures in {time.perf_counter() - began:.1f} s. Written to {written}")


def _mark(found: xr.Dataset, worlds_from: Path) -> None:
    """Record in a hindcast of posterior worlds whether they were conditioned on the observations that it scores."""
    with open_written(worlds_from) as posterior:
        until, worth = posterior.attrs["conditioned_until"], posterior.attrs["effective_worlds"]
    if until > found.attrs["judged_after"] + 1e-6:
        found.attrs["in_sample"] = (
            f"Not a forecast: these worlds were conditioned on observations until {until:g}. "
            "Score later ones with --after"
        )
    if worth < ENOUGH:
        say(f"{worlds_from}: the effective sample is only {worth:,.0f} worlds; scores are rough", err=True)
