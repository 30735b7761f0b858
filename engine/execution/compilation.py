"""Compilation before the first future: once on a computer, on two CPUs if it has them, with a line about it."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

import filelock
import numba
import numpy as np
from numba.core import event
from tqdm import tqdm

from engine.execution.machine import usable_cpus
from engine.montecarlo import Chunk, Job, Keep, Piece, compile_kernels, kernels, play_chunk
from engine.montecarlo.arrays import Ints
from engine.rules import cache as compiled_code
from engine.rules.compiled import FUNCTIONS
from engine.scenario import BASELINE, WorldSampler, library, load_scenario

#: Kernels that a second process compiles: about half of the work.
SECOND_HALF = frozenset({"set_timelines", "diffuse", "harm", "count"})
#: Seconds that compilation takes on one CPU and on two, and later that of what stores single futures alone
#: (`benchmarks/first_result.py`).
_ONE_CPU, _TWO_CPUS, _STORING = 40, 25, 8
#: Most seconds to wait for another process that compiles.
_PATIENCE = 300.0
_PACKAGES = Path(__file__).resolve().parents[2]
_lock = threading.Lock()


def play_compiled(job: Job, chunk: Chunk, stop: Ints) -> Piece:
    """`play_chunk`, after compilation."""
    compile_once(job.kept)
    return play_chunk(job, chunk, stop)


def compile_once(kept: Keep) -> None:
    """Compile the simulation for runs that store `kept`, unless compiled code is stored on this computer.

    Processes that share the folder of compiled code wait for the first of them.
    """
    folder = compiled_code.folder()
    if numba.config.DISABLE_JIT or folder is None or _stored(kept):
        return
    with _lock, _alone(folder):
        if _stored(kept):
            return
        new = not _stored("counts")
        two = new and usable_cpus() > 1 and bool(sys.executable) and not getattr(sys, "frozen", False)
        with _announced(_STORING if not new else _TWO_CPUS if two else _ONE_CPU):
            if two:
                _compile_in_two_processes(kept)
            play_chunk(_smallest(kept), Chunk(0, 1, 0, 1), np.zeros(1, np.int64))


def compile_part(kept: Keep, names: Collection[str]) -> None:
    """Compile the kernels with these `names`, and store them."""
    compile_kernels(_smallest(kept), names)


def _stored(kept: Keep) -> bool:
    return all(kernel.stored for kernel in kernels(kept))


def _compile_in_two_processes(kept: Keep) -> None:
    """Compile all kernels. What the second process fails to compile is left to the caller, who then sees the error."""
    code = f"from engine.execution.compilation import compile_part; compile_part({kept!r}, {sorted(SECOND_HALF)!r})"
    path = os.pathsep.join([str(_PACKAGES), *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = {**os.environ, "PYTHONPATH": path, "NUMBA_CACHE_DIR": numba.config.CACHE_DIR}
    quiet: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen([sys.executable, "-c", code], env=environment, **quiet) as second:
        try:
            compile_part(kept, {kernel.function.__name__ for kernel in kernels(kept)} - SECOND_HALF)
            second.wait()
        finally:
            second.kill()


@cache
def _smallest(kept: Keep) -> Job:
    """A job of one future; the types of all jobs are the same."""
    return Job(WorldSampler(load_scenario(library.path_of("minimal")), 1, 0), 1, (BASELINE,), kept)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the lock of the folder of compiled code, unless files cannot be locked or another process never ends."""
    lock = filelock.FileLock(folder / "compiling.lock", timeout=_PATIENCE)
    with suppress(OSError, NotImplementedError, filelock.Timeout):
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _announced(seconds: int) -> Iterator[None]:
    """Report compilation on standard error, on a terminal with its progress. Worker processes report nothing."""
    if multiprocessing.parent_process() is not None:
        yield
        return
    print(f"engine: compiling the simulation for this computer: about {seconds} s, once", file=sys.stderr, flush=True)
    layout = "{percentage:3.0f}%|{bar:40}| {elapsed}"
    bar = tqdm(total=len(FUNCTIONS), bar_format=layout, disable=None, leave=False)
    with bar, event.install_listener("numba:compile", _Progress(bar)):
        yield


class _Progress(event.Listener):  # type: ignore[misc]
    """Moves a progress bar by the functions that were compiled, here or in the second process."""

    def __init__(self, bar: tqdm[Any]) -> None:
        self._bar = bar

    def on_start(self, event: Any) -> None:
        """Nothing: a function counts when it is compiled."""

    def on_end(self, event: Any) -> None:
        """A function is compiled."""
        self._bar.n = min(compiled_code.stored(), self._bar.total)
        self._bar.refresh()
