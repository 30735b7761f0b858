"""How rules and kernels are compiled: Numba, cached on disk, without fast-math.

Without fast-math a rule gives the same bits inside a kernel as when Python calls it, which is what
lets the two clocks agree.

Nothing compiled here counts references to arrays (`_nrt`), for that takes as long as the arithmetic. So nothing can
make an array, or it does not compile: what a kernel needs, its caller hands over.

Numba's cache does not notice a change in a file that the cached function only calls, so the cache folder carries a
digest of all compiled sources.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numba
import numpy as np

Function = TypeVar("Function", bound=Callable[..., Any])

#: A zero to count from, where the count is an argument of other kernels: for a plain 0 Numba compiles them twice.
ZERO: Any = np.int64(0)

_ENGINE = Path(__file__).resolve().parents[1]


def _cache_folder() -> str:
    """A folder for compiled code that belongs to exactly these sources, or "" for Numba's own choice."""
    digest = hashlib.sha256()
    for part in ("rules", "montecarlo"):
        for source in sorted((_ENGINE / part).glob("*.py")):
            digest.update(source.read_bytes())
    folder = _ENGINE / "__pycache__" / f"compiled-{digest.hexdigest()[:16]}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return ""
    return str(folder) if os.access(folder, os.W_OK) else ""


_CACHE = "" if numba.config.CACHE_DIR else _cache_folder()


def _compile(function: Function, **options: Any) -> Function:
    before = numba.config.CACHE_DIR
    numba.config.CACHE_DIR = _CACHE or before
    try:
        return numba.njit(cache=True, error_model="numpy", _nrt=False, **options)(function)  # type: ignore[no-any-return]
    finally:
        numba.config.CACHE_DIR = before


def rule(function: Function) -> Function:
    """Compile a scalar rule, called by both clocks. It becomes part of its caller, so that loops over it vectorise."""
    return _compile(function, forceinline=True)


def kernel(function: Function) -> Function:
    """Compile a loop of the Monte Carlo clock; it releases the interpreter lock, and becomes part of its caller."""
    return _compile(function, nogil=True, forceinline=True)


def standalone(function: Function) -> Function:
    """Compile a kernel that stays a function of its own, so that it is not compiled again as part of its caller."""
    return _compile(function, nogil=True)
