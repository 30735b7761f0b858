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
    """Year from which the measure is in force, the scenario's if left out; with a trigger, the earliest year."""
    trigger: Trigger | None = None
    """Event that starts the measure: first emergence of a capability by training, release of open weights, theft,
    incident, or end of a run of at least `trigger_compute`."""
    trigger_capability: Name | None = None
    """Capability of the event; by default any dangerous one for an emergence, any at all otherwise."""
    trigger_compute: Annotated[Number, q.COMPUTE_LIMIT] = q.COMPUTE_LIMIT.constant(INFINITY)
    """Least compute of the run that the trigger `run` waits for."""
    delay: Annotated[Number, q.YEARS] = q.YEARS.constant(0.0)
    """From the trigger, or the date if there is none, until the measure is in force."""
    end: Annotated[Number, q.END] = q.END.constant(INFINITY)
    """Year in which the measure ends."""
    duration: Annotated[Number, q.LONG] = q.LONG.constant(INFINITY)
    """How long the measure is in force, unless `end` comes first."""
    exit_rate: Annotated[Number, q.RATE] = q.RATE.constant(0.0)
    """Rate at which each class that the measure binds leaves it, once it is in force. With the first that leaves it
    ends for all: classes keep it together."""
    classes: Annotated[list[Name], Field(min_length=1)] | None = None
    """Actor classes that the measure binds; all if left out."""
    compliance: Annotated[Number, q.FRACTION] = q.FRACTION.constant(1.0)
    """Probability that an actor of these classes obeys, drawn once for each actor. A change to a whole class is the
    average over its members."""
