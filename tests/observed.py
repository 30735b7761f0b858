"""Observations that tests make up, as `engine.record.read_observations` gives them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr

from engine.analyses.hindcast.experiment import judged
from engine.record import after, known_by
from engine.record.naive_forecasts import COUNTS

NAN = float("nan")
#: kind, level (NaN for compute), rank (0 where it does not apply), time and what was observed.
Row = tuple[str, float, int, float, float]


def observed(rows: Sequence[Row]) -> xr.Dataset:
    """`rows` as a dataset of observations."""
    kinds, levels, ranks, times, values = map(list, zip(*rows, strict=True)) if rows else ([], [], [], [], [])
    along = {
        "kind": np.array(kinds, dtype=object),
        "level": np.array(levels, dtype=float),
        "rank": np.array(ranks, dtype=int),
        "time": np.array(times, dtype=float),
        "label": np.array(
            [f"{kind} {level:g} {rank} at {time:g}" for kind, level, rank, time, _ in rows], dtype=object
        ),
    }
    return xr.Dataset(
        {"observed": ("observation", np.array(values, dtype=float))},
        {name: ("observation", column) for name, column in along.items()},
        {"files": "made up"},
    )


def series(*, ranks: Sequence[int] = (1, 2), levels: Sequence[float] = (1e22, 1e24), last: int = 2023) -> list[Row]:
    """Counts above `levels` and compute by `ranks` at the ends of 2015 to the year before `last`, growing steadily."""
    rows: list[Row] = []
    for time in range(2016, last + 1):
        grown = time - 2015
        for above, level in enumerate(levels):
            rows.append(("organisations", level, 0, time, max(grown - 2 * above, 0)))
            rows.append(("models", level, 0, time, max(2**grown - 8 * above, 0)))
            rows.append(("open_models", level, 0, time, max(grown**2 - 20 * above, 0)))
        rows += [("compute", NAN, rank, time, 20.0 + 0.5 * grown - 0.3 * rank) for rank in ranks]
        rows.append(("open_compute", NAN, 0, time, 19.0 + 0.5 * grown))
    return rows


def judged_by_hand(rows: Sequence[Row], start: float = 2018.0, seed: int = 0) -> xr.Dataset:
    """A hindcast from `start` whose 400 futures lie as far apart as they are from what was observed."""
    given = observed(rows)
    known, expected = known_by(given, start), after(given, start)
    values = expected["observed"].values[:, np.newaxis]
    rng = np.random.default_rng(seed)
    spread = rng.standard_normal((len(values), 1)) + rng.standard_normal((len(values), 400))
    counts = np.isin(expected["kind"].values.astype(str), COUNTS)[:, np.newaxis]
    found = judged(np.where(counts, np.round(values * 10.0 ** (0.1 * spread)), values + 0.3 * spread), known, expected)
    return found.assign_attrs(scenario_name="made up", judged_after=start, judged_until=float(rows[-1][3]))
