"""The process of a measure: its start, its changes and its end."""

from __future__ import annotations

import math

from engine.replay.exogenous import Process
from engine.replay.state import State


def measure(state: State, parts: range) -> Process:
    """Log when a measure with these `parts` starts, changes at a date and ends.

    Its effects come from the regime, which every rule reads.
    """
    start, end = state.regime.start, state.regime.end
    while all(start[m] == math.inf for m in parts):
        yield state.regime_known
    event, ends = "measure_start", math.inf
    for m in parts:
        if max(float(start[m]), state.now) < end[m]:
            yield state.until(max(float(start[m]), state.now))
            state.log(event, subject=state.measure_names[m])
            event, ends = "measure_change", float(end[m])
    yield state.until(ends)
    state.log("measure_end", subject=state.measure_names[parts[0]])
