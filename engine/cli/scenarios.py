"""The command that lists the scenarios that come with the engine: `scenarios`."""

from __future__ import annotations

from typing import Annotated

import typer

from engine.errors import InputError
from engine.scenario import library
from engine.scenario.errors import shown
from engine.scenario.numbers import meant
from engine.shell.printing import say


def known(name: str) -> str:
    """A `name` that is that of a scenario of the library. Raises InputError, with near names, if it is none."""
    if name not in library.names():
        raise InputError(f"no scenario is called {shown(name)}; {meant(name, library.names())}")
    return name


def command(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="the scenario whose file is named, instead of a list of all")
    ] = None,
) -> None:
    """Each can be given by its name wherever a scenario is asked for."""
    if name is not None:
        say(str(library.path_of(known(name))))
        return
    names = library.names()
    width = max(map(len, names))
    say("\n".join(f"{one:{width}}  {library.summary_of(one)}" for one in names))
