"""Compilation before the first future: once on a computer, on two CPUs if it has them, with a line about it."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import tempfile
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
#: (`benchmarks/commands.py`).
_ONE_CPU, _TWO_CPUS, _STORING = 40, 25, 8
#: Most seconds to wait for another process that compiles.
_PATIENCE = 300.0
_PACKAGES = Path(__file__).resolve().parents[2]
_lock = threading.Lock()
#: What this process has compiled or found.
_ready: set[Keep] = set()


def _renew_lock() -> None:
    """A process forked while another thread compiles lacks that thread, which would let go of the lock."""
    global _lock
    _lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_lock)


def compile_and_play(job: Job, chunk: Chunk, stop: Ints) -> Piece:
    """`play_chunk`, after compilation."""
    compile_once(job.kept)
    return play_chunk(job, chunk, stop)


def compile_once(kept: Keep) -> None:
    """Compile the simulation for runs that store `kept`, unless compiled code is stored on this computer.

    Processes that share the folder of compiled code wait for the first of them.
    """
    if kept in _ready or numba.config.DISABLE_JIT:
        return
    with _lock:
        folder = compiled_code.folder()
        if kept not in _ready and not _stored(kept):
            with _folder_lock(folder):
                if not _stored(kept):
                    _compile(kept, folder)
        _ready.add(kept)


def compile_part(kept: Keep, names: Collection[str]) -> None:
    """Compile the kernels with these `names`, and store them."""
    compile_kernels(_smallest(kept), names)


def _stored(kept: Keep) -> bool:
    return all(kernel.is_stored for kernel in kernels(kept))


def _compile(kept: Keep, folder: Path | None) -> None:
    """Compile all kernels, and report it. Without a folder the code is not stored."""
    nothing_stored = not _stored("counts")
    divided = nothing_stored and folder is not None and usable_cpus() > 1
    with _announced(_STORING if not nothing_stored else _TWO_CPUS if divided else _ONE_CPU):
        if divided and folder is not None:
            _compile_in_two_processes(kept, folder)
        play_chunk(_smallest(kept), Chunk(0, 1, 0, 1), np.zeros(1, np.int64))


def _compile_in_two_processes(kept: Keep, folder: Path) -> None:
    """Compile all kernels. What the second process fails to compile is left to the caller, who then sees the error.

    The second process has a folder of its own, because Numba does not lock its index of a function's code.
    """
    code = f"from engine.execution.compilation import compile_part; compile_part({kept!r}, {sorted(SECOND_HALF)!r})"
    path = os.pathsep.join([str(_PACKAGES), *filter(None, [os.environ.get("PYTHONPATH")])])
    quiet: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with tempfile.TemporaryDirectory(prefix="compiling-", dir=folder.parent) as own:
        environment = {**os.environ, "PYTHONPATH": path, "NUMBA_CACHE_DIR": own}
        try:
            second = subprocess.Popen([sys.executable, "-P", "-c", code], env=environment, **quiet)
        except OSError:
            return
        with second:
            try:
                compile_part(kept, {kernel.function.__name__ for kernel in kernels(kept)} - SECOND_HALF)
                second.wait(_PATIENCE)
            except subprocess.TimeoutExpired:
                pass
            finally:
                second.kill()
        for kernel in kernels(kept):
            if kernel.function.__name__ in SECOND_HALF:
                for found in compiled_code.files_of(kernel.function, Path(own) / folder.name):
                    found.replace(folder / found.parent.name / found.name)


@cache
def _smallest(kept: Keep) -> Job:
    """A job of one future; the types of all jobs are the same."""
    return Job(WorldSampler(load_scenario(library.path_of("minimal")), 1, 0), 1, (BASELINE,), kept)


@contextmanager
def _folder_lock(folder: Path | None) -> Iterator[None]:
    """Hold the lock of the folder of compiled code, unless files cannot be locked or another process never ends."""
    if folder is None:
        yield
        return
    lock = filelock.FileLock(folder / "compiling.lock")
    with suppress(OSError, NotImplementedError):  # a Timeout is an OSError
        try:
            lock.acquire(timeout=1.0)
        except filelock.Timeout:
            _report("waiting for another process that compiles the simulation")
            lock.acquire(timeout=_PATIENCE)
    try:
        yield
    finally:
        lock.release()


def _reports() -> bool:
    """Whether this process reports: worker processes do not, and some programs have no standard error."""
    return multiprocessing.parent_process() is None and sys.stderr is not None


def _report(text: str) -> None:
    """Print a line on standard error."""
    if _reports():
        print(f"engine: {text}", file=sys.stderr, flush=True)


@contextmanager
def _announced(seconds: int) -> Iterator[None]:
    """Report compilation, on a terminal with its progress."""
    _report(f"compiling the simulation for this computer: about {seconds} s, once")
    layout = "{percentage:3.0f}%|{bar:40}| {elapsed}"
    bar = tqdm(total=len(FUNCTIONS), bar_format=layout, disable=None if _reports() else True, leave=False)
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
        self._bar.n = min(compiled_code.count_stored(), self._bar.total)
        self._bar.refresh()
