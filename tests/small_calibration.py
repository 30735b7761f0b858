"""A small scenario of the past, and tables of what one of its own futures shows, for tests of calibration."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from helpers import scenario_data

import engine
from engine.record import read_observations
from engine.record.observables import observables_of
from engine.scenario import WorldSampler
from engine.simulation.jobs import new_job

#: Three actors, four years, and three uncertain numbers, two of them correlated.
SMALL: dict[str, Any] = {
    "start": 2018,
    "horizon": 2022,
    "actor_classes": {
        "lab": {
            "count": 3,
            "budget": {"lognormal": {"p5": 3e5, "p95": 3e6}},
            "budget_growth": {"normal": {"p5": 0.1, "p95": 0.7}, "min": -0.3, "unit": "OOM/yr"},
            "budget_spread": 0.3,
            "run_duration": 0.2,
            "run_pause": {"lognormal": {"p5": 0.2, "p95": 1.0}},
        }
    },
    "correlations": [{"between": ["actor_classes.lab.run_pause", "actor_classes.lab.budget"], "rank": 0.5}],
    "output": {"flop_thresholds": [1e23, 1e24, 1e25]},
}
#: The seed of the world whose future is observed.
TRUTH = 99
_LEVELS, _YEARS, _RANKS = ("1e23", "1e24", "1e25"), (2017, 2019, 2021), (1, 2)


def small(name: str = "small", **changes: Any) -> engine.Scenario:
    """The small scenario with `changes` at the top."""
    return engine.parse_scenario(scenario_data(**{**SMALL, **changes}), name)


def observed_tables(folder: Path) -> Path:
    """Tables of what the first future of the world of `TRUTH` shows, in a new folder `tables`, which is returned.

    The first rows are of the start, so that nothing else is known of it.
    """
    tables = folder / "tables"
    tables.mkdir()
    _write(tables, lambda *_: 0.0)
    asked = read_observations(tables)
    job = new_job(small(), 1, 1, TRUTH, policies=["baseline"], keep="sizes")
    shown = observables_of(job, asked, asked.isel(observation=slice(0)))[0, 0]
    keys = zip(asked["kind"].values, np.nan_to_num(asked["level"].values), asked["rank"].values, asked["time"].values)
    found = dict(zip([(str(kind), *map(float, rest)) for kind, *rest in keys], shown, strict=True))
    _write(tables, lambda kind, level, rank, year: found[kind, level, rank, year + 1.0])
    return tables


def truth() -> np.ndarray:
    """The numbers of the world that was observed, carried units (parameter,)."""
    return WorldSampler(small(), 1, TRUTH).parameters(0, 1)[0]


def _write(folder: Path, value: Callable[[str, float, int, int], float]) -> None:
    """Write both tables, with the `value` of each kind, level, rank and year in its cell."""
    kinds = ("organisations", "models")
    counts = [
        [level, year, *(round(value(kind, float(level), 0, year)) for kind in kinds)]
        for level in _LEVELS
        for year in _YEARS
    ]
    ranks = [[year, *(value("compute", 0.0, rank, year) for rank in _RANKS)] for year in _YEARS]
    heads = ("threshold_flop,year,organisations_above,models_above", f"year,{','.join(f'rank_{n}' for n in _RANKS)}")
    for name, head, rows in zip(("counts.csv", "ranks.csv"), heads, (counts, ranks), strict=True):
        lines = [head, *(",".join(map(str, row)) for row in rows)]
        (folder / name).write_text("\n".join(lines) + "\n")
