"""Compilation of rules and kernels: Numba, cached on disk (`cache.py`), without fast-math.

Without fast-math a rule gives the same bits inside a kernel as when Python calls it, so that the
two clocks agree.

Nothing compiled here counts references to arrays (`_nrt`), because that takes as long as the arithmetic. Compiled code
therefore cannot create arrays: the caller of a kernel passes them.

With NUMBA_DISABLE_JIT=1 nothing is compiled, and everything runs as plain Python, slowly, for a debugger to step into.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, get_type_hints

import numba
import numpy as np
from numba.core.compiler_lock import global_compiler_lock

from engine.rules import cache, cpu_level

cpu_level.compile_for_level()

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


#: The names of all functions that are compiled.
FUNCTIONS: list[str] = []

#: Types of the arguments of kernels that are numbers; those of others are taken from values.
_NUMBERS = {int: numba.int64, float: numba.float64, bool: numba.boolean, type(None): numba.void}


def _compile(function: Function, **options: Any) -> Function:
    FUNCTIONS.append(function.__qualname__)
    # No wrapper for callers in C: there are none, and it would be compiled for each function.
    return numba.njit(**_options(), no_cfunc_wrapper=True, **options)(function)  # type: ignore[no-any-return]


def _options() -> dict[str, Any]:
    return {"cache": cache.folder() is not None, "error_model": "numpy", "_nrt": False}


def rule(function: Function) -> Function:
    """Compile a scalar rule, called by both clocks. It becomes part of its caller, so that loops over it vectorise."""
    return _compile(function, forceinline=True)


def kernel(function: Function) -> Function:
    """Compile a loop of the Monte Carlo clock, called by compiled code alone; it becomes part of its caller."""
    return _compile(function, forceinline=True, no_cpython_wrapper=True)


def entry(function: Function) -> Function:
    """Compile a kernel that Python calls; it releases the interpreter lock."""
    return _compile(function, nogil=True)


class Standalone:
    """A kernel that compiled code calls by pointer, so that it is not compiled again as part of its caller.

    Its callers get it as an argument.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        FUNCTIONS.append(function.__qualname__)
        self.function = function
        self._pointers: dict[Any, Any] = {}
        self._first: Any = None

    @property
    def is_stored(self) -> bool:
        """Whether compiled code of the kernel is on disk."""
        return bool(cache.files_of(self.function, cache.folder()))

    def once(self, values: Callable[[], Mapping[str, Any]]) -> Any:
        """The `pointer` for the first `values`, for a kernel whose arguments have the same types in all calls.

        To look at the types of a hundred arrays takes longer than a future. A caller with other types is refused by
        Numba.
        """
        if self._first is None:
            self._first = self.pointer(values())
        return self._first

    def pointer(self, values: Mapping[str, Any]) -> Any:
        """The kernel as an argument of its callers, compiled for arguments of the types of `values`, by name."""
        if numba.config.DISABLE_JIT:
            return self.function
        signature = self._signature(values)
        with global_compiler_lock:
            if signature not in self._pointers:
                self._pointers[signature] = numba.cfunc(signature, **_options())(self.function)
            return self._pointers[signature]

    def _signature(self, values: Mapping[str, Any]) -> Any:
        hints = get_type_hints(self.function)
        returned = _NUMBERS[hints.pop("return")]
        return returned(*(_NUMBERS.get(hint) or Standalone._type(values[name], values) for name, hint in hints.items()))

    @staticmethod
    def _type(value: Any, values: Mapping[str, Any]) -> Any:
        """The type of a value; a group of kernels has that of their pointers, which need not be compiled for it."""
        if isinstance(value, tuple) and isinstance(value[0], Standalone):
            pointers = tuple(numba.types.FunctionType(kernel._signature(values)) for kernel in value)
            return numba.types.BaseTuple.from_types(pointers, type(value))
        return numba.typeof(value)


def standalone(function: Callable[..., Any]) -> Standalone:
    """Make a kernel one that compiled code calls by pointer."""
    return Standalone(function)


def broadcast(function: Callable[..., float]) -> Callable[..., Any]:
    """A rule of numbers as a function of arrays, which broadcast."""
    if numba.config.DISABLE_JIT:
        return np.vectorize(function, otypes=[np.float64])
    return numba.vectorize(nopython=True)(getattr(function, "py_func"))  # type: ignore[no-any-return]  # noqa: B009
