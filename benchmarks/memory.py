"""Peak memory of a run against its number of futures: it must not grow.

    python benchmarks/memory.py [--most FUTURES] [--scenario FILE]

Each run is a process of its own, two futures a world; its peak resident set is what the kernel reports.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BASELINE = ROOT / "scenarios" / "baseline.yaml"
SIZES = (10_000, 100_000, 1_000_000, 10_000_000)
FUTURES = 2
AIM = 1.10

_RUN = """
import resource, sys
import engine
engine.simulate(engine.load_scenario(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), 2026)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def peak_mb(scenario: Path, futures: int) -> float:
    """Peak resident set of a process that simulates `futures` futures without samples, MB."""
    command = [sys.executable, "-c", _RUN, str(scenario), str(max(1, futures // FUTURES)), str(FUTURES)]
    return int(subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout) / 1024.0


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure each size and print the growth over the smallest."""
    parser = argparse.ArgumentParser(description="Peak memory against the number of futures.")
    parser.add_argument("--most", type=int, default=SIZES[-1], help="the largest number of futures to run")
    parser.add_argument("--scenario", type=Path, default=BASELINE)
    given = parser.parse_args(arguments)
    scenario, most = given.scenario.resolve(), given.most
    smallest = 0.0
    print(f"{'futures':>10}{'peak MB':>10}{'ratio':>8}{'seconds':>10}")
    for futures in (size for size in SIZES if size <= max(most, SIZES[0])):
        peak_mb(scenario, FUTURES)  # compiles if need be, which takes more memory than a run
        began = time.perf_counter()
        peak = peak_mb(scenario, futures)
        smallest = smallest or peak
        print(f"{futures:>10,}{peak:>10.1f}{peak / smallest:>8.3f}{time.perf_counter() - began:>10.1f}", flush=True)
    print(f"Aim: the largest within 10% of the smallest (ratio at most {AIM:.2f})")


if __name__ == "__main__":
    main()
