"""The first run on a computer compiles, once, says so, and shares the work between two processes."""

from __future__ import annotations

import ast
import subprocess
import sys

import pytest

import engine
from engine.execution import compilation
from engine.montecarlo import kernels

ONE_LINE = "engine: compiling the simulation for this computer: about {} s, once\n"


@pytest.fixture
def nothing_stored(monkeypatch, kept):
    """Compiled code counts as missing until it has been compiled, although it is there."""
    compiled = []
    monkeypatch.setattr(compilation, "_stored", lambda kept: bool(compiled))
    monkeypatch.setattr(compilation, "_ready", set())
    monkeypatch.setattr(compilation, "play_chunk", lambda *given: compiled.append(given))
    return compiled


def simulate_one():
    compilation.compile_once("counts")


def test_compilation_is_announced_once(nothing_stored, monkeypatch, capsys):
    monkeypatch.setattr(compilation, "usable_cpus", lambda: 1)
    simulate_one()
    simulate_one()
    assert capsys.readouterr().err == ONE_LINE.format(40)
    assert len(nothing_stored) == 1


def test_two_cpus_share_the_work_and_every_kernel_has_its_process(nothing_stored, monkeypatch, capsys):
    """The second process gets its part as code, which it can run; the first compiles the rest."""
    parts, processes = [], []
    monkeypatch.setattr(compilation, "usable_cpus", lambda: 2)
    monkeypatch.setattr(compilation, "compile_part", lambda kept, names: parts.append((kept, names)))
    started = subprocess.Popen

    def start(command, **options):
        processes.append(started(command, **options))
        return processes[-1]

    monkeypatch.setattr(subprocess, "Popen", start)
    simulate_one()
    assert capsys.readouterr().err == ONE_LINE.format(25)
    (second,) = processes
    assert second.returncode == 0
    code = second.args[-1]
    theirs = set(ast.literal_eval(code[code.index("[") : code.index("]") + 1]))
    ((_, mine),) = parts
    assert mine | theirs == {kernel.function.__name__ for kernel in kernels("counts")}
    assert not mine & theirs


@pytest.mark.parametrize("executable", ["/bin/false", "/no/such/file"])
def test_a_second_process_that_fails_leaves_all_to_the_first(nothing_stored, monkeypatch, capsys, executable):
    monkeypatch.setattr(compilation, "usable_cpus", lambda: 2)
    monkeypatch.setattr(sys, "executable", executable)
    simulate_one()
    assert len(nothing_stored) == 1


def test_a_folder_that_cannot_be_locked_is_no_obstacle(nothing_stored, monkeypatch, capsys):
    def refuse(*given, **options):
        raise NotImplementedError

    monkeypatch.setattr(compilation, "usable_cpus", lambda: 1)
    monkeypatch.setattr(compilation.filelock.FileLock, "acquire", refuse)
    simulate_one()
    assert len(nothing_stored) == 1


def test_what_is_stored_is_not_announced(rich, kept, capsys):
    engine.simulate(rich, 1, 1)
    assert capsys.readouterr().err == ""


def test_what_was_compiled_is_not_compiled_again_if_its_files_disappear(rich, kept, monkeypatch, capsys):
    """Such as after the sources changed during a long run."""
    monkeypatch.setattr(compilation, "_stored", lambda kept: False)
    engine.simulate(rich, 1, 1)
    assert capsys.readouterr().err == ""


def test_a_process_that_waits_for_another_says_so(nothing_stored, monkeypatch, capsys):
    """The other process ends while it waits."""
    monkeypatch.setattr(compilation, "usable_cpus", lambda: 1)
    tries = []

    def acquire(self, timeout):
        tries.append(timeout)
        if len(tries) == 1:
            raise compilation.filelock.Timeout("compiling.lock")
        nothing_stored.append("by the other process")

    monkeypatch.setattr(compilation.filelock.FileLock, "acquire", acquire)
    simulate_one()
    assert capsys.readouterr().err == "engine: waiting for another process that compiles the simulation\n"
    assert nothing_stored == ["by the other process"]
