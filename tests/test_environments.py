"""Odd environments: a locale without letters, a filesystem that cannot sync, a limit of processes."""

from __future__ import annotations

import concurrent.futures
import errno
import os
import shutil
import stat
import subprocess
import sys

import pytest
from shell import call

import engine
from engine.execution.atomic_write import atomic_write, check_target
from engine.scenario import library
from engine.scenario.source import as_text

#: No letters but those of ASCII, and Python is not to help itself.
ASCII = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


def engine_in_ascii(*arguments):
    """(exit code, standard output, standard error) of the command line in a locale of ASCII alone."""
    command = [sys.executable, "-m", "engine", *map(str, arguments)]
    done = subprocess.run(command, env=ASCII, capture_output=True, check=False)
    return done.returncode, done.stdout.decode("ascii"), done.stderr.decode("ascii")


@pytest.fixture
def folder(tmp_path):
    """A folder whose name is not in ASCII, with a scenario."""
    path = tmp_path / "données"
    path.mkdir()
    shutil.copy(library.path_of("minimal"), path / "été.yaml")
    return path


@pytest.mark.slow
def test_a_scenario_of_any_name_is_read_without_letters(folder):
    code, out, err = engine_in_ascii("validate", folder / "été.yaml")
    assert (code, err) == (0, "")
    assert ": valid. 2025 to 2040" in out


@pytest.mark.slow
def test_a_sound_file_of_any_name_is_not_called_damaged(folder):
    """Kind: what is wrong with where we are is said to be wrong with the file."""
    results = engine.simulate(engine.load_scenario("minimal"), 2, 1)
    engine.write_results(results, folder / "été.nc")
    for arguments in (("describe", folder / "été.nc"), ("run", "minimal", "-o", folder / "new.nc")):
        code, out, err = engine_in_ascii(*arguments)
        assert (code, out) == (2, "")
        assert err.endswith(
            "has characters that are not in the encoding ascii of this system; rename it, or set PYTHONUTF8=1\n"
        )
        assert err.count("\n") == 1


def test_a_name_is_text_where_it_can_be():
    assert as_text("été.yaml") == "été.yaml"
    assert as_text(os.fsdecode(b"\xff.yaml")) == os.fsdecode(b"\xff.yaml")


def test_a_name_of_no_text_is_refused_for_netcdf_alone(tmp_path):
    path = tmp_path / os.fsdecode(b"\xff.csv")
    with atomic_write(path) as unfinished:
        unfinished.write_text("a table")
    assert path.read_text() == "a table"
    with pytest.raises(engine.ResultsError, match="has characters that are not in the encoding utf-8 of this system"):
        engine.open_results(path)


@pytest.mark.parametrize("kind", [stat.S_ISDIR, stat.S_ISREG])
@pytest.mark.parametrize("error", [errno.EINVAL, errno.ENOTSUP])
def test_a_filesystem_that_cannot_sync_does_no_harm(kind, error, tmp_path, monkeypatch):
    """Kind: a safeguard that is not to be had makes everything impossible."""
    real = os.fsync

    def refused(descriptor):
        if kind(os.fstat(descriptor).st_mode):
            raise OSError(error, os.strerror(error))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", refused)
    with atomic_write(tmp_path / "r.csv") as unfinished:
        unfinished.write_text("whole")
    assert (tmp_path / "r.csv").read_text() == "whole"


def test_a_disk_that_fails_to_sync_is_told(tmp_path, monkeypatch):
    def failed(descriptor):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", failed)
    with (
        pytest.raises(engine.ResultsError, match=r"r\.csv: cannot be written: Input/output error"),
        atomic_write(tmp_path / "r.csv") as unfinished,
    ):
        unfinished.write_text("half")
    assert os.listdir(tmp_path) == []


def no_process(*_, **__):
    raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))


def no_thread(*_, **__):
    raise RuntimeError("can't start new thread")


def test_a_limit_of_processes_is_told_of_reading(tmp_path, monkeypatch, capsys):
    engine.write_results(engine.simulate(engine.load_scenario("minimal"), 2, 1), tmp_path / "r.nc")
    monkeypatch.setattr(subprocess, "run", no_process)
    code, out, err = call(monkeypatch, capsys, "describe", tmp_path / "r.nc")
    assert (code, out) == (2, "")
    what = "the process that reads it first cannot be started (Resource temporarily unavailable)"
    assert err == f"engine: {tmp_path / 'r.nc'}: {what}; allow more processes (ulimit -u)\n"


@pytest.mark.parametrize("limit", [no_process, no_thread])
def test_a_limit_of_threads_is_told_of_playing(limit, tmp_path, monkeypatch, capsys):
    """Kind: a traceback where the system gives no more."""
    monkeypatch.setattr(concurrent.futures.ThreadPoolExecutor, "submit", limit)
    code, out, err = call(monkeypatch, capsys, "run", "minimal", "--worlds", 2, "-o", tmp_path / "r.nc")
    assert (code, out) == (2, "")
    assert err.splitlines()[-1] == (
        "engine: no further process or thread can be started here; allow more (ulimit -u), or use fewer with --threads"
    )
    assert os.listdir(tmp_path) == []


def test_a_name_with_an_end_of_line_is_refused(tmp_path):
    """It would stand in every file of results."""
    path = tmp_path / "a\nb.yaml"
    shutil.copy(library.path_of("minimal"), path)
    with pytest.raises(engine.ScenarioError, match="is not a possible file name; check the path"):
        engine.load_scenario(path)


def test_a_target_of_another_encoding_is_refused_before_anything_is_played(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "getfilesystemencoding", lambda: "ascii")
    with pytest.raises(engine.ResultsError, match="has characters that are not in the encoding ascii of this system"):
        engine.simulate(engine.load_scenario("minimal"), 2, 1, output=tmp_path / "é.nc")
    check_target(tmp_path / "plain.csv")
