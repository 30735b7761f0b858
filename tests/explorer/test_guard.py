"""Who may ask, what the browser may load, and what can be downloaded."""

from __future__ import annotations

import re

import pytest
import xarray as xr

import engine
from engine.explorer.guard import is_loopback
from engine.explorer.serving import make_app
from engine.explorer.sides import results_of, scenario_text
from engine.explorer.state import query_of

TOKEN = "a-secret-ä"
HOST = "http://127.0.0.1:8050"


@pytest.fixture(scope="module")
def server(offer, simulator):
    return make_app(offer, TOKEN, simulator=simulator)


@pytest.fixture
def stranger(server):
    return server.test_client()


@pytest.fixture
def client(server):
    """A browser that came by the address printed."""
    client = server.test_client()
    assert client.get("/", query_string={"token": TOKEN}, base_url=HOST).status_code == 303
    return client


PATHS = (
    *("/", "/_dash-layout", "/_dash-dependencies", "/assets/explorer.css", "/scenario.yaml", "/results.nc"),
    *("/report.html", "/_favicon.ico", "/nothing"),
)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("query", ["", "?token=", "?token=wrong", "?token=a-secret-a"])
def test_without_the_token_nothing_is_given(stranger, path, query):
    found = stranger.get(path + query, base_url=HOST)
    assert found.status_code == 403
    assert b"use the full address" in found.data
    assert "Set-Cookie" not in found.headers
    assert found.headers["Content-Security-Policy"].startswith("default-src 'none'")


def test_a_wrong_cookie_is_none(stranger, client, server):
    (cookie,) = re.findall(
        r"^(\w+)=", client.get("/", query_string={"token": TOKEN}, base_url=HOST).headers["Set-Cookie"]
    )
    stranger.set_cookie(cookie, "wrong", domain="127.0.0.1")
    assert stranger.get("/", base_url=HOST).status_code == 403
    assert stranger.post("/_dash-update-component", json={}, base_url=HOST).status_code == 403


def test_the_token_becomes_a_cookie_and_leaves_the_address(stranger):
    found = stranger.get("/?b=brake,idle&token=a-secret-%C3%A4&seed=3", base_url=HOST)
    assert (found.status_code, found.headers["Location"]) == (303, "/?b=brake,idle&seed=3")
    cookie = found.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert stranger.get("/", base_url=HOST).status_code == 200


@pytest.mark.parametrize("path", ["//evil.example/", "/\\evil.example/", "///evil.example", "/scenario.yaml"])
def test_no_address_sends_elsewhere(stranger, path):
    found = stranger.get(f"{path}?token=a-secret-%C3%A4", base_url=HOST)
    assert found.headers.get("Location", "/") == "/"


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8050", "127.0.0.1.evil.example", "10.0.0.1", "[fe80::1]"]
)
def test_other_hosts_are_refused(client, host):
    """A site whose name was made to lead here (DNS rebinding)."""
    found = client.get("/", headers={"Host": host})
    assert found.status_code in (400, 403)


@pytest.mark.parametrize("host", ["127.0.0.1:8050", "localhost:8050", "[::1]:8050", "127.0.0.1"])
def test_this_machine_by_any_of_its_names(stranger, host):
    assert stranger.get("/", query_string={"token": TOKEN}, headers={"Host": host}).status_code == 303


def test_a_host_asked_for_is_not_checked(offer, simulator):
    open_to_all = make_app(offer, TOKEN, "0.0.0.0", simulator).test_client()
    there = {"Host": "my-machine:8050"}
    assert open_to_all.get("/", headers=there).status_code == 403
    assert open_to_all.get("/", query_string={"token": TOKEN}, headers=there).status_code == 303


def test_loopback():
    assert all(is_loopback(host) for host in ("127.0.0.1", "127.8.8.8", "::1", "localhost", "LOCALHOST"))
    assert not any(is_loopback(host) for host in ("", "0.0.0.0", "::", "localhost.evil.example", "192.168.0.1"))


def test_the_browser_may_load_from_here_alone(client):
    page = client.get("/", base_url=HOST)
    policy = page.headers["Content-Security-Policy"]
    assert "'unsafe-eval'" not in policy
    assert "'unsafe-inline'" not in policy.partition("style-src")[0]
    assert "http" not in policy
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    loads = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert loads
    assert all(address.startswith("/") and not address.startswith("//") for address in loads)
    for address in loads:
        with client.get(address, base_url=HOST) as found:
            assert found.status_code == 200


def test_the_page_in_words(client):
    layout = client.get("/_dash-layout", base_url=HOST).text
    assert "Explore governed" in layout
    assert TOKEN not in layout


def test_downloads_are_what_the_address_asks(client, offer, state, tmp_path):
    query = query_of(state, offer)
    found = client.get(f"/scenario.yaml?{query}", base_url=HOST)
    assert found.data.decode() == scenario_text(state, offer)
    assert found.headers["Content-Disposition"] == 'attachment; filename="governed-explored.yaml"'
    found = client.get(f"/results.nc?{query}", base_url=HOST)
    assert found.headers["Content-Disposition"] == 'attachment; filename="governed-explored.nc"'
    path = tmp_path / "results.nc"
    path.write_bytes(found.data)
    with engine.open_results(path) as written:
        xr.testing.assert_equal(written.load(), results_of(state, offer))


@pytest.mark.parametrize("path", ["/scenario.yaml", "/results.nc"])
@pytest.mark.parametrize("query", ["x=1", "seed=-1", "worlds=100000&futures=100000", "a=%ff%00", "timeline=1e9,0"])
def test_hostile_queries_are_answered_in_a_line(client, path, query):
    found = client.get(f"{path}?{query}", base_url=HOST)
    assert (found.status_code, found.content_type) == (400, "text/plain; charset=utf-8")
    assert found.text.endswith(".\n")
    assert "Traceback" not in found.text
    assert found.text.count("\n") == 1


def test_large_requests_are_refused(client):
    assert client.post("/_dash-update-component", json={"x": 300_000 * "x"}, base_url=HOST).status_code == 413


def test_a_state_that_a_page_cannot_have_is_answered_in_words(client):
    """Whatever is sent to the callback that draws, it says what is wrong and plays nothing."""
    dependencies = client.get("/_dash-dependencies", base_url=HOST).json
    (draws,) = [one for one in dependencies if "drawn.data" in one["output"] and "status.children" in one["output"]]
    outputs = [
        dict(zip(("id", "property"), part.rsplit(".", 1), strict=True))
        for part in draws["output"].strip(".").split("...")
    ]
    body = {
        "output": draws["output"],
        "outputs": outputs,
        "inputs": [{"id": "state", "property": "data", "value": "worlds=999999999&x=1"}],
        "state": [{"id": "page", "property": "data", "value": "p"}],
        "changedPropIds": ["state.data"],
    }
    found = client.post("/_dash-update-component", json=body, base_url=HOST)
    assert found.status_code == 200
    answer = found.json["response"]
    assert answer["summary"]["children"] == "This cannot be simulated. The figures show the previous settings."
    assert (
        "'x' in this address is unknown" in answer["status"]["children"]
        or "whole number" in answer["status"]["children"]
    )
