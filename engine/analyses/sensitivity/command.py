"""The command `sensitivity`."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
import xarray as xr

from engine.analyses.sensitivity.experiment import pawn_of, sobol, together, tornado_of, variance_of
from engine.analyses.sensitivity.summary import sensitivity_summary
from engine.errors import InputError
from engine.execution import Execution
from engine.execution.atomic_write import DATASET
from engine.results.files import open_results, write_results
from engine.scenario import BASELINE, check_addresses, load_scenario
from engine.scenario.numbers import meant
from engine.shell.options import (
    INTEGER,
    Drawn,
    Metrics,
    Seed,
    Threads,
    Worlds,
    check_not_read,
    default_output,
    listed,
    written,
)
from engine.shell.printing import say
from engine.simulation import simulate

#: What each method is, and how many futures a row or world it takes by default.
_METHODS = {"sobol": 1, "tornado": 200, "pawn": 10, "variance": 10}
#: Methods that need no design, and so take any results.
_GIVEN = ("pawn", "variance")

ScenarioOrFile = Annotated[
    Path, typer.Argument(metavar="SCENARIO|FILE.nc", help="a scenario (YAML), or a results file (.nc) with --samples")
]


def command(
    source: ScenarioOrFile,
    method: Annotated[
        str | None,
        typer.Option(
            metavar="A,B,...",
            help="sobol (variance, from a design), tornado (one number at a time), pawn (distribution, from any run), "
            "variance (chance against numbers, from any run); by default sobol, for a file pawn,variance",
        ),
    ] = None,
    metric: Metrics = None,
    policy: Annotated[str, typer.Option(help="the policy in force")] = BASELINE,
    base: Annotated[int, typer.Option(**INTEGER, help="base points of sobol, a power of two")] = 256,
    worlds: Worlds = 1000,
    futures: Annotated[
        int | None,
        typer.Option(
            **INTEGER, help="futures in each world or row; by default 1 for sobol, 200 for tornado, 10 for the others"
        ),
    ] = None,
    seed: Seed = 0,
    sampling: Drawn = "random",
    threads: Threads = None,
    top: Annotated[int, typer.Option(**INTEGER, help="how many numbers are printed")] = 10,
    output: Annotated[
        Path | None, written(DATASET, "--output", "-o", help="the indices; by default outputs/NAME-sensitivity.nc")
    ] = None,
) -> None:
    """Which uncertain numbers an outcome hangs on, and how much of it chance decides."""
    given = source.suffix.lower() == DATASET.ending
    methods = listed(method) or (list(_GIVEN) if given else ["sobol"])
    for one in methods:
        if one not in _METHODS:
            raise InputError(f"no method is called {one!r}; {meant(one, list(_METHODS))}")
        if given and one not in _GIVEN:
            raise InputError(f"{one} needs runs of its own: name a scenario (YAML), not a results file")
    target = output or default_output(f"{source.stem}-sensitivity", DATASET)
    check_not_read(target, source)
    began = time.perf_counter()
    if given:
        with open_results(source) as results:
            found = _of_results(lambda _: results, methods, metric, policy)
    else:
        found = _of_scenario(source, methods, metric, policy, base, worlds, futures, seed, sampling, threads)
    write_results(found, target)
    say(sensitivity_summary(found, top=top))
    say(f"\nUnder {policy}, in {time.perf_counter() - began:.1f} s. Written to {target}")


def _of_scenario(
    source: Path,
    methods: list[str],
    metrics: list[str] | None,
    policy: str,
    base: int,
    worlds: int,
    futures: int | None,
    seed: int,
    sampling: str,
    threads: int | None,
) -> xr.Dataset:
    """What `methods` find in runs of a scenario."""
    check_addresses(worlds, futures or 1, seed, sampling)
    loaded = load_scenario(source)
    played: dict[int, xr.Dataset] = {}

    def results(count: int) -> xr.Dataset:
        if count not in played:
            played[count] = simulate(
                loaded,
                worlds,
                count,
                seed,
                policies=[policy],
                sampling=sampling,
                execution=Execution(threads=threads, progress=True),
                keep="samples",
            )
        return played[count]

    parts = []
    for one in methods:
        count = futures or _METHODS[one]
        if one == "sobol":
            part = sobol(
                loaded,
                metrics,
                policy=policy,
                base=base,
                futures=count,
                seed=seed,
                execution=Execution(threads=threads, progress=True),
            )
        elif one == "tornado":
            part = tornado_of(
                loaded,
                metrics,
                policy=policy,
                futures=count,
                seed=seed,
                execution=Execution(threads=threads, progress=True),
            )
        else:
            part = _of_results(results, [one], metrics, policy, count)
        parts.append(part)
    return together(*parts)


def _of_results(
    results: Callable[[int], xr.Dataset], methods: list[str], metrics: list[str] | None, policy: str, count: int = 0
) -> xr.Dataset:
    """What `methods` that need no design find in `results` of so many futures a world."""
    analyses = {"pawn": pawn_of, "variance": variance_of}
    return together(*(analyses[one](results(count), metrics, policy=policy) for one in methods))
