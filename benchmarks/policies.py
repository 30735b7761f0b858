"""What policies cost: the time of each policy of the library, of eight at once, and of the baseline before and after.

    python benchmarks/policies.py [--quick] [--before FOLDER]

All are timed in turns, by processor seconds on one thread, and compared round by round. FOLDER is a checkout of the
engine from before there were policies (`git worktree add FOLDER 520ce0f`); its baseline is then timed too.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

import engine
from engine.scenario import BASELINE, Scenario

ROOT = Path(__file__).resolve().parents[1]
SEED, FUTURES = 2026, 20

#: A process that plays the baseline when it is told to, and answers with the seconds it took.
_OTHER = """
import sys, time
import engine
scenario = engine.load_scenario(sys.argv[1])
engine.simulate(scenario, 2, 2, 1, execution=engine.Execution(threads=1))
for line in sys.stdin:
    began = time.process_time()
    engine.simulate(scenario, int(line), {futures}, {seed}, execution=engine.Execution(threads=1))
    print(time.process_time() - began, flush=True)
"""


def seconds(scenario: Scenario, policies: Sequence[str], worlds: int) -> float:
    """Processor seconds of a run."""
    began = time.process_time()
    engine.simulate(
        scenario,
        worlds,
        FUTURES,
        SEED,
        policies=policies,
        execution=engine.Execution(execution=engine.Execution(threads=1)),
    )
    return time.process_time() - began


def older(folder: Path, worlds: int) -> Callable[[], float]:
    """The baseline of the engine in `folder`, in a process of its own."""
    other = subprocess.Popen(
        [sys.executable, "-c", _OTHER.format(futures=FUTURES, seed=SEED), str(folder / "scenarios" / "baseline.yaml")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
    )

    def took() -> float:
        assert other.stdin is not None
        assert other.stdout is not None
        other.stdin.write(f"{worlds}\n")
        other.stdin.flush()
        return float(other.stdout.readline())

    return took


def spread(values: np.ndarray) -> str:
    """Median and range."""
    return f"{np.median(values):5.2f}  ({values.min():.2f} to {values.max():.2f})"


def main(arguments: Sequence[str] | None = None) -> None:
    """Time, print."""
    parser = argparse.ArgumentParser(description="What policies cost.")
    parser.add_argument("--quick", action="store_true", help="fewer futures and rounds")
    parser.add_argument("--before", type=Path, help="a checkout of the engine from before there were policies")
    chosen = parser.parse_args(arguments)
    worlds, rounds = (100, 3) if chosen.quick else (500, 5)
    library = engine.load_scenario(ROOT / "scenarios" / "policies.yaml")
    names = list(library.policies)
    engine.simulate(library, 2, 2, 1, execution=engine.Execution(execution=engine.Execution(threads=1)))

    def timed(policies: Sequence[str]) -> Callable[[], float]:
        return lambda: seconds(library, policies, worlds)

    contestants: dict[str, Callable[[], float]] = {BASELINE: timed([])}
    if chosen.before:
        contestants["before"] = older(chosen.before.resolve(), worlds)
    contestants |= {name: timed([name]) for name in names}
    contestants["eight"] = timed(names[:7])
    contestants["all"] = timed(names)
    measured: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, contestant in contestants.items():
            measured[name].append(contestant())
    took = {name: np.array(values) for name, values in measured.items()}
    one = took[BASELINE]
    print(f"Baseline: {np.median(worlds * FUTURES / one):,.0f} futures a second; {worlds * FUTURES:,} futures a round")
    if chosen.before:
        print(f"Baseline, against before      {spread(one / took['before'])}   aim: at most 1.3")
    print("A policy beside the baseline, in units of the baseline alone:")
    for name in names:
        print(f"  {name:<28}{spread(took[name] / one - 1.0)}")
    print(f"Eight policies, against one   {spread(took['eight'] / one)}   aim: at most 8")
    print(f"All {len(names) + 1}, against one          {spread(took['all'] / one)}")


if __name__ == "__main__":
    main()
