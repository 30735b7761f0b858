"""The identity of the engine: everything that must be equal for equal bits."""

from __future__ import annotations

import hashlib
import platform
from functools import cache
from importlib import metadata
from pathlib import Path

import llvmlite.binding

from engine._version import __version__

#: Packages whose arithmetic enters results.
PACKAGES = ("numpy", "scipy", "numba", "llvmlite")
#: Parts of the engine that determine the events of a future.
_PARTS = ("scenario", "rules", "montecarlo")
_ENGINE = Path(__file__).resolve().parents[1]


@cache
def engine_digest() -> str:
    """A digest of the sources that determine the events of a future, hexadecimal."""
    digest = hashlib.sha256()
    for part in _PARTS:
        for source in sorted((_ENGINE / part).glob("*.py")):
            digest.update(f"{part}/{source.name}\0".encode() + source.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def versions() -> dict[str, str]:
    """The engine and the packages whose arithmetic enters results; equal ones give equal bits on CPUs of one type."""
    return {
        "engine": f"{__version__} ({engine_digest()})",
        "python": platform.python_version(),
        **{name: metadata.version(name) for name in PACKAGES},
    }


def cpu_type() -> str:
    """The compiler's name for the type of this machine's CPU."""
    return f"{platform.machine()} {llvmlite.binding.get_host_cpu_name()}"
