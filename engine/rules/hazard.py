"""Integrated hazards: an event comes when its hazard, summed over time, has used up a draw.

A hazard is constant between changes: of holders, of access, of measures in force. Work that goes on at some speed,
such as the building of a defence, is the same with the speed for the hazard.
"""

from __future__ import annotations

import math

from engine.rules.compiled import rule


@rule
def time_to_event(remaining: float, hazard: float) -> float:
    """Years until a constant `hazard` uses up the `remaining` integrated hazard."""
    return remaining / hazard if hazard > 0.0 else math.inf


@rule
def hazard_left(remaining: float, hazard: float, years: float) -> float:
    """Integrated hazard that remains after `years` at a constant `hazard`."""
    return remaining - hazard * years
