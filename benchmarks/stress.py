"""A stress test of eight policies in 2,000 worlds of 10 futures: where the time goes.

    python benchmarks/stress.py [--worlds 2000]

Begins with a small one, so that nothing is compiled or imported while the clock runs.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import engine
from engine.analyses.stress.analysis import USUAL_REQUIREMENTS
from engine.analyses.stress.cart import failure_tree
from engine.analyses.stress.failing_boxes import failure_boxes
from engine.analyses.stress.robustness import meets, parse_requirement, robustness, world_means
from engine.analyses.stress.summary import stress_in_words
from engine.statistics.labelled import own_parameters
from engine.statistics.metrics import outcomes

ROOT = Path(__file__).resolve().parents[1]
SEED, FUTURES = 2026, 10
POLICIES = (
    *("compute_cap", "licensing_above_1e26", "export_control", "publication_restraint"),
    *("open_weights_limit", "security_level_3", "defence_first", "combined_package"),
)


def timed(name: str, step: Callable[[], Any]) -> Any:
    """What `step` returns; its time is printed."""
    began = time.perf_counter()
    done = step()
    print(f"  {name:<44}{time.perf_counter() - began:7.1f} s", flush=True)
    return done


def parts(results: Any) -> None:
    """The time of the parts of a stress test that take most of it."""
    samples = outcomes(results)
    parameters = own_parameters(results.parameters, [str(name) for name in samples["policy"].values])
    required = [parse_requirement(text, samples) for text in USUAL_REQUIREMENTS]
    timed("of it: robustness, with errors", lambda: robustness(samples, required))
    fails = 1 - meets(world_means(samples), required)
    timed("of it: boxes (PRIM)", lambda: failure_boxes(parameters, fails))
    timed("of it: trees (CART), cross-validated", lambda: failure_tree(parameters, fails, 2))


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--worlds", type=int, default=2000)
    worlds = arguments.parse_args().worlds
    scenario = engine.load_scenario(ROOT / "scenarios" / "policies.yaml")
    engine.stress_test(engine.simulate(scenario, 200, 2, SEED, policies=POLICIES, keep="samples"))
    print(f"{len(POLICIES)} policies and the baseline, {worlds:,} worlds x {FUTURES} futures")
    began = time.perf_counter()
    results = timed(
        "simulation",
        lambda: engine.simulate(scenario, worlds, FUTURES, SEED, policies=POLICIES, keep="samples"),
    )
    found = timed("stress test", lambda: engine.stress_test(results))
    with tempfile.TemporaryDirectory() as folder:
        timed("written", lambda: engine.write_results(found, Path(folder) / "stress.nc"))
    timed("told", lambda: stress_in_words(found))
    print(f"  {'together':<44}{time.perf_counter() - began:7.1f} s")
    parts(results)


if __name__ == "__main__":
    main()
