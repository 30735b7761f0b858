"""The process of a measure: its start and its end."""

from __future__ import annotations

import math

from engine.replay.exogenous import Process
from engine.replay.state import Stage


def measure(stage: Stage, m: int) -> Process:
    """Log the start and the end of a measure. Its effects come from the regime, which every rule reads."""
    while stage.regime.start[m] == math.inf:
        yield stage.regime_known
    start, end = float(stage.regime.start[m]), float(stage.regime.end[m])
    if max(start, stage.now) >= end:
        return
    yield stage.until(max(start, stage.now))
    stage.log("measure_start", subject=stage.measure_names[m])
    yield stage.until(end)
    stage.log("measure_end", subject=stage.measure_names[m])
