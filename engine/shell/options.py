"""Options that commands share, and what they make of them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any

import typer

from engine.errors import EngineError, InputError
from engine.execution import ResultsError
from engine.execution.atomic_write import DATASET, Form, check_target
from engine.results.files import open_written
from engine.scenario import Design, Scenario
from engine.scenario.errors import shown
from engine.scenario.readings import plain, whole
from engine.simulation import selected_policies
from engine.simulation.worlds_file import design_from
from engine.statistics.metrics import metrics_in_words

#: Numbers that plain digits must write.
_INTEGER = re.compile(r"[+-]?\d+", re.ASCII)
_NUMBER = re.compile(r"[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|inf)", re.ASCII | re.IGNORECASE)


def whole_number(text: str | int) -> int:
    """The integer in an option. Raises BadParameter, saying how it is written, for all else, `10.0` and `1,000` too."""
    if isinstance(text, str) and not _INTEGER.fullmatch(text.strip()):
        raise typer.BadParameter(f"{shown(text)} is no whole number{whole(text)}")
    return int(text)


def number(text: str | float) -> float:
    """The number in an option. Raises BadParameter, saying how it is written, for anything else, `0,5` too."""
    if isinstance(text, str) and not _NUMBER.fullmatch(text.strip()):
        raise typer.BadParameter(f"{shown(text)} is no number{plain(text)}")
    return float(text)


#: How options of a number are read, and called in the help.
INTEGER: dict[str, Any] = {"parser": whole_number, "metavar": "INTEGER"}
NUMBER: dict[str, Any] = {"parser": number, "metavar": "NUMBER"}

#: What a scenario is given by, in the help.
_SCENARIO = "a scenario: a file (YAML), or a name that `engine scenarios` lists"
ScenarioPath = Annotated[Path, typer.Argument(metavar="SCENARIO", help=_SCENARIO)]
Worlds = Annotated[int, typer.Option(**INTEGER, help="worlds: draws of the uncertain numbers")]
Futures = Annotated[int, typer.Option(**INTEGER, help="futures in each world")]
Threads = Annotated[int | None, typer.Option(**INTEGER, help="threads; by default one for each CPU")]
Policies = Annotated[
    str | None, typer.Option(metavar="A,B,...", help="policies beside the baseline; by default all of the scenario")
]
Seed = Annotated[int, typer.Option(**INTEGER, help="seed of all chance")]
Drawn = Annotated[
    str, typer.Option(metavar="SAMPLER", help="how worlds are drawn: random, lhs, sobol, or that of another package")
]
WorldsFrom = Annotated[
    Path | None, typer.Option(metavar="FILE.nc", help="posterior worlds, as `engine calibrate` writes them")
]
OfClass = Annotated[str, typer.Option("--actor-class", help="the class the actor belongs to")]
Ceiling = Annotated[
    float, typer.Option(**NUMBER, help="ceiling of the performance score where the scenario has none, points")
]
Metrics = Annotated[
    list[str] | None,
    typer.Option("--metric", metavar="METRIC", help=f"metric to judge by; may be repeated. {metrics_in_words()}"),
]


def written(form: Form, *names: str, help: str) -> Any:
    """An option that names a file of this `form` to be written, which is checked before the command begins."""

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


Output = Annotated[
    Path | None, written(DATASET, "--output", "-o", help="where results are written; by default outputs/NAME.nc")
]

#: Bytes of the longest name of a file that is made from that of a scenario, without its ending.
MOST_BYTES = 100
#: Names that Windows keeps for devices, whatever their ending.
_DEVICE = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


def posterior_worlds(path: Path | None, scenario: Scenario, worlds: int, seed: int, sampling: str) -> Design | None:
    """`worlds` posterior worlds of the file at `path` for `scenario`; None without a file.

    Raises ResultsError, naming the file, if it cannot be read or does not fit the scenario.
    """
    if path is None:
        return None
    if sampling != "random":
        raise InputError("posterior worlds are not drawn; leave out --sampling or --worlds-from")
    with open_written(path) as posterior:
        try:
            return design_from(posterior, scenario, worlds, seed)
        except EngineError as error:
            raise ResultsError(f"{path}: {error}") from None


def group() -> typer.Typer:
    """An empty group of commands, to be added to `engine.cli.app`."""
    return typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


def listed(names: str | None) -> list[str] | None:
    """The names in an option such as "A,B"; None for an option that is not given."""
    return None if names is None else [name.strip() for name in names.split(",") if name.strip()]


def named(scenario: Scenario, policies: str | None) -> list[str]:
    """The policies that an option names, the baseline first. Raises InputError if one is unknown."""
    return selected_policies(scenario, listed(policies))


def size(worlds: int, futures: int, policies: list[str]) -> str:
    """How much was played, in words."""
    under = f" under each of {len(policies)} policies" if len(policies) > 1 else ""
    return f"{worlds * futures:,} futures{under}"


def check_not_read(target: Path, *inputs: Path) -> None:
    """Raise InputError if `target` is one of the `inputs` of its command, or a file in a folder that is one."""
    for given in inputs:
        if target.exists() and target.resolve() in (given.resolve(), given.resolve() / target.name):
            raise InputError(f"{target}: would overwrite what is read from {given}; give --output another name")


def default_output(name: str, form: Form) -> Path:
    """Where a command writes if it is not told: in outputs/ if there is such a folder, else here.

    Raises ResultsError if nothing can be written there.
    """
    folder = Path("outputs")
    target = (folder if folder.is_dir() else Path()) / f"{file_stem(name)}{form.ending}"
    check_target(target, form)
    return target


def file_stem(name: str) -> str:
    """A `name` as a file may have it on any system: letters, digits and _ . - of at most 100 bytes.

    Whatever else is in it becomes _. It neither begins with . or -, which would hide the file or make an option of it,
    nor is a name that Windows keeps for a device, nor empty. Of a longer name the middle is left out, for its end says
    what the file holds.
    """
    plain = re.sub(r"[^\w.-]", "_", name)
    if plain[:1] in ("", ".", "-") or _DEVICE.fullmatch(plain):
        plain = f"_{plain}"
    whole, half = plain.encode(), MOST_BYTES // 2
    kept = whole if len(whole) <= MOST_BYTES else whole[: half - 1] + b"_" + whole[-half:]
    return kept.decode(errors="ignore")
