"""Integrated hazards: an event occurs when its hazard, integrated over time, has used up a draw.

A hazard is constant between changes of holders, of access, or of measures in force. Work at a given speed, such as the
building of a defence, is the same with the speed as the hazard.
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
