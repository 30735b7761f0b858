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
from engine.scenario import BASELINE, SAMPLING, WORLDS, check_addresses, load_scenario
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

#: Each method, and its default number of futures per row or world.
_METHODS = {"sobol": 1, "tornado": 200, "pawn": 10, "variance": 10}
#: Methods that need no design, and so accept any results.
_GIVEN = ("pawn", "variance")

ScenarioOrFile = Annotated[
    str, typer.Argument(metavar="SCENARIO|FILE.nc", help="scenario (YAML) or results file with samples (.nc)")
]


def command(
    source: ScenarioOrFile,
    method: Annotated[
        str | None,
        typer.Option(
            metavar="A,B,...",
            help="sobol (variance, needs a design), tornado (one number at a time), pawn (distribution), "
            "variance (chance against numbers); default: sobol for a scenario, pawn,variance for a file",
        ),
    ] = None,
    metric: Metrics = None,
    policy: Annotated[str, typer.Option(help="policy in force")] = BASELINE,
    base: Annotated[int, typer.Option(**INTEGER, help="base points for sobol, a power of two")] = 256,
    worlds: Worlds = WORLDS,
    futures: Annotated[
        int | None,
        typer.Option(**INTEGER, help="futures per world or row; default: 1 for sobol, 200 for tornado, 10 otherwise"),
    ] = None,
    seed: Seed = 0,
    sampling: Drawn = SAMPLING,
    threads: Threads = None,
    top: Annotated[int, typer.Option(**INTEGER, help="number of rows to print")] = 10,
    output: Annotated[
        Path | None, written(DATASET, "--output", "-o", help="output file; default: outputs/NAME-sensitivity.nc")
    ] = None,
) -> None:
    """Ranks the uncertain numbers, with confidence intervals of their indices."""
    path = Path(source)
    given = path.suffix.lower() == DATASET.ending
    methods = listed(method) or (list(_GIVEN) if given else ["sobol"])
    for one in methods:
        if one not in _METHODS:
            raise InputError(f"no method is called {one!r}; {meant(one, list(_METHODS))}")
        if given and one not in _GIVEN:
            raise InputError(f"{one} needs runs of its own: name a scenario (YAML), not a results file")
    target = output or default_output(f"{path.stem}-sensitivity", DATASET)
    check_not_read(target, path)
    began = time.perf_counter()
    if given:
        with open_results(path) as results:
            found = _of_results(lambda _: results, methods, metric, policy)
    else:
        found = _of_scenario(source, methods, metric, policy, base, worlds, futures, seed, sampling, threads)
    write_results(found, target)
    say(sensitivity_summary(found, top=top))
    say(f"\nUnder {policy}, in {time.perf_counter() - began:.1f} s. Written to {target}")


def _of_scenario(
    source: str,
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
    """The indices of `methods` from runs of a scenario."""
    check_addresses(worlds, futures or 1, seed, sampling)
    loaded = load_scenario(source)
    execution = Execution(threads=threads, progress=True)
    simulated: dict[int, xr.Dataset] = {}

    def results(count: int) -> xr.Dataset:
        if count not in simulated:
            simulated[count] = simulate(
                loaded,
                worlds,
                count,
                seed,
                policies=[policy],
                sampling=sampling,
                execution=execution,
                keep="samples",
            )
        return simulated[count]

    parts = []
    for one in methods:
        count = futures or _METHODS[one]
        if one == "sobol":
            part = sobol(loaded, metrics, policy=policy, base=base, futures=count, seed=seed, execution=execution)
        elif one == "tornado":
            part = tornado_of(loaded, metrics, policy=policy, futures=count, seed=seed, execution=execution)
        else:
            part = _of_results(results, [one], metrics, policy, count)
        parts.append(part)
    return together(*parts)


def _of_results(
    results: Callable[[int], xr.Dataset], methods: list[str], metrics: list[str] | None, policy: str, count: int = 0
) -> xr.Dataset:
    """The indices of `methods` that need no design, from `results` with `count` futures per world."""
    analyses = {"pawn": pawn_of, "variance": variance_of}
    return together(*(analyses[one](results(count), metrics, policy=policy) for one in methods))
