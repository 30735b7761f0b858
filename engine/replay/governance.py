"""The process of a measure: its start and its end."""

from __future__ import annotations

import math

from engine.replay.exogenous import Process
from engine.replay.state import State


def measure(state: State, m: int) -> Process:
    """Log the start and the end of a measure. Its effects come from the regime, which every rule reads."""
    while state.regime.start[m] == math.inf:
        yield state.regime_known
    start, end = float(state.regime.start[m]), float(state.regime.end[m])
    if max(start, state.now) >= end:
        return
    yield state.until(max(start, state.now))
    state.log("measure_start", subject=state.measure_names[m])
    yield state.until(end)
    state.log("measure_end", subject=state.measure_names[m])
