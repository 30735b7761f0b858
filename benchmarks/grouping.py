"""What a baseline loses when members stand for many actors.

    python benchmarks/grouping.py [--worlds 4096]

The baseline with all of its 425 actors played one by one, and with ever fewer members that stand for them: the time of
a future, and what changes. Errors are those of the first row; the worlds are the same in all rows.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import xarray as xr

import engine

ROOT = Path(__file__).resolve().parents[1]
SEED, FUTURES = 2026, 2
#: Members of start-ups, universities and malicious groups, for 60, 196 and 144 actors.
MEMBERS = ((60, 196, 144), (6, 7, 6), (4, 4, 4), (3, 4, 3), (2, 2, 2))
CLASSES = {"startup": 60, "university_or_open_collective": 196, "malicious_group": 144}
DANGER = {"capability": "novice_bioweapon_uplift"}
QUANTITIES = (
    ("attainment_time_quantile", DANGER | {"actor_class": "malicious_group", "quantile": 0.5}, "15.2f"),
    ("exposure_mean", DANGER, "9.3f"),
    ("incidents_mean", DANGER, "10.3f"),
    ("hosted_incidents_mean", DANGER, "17.4f"),
    ("actors_with_access_mean", {"capability": "drug_discovery", "time": 2035}, "15.1f"),
)


def grouped(members: Sequence[int], folder: Path) -> engine.Scenario:
    """The baseline with so many members of each of `CLASSES`."""
    lines = [f"extends: {ROOT / 'scenarios' / 'baseline.yaml'}", "name: grouped", "actor_classes:"]
    for (name, actors), count in zip(CLASSES.items(), members, strict=True):
        lines.append(f"  {name}: {{count: {count}, represents: {actors // count}}}")
    file = folder / "grouped.yaml"
    file.write_text("\n".join(lines) + "\n")
    return engine.load_scenario(file)


def main(arguments: Sequence[str] | None = None) -> None:
    """Simulate each, print."""
    parser = argparse.ArgumentParser(description="Members that stand for many, against actors one by one.")
    parser.add_argument("--worlds", type=int, default=4096)
    worlds = parser.parse_args(arguments).worlds
    print(f"{worlds:,} worlds x {FUTURES} futures.")
    print("  members        us a future  groups have it  exposure  incidents  hosted incidents  actors in 2035")
    with tempfile.TemporaryDirectory() as folder:
        for members in MEMBERS:
            scenario = grouped(members, Path(folder))
            engine.simulate(scenario, 16, FUTURES, SEED)  # compiled
            begun = time.process_time()
            results = engine.simulate(scenario, worlds, FUTURES, SEED).squeeze("policy")
            spent = (time.process_time() - begun) / (worlds * FUTURES)
            row = f"  {' / '.join(map(str, members)):<14}{1e6 * spent:>12.0f}"
            print(row + _figures(results, ""))
            if members == MEMBERS[0]:
                print(f"  {'+-':<26}" + _figures(results, "_se"))


def _figures(results: xr.Dataset, error: str) -> str:
    """A row of the quantities, or with `_se` of their errors."""
    return "".join(f" {float(results[name + error].sel(where)):>{form}}" for name, where, form in QUANTITIES)


if __name__ == "__main__":
    main()
