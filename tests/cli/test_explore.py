"""`explore`: the page is served until it is interrupted, and what cannot be served is refused in a line."""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
from contextlib import closing

import pytest
from shell import call


def test_what_cannot_be_served_is_refused(monkeypatch, capsys, scenario_file):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        for options, words in (
            (("--port", port), f"cannot listen on 127.0.0.1, port {port}"),
            (("--port", -1), "port must be 0 to 65535, not -1"),
            (("--port", 65536), "port must be 0 to 65535, not 65536"),
            (("--host", "no.such.host.invalid"), "no.such.host.invalid is not an address of this machine"),
        ):
            code, out, err = call(monkeypatch, capsys, "explore", scenario_file, *options)
            assert (code, out) == (2, "")
            (line,) = err.splitlines()
            assert line.startswith("engine: ")
            assert words in line


def test_a_scenario_that_is_none(monkeypatch, capsys, tmp_path):
    code, _, err = call(monkeypatch, capsys, "explore", tmp_path / "no.yaml")
    assert code == 2
    assert "no such file" in err


@pytest.mark.slow
def test_it_is_served_until_it_is_interrupted(scenario_file):
    command = [sys.executable, "-m", "engine", "explore", str(scenario_file), "--port", "0", "--token", "mine"]
    # Served before anything is compiled: the test does not wait for that.
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            found = None
            while found is None:
                line = process.stdout.readline()
                assert line, process.stderr.read()
                found = re.search(r"http://127\.0\.0\.1:(\d+)/\?token=mine$", line.strip())
            with closing(http.client.HTTPConnection("127.0.0.1", int(found[1]), timeout=60)) as asking:
                asking.request("GET", "/")
                with asking.getresponse() as answer:
                    assert answer.status == 403
        finally:
            process.send_signal(signal.SIGINT)
        err = process.communicate(timeout=60)[1]
    assert process.returncode == 130, err
    assert "Traceback" not in err


def test_other_machines_are_let_in_only_with_a_warning(monkeypatch, capsys, scenario_file):
    import waitress

    class Server:
        def __init__(self, sockets):
            self.sockets = sockets

        def run(self):
            """Ends at once, as when interrupted."""

        def close(self):
            for one in self.sockets:
                one.close()

    monkeypatch.setattr(waitress, "create_server", lambda _, sockets, **__: Server(sockets))
    monkeypatch.setattr("engine.explorer.serving._warm", lambda player: None)
    code, out, _ = call_interrupted(monkeypatch, capsys, "explore", scenario_file, "--host", "0.0.0.0", "--port", 0)
    assert code == 130
    assert out.startswith("Warning: 0.0.0.0 can be reached from other machines")
    # Port 0 is a free one: neither refused, nor said to be the page's, nor taken for no port at all, which is 8050.
    (port,) = re.findall(rf"http://{re.escape(socket.gethostname())}:(\d+)/", out)
    assert int(port) not in (0, 8050)
    tokens = [
        re.search(
            r"token=(\S{32})$", call_interrupted(monkeypatch, capsys, "explore", scenario_file, "--port", 0)[1], re.M
        )[1]
        for _ in range(2)
    ]
    assert tokens[0] != tokens[1]


def call_interrupted(monkeypatch, capsys, *arguments):
    """As `call`, for a command that ends with the exit code of interrupts, at which the process is left at once."""
    monkeypatch.setattr(os, "_exit", sys.exit)
    return call(monkeypatch, capsys, *arguments)
