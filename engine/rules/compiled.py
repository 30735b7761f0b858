"""Compilation of rules and kernels: Numba, cached on disk (`cache.py`), without fast-math.

Without fast-math a rule gives the same bits inside a kernel as when Python calls it, so that the
two clocks agree.

Nothing compiled here counts references to arrays (`_nrt`), because that takes as long as the arithmetic. Compiled code
therefore cannot create arrays: the caller of a kernel passes them.

With NUMBA_DISABLE_JIT=1 nothing is compiled, and everything runs as plain Python, slowly, for a debugger to step into.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, TypeVar

import numba
import numpy as np
from numba.core.compiler_lock import global_compiler_lock

from engine.rules import cache

Function = TypeVar("Function", bound=Callable[..., Any])

#: A zero for counts that are arguments of other kernels: with a plain 0 Numba compiles them twice.
ZERO: Any = np.int64(0)

# A process forked while another thread compiles would wait forever for the lock of that thread, which it lacks.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=global_compiler_lock.acquire,
        after_in_parent=global_compiler_lock.release,
        after_in_child=global_compiler_lock.release,
    )


def _compile(function: Function, **options: Any) -> Function:
    kept = cache.folder() is not None
    # No wrapper for callers in C: there are none, and it would be compiled for each function.
    return numba.njit(cache=kept, error_model="numpy", _nrt=False, no_cfunc_wrapper=True, **options)(function)  # type: ignore[no-any-return]


def rule(function: Function) -> Function:
    """Compile a scalar rule, called by both clocks. It becomes part of its caller, so that loops over it vectorise."""
    return _compile(function, forceinline=True)


def kernel(function: Function) -> Function:
    """Compile a loop of the Monte Carlo clock; it releases the interpreter lock, and becomes part of its caller."""
    return _compile(function, nogil=True, forceinline=True)


def standalone(function: Function) -> Function:
    """Compile a kernel that stays a function of its own, so that it is not compiled again as part of its caller."""
    return _compile(function, nogil=True)


def broadcast(function: Callable[..., float]) -> Callable[..., Any]:
    """A rule of numbers as a function of arrays, which broadcast."""
    if numba.config.DISABLE_JIT:
        return np.vectorize(function, otypes=[np.float64])
    return numba.vectorize(nopython=True)(getattr(function, "py_func"))  # type: ignore[no-any-return]  # noqa: B009
