"""The explorer as a web application, and its server on this machine."""

from __future__ import annotations

import logging
import re
import secrets
import socket
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from html import escape
from pathlib import Path
from typing import Any

from flask import Flask, Response, request

from engine.errors import EngineError, InputError
from engine.explorer import layout
from engine.explorer.callbacks import connect
from engine.explorer.guard import guard, is_loopback
from engine.explorer.offer import Offer
from engine.explorer.sides import results_of, scenario_text
from engine.explorer.simulator import Busy, Simulator
from engine.explorer.state import State, first_state, state_of
from engine.explorer.timeline import histories
from engine.explorer.wellformed import only_well_formed
from engine.results import write_results
from engine.text.printable import printable

HOST, PORT = "127.0.0.1", 8050
#: Threads that answer requests: more than waiting runs and files can occupy.
_THREADS = 12
#: Most connections, and seconds after which an idle one is closed.
_CONNECTIONS = 500
_IDLE = 15

_INDEX = """<!DOCTYPE html>
<html lang="en">
<head>{%metas%}<title>{%title%}</title>{%favicon%}{%css%}</head>
<body>{%app_entry%}<footer>{%config%}{%scripts%}{%renderer%}</footer></body>
</html>
"""
_VIEWPORT = {"name": "viewport", "content": "width=device-width, initial-scale=1"}


def make_app(offer: Offer, token: str, host: str = HOST, simulator: Simulator | None = None) -> Flask:
    """The web application for an offer; it answers only requests with the `token`."""
    from dash import Dash

    server = Flask("engine.explorer")
    app = Dash(
        "engine.explorer",
        server=server,
        title=escape(f"Explore {offer.scenario.name}"),
        update_title=None,
        assets_folder=str(Path(__file__).parent / "assets"),
        meta_tags=[_VIEWPORT],
        serve_locally=True,
        add_log_handler=False,
        enable_mcp=False,
        on_error=_failed,
    )
    app.interpolate_index = _index
    app.layout = lambda: layout.page(offer)
    simulator = simulator or Simulator(offer)
    connect(app, simulator)
    _downloads(server, simulator)
    guard(server, token, host, app.csp_hashes())
    only_well_formed(app)
    return server


def _index(**parts: str) -> str:
    """The page with its parts filled in. Dash's own method would also fill placeholders within a part."""
    return re.sub(r"\{%(\w+)%\}", lambda found: parts[found[1]], _INDEX)


def serve(
    offer: Offer,
    *,
    host: str = HOST,
    port: int = PORT,
    token: str | None = None,
    say: Callable[[str], None] = print,
) -> None:
    """Serve the page until interrupted, and `say` its address.

    `port` 0 selects a free one. Without a `token`, a random one is made. The engine is compiled meanwhile.
    Raises InputError, with the right form, if the port is taken or the host is not an address of this machine.
    """
    token = token or secrets.token_urlsafe(24)
    listening = _listening(host, port)
    simulator = Simulator(offer)
    server = server_of(make_app(offer, token, host, simulator), listening)
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    port = listening.getsockname()[1]
    if not is_loopback(host):
        say(
            f"Warning: {host} can be reached from other machines, without encryption. Anyone with the token has access."
        )
    say(f"Explore {offer.scenario.name} at\n\n  http://{_reached(host)}:{port}/?token={token}\n")
    say("Ctrl-C stops it. After installation, compilation delays the first futures by half a minute.")
    threading.Thread(target=_warm, args=(simulator,), daemon=True, name="warm").start()
    # Waitress returns on an interrupt.
    server.run()
    server.close()


def server_of(app: Flask, listening: socket.socket) -> Any:
    """The server of the `app` on a socket; `run` serves until `close`."""
    from waitress import create_server

    return create_server(
        app,
        sockets=[listening],
        threads=_THREADS,
        connection_limit=_CONNECTIONS,
        channel_timeout=_IDLE,
        cleanup_interval=max(1, _IDLE // 3),
        asyncore_use_poll=True,  # `select` takes no descriptor above 1023
        log_socket_errors=False,
        ident=None,
        max_request_header_size=32_768,
        max_request_body_size=1_000_000,
    )


def _reached(host: str) -> str:
    """The host for a browser: the name of this machine if the server listens on all addresses."""
    if host in ("0.0.0.0", "::"):
        return socket.gethostname()
    return f"[{host}]" if ":" in host else host


def _listening(host: str, port: int) -> socket.socket:
    if not 0 <= port < 65536:
        raise InputError(f"port must be 0 to 65535, not {port}")
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError:
        raise InputError(
            f"{host} is not an address of this machine; leave out --host to serve only this machine"
        ) from None
    listening = socket.socket(family, kind)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(address)
        listening.listen(1024)
    except OSError as error:
        listening.close()
        why = error.strerror or str(error)
        raise InputError(f"cannot listen on {host}, port {port} ({why}); --port 0 finds a free port") from None
    return listening


def _warm(simulator: Simulator) -> None:
    """Compile both clocks, and simulate the first state. Errors appear when a page requests it."""
    state = first_state(simulator.offer)
    with suppress(ValueError):
        simulator.warm(state)
        histories(replace(state, timeline=(0, 0)), simulator.offer)
        simulator.simulated(state)


def _failed(error: Exception) -> None:
    """Report an unexpected error: in full on the terminal, briefly on the page."""
    from dash import set_props

    from engine.explorer import ids

    print(printable("".join(traceback.format_exception(error))), file=sys.stderr, end="")
    set_props(ids.STATUS, {"children": "An error occurred; the terminal shows it. Reload the page to continue."})


def _downloads(server: Flask, simulator: Simulator) -> None:
    """Downloads of the state in the query of their address."""
    offer = simulator.offer
    stem = offer.scenario.name

    def sent(made: Callable[[State], bytes], name: str, kind: str) -> Response:
        try:
            content = made(state_of(request.query_string.decode("ascii", "replace"), offer))
        except EngineError as error:
            busy = isinstance(error, Busy)
            later = {"Retry-After": "30"} if busy else {}
            return Response(f"{error}.\n", 503 if busy else 400, later, content_type="text/plain; charset=utf-8")
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
        return Response(content, 200, headers, content_type=kind)

    def scenario() -> Response:
        return sent(lambda state: scenario_text(state, offer).encode(), _file(stem, "yaml"), "application/yaml")

    def results() -> Response:
        return sent(lambda state: _netcdf(simulator, state), _file(stem, "nc"), "application/x-netcdf")

    def report() -> Response:
        return sent(lambda state: _report(simulator, state), _file(stem, "html"), "text/html; charset=utf-8")

    for address, view in (("/scenario.yaml", scenario), ("/results.nc", results), ("/report.html", report)):
        server.add_url_rule(address, view_func=view)


def _file(stem: str, ending: str) -> str:
    """A file name that is valid on any system and in any header."""
    plain = "".join(letter if letter.isascii() and (letter.isalnum() or letter in "_-") else "_" for letter in stem)
    return f"{plain or 'scenario'}-explored.{ending}"


def _netcdf(simulator: Simulator, state: State) -> bytes:
    with simulator.building(), tempfile.TemporaryDirectory(prefix="engine-explore-") as folder:
        path = Path(folder) / "results.nc"
        write_results(results_of(state, simulator.offer), path)
        return path.read_bytes()


def _report(simulator: Simulator, state: State) -> bytes:
    from engine.report import report

    with simulator.building():
        return report(results_of(state, simulator.offer)).encode()
