"""A real browser, Debian's Chromium, and what it says and asks for while a page is open."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

#: What keeps Chromium from asking its maker's hosts for anything, and lets it run as root in CI.
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
#: A slow machine is no failure.
_PATIENCE = 60_000
expect.set_options(timeout=_PATIENCE)


@dataclass
class Visit:
    """A page, what it complained of, and which hosts it asked for anything."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, context: BrowserContext) -> Visit:
        """A new page of `context`, watched from its first request on."""
        visit = cls(context.new_page())
        visit.page.set_default_timeout(_PATIENCE)
        visit.page.on("console", visit._heard)
        visit.page.on("pageerror", lambda error: visit.complaints.append(str(error)))
        visit.page.on("requestfailed", visit._failed)
        visit.page.on("websocket", lambda socket: visit.hosts.add(urlsplit(socket.url).netloc))
        context.on("request", visit._asked)
        return visit

    def _heard(self, message) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.type}: {message.text}")

    def _failed(self, request) -> None:
        # A request that becomes a download ends as aborted.
        if request.failure != "net::ERR_ABORTED":
            self.complaints.append(f"{request.url}: {request.failure}")

    def _asked(self, request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob", "about"):
            self.hosts.add(parts.netloc)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Chromium without a window, named by `CHROMIUM` as in CI, or looked for; tests are skipped without it."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if path is None:
        pytest.skip("there is no Chromium; on Debian: apt-get install chromium")
    with sync_playwright() as simulator:
        browser = simulator.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium) -> Iterator[Visit]:
    """A page of 1280 x 900 without cookies."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    yield Visit.of(context)
    context.close()
