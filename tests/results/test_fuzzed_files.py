"""A stranger's results file cannot hurt: it is refused in a line, or all that is read of it can be read."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import fuzzed_files
import pytest

import engine
from engine.analyses.attainment.summary import overview
from engine.cli.describe import described
from engine.results import files


@pytest.mark.filterwarnings("ignore")
def test_altered_files_are_refused_or_described(kept, tmp_path, monkeypatch):
    """Kind: a file that `open_results` lets pass and a command cannot read; in this process, but for damaged bytes."""
    base = tmp_path / "base.nc"
    engine.write_results(kept.isel(world=slice(4), future=slice(3)), base)
    monkeypatch.setattr(files, "damage", lambda path: "")
    opened = 0
    for path, what in fuzzed_files.altered([base], tmp_path, 100, 20_270_101):
        if what == "bytes":
            continue
        try:
            dataset = engine.open_results(path)
        except engine.ResultsError as error:
            assert "\n" not in str(error)  # noqa: PT017
            continue
        with dataset:
            assert described(dataset)
            assert overview(dataset)
            opened += 1
    assert 10 < opened < 90


@pytest.mark.slow
@pytest.mark.property
def test_commands_refuse_altered_files_or_read_them():
    """Each in a process of its own, by `describe` and `report`; by hand 500 are tried."""
    script = Path(fuzzed_files.__file__)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", script, "24", "5"],
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(Path(engine.__file__).parents[1])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
