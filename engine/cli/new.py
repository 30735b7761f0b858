"""The command `new`: a scenario to start from."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Annotated

import typer

from engine.cli.scenarios import known
from engine.errors import InputError
from engine.scenario import library
from engine.shell.printing import say

#: A commented variant of the baseline.
_START = Path(library.__file__).with_name("start.yaml")
_ENDINGS = (".yaml", ".yml")


def command(
    file: Annotated[Path, typer.Argument(metavar="FILE.yaml", help="scenario file to write; it must not exist")],
    copied: Annotated[
        str | None,
        typer.Option("--from", metavar="NAME", help="scenario to copy, one that `engine scenarios` lists"),
    ] = None,
) -> None:
    """An existing file is not overwritten."""
    if file.suffix.lower() not in _ENDINGS:
        stem = "mine" if file.name.startswith(".") else file.stem
        raise InputError(f"{file}: a scenario is YAML; name it {stem or 'mine'}.yaml")
    text = _START.read_text(encoding="utf-8") if copied is None else _copy_of(known(copied))
    try:
        with file.open("x", encoding="utf-8", newline="\n") as target:
            target.write(text)
    except FileExistsError:
        raise InputError(f"{file}: exists already and is not overwritten; give another name") from None
    except FileNotFoundError:
        raise InputError(f"{file}: {file.parent} does not exist; create it first") from None
    say(f"Written to {file}. Change it, then:\n  {shlex.join(['engine', 'run', str(file)])}")


def _copy_of(name: str) -> str:
    """The text of a library scenario as a scenario of its own: named by its file, and extending others by name."""
    text = re.sub(r"^name: .*\n", "", library.text_of(name), count=1, flags=re.MULTILINE)
    return re.sub(r"^extends: (\w+)\.yaml$", r"extends: \1", text, count=1, flags=re.MULTILINE)
