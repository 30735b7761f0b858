"""`run` and `resume`: folders of runs, estimates, refusals and interrupts."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys

import pytest
import xarray as xr
from shell import call
from waiting import until

import engine
from engine.execution import estimate

SIZE = ("--worlds", 6, "--futures", 4, "--seed", 5)


def opened(path):
    with engine.open_results(path) as dataset:
        found = dataset.load()
    del found.attrs["date_created"]
    return found


@pytest.mark.parametrize("kept", [(), ("--samples",), ("--samples", "--paths")])
def test_a_run_in_a_folder_is_resumed_to_the_same_results(monkeypatch, capsys, tmp_path, scenario_file, kept):
    folder, plain = tmp_path / "run", tmp_path / "plain.nc"
    assert call(monkeypatch, capsys, "run", scenario_file, *SIZE, *kept, "-o", plain)[0] == 0
    code, out, err = call(monkeypatch, capsys, "run", scenario_file, *SIZE, *kept, "--run-dir", folder, "--chunk", 5)
    assert code == 0, err
    assert out.endswith(f"Written to {folder / 'results.nc'}\n")
    xr.testing.assert_identical(opened(folder / "results.nc"), opened(plain))
    for lost in ("results.nc", "chunk-000001.npz"):
        (folder / lost).unlink()
    code, _, err = call(monkeypatch, capsys, "resume", folder)
    assert code == 0, err
    xr.testing.assert_identical(opened(folder / "results.nc"), opened(plain))


def test_an_estimate_comes_before_the_run_and_can_stand_alone(monkeypatch, capsys, tmp_path, scenario_file):
    took = r"(about [0-9.]+ seconds|less than a second)"
    told = rf"24 futures x 5 policies: {took}, [0-9.]+ [MG]B of memory, [0-9.]+ [MGk]B on disk"
    target = tmp_path / "r.nc"
    code, out, err = call(monkeypatch, capsys, "run", scenario_file, *SIZE, "-o", target, "--estimate")
    assert (code, out) == (0, "")
    assert re.fullmatch(told + "\n", err)
    assert not target.exists()
    code, out, err = call(monkeypatch, capsys, "run", scenario_file, *SIZE, "-o", target)
    assert code == 0
    assert re.fullmatch(told + "\n", err)


def test_what_does_not_fit_in_memory_is_refused_with_the_mend(monkeypatch, capsys, tmp_path, scenario_file):
    monkeypatch.setattr(estimate, "available_memory", lambda: 10**8)
    code, out, err = call(monkeypatch, capsys, "run", scenario_file, *SIZE, "--threads", 2, "-o", tmp_path / "r.nc")
    assert (code, out) == (2, "")
    assert re.fullmatch(
        r"engine: needs about [0-9.]+ MB of memory, and 100 MB are free; "
        r"simulate fewer policies or use fewer --threads\n",
        err,
    )
    assert not list(tmp_path.glob("*.nc"))


def test_what_does_not_fit_on_disk_is_refused_with_the_mend(monkeypatch, capsys, tmp_path, scenario_file):
    monkeypatch.setattr(estimate, "_free", lambda folder: 10**6)
    arguments = ("run", scenario_file, "--worlds", 10**7, "--samples", "-o", tmp_path / "r.nc")
    code, _, err = call(monkeypatch, capsys, *arguments)
    assert code == 2
    assert re.search(
        r"needs about [0-9.]+ GB on disk, and 1.0 MB are free; free some space or name another folder", err
    )


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--threads", 0), "threads must be a whole number of at least 1, not 0"),
        (("--chunk", 0), "chunk must be a whole number of at least 1, not 0"),
        (("--cluster", "local", "--threads", 2), "give one of them"),
        (("--cluster", "local:0"), "local:0"),
        (("--cluster", "somewhere"), "somewhere"),
        (("--until-se", 0.1, "--run-dir", "x"), "leave out --run-dir"),
    ],
)
def test_impossible_ways_to_run_are_refused(monkeypatch, capsys, tmp_path, scenario_file, options, said):
    monkeypatch.chdir(tmp_path)
    code, out, err = call(monkeypatch, capsys, "run", scenario_file, *SIZE, *options)
    assert (code, out) == (2, "")
    assert said in err
    assert err.count("\n") == 1
    assert [file.name for file in tmp_path.iterdir()] == []


def test_nothing_is_resumed_in_a_folder_of_no_run(monkeypatch, capsys, tmp_path):
    code, _, err = call(monkeypatch, capsys, "resume", tmp_path)
    assert code == 2
    assert err.startswith(
        f"engine: {tmp_path}: not the folder of a run (manifest.json: No such file or directory); `eng"
    )


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="signals of POSIX")
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_stops_and_says_how_to_go_on(tmp_path, scenario_file, sent):
    """As Ctrl-C does, or a scheduler at the end of its time: no traceback, nothing half written, and it goes on."""
    folder, size = tmp_path / "run", ["--worlds", "100000", "--futures", "10", "--chunk", "500", "--policies", "brake"]
    command = [sys.executable, "-m", "engine", "run", str(scenario_file), *size, "--run-dir", str(folder)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    until("two chunks", lambda: len(list(folder.glob("chunk-*.npz"))) >= 2 or process.poll() is not None)
    process.send_signal(sent)
    out, err = process.communicate()
    assert (process.returncode, out) == (130, "")
    assert err.splitlines()[-2:] == [
        "engine: stopped. Finished chunks are stored. Resume with:",
        f"  engine resume {folder}",
    ]
    assert "Traceback" not in err
    assert not list(folder.glob(".*"))
