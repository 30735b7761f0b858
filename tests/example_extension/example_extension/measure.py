"""A measure made of levers that the engine has: a levy on chips, whose revenue speeds up defences."""

from __future__ import annotations

from typing import Annotated, Literal

from engine.rules.regime import Step
from engine.scenario import quantities as q
from engine.scenario.measure import Measure
from engine.scenario.numbers import Number


class ComputeLevy(Measure):
    """Chips cost the classes more, and defences are built faster."""

    ACTS_ON = Step.TIMELINES
    measure: Literal["compute_levy"]
    price_multiplier: Annotated[Number, q.FACTOR]
    """How much more a chip costs."""
    defence_speed: Annotated[Number, q.SPEED] = q.SPEED.constant(1.0)
    """How many times faster a defence is built."""
