"""How much sharper differences are when policies see the same luck.

    python benchmarks/pairing.py [--worlds 1000]

For every policy of the library: the standard error of its paired difference from the baseline, against the standard
error of the difference between runs of different seeds. The square of the ratio says how many times more futures
independent runs would need for the same error.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

import engine

ROOT = Path(__file__).resolve().parents[1]
SEED, FUTURES = 2026, 10
QUANTITIES = (
    ("benefit", "benefit_mean", {}),
    ("loss a year", "loss_mean", {"period": "annual"}),
    ("exposure, cyber", "exposure_mean", {"capability": "autonomous_cyber_attack"}),
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Simulate twice, print."""
    parser = argparse.ArgumentParser(description="Paired against independent differences.")
    parser.add_argument("--worlds", type=int, default=1000)
    worlds = parser.parse_args(arguments).worlds
    library = engine.load_scenario(ROOT / "scenarios" / "policies.yaml")
    paired = engine.simulate(library, worlds, FUTURES, SEED)
    other = engine.simulate(library, worlds, FUTURES, SEED + 1)
    print(f"{worlds:,} worlds x {FUTURES} futures. Independent error / paired error:")
    print(f"  {'':<28}" + "".join(f"{name:>18}" for name, *_ in QUANTITIES))
    ratios = []
    for policy in library.policies:
        row = []
        for _, name, where in QUANTITIES:
            mine = float(paired[f"{name}_difference_se"].sel(policy=policy, **where))
            apart = np.hypot(
                float(other[f"{name}_se"].sel(policy=policy, **where)),
                float(paired[f"{name}_se"].sel(policy="baseline", **where)),
            )
            row.append(apart / mine if mine > 0.0 else np.inf)
        ratios.append(row)
        print(f"  {policy:<28}" + "".join(f"{ratio:>18.1f}" for ratio in row))
    print(f"  {'median':<28}" + "".join(f"{ratio:>18.1f}" for ratio in np.median(ratios, axis=0)))


if __name__ == "__main__":
    main()
