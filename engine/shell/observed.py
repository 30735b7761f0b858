"""Options and files of the commands that compare a scenario with observations."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
import xarray as xr

from engine.errors import InputError
from engine.execution.atomic_write import DATASET, FIGURE, TABLE, atomic_write, check_target
from engine.plotting.style import new_figure
from engine.record import read_observations, with_past
from engine.results.files import write_results
from engine.shell.options import NUMBER, check_not_read
from engine.shell.printing import say, write_table

if TYPE_CHECKING:
    from matplotlib.figure import Figure


#: Functions that draw figures, by the ending of the file name.
Drawings = dict[str, "Callable[[xr.Dataset], Figure]"]

PastScenario = Annotated[str, typer.Argument(metavar="SCENARIO", help="scenario that starts in the past")]
Observed = Annotated[
    list[Path] | None,
    typer.Option(metavar="FILE|FOLDER", help="tables of observations (CSV) in place of the package's own (repeatable)"),
]
Until = Annotated[float | None, typer.Option(**NUMBER, help="last year of observations (inclusive)")]
Figures = Annotated[
    bool,
    typer.Option("--figures/--no-figures", help="also write figures (PNG)"),
]
HINDCAST = "hindcast_2018"


def observed(paths: list[Path] | None, time: float) -> xr.Dataset:
    """Tables of observations, with the package's own observations before `time` for series that begin later."""
    given = with_past(read_observations(paths), time)
    if given.attrs["past"]:
        say(f"{given.attrs['past']} earlier observations come from the package's own tables")
    return given


def end_of(year: float | None) -> float | None:
    """The end of a whole year; any other moment unchanged."""
    if year is None:
        return None
    if not math.isfinite(year):
        raise InputError(f"years of observations must be years, such as 2020, not {year}")
    return year + 1.0 if year.is_integer() else year


def check_outputs(target: Path, inputs: list[Path], drawn: Drawings) -> None:
    """Raise ResultsError or ValueError unless the dataset `target`, its table and its figures can be written.

    None of them may overwrite one of the `inputs`.
    """
    others = {_table(target): TABLE, **{_figure(target, ending): FIGURE for ending in drawn}}
    for path, form in {target: DATASET, **others}.items():
        check_target(path, form)
        check_not_read(path, *inputs)
    if drawn:
        # A missing library must fail before the simulation, not after.
        new_figure(1.0, 1.0)


def _figure(target: Path, ending: str) -> Path:
    return target.with_name(f"{target.stem}{ending}{FIGURE.ending}")


def _table(target: Path) -> Path:
    return target.with_suffix(TABLE.ending)


def write_outputs(found: xr.Dataset, target: Path, table: str, drawn: Drawings) -> str:
    """Write a dataset, a table and figures next to each other; the paths written, as text."""
    write_results(found, target)
    written = [target, _table(target)]
    write_table(table, written[-1])
    for ending, draw in drawn.items():
        written.append(_figure(target, ending))
        with atomic_write(written[-1]) as unfinished:
            draw(found).savefig(unfinished, format="png", dpi=130)
    return ", ".join(map(str, written))
