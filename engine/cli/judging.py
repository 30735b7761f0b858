"""Commands that hold a scenario against what was observed: `hindcast`, `calibrate`."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
import xarray as xr

from engine import load_scenario, write_results
from engine.analysis.calibration import Discrepancy, calibrate, posterior_in_words
from engine.analysis.calibration.words import ENOUGH, posterior_table
from engine.analysis.hindcast import hindcast, hindcast_in_words
from engine.analysis.hindcast.words import hindcast_table
from engine.analysis.observations import read_observations, with_past
from engine.cli.options import (
    INTEGER,
    NUMBER,
    Drawn,
    Futures,
    Output,
    Seed,
    Threads,
    Worlds,
    WorldsFrom,
    check_not_read,
    default_output,
    group,
    listed,
    posterior_worlds,
)
from engine.cli.printing import say, write_table
from engine.data import OBSERVATIONS
from engine.errors import InputError
from engine.execution.whole_file import DATASET, FIGURE, TABLE, check_target, whole_file
from engine.report.hindcast import scores_figure, series_figure
from engine.report.posterior import posterior_figure
from engine.report.style import new_figure
from engine.results.files import open_written
from engine.scenario import check_addresses

if TYPE_CHECKING:
    from matplotlib.figure import Figure

commands = group()

#: Figures by the ending of the name of their file.
Drawings = dict[str, "Callable[[xr.Dataset], Figure]"]

PastScenario = Annotated[Path, typer.Argument(metavar="SCENARIO", help="a scenario that starts in the past")]
Observed = Annotated[
    list[Path] | None,
    typer.Option(metavar="FILE|FOLDER", help="tables of observations (CSV), not the engine's own; may be repeated"),
]
Until = Annotated[float | None, typer.Option(**NUMBER, help="the last year whose observations count, up to its end")]
Figures = Annotated[
    bool,
    typer.Option("--figures/--no-figures", help="draw figures (PNG) beside the dataset"),
]
HINDCAST = Path("hindcast_2018")


@commands.command("hindcast")
def hindcast_(
    scenario: PastScenario = HINDCAST,
    observations: Observed = None,
    until: Until = None,
    after: Annotated[
        float | None, typer.Option(**NUMBER, help="judge only what was observed after the end of this year")
    ] = None,
    worlds_from: WorldsFrom = None,
    worlds: Worlds = 1000,
    futures: Futures = 10,
    seed: Seed = 0,
    sampling: Drawn = "random",
    threads: Threads = None,
    figures: Figures = True,
    output: Output = None,
) -> None:
    """How well a scenario that starts in the past foretold what was observed since, beside naive forecasts."""
    check_addresses(worlds, futures, seed, sampling)
    loaded = load_scenario(scenario)
    ending = (f"-after-{after:g}" if after is not None else "") + ("-posterior" if worlds_from is not None else "")
    target = output or default_output(f"{loaded.name}-hindcast{ending}", DATASET)
    drawn: Drawings = {"": series_figure, "-scores": scores_figure} if figures else {}
    _check_beside(target, [*(observations or [OBSERVATIONS]), *([worlds_from] if worlds_from else [])], drawn)
    given = _observed(observations, max(loaded.start, _end_of(after) or loaded.start))
    began = time.perf_counter()
    found = hindcast(
        loaded,
        given,
        worlds=worlds,
        futures=futures,
        seed=seed,
        sampling=sampling,
        design=posterior_worlds(worlds_from, loaded, worlds, seed, sampling),
        until=_end_of(until),
        since=_end_of(after),
        threads=threads,
        progress=True,
    )
    if worlds_from is not None:
        _mark(found, worlds_from)
    written = _write(found, target, hindcast_table(found), drawn)
    say(hindcast_in_words(found))
    say(f"\n{worlds * futures:,} futures in {time.perf_counter() - began:.1f} s. Written to {written}")


@commands.command("calibrate")
def calibrate_(
    scenario: PastScenario = HINDCAST,
    observations: Observed = None,
    until: Until = None,
    kinds: Annotated[
        str, typer.Option(metavar="A,B,...", help="kinds of observations that count")
    ] = "organisations,models,compute",
    error_compute: Annotated[
        float,
        typer.Option(**NUMBER, help="how far log10 FLOP of a right world may be from what was observed (sd, OOM)"),
    ] = Discrepancy.compute,
    error_counts: Annotated[float, typer.Option(**NUMBER, help="the same of log10(1 + count)")] = Discrepancy.counts,
    worlds: Annotated[int, typer.Option(**INTEGER, help="worlds in each round")] = 10_000,
    futures: Annotated[int, typer.Option(**INTEGER, help="futures in each world")] = 4,
    rounds: Annotated[int, typer.Option(**INTEGER, help="rounds after the first, which is the prior")] = 2,
    keep: Annotated[int, typer.Option(**INTEGER, help="posterior worlds to write")] = 1000,
    check: Annotated[
        int, typer.Option(**INTEGER, help="recover so many known truths (simulation-based calibration)")
    ] = 0,
    seed: Seed = 0,
    threads: Threads = None,
    top: Annotated[int, typer.Option(**INTEGER, help="how many numbers are printed")] = 12,
    figures: Figures = True,
    output: Output = None,
) -> None:
    """Condition the worlds of a scenario on what was observed, for `engine run --worlds-from`."""
    check_addresses(worlds, futures, seed, "random")
    loaded = load_scenario(scenario)
    target = output or default_output(f"{loaded.name}-posterior", DATASET)
    drawn: Drawings = {"": posterior_figure} if figures else {}
    _check_beside(target, observations or [OBSERVATIONS], drawn)
    given = _observed(observations, loaded.start)
    began = time.perf_counter()
    found = calibrate(
        loaded,
        given,
        kinds=tuple(listed(kinds) or ()),
        discrepancy=Discrepancy(error_compute, error_counts),
        until=_end_of(until),
        worlds=worlds,
        futures=futures,
        rounds=rounds,
        kept=keep,
        truths=check,
        seed=seed,
        threads=threads,
        progress=True,
    )
    written = _write(found, target, posterior_table(found), drawn)
    say(posterior_in_words(found, top))
    say(f"\nIn {time.perf_counter() - began:.1f} s. Written to {written}")


def _observed(paths: list[Path] | None, time: float) -> xr.Dataset:
    """Tables of observations, and the engine's own of what was known by `time` of series that begin later."""
    given = with_past(read_observations(paths), time)
    if given.attrs["past"]:
        say(f"{given.attrs['past']} observations of what was known before are of the engine's own tables")
    return given


def _mark(found: xr.Dataset, worlds_from: Path) -> None:
    """Say in a hindcast of posterior worlds whether they were conditioned on what it judges."""
    with open_written(worlds_from) as posterior:
        until, worth = posterior.attrs["conditioned_until"], posterior.attrs["effective_worlds"]
    if until > found.attrs["judged_after"] + 1e-6:
        found.attrs["in_sample"] = (
            f"Not a forecast: these worlds were conditioned on observations until {until:g}. "
            "Judge later ones with --after"
        )
    if worth < ENOUGH:
        say(f"{worlds_from}: an effective sample of {worth:,.0f} worlds only; scores are rough", err=True)


def _end_of(year: float | None) -> float | None:
    """The end of a whole year; a moment as it is."""
    if year is None:
        return None
    if not math.isfinite(year):
        raise InputError(f"years of observations must be years, such as 2020, not {year}")
    return year + 1.0 if year.is_integer() else year


def _check_beside(target: Path, inputs: list[Path], drawn: Drawings) -> None:
    """Raise ResultsError or ValueError unless table and figures can be written beside the dataset `target`.

    None of them must take the place of one of the `inputs`.
    """
    beside = {_table(target): TABLE, **{_figure(target, ending): FIGURE for ending in drawn}}
    for path, form in {target: DATASET, **beside}.items():
        check_target(path, form)
        check_not_read(path, *inputs)
    if drawn:
        # Found out before all the work, not after.
        new_figure(1.0, 1.0)


def _figure(target: Path, ending: str) -> Path:
    return target.with_name(f"{target.stem}{ending}{FIGURE.ending}")


def _table(target: Path) -> Path:
    return target.with_suffix(TABLE.ending)


def _write(found: xr.Dataset, target: Path, table: str, drawn: Drawings) -> str:
    """Write a dataset, and table and figures beside it; what was written, in words."""
    write_results(found, target)
    written = [target, _table(target)]
    write_table(table, written[-1])
    for ending, draw in drawn.items():
        written.append(_figure(target, ending))
        with whole_file(written[-1]) as beside:
            draw(found).savefig(beside, format="png", dpi=130)
    return ", ".join(map(str, written))
