"""Waiting for what another process or thread does: until it is so, never for a time that may be too short."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

#: Only what never comes is waited for so long, and then the test fails.
PATIENCE = 300.0


def until(what: str, is_so: Callable[[], Any]) -> Any:
    """What `is_so` says once it is true; an AssertionError that names `what` if it never is."""
    end = time.monotonic() + PATIENCE
    while not (found := is_so()):
        assert time.monotonic() < end, f"waited {PATIENCE:g} s in vain: {what}"
        time.sleep(0.01)
    return found
