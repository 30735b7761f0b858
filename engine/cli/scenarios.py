"""The command `scenarios`: the scenarios that come with the engine."""

from __future__ import annotations

from typing import Annotated

import typer

from engine.errors import InputError
from engine.scenario import library
from engine.scenario.errors import shown
from engine.scenario.numbers import meant
from engine.shell.printing import say


def known(name: str) -> str:
    """The `name` of a scenario of the library. Raises InputError, which lists near names, for an unknown one."""
    if name not in library.names():
        raise InputError(f"no scenario is called {shown(name)}; {meant(name, library.names())}")
    return name


def command(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="scenario whose path is printed; default: list all")
    ] = None,
) -> None:
    """Every command that takes a scenario accepts these names."""
    if name is not None:
        say(str(library.path_of(known(name))))
        return
    names = library.names()
    width = max(map(len, names))
    say("\n".join(f"{one:{width}}  {library.summary_of(one)}" for one in names))
