"""How long until the first result: a first run that has to compile, and later ones.

    python benchmarks/first_result.py [--warm RUNS]

Runs the command line on the baseline with 10,000 futures, from the start of Python to the written file. The
cold run has a fresh, empty folder for compiled code; the warm ones use what it left there.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COMMAND = ["-m", "engine", "run", "scenarios/baseline.yaml", "--worlds", "1000", "--futures", "10"]
COLD_AIM, WARM_AIM = 60.0, 5.0


def seconds(folder: Path) -> float:
    """Wall-clock seconds of the command, with its compiled code kept in `folder`."""
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(folder / "compiled")}
    command = [sys.executable, *COMMAND, "--output", str(folder / "first.nc")]
    began = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, cwd=ROOT, env=environment)
    return time.perf_counter() - began


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure one cold run and some warm ones."""
    parser = argparse.ArgumentParser(description="Time to the first result, cold and warm.")
    parser.add_argument("--warm", type=int, default=3, help="number of warm runs")
    runs = max(1, parser.parse_args(arguments).warm)
    with tempfile.TemporaryDirectory() as name:
        cold = seconds(Path(name))
        warm = sorted(seconds(Path(name)) for _ in range(runs))
    print(" ".join(["python", *COMMAND]))
    print(f"cold, compiling:  {cold:6.1f} s   aim: under {COLD_AIM:g} s")
    print(f"warm, median:     {warm[len(warm) // 2]:6.1f} s   aim: under {WARM_AIM:g} s", end="")
    print(f"   ({warm[0]:.1f} to {warm[-1]:.1f} in {runs} runs)")


if __name__ == "__main__":
    main()
