"""What the server does when it is asked too much, or what no page would ask."""

from __future__ import annotations

import html
import json
import queue
import socket
import threading
from contextlib import ExitStack
from dataclasses import replace
from types import SimpleNamespace

import pytest

from engine.explorer import ids, serving
from engine.explorer import simulator as simulating
from engine.explorer.serving import make_app, server_of
from engine.explorer.simulator import Busy, Simulator
from engine.explorer.state import query_of

TOKEN = "mine"
HOST = "http://127.0.0.1:8050"
#: Seconds for which a test waits for what never takes so long.
PATIENCE = 120


def browser(app):
    client = app.test_client()
    assert client.get("/", query_string={"token": TOKEN}, base_url=HOST).status_code == 303
    return client


@pytest.fixture(scope="module")
def app(offer, simulator):
    return make_app(offer, TOKEN, simulator=simulator)


@pytest.fixture
def client(app):
    return browser(app)


@pytest.fixture
def served(app, monkeypatch):
    """The port of the application, served by a thread of the test that ends with it; idle connections have a second."""
    monkeypatch.setattr(serving, "_IDLE", 1)
    ended = threading.Event()
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as listening:
        server = server_of(app, listening)

        def loop():
            while not ended.is_set():
                server.asyncore.loop(timeout=0.05, map=server._map, use_poll=True, count=1)
            server.task_dispatcher.shutdown()
            server.asyncore.close_all(server._map)

        thread = threading.Thread(target=loop)
        thread.start()
        yield listening.getsockname()[1]
        ended.set()
        thread.join()


def connected(port):
    return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)


def answer(port, sent):
    """All that comes back, until the server closes the connection."""
    with connected(port) as asking:
        asking.sendall(sent)
        return b"".join(iter(lambda: asking.recv(65536), b""))


def test_connections_that_are_half_open_keep_nobody_out_and_are_closed(served):
    """A kind of fault: anybody on this machine stalls the page, without its token, by sending half a request."""
    with ExitStack() as stack:
        half = [stack.enter_context(connected(served)) for _ in range(200)]
        for one in half:
            one.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-")
        found = answer(served, b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        assert found.startswith(b"HTTP/1.1 403 ")
        assert [one.recv(1) for one in half] == [b""] * len(half)


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"GET\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: many\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nno colon\r\n\r\n",
        b"GET /?token=%ff%00 HTTP/1.0\r\nHost: [\r\nCookie: \xff=\xfe;;=\r\nOrigin: http://[\r\n\r\n",
    ],
)
def test_bytes_that_are_no_request_are_refused_without_a_traceback(served, sent, capfd, caplog):
    assert answer(served, sent).split()[1] in (b"400", b"403", b"431")
    assert "Traceback" not in capfd.readouterr().err + caplog.text


def callbacks(client):
    """The requests that the page would send, by what they put out, with no values."""
    found = {}
    for one in client.get("/_dash-dependencies", base_url=HOST).json:
        if one["clientside_function"] is None:
            names = [part.rsplit(".", 1) for part in one["output"].strip(".").split("...")]
            outputs = [{"id": name, "property": held} for name, held in names]
            found[one["output"]] = {
                "output": one["output"],
                "outputs": outputs if one["output"].startswith("..") else outputs[0],
                "inputs": one["inputs"],
                "state": one["state"],
                "changedPropIds": [],
            }
    return found


def asked(client, body):
    data = body if isinstance(body, bytes) else json.dumps(body)
    return client.post("/_dash-update-component", data=data, content_type="application/json", base_url=HOST)


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"{", b"[]", b"null", b"\xff", b"[" * 100_000, b'{"output":' + b"9" * 5000 + b"}"),
        *({}, {"output": 1}, {"output": "x.y", "outputs": {"id": "x", "property": "y"}, "inputs": []}),
        {"output": "state.data", "outputs": {"id": "state", "property": "data"}, "inputs": [{}]},
        {"output": "state.data", "outputs": {"id": "state", "property": "data"}, "inputs": []},
    ],
)
def test_bodies_that_are_none_of_the_pages_are_answered_by_400(client, body, capfd, caplog):
    """A kind of fault: what a stranger sends ends as a traceback in the terminal, and in an answer of 500."""
    found = asked(client, body)
    assert (found.status_code, found.content_type) == (400, "text/plain; charset=utf-8")
    assert found.text.startswith("The page does not send such a request: ")
    assert capfd.readouterr().err + caplog.text == ""


def test_parts_that_are_missing_or_others_are_answered_by_400(client):
    bodies = callbacks(client)
    assert len(bodies) == 6
    for body in bodies.values():
        for key in ("outputs", "inputs", "state"):
            for other in ([], [{"id": "x", "property": "y"}], [1], None):
                if other != body[key]:
                    assert asked(client, body | {key: other}).status_code == 400


@pytest.mark.parametrize("value", [{"x": 1}, [[1]], [None, {}], {"points": []}, {"points": [{"customdata": 3}]}])
def test_values_that_no_part_of_the_page_holds_are_answered_by_400(client, value, capfd, caplog):
    for body in callbacks(client).values():
        for key in ("inputs", "state"):
            for number in range(len(body[key])):
                parts = [dict(part) for part in body[key]]
                parts[number]["value"] = value
                found = asked(client, body | {key: parts})
                assert found.status_code == 400
    assert capfd.readouterr().err + caplog.text == ""


@pytest.mark.parametrize("path", ["/_dash-component-suites/x/y.js", "/_dash-component-suites/dash/../../setup.py"])
def test_files_that_are_not_there(client, path, caplog):
    assert client.get(path, base_url=HOST).status_code == 404
    assert caplog.text == ""


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:8051", "http://[", ""])
def test_pages_of_other_origins_are_refused(client, origin):
    """A browser says where the page comes from that sends something: a cookie that was stolen is not enough."""
    body = next(iter(callbacks(client).values()))
    for method in (client.get, client.post):
        found = method("/_dash-update-component", json=body, headers={"Origin": origin}, base_url=HOST)
        assert found.status_code == 403
        assert "does not answer requests from other pages" in found.text


def test_the_page_itself_is_not_refused(client, offer, state):
    found = client.get(f"/scenario.yaml?{query_of(state, offer)}", headers={"Origin": HOST}, base_url=HOST)
    assert found.status_code == 200


def test_the_name_of_a_scenario_is_text_in_the_page(offer):
    """A name that looks like HTML, or like a part of Dash's page, is shown as it is; so is all else of the scenario."""
    name = "</title><script>alert(1)</script>{%scripts%}&amp;"
    plain = browser(make_app(offer, TOKEN)).get("/", base_url=HOST).text
    renamed = replace(offer, scenario=offer.scenario.model_copy(update={"name": name, "description": name}))
    page = browser(make_app(renamed, TOKEN)).get("/", base_url=HOST).text
    assert page.partition("<title>")[2].partition("</title>")[0] == html.escape(f"Explore {name}")
    assert page.count("<script") == plain.count("<script")
    assert page.count("{%scripts%}") >= 2


def test_files_that_are_built_leave_threads_for_the_page(offer, state, monkeypatch):
    """A kind of fault: a few long requests hold all threads. Seven reports at once: three are built, one by one."""
    simulator = Simulator(offer)
    app = make_app(offer, TOKEN, simulator=simulator)
    go, answers = threading.Event(), queue.Queue()

    def built(results):
        assert go.wait(PATIENCE)
        return "a report"

    monkeypatch.setattr("engine.report.report", built)
    monkeypatch.setattr(serving, "results_of", lambda state, offer: SimpleNamespace())
    address = f"/report.html?{query_of(state, offer)}"

    def ask(client):
        answers.put(client.get(address, base_url=HOST))

    threads = [threading.Thread(target=ask, args=(browser(app),)) for _ in range(7)]
    for thread in threads:
        thread.start()
    refused = [answers.get(timeout=PATIENCE) for _ in range(7 - simulating._FILES)]
    assert browser(app).get("/_dash-layout", base_url=HOST).status_code == 200
    go.set()
    for thread in threads:
        thread.join()
    for found in refused:
        assert (found.status_code, found.headers["Retry-After"]) == (503, "30")
        assert "try again in a minute" in found.text
    assert {answers.get(timeout=PATIENCE).text for _ in range(simulating._FILES)} == {"a report"}
    assert browser(app).get(address, base_url=HOST).status_code == 200


def test_plays_and_files_together_leave_threads_for_the_page():
    assert simulating._RUNS + simulating._FILES <= serving._THREADS - 4


def test_a_play_beyond_those_that_wait_is_refused_in_words(offer, state):
    simulator = Simulator(offer)
    for _ in range(simulating._RUNS):
        assert simulator._runs._places.acquire(blocking=False)
    with pytest.raises(Busy, match="other pages are being simulated; try again in a moment"):
        simulator.simulated(state)
    client = browser(make_app(offer, TOKEN, simulator=simulator))
    bodies = callbacks(client)
    for output, words in ((f"{ids.SUMMARY}.children...", "cannot be simulated"), ("@", "Only some futures are drawn")):
        (body,) = [one for name, one in bodies.items() if ids.SUMMARY in name and output in name]
        for part in (*body["inputs"], *body["state"]):
            part["value"] = query_of(state, offer) if part["property"] == "data" and part["id"] != ids.PAGE else "p"
        found = asked(client, body)
        assert words in found.text
        assert "try again in a moment" in found.text
    simulator._runs._places.release()
    assert simulator.simulated(replace(state, worlds=2)).size == 2 * state.futures
