"""Access control: a token in a cookie, the right host, and headers that isolate the page."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import Flask, Response, redirect, request

#: Most bytes of a request.
MOST_BYTES = 200_000

_REFUSED = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Not allowed</title>
<h1>Not allowed</h1><p>{what}</p></html>
"""
_NO_TOKEN = (
    "This page needs its token: use the full address that <code>engine explore</code> printed. If you followed a link "
    'from another page, <a href="">open it once more</a>.'
)
_WRONG_HOST = "This page answers only to the address that <code>engine explore</code> printed."
_WRONG_ORIGIN = "This page does not answer requests from other pages."


def guard(server: Flask, token: str, host: str, scripts: Sequence[str]) -> None:
    """Let only requests with the `token` through to the `server`, which listens on `host`.

    The first request has the token in its address, and is redirected to the address without it and with a cookie. On a
    loopback host the Host header must be a loopback name too, so that no other site can pose as this one (DNS
    rebinding). Requests from pages of other origins are refused. `scripts` are the hashes of the inline scripts that a
    page may run.
    """
    server.config["MAX_CONTENT_LENGTH"] = MOST_BYTES
    # Browsers send cookies of a host to all its ports: the name identifies this explorer.
    cookie = f"engine_explore_{hashlib.sha256(token.encode()).hexdigest()[:12]}"
    policy = content_security_policy(scripts)

    def check() -> Any:
        if is_loopback(host) and not is_loopback(_name(request.host)):
            return _refused(_WRONG_HOST)
        if "Origin" in request.headers and not _is_origin(request.headers["Origin"], request.host):
            return _refused(_WRONG_ORIGIN)
        if "token" in request.args:
            if not _same(request.args["token"], token):
                return _refused(_NO_TOKEN)
            others = [(key, value) for key, value in request.args.items(multi=True) if key != "token"]
            clean = redirect(f"/?{urlencode(others, safe=',')}" if others else "/", 303)
            clean.set_cookie(cookie, token, httponly=True, samesite="Strict", path="/")
            return clean
        if not _same(request.cookies.get(cookie, ""), token):
            return _refused(_NO_TOKEN)
        return None

    def close(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = policy
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        return response

    server.before_request(check)
    server.after_request(close)


def content_security_policy(scripts: Sequence[str]) -> str:
    """Content that the browser may load: only from here. Dash and Plotly write styles and images into the page."""
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' {' '.join(scripts)}".strip(),
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "form-action 'none'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )


def is_loopback(host: str) -> bool:
    """Whether a host is a loopback name or address."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _name(host: str) -> str:
    """A Host header without its port."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.rpartition(":")[0] if ":" in host else host


def _is_origin(origin: str, host: str) -> bool:
    """Whether a page of this origin came from the `host`."""
    try:
        return urlsplit(origin).netloc == host
    except ValueError:
        return False


def _same(given: str, token: str) -> bool:
    return hmac.compare_digest(given.encode(), token.encode())


def _refused(what: str) -> Response:
    return Response(_REFUSED.format(what=what), 403, content_type="text/html; charset=utf-8")
