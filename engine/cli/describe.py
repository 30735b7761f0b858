"""The command `describe`: the contents of a results file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
import xarray as xr

from engine.analyses import overviews
from engine.results.files import open_results
from engine.shell.printing import say


def command(results: Annotated[Path, typer.Argument(metavar="FILE.nc", help="results file")]) -> None:
    """Prints where the file came from, its dimensions and variables, and the summary of each analysis."""
    with open_results(results) as dataset:
        say("\n".join([described(dataset), *overviews(dataset)]))


def described(dataset: xr.Dataset) -> str:
    """The origin, dimensions and variables of a results file, as text."""
    attrs = dataset.attrs
    lines = [
        f"{attrs['title']}, written {attrs.get('date_created', 'never')}",
        f"scenario {attrs['scenario_file'] or attrs['scenario_name']}, sha256 {attrs['scenario_sha256'][:16]}",
        f"content id {attrs['id'][:16]}, engine {attrs['engine_version']}, {attrs['platform']}",
        f"Python {attrs['python_version']}, {attrs['package_versions']}",
        "",
    ]
    sizes = ", ".join(f"{name} {size}" for name, size in dataset.sizes.items())
    lines += [f"dimensions: {sizes}", "variables:"]
    for name, variable in dataset.data_vars.items():
        unit = variable.attrs.get("units", "")
        about = f" [{unit}]" if unit not in ("", "1") else ""
        lines.append(f"  {name}({', '.join(map(str, variable.dims))}){about}: {variable.attrs['long_name']}")
    return "\n".join([*lines, ""])
