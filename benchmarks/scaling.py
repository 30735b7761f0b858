"""What a second worker gives: threads of one process, and workers of a Dask cluster.

    python benchmarks/scaling.py [--rounds 5] [--worlds 4000] [--workers 2]

One and several are timed in turns and compared round by round, by the clock on the wall, so that the machine must have
nothing else to do. Workers of the cluster are there, and have played, before the clock starts. All runs must have the
same content id, with chunks of the ordinary size and of two others.
"""

from __future__ import annotations

import argparse
import logging
import statistics
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from distributed import LocalCluster

import engine

SCENARIO = Path(__file__).resolve().parents[1] / "scenarios" / "baseline.yaml"
SEED, FUTURES = 2026, 10
AIM = 1.7


def main(arguments: Sequence[str] | None = None) -> None:
    """Time, compare, print."""
    parser = argparse.ArgumentParser(description="One worker against several.")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--worlds", type=int, default=4000)
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args(arguments)
    scenario = engine.load_scenario(SCENARIO)
    ids = set()

    def seconds(worlds: int, **how: Any) -> float:
        began = time.perf_counter()
        results = engine.simulate(scenario, worlds, FUTURES, SEED, execution=engine.Execution(**how))
        took = time.perf_counter() - began
        if worlds == given.worlds:
            ids.add(results.attrs["id"])
        return took

    logging.getLogger("distributed").setLevel(logging.ERROR)
    with ExitStack() as stack:
        places = []
        for workers in (1, given.workers):
            cluster = LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=":0")
            places.append(stack.enter_context(cluster).scheduler_address)
        kinds = {
            "threads": [{"threads": 1}, {"threads": given.workers}],
            "Dask workers": [{"cluster": place} for place in places],
        }
        print(f"{given.worlds * FUTURES:,} futures; seconds, and how many times as fast {given.workers} are as 1")
        for kind, (one, several) in kinds.items():
            for how in (one, several):
                seconds(200, **how)  # compiles, or loads what is compiled
            rounds = [(seconds(given.worlds, **one), seconds(given.worlds, **several)) for _ in range(given.rounds)]
            ratios = [alone / together for alone, together in rounds]
            for (alone, together), ratio in zip(rounds, ratios, strict=True):
                print(f"  {kind:<14}{alone:>8.2f}{together:>8.2f}{ratio:>8.2f}", flush=True)
            print(f"  {kind:<14}median ratio {statistics.median(ratios):.2f} (aim {AIM})")
        for chunk in (333, 5_000):
            for _, several in kinds.values():
                seconds(given.worlds, chunk=chunk, **several)
    print(f"{len(ids)} content id for all runs" if len(ids) == 1 else f"CONTENT IDS DIFFER: {ids}")


if __name__ == "__main__":
    main()
