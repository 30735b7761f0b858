"""Options that several commands share, and their parsing."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any

import typer

from engine.errors import EngineError, InputError
from engine.execution import ResultsError
from engine.execution.atomic_write import DATASET, Form, check_target
from engine.results.files import open_written
from engine.scenario import SAMPLING, WORLDS, Design, Scenario
from engine.scenario.errors import shown
from engine.scenario.readings import plain, whole
from engine.simulation import selected_policies
from engine.simulation.worlds_file import design_from
from engine.statistics.metrics import metrics_in_words

#: Numbers must be written in plain digits.
_INTEGER = re.compile(r"[+-]?\d+", re.ASCII)
_NUMBER = re.compile(r"[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|inf)", re.ASCII | re.IGNORECASE)


def whole_number(text: str | int) -> int:
    """The integer in an option. Raises BadParameter with the right form for anything else, even `10.0` and `1,000`."""
    if isinstance(text, str) and not _INTEGER.fullmatch(text.strip()):
        raise typer.BadParameter(f"{shown(text)} is no whole number{whole(text)}")
    return int(text)


def number(text: str | float) -> float:
    """The number in an option. Raises BadParameter with the right form for anything else, even `0,5`."""
    if isinstance(text, str) and not _NUMBER.fullmatch(text.strip()):
        raise typer.BadParameter(f"{shown(text)} is no number{plain(text)}")
    return float(text)


#: Parser and name in the help of options that take a number.
INTEGER: dict[str, Any] = {"parser": whole_number, "metavar": "INTEGER"}
NUMBER: dict[str, Any] = {"parser": number, "metavar": "NUMBER"}

#: Help of the argument that names a scenario.
_SCENARIO = "scenario file (YAML), or a name that `engine scenarios` lists"
ScenarioPath = Annotated[str, typer.Argument(metavar="SCENARIO", help=_SCENARIO)]
Worlds = Annotated[int, typer.Option(**INTEGER, help="number of worlds (draws of the uncertain numbers)")]
Futures = Annotated[int, typer.Option(**INTEGER, help="number of futures in each world")]
Threads = Annotated[int | None, typer.Option(**INTEGER, help="number of threads; default: one for each CPU")]
Policies = Annotated[
    str | None,
    typer.Option(metavar="A,B,...", help="policies to compare with the baseline; default: all of the scenario"),
]
Seed = Annotated[int, typer.Option(**INTEGER, help="random seed")]
Drawn = Annotated[
    str,
    typer.Option(metavar="SAMPLER", help="sampling of worlds: qmc, random, lhs, or one of another package"),
]
WorldsFrom = Annotated[
    Path | None, typer.Option(metavar="FILE.nc", help="posterior worlds written by `engine calibrate`")
]
OfClass = Annotated[str, typer.Option("--actor-class", help="class of the actor")]
Ceiling = Annotated[
    float, typer.Option(**NUMBER, help="ceiling of the performance score in points, if the scenario has none")
]
Metrics = Annotated[
    list[str] | None,
    typer.Option("--metric", metavar="METRIC", help=f"metric to evaluate (repeatable). {metrics_in_words()}"),
]


def written(form: Form, *names: str, help: str) -> Any:
    """An option that names an output file of this `form`; the name is checked before the command begins."""

    def check(ctx: typer.Context, param: typer.CallbackParam, value: Path | None) -> Path | None:
        if value is None:
            return None
        if Path(value).suffix.lower() != form.ending and not Path(value).is_dir():
            others = [
                f"; {other.opts[0]} writes a {their.what} ({their.ending})"
                for other in ctx.command.params
                if (their := getattr(other.callback, "form", None)) and other.name != param.name
            ]
            raise ResultsError(
                f"{ctx.command.name}: {value}: {param.opts[0]} writes a {form.what}, name it {form.ending}"
                + "".join(others)
            )
        check_target(value, form)
        return value

    vars(check)["form"] = form
    return typer.Option(*names, metavar=f"FILE{form.ending}", help=help, callback=check)


Output = Annotated[Path | None, written(DATASET, "--output", "-o", help="output file; default: outputs/NAME.nc")]

#: Most bytes of a file name that is made from the name of a scenario, without its ending.
MOST_BYTES = 100
#: Names that Windows reserves for devices, with any ending.
_DEVICE = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


def posterior_worlds(
    path: Path | None, scenario: Scenario, worlds: int, seed: int, sampling: str
) -> tuple[str | Design, int]:
    """(`worlds` posterior worlds for `scenario` from the file at `path`, their number); without a file, `sampling`.

    The default number of worlds stands for all in the file. Raises ResultsError, naming the file, if it cannot be read
    or does not fit the scenario.
    """
    if path is None:
        return sampling, worlds
    if sampling != SAMPLING:
        raise InputError("posterior worlds are not drawn; leave out --sampling or --worlds-from")
    with open_written(path) as posterior:
        try:
            design = design_from(posterior, scenario, None if worlds == WORLDS else worlds, seed)
            return design, len(design.luck)
        except EngineError as error:
            raise ResultsError(f"{path}: {error}") from None


def listed(names: str | None) -> list[str] | None:
    """The names in an option such as "A,B"; None for an option that is not given."""
    return None if names is None else [name.strip() for name in names.split(",") if name.strip()]


def named(scenario: Scenario, policies: str | None) -> list[str]:
    """The policies that an option names, the baseline first. Raises InputError if one is unknown."""
    return selected_policies(scenario, listed(policies))


def size(worlds: int, futures: int, policies: list[str]) -> str:
    """The size of a run, as text."""
    under = f" under each of {len(policies)} policies" if len(policies) > 1 else ""
    return f"{worlds * futures:,} futures{under}"


def check_not_read(target: Path, *inputs: Path) -> None:
    """Raise InputError if `target` is one of the `inputs` of its command, or a file in a folder that is one."""
    for given in inputs:
        if target.exists() and target.resolve() in (given.resolve(), given.resolve() / target.name):
            raise InputError(f"{target}: would overwrite input from {given}; give --output another name")


def default_output(name: str, form: Form) -> Path:
    """The output file of a command without --output: in outputs/ if that folder exists, otherwise here.

    Raises ResultsError if nothing can be written there.
    """
    folder = Path("outputs")
    target = (folder if folder.is_dir() else Path()) / f"{file_stem(name)}{form.ending}"
    check_target(target, form)
    return target


def file_stem(name: str) -> str:
    """`name` as a valid file name on any system: letters, digits and _ . - of at most 100 bytes.

    Any other character becomes _. The result does not begin with . or -, which would hide the file or make it an
    option, is no name that Windows reserves for a device, and is not empty. A longer name loses its middle, because
    its end names the contents of the file.
    """
    plain = re.sub(r"[^\w.-]", "_", name)
    if plain[:1] in ("", ".", "-") or _DEVICE.fullmatch(plain):
        plain = f"_{plain}"
    whole, half = plain.encode(), MOST_BYTES // 2
    kept = whole if len(whole) <= MOST_BYTES else whole[: half - 1] + b"_" + whole[-half:]
    return kept.decode(errors="ignore")
