"""Runs killed at random moments (kill -9) and resumed: each must give the dataset of one that nothing happened to.

    python tests/crashes.py [--kills 50] [--scenario FILE] [--worlds 2000] [--futures 10] [--chunk 500] [--seed 1]

Every other run keeps its single futures too. A run is killed again while it is resumed, as often as it likes to be.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import xarray as xr

import engine

_RESULTS = "results.nc"


@dataclass(frozen=True)
class Run:
    """A command line of `engine run` but for where it keeps its chunks."""

    scenario: str
    worlds: int
    futures: int
    chunk: int
    samples: bool = False

    @property
    def chunks(self) -> int:
        """Chunks of the whole run."""
        return -(-self.worlds * self.futures // self.chunk)

    def command(self, folder: Path) -> list[str]:
        """The command that begins the run in `folder`."""
        size = ["--worlds", str(self.worlds), "--futures", str(self.futures), "--chunk", str(self.chunk)]
        kept = ["--samples"] if self.samples else []
        return [*_ENGINE, "run", self.scenario, *size, "--seed", "7", "--run-dir", str(folder), *kept]


_ENGINE = [sys.executable, "-m", "engine"]

#: When a run is killed: a share of its chunks that are finished by then, and seconds after that.
Moment = tuple[float, float]


def moment(chance: random.Random) -> Moment:
    """A random moment: one in five before the first chunk is finished, while the run starts."""
    return (0.0, chance.uniform(0.0, 4.0)) if chance.random() < 0.2 else (chance.random(), chance.uniform(0.0, 0.3))


def played(run: Run, folder: Path) -> xr.Dataset:
    """What the run gives if nothing happens to it."""
    subprocess.run(run.command(folder), check=True, capture_output=True)
    return results_in(folder)


def results_in(folder: Path) -> xr.Dataset:
    """The results in the folder of a run, without the date when they were written."""
    with engine.open_results(folder / _RESULTS) as dataset:
        found = dataset.load()
    del found.attrs["date_created"]
    return found


def killed(command: Sequence[str], folder: Path, chunks: int, seconds: float) -> bool:
    """Start `command` and kill it so many seconds after it has kept so many chunks; False if it ended before."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    while process.poll() is None and len(kept_in(folder)) < chunks:
        time.sleep(0.005)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return True
    return False


def kept_in(folder: Path) -> list[Path]:
    """The finished chunks in the folder of a run."""
    return list(folder.glob("chunk-*"))


def resumed(run: Run, folder: Path) -> xr.Dataset:
    """The results after the run in `folder` has gone on to its end."""
    begun = (folder / "manifest.json").exists()
    command = [*_ENGINE, "resume", str(folder)] if begun else run.command(folder)
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise AssertionError(f"{command} failed: {done.stderr}")
    return results_in(folder)


def crash(run: Run, folder: Path, expected: xr.Dataset, moments: Sequence[Moment]) -> list[int]:
    """Kill the run at each of `moments`, then let it end; how many chunks were finished at each kill.

    Raises AssertionError if what comes out is not to the bit what is `expected`, or anything is left behind.
    """
    kept = []
    for share, seconds in moments:
        begun = (folder / "manifest.json").exists()
        command = [*_ENGINE, "resume", str(folder)] if begun else run.command(folder)
        if killed(command, folder, int(share * run.chunks), seconds):
            kept.append(len(kept_in(folder)))
    found = resumed(run, folder)
    xr.testing.assert_identical(found, expected)
    assert found.attrs["id"] == expected.attrs["id"]
    left = [file.name for file in folder.iterdir() if file.name.startswith(".")]
    assert not left, left
    return kept


def main(arguments: Sequence[str] | None = None) -> None:
    """Kill and resume, and say what was found."""
    parser = argparse.ArgumentParser(description="Kill runs at random moments and resume them.")
    parser.add_argument("--kills", type=int, default=50, help="how many kills")
    parser.add_argument("--scenario", default="baseline")
    parser.add_argument("--worlds", type=int, default=2000)
    parser.add_argument("--futures", type=int, default=10)
    parser.add_argument("--chunk", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1, help="seed of the moments")
    given = parser.parse_args(arguments)
    chance = random.Random(given.seed)
    kills, runs, midway = 0, 0, 0
    with tempfile.TemporaryDirectory() as place:
        kinds = []
        for samples in (False, True):
            run = Run(given.scenario, given.worlds, given.futures, given.chunk, samples)
            kinds.append((run, played(run, Path(place) / f"whole-{samples}")))
        while kills < given.kills:
            run, expected = kinds[runs % 2]
            moments = [moment(chance) for _ in range(min(chance.choice((1, 1, 2)), given.kills - kills))]
            folder = Path(place) / "killed"
            kept = crash(run, folder, expected, moments)
            kills, runs = kills + len(kept), runs + 1
            midway += sum(0 < chunks < run.chunks for chunks in kept)
            shutil.rmtree(folder)
            print(f"{kills} kills, {runs} runs the same to the bit; chunks of {run.chunks} kept: {kept}", flush=True)
    print(f"{kills} kills, {midway} of them between the first chunk and the last: {runs} runs, all identical")


if __name__ == "__main__":
    main()
