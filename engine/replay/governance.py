"""The process of a measure: when it comes into force, and when it ends."""

from __future__ import annotations

import math

from engine.replay.exogenous import Process
from engine.replay.state import Stage


def measure(stage: Stage, m: int) -> Process:
    """Log that a measure comes into force and ends. What it changes it changes by the regime, which every rule asks."""
    while stage.regime.start[m] == math.inf:
        yield stage.regime_known
    start, end = float(stage.regime.start[m]), float(stage.regime.end[m])
    if max(start, stage.now) >= end:
        return
    yield stage.until(max(start, stage.now))
    stage.log("measure_start", subject=stage.measure_names[m])
    yield stage.until(end)
    stage.log("measure_end", subject=stage.measure_names[m])
