"""The keys of every governance measure: when it is in force, and for which classes.

A kind of measure is a class derived from `Measure` with its name and one or more levers of `engine.rules.governance`.
Another package adds a kind by the entry point group `engine.measures`, whose names are those of the kinds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from engine.rules.regime import Step
from engine.scenario import quantities as q
from engine.scenario.numbers import Number
from engine.scenario.quantities import INFINITY
from engine.scenario.section import Name, Section

Trigger = Literal["emergence", "release", "theft", "incident", "run"]


class Measure(Section):
    """When a measure is in force, and for which classes."""

    #: The step of a future that the kind acts on first.
    ACTS_ON: ClassVar[Step]
    if TYPE_CHECKING:
        #: The name of the kind, as `measure: NAME` in a scenario; each kind declares it as a Literal.
        measure: str

    start: Annotated[Number, q.DATE] = q.DATE.constant(1950.0)
    """Year from which the measure is in force, the scenario's if left out; with a trigger, the earliest."""
    trigger: Trigger | None = None
    """Event that starts the measure: the first emergence of a capability by training, release of open weights, theft,
    incident, or end of a run of at least `trigger_compute`."""
    trigger_capability: Name | None = None
    """Capability of the event; by default any dangerous one for an emergence, else any."""
    trigger_compute: Annotated[Number, q.COMPUTE_LIMIT] = q.COMPUTE_LIMIT.constant(INFINITY)
    """Least compute of the run for the trigger `run`."""
    delay: Annotated[Number, q.YEARS] = q.YEARS.constant(0.0)
    """From the trigger, or else the start, until the measure is in force."""
    end: Annotated[Number, q.END] = q.END.constant(INFINITY)
    """Year in which the measure ends."""
    duration: Annotated[Number, q.LONG] = q.LONG.constant(INFINITY)
    """Time in force, unless `end` comes first."""
    exit_rate: Annotated[Number, q.RATE] = q.RATE.constant(0.0)
    """Rate (Exponential) at which each bound class, idle ones too, leaves the measure in force. With the first it ends
    for all."""
    classes: Annotated[list[Name], Field(min_length=1)] | None = None
    """Actor classes that the measure binds; all if left out."""
    compliance: Annotated[Number, q.FRACTION] = q.FRACTION.constant(1.0)
    """Probability that an actor of these classes obeys, drawn once for each. Changes to a whole class are averages over
    its members."""
