"""A rare event by counting and by importance sampling: what the same standard error costs.

    python benchmarks/rare.py [--worlds 10000] [--counted 200000]

The event: a startup steals ai_research_automation within two years, in the baseline. Counting plays futures up to two
years and counts those in which it happens; `rare_probability` integrates the theft out and draws likely worlds more
often. Both are timed by processor seconds of this process, after a small run that compiles; the work of an estimate is
its seconds times its variance, which does not depend on its size, and the ratio of both works says how many times
longer counting takes for the same error.
"""

from __future__ import annotations

import argparse
import math
import time
from pathlib import Path

import engine
from engine.analyses.rare.experiment import RareEvent, rare_probability

ROOT = Path(__file__).resolve().parents[1]
SEED, FUTURES = 2026, 10
EVENT = RareEvent("startup", 2.0, ("ai_research_automation",), "stolen")


def counted(scenario: engine.Scenario, worlds: int) -> tuple[float, float]:
    """(probability, standard error) by counting thefts."""
    short = scenario.model_copy(update={"horizon": scenario.start + EVENT.years})
    results = engine.simulate(short, worlds, FUTURES, SEED, policies=())
    share = float(
        results.attainment_route.sel(
            policy="baseline", actor_class=EVENT.actor_class, capability=EVENT.capabilities[0], route="stolen"
        )
    )
    # As if futures of one world were independent: a little less than the error is, in favour of counting.
    return share, math.sqrt(share * (1.0 - share) / (worlds * FUTURES))


def sampled(scenario: engine.Scenario, worlds: int) -> tuple[float, float]:
    """(probability, standard error) by importance sampling."""
    found = rare_probability(scenario, EVENT, worlds, FUTURES, SEED)
    return float(found.probability), float(found.probability_se)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--worlds", type=int, default=10_000)
    arguments.add_argument("--counted", type=int, default=200_000)
    given = arguments.parse_args()
    scenario = engine.load_scenario(ROOT / "scenarios" / "baseline.yaml")
    rare_probability(scenario, EVENT, 100, 2, SEED)
    print(EVENT.check(scenario))
    works = []
    for name, method, worlds in (("counting", counted, given.counted), ("importance sampling", sampled, given.worlds)):
        began = time.process_time()
        probability, error = method(scenario, worlds)
        seconds = time.process_time() - began
        works.append(seconds * error**2)
        print(
            f"  {name:<20} {probability:.3g} +- {error:.2g}   {worlds:,} worlds x {FUTURES} futures, "
            f"{seconds:.0f} processor seconds"
        )
    if min(works) > 0.0:
        print(f"  for the same error counting takes {works[0] / works[1]:.3g} times the processor time")


if __name__ == "__main__":
    main()
