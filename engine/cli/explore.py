"""The command `explore`: an interactive page for a scenario."""

from __future__ import annotations

from typing import Annotated

import typer

from engine.cli import INTERRUPTED
from engine.scenario import library, load_scenario
from engine.shell.options import INTEGER, ScenarioPath
from engine.shell.printing import say


def command(
    scenario: ScenarioPath,
    port: Annotated[int, typer.Option(**INTEGER, help="port; 0 selects a free one")] = 8050,
    host: Annotated[
        str, typer.Option(help="address to listen on; anything but the default admits other machines")
    ] = "127.0.0.1",
    token: Annotated[str | None, typer.Option(help="access token; default: a random secret")] = None,
) -> None:
    """Prints the address of the page, which includes the token. Ctrl-C stops the server."""
    from engine.explorer.offer import offer_of
    from engine.explorer.serving import serve

    loaded = load_scenario(scenario)
    offer = offer_of(loaded, None if loaded.policies else load_scenario(library.path_of("policies")))
    serve(offer, host=host, port=port, token=token, say=say)
    raise typer.Exit(INTERRUPTED)
