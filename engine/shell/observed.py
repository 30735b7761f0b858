"""Options and files that commands share which hold a scenario against what was observed."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
import xarray as xr

from engine.errors import InputError
from engine.execution.atomic_write import DATASET, FIGURE, TABLE, check_target, whole_file
from engine.plotting.style import new_figure
from engine.record import read_observations, with_past
from engine.results.files import write_results
from engine.shell.options import (
    NUMBER,
    check_not_read,
)
from engine.shell.printing import say, write_table

if TYPE_CHECKING:
    from matplotlib.figure import Figure


#: Figures by the ending of the name of their file.
Drawings = dict[str, "Callable[[xr.Dataset], Figure]"]

PastScenario = Annotated[Path, typer.Argument(metavar="SCENARIO", help="a scenario (YAML) that starts in the past")]
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


def observed(paths: list[Path] | None, time: float) -> xr.Dataset:
    """Tables of observations, and the engine's own of what was known by `time` of series that begin later."""
    given = with_past(read_observations(paths), time)
    if given.attrs["past"]:
        say(f"{given.attrs['past']} observations of what was known before are of the engine's own tables")
    return given


def end_of(year: float | None) -> float | None:
    """The end of a whole year; a moment as it is."""
    if year is None:
        return None
    if not math.isfinite(year):
        raise InputError(f"years of observations must be years, such as 2020, not {year}")
    return year + 1.0 if year.is_integer() else year


def check_beside(target: Path, inputs: list[Path], drawn: Drawings) -> None:
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


def write_beside(found: xr.Dataset, target: Path, table: str, drawn: Drawings) -> str:
    """Write a dataset, and table and figures beside it; what was written, in words."""
    write_results(found, target)
    written = [target, _table(target)]
    write_table(table, written[-1])
    for ending, draw in drawn.items():
        written.append(_figure(target, ending))
        with whole_file(written[-1]) as beside:
            draw(found).savefig(beside, format="png", dpi=130)
    return ", ".join(map(str, written))
