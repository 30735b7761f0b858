"""The one description of results files: variables, coordinates and attributes.

The table of variables is variables.csv. Datasets are labelled from it, `open_results` compares files with it, and
docs/results.md is made from it (scripts/make_results_reference.py). A new variable is a line there; its standard error
`X_se`, its confidence limits `X_limits` and its difference from the baseline `X_difference` follow by rule if the
column `companions` asks for them.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

from engine.errors import InputError
from engine.montecarlo import Keep
from engine.montecarlo.samples import keeps

if TYPE_CHECKING:
    import xarray as xr

#: Kinds of values: floating-point numbers, some of which may be NaN; whole numbers; or texts.
Kind = Literal["float", "whole", "text"]
#: The default bound of numbers: beyond it, sums of squares would overflow.
_FAR = 1e30
_TABLE = Path(__file__).with_name("variables.csv")


@dataclass(frozen=True)
class Variable:
    """A variable or a coordinate: its dimensions, its unit (None if it has none) and its long name; `more` is for docs.

    Runs that store `kept` contain it, and its values lie between `least` and `most`. Its `companions` are its standard
    error (`error`), its confidence limits (`limits`) and its difference from the baseline with its error
    (`difference`).
    """

    dims: tuple[str, ...]
    is_coordinate: bool
    kind: Kind
    units: str | None
    kept: Keep
    least: float
    most: float
    companions: tuple[str, ...]
    long_name: str
    more: str


def _read() -> Iterator[tuple[str, Variable]]:
    """(name, variable) of each line of the table."""
    with _TABLE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield (
                row["name"],
                Variable(
                    tuple(row["dimensions"].split()),
                    row["role"] == "coordinate",
                    cast(Kind, row["kind"]),
                    row["units"] or None,
                    cast(Keep, row["kept"]),
                    float(row["least"] or -_FAR),
                    float(row["most"] or _FAR),
                    tuple(row["companions"].split()),
                    row["long_name"],
                    row["more"],
                ),
            )


def _with_companions(name: str, variable: Variable) -> Iterator[tuple[str, Variable]]:
    """A variable and its companions (error, limits, difference), by name."""
    yield name, variable
    if "error" in variable.companions:
        yield f"{name}_se", _error_of(name, variable)
    if "limits" in variable.companions:
        words = f"limits within which endlessly many futures would place {name}, in 95% of runs"
        yield f"{name}_limits", replace(variable, dims=(*variable.dims, "limit"), long_name=words)
    if "difference" in variable.companions:
        words = f"{name} less that of the baseline, in the same futures"
        yield f"{name}_difference", replace(variable, long_name=words, least=-_FAR, most=_FAR)
        yield f"{name}_difference_se", _error_of(f"{name}_difference", variable)


def _error_of(name: str, variable: Variable) -> Variable:
    words = f"Monte Carlo standard error of {name}, replicates of worlds as clusters"
    return replace(variable, long_name=words, least=0.0, most=_FAR)


#: The lines of the table and their companions, by name.
TABLE: Mapping[str, Variable] = dict(_read())
ALL: Mapping[str, Variable] = dict(part for name, one in TABLE.items() for part in _with_companions(name, one))


def held(kept: Keep) -> Mapping[str, Variable]:
    """All variables and coordinates of the results of a run that stores `kept`, by name."""
    return {name: one for name, one in ALL.items() if keeps(kept, one.kept)}


#: What a run stores more with each `keep`, and the option of `engine run` that stores it.
_STORED = {
    "counts": ("distributions", ""),
    "samples": ("single futures", "--samples"),
    "sizes": ("sizes of models", "--paths"),
    "paths": ("courses of single futures", "--paths"),
    "prices": ("costs of capabilities", "--paths"),
}


def companions(variable: str) -> Iterator[str]:
    """The name of a variable, then those of its companions."""
    return (name for name, _ in _with_companions(variable, ALL[variable]))


def check_has(results: xr.Dataset, *variables: str) -> None:
    """Raise InputError, with the right form, unless `results` contain these variables."""
    for name in variables:
        if name not in results:
            kept = ALL[name].kept
            what, option = _STORED[kept]
            words = f", or `engine run {option}`" if option else ""
            raise InputError(f"these results contain no {what} ({name}); simulate with keep={kept!r}{words}")


def long_name(variable: str) -> str:
    """The long name of a variable or coordinate. Raises KeyError for one that results do not have."""
    return ALL[variable].long_name


def units(variable: str) -> str | None:
    """The unit of a variable or coordinate, None for none. Raises KeyError for one that results do not have."""
    return ALL[variable].units


@dataclass(frozen=True)
class Attribute:
    """A global attribute: its meaning, and whether readers need it.

    It is a text of one line, a text of any lines, or a whole number of at least `least`.
    """

    about: str
    kind: Literal["text", "lines", "whole"] = "text"
    least: int = 0
    needed: bool = True


ATTRIBUTES: Mapping[str, Attribute] = {
    "title": Attribute("title of the results"),
    "summary": Attribute("description of the scenario", "lines", needed=False),
    "scenario_name": Attribute("name of the scenario"),
    "scenario_file": Attribute("its file, if any"),
    "scenario_text": Attribute("scenario as written, with extended files", "lines", needed=False),
    "scenario_yaml": Attribute("the same, merged into one file", "lines", needed=False),
    "scenario_sha256": Attribute("SHA-256 of its numbers"),
    "seed": Attribute("seed of all chance", "whole"),
    "worlds": Attribute("number of worlds", "whole", 1),
    "futures": Attribute("futures in each world", "whole", 1),
    "sampling": Attribute("`qmc`, `random`, `lhs` or `design`"),
    "worlds_from": Attribute("source of worlds that were not drawn", needed=False),
    "worlds_changed": Attribute("note on worlds changed after the draw", needed=False),
    "id": Attribute("SHA-256 of all values and names"),
    "date_created": Attribute("time of writing", needed=False),
    "engine_version": Attribute("version of the engine"),
    "python_version": Attribute("version of Python"),
    "package_versions": Attribute("versions of important packages"),
    "platform": Attribute("operating system and processor"),
    "Conventions": Attribute("conventions of these attributes", needed=False),
    "source": Attribute("origin of the results", needed=False),
    "references": Attribute("the paper with the mechanism", needed=False),
    "license": Attribute("terms of use", needed=False),
    "keywords": Attribute("keywords", needed=False),
    "processing_level": Attribute("note that results are simulated", needed=False),
}
