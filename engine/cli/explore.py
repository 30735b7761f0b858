"""The command that serves a page to explore a scenario: `explore`."""

from __future__ import annotations

from typing import Annotated

import typer

from engine.cli.playing import INTERRUPTED
from engine.scenario import library, load_scenario
from engine.shell.options import INTEGER, ScenarioPath
from engine.shell.printing import say


def command(
    scenario: ScenarioPath,
    port: Annotated[int, typer.Option(**INTEGER, help="port; 0 for a free one")] = 8050,
    host: Annotated[
        str, typer.Option(help="address to listen on; any but this machine's own lets other machines in")
    ] = "127.0.0.1",
    token: Annotated[str | None, typer.Option(help="token that the page asks for; by default a secret one")] = None,
) -> None:
    """Serve a page on this machine: move assumptions, compare two sets of measures, read single futures."""
    from engine.explorer.offer import offer_of
    from engine.explorer.serving import serve

    loaded = load_scenario(scenario)
    offer = offer_of(loaded, None if loaded.policies else load_scenario(library.path_of("policies")))
    serve(offer, host=host, port=port, token=token, say=say)
    raise typer.Exit(INTERRUPTED)
