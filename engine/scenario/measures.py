"""Governance measures: the ten kinds, what each says, and what of the model it acts on.

A measure is a few numbers, each a lever of `engine.rules.governance`; a kind that needs no new lever is one class here
(docs/governance.md shows how).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal, get_args

from pydantic import Field

from engine.rules.regime import Step
from engine.scenario import quantities as q
from engine.scenario.numbers import Number
from engine.scenario.quantities import INFINITY
from engine.scenario.section import Name, Section

Trigger = Literal["emergence", "release", "theft", "incident", "run"]

#: Measures of one policy.
MAX_MEASURES = 16


class _Measure(Section):
    """When a measure is in force, and for whom."""

    ACTS_ON: ClassVar[Step]

    start: Annotated[Number, q.DATE] = q.DATE.constant(1950.0)
    """Year from which the measure is in force, the scenario's start if left out; with a trigger, the earliest year."""
    trigger: Trigger | None = None
    """Event that starts the measure, if it is not to start at a date: the first emergence of a capability (by
    training), release of open weights, theft or incident, or the end of the first run of at least `trigger_compute`."""
    trigger_capability: Name | None = None
    """The capability whose event is meant; else any dangerous one for an emergence, and any for the others."""
    trigger_compute: Annotated[Number, q.COMPUTE_LIMIT] = q.COMPUTE_LIMIT.constant(INFINITY)
    """Compute of the run that is meant by the trigger `run`."""
    delay: Annotated[Number, q.YEARS] = q.YEARS.constant(0.0)
    """From the trigger, or the date if there is none, until the measure is in force."""
    end: Annotated[Number, q.END] = q.END.constant(INFINITY)
    """Year in which the measure ends."""
    duration: Annotated[Number, q.LONG] = q.LONG.constant(INFINITY)
    """How long the measure is in force, unless it ends before."""
    classes: Annotated[list[Name], Field(min_length=1)] | None = None
    """Actor classes that the measure binds; all if left out."""
    compliance: Annotated[Number, q.FRACTION] = q.FRACTION.constant(1.0)
    """Probability that an actor of these classes obeys, drawn once an actor. What a measure changes in a whole class
    it changes by the average over the class's members."""


class ComputeCap(_Measure):
    """A largest training run. What an actor could train beyond it is left untrained."""

    ACTS_ON = Step.RUNS
    measure: Literal["compute_cap"]
    max_compute: Annotated[Number, q.COMPUTE_LIMIT] = q.COMPUTE_LIMIT.constant(INFINITY)
    """The largest run."""
    relative_cap: Annotated[Number, q.MULTIPLE] = q.MULTIPLE.constant(INFINITY)
    """The largest run, as a multiple of the largest run that was finished before it begins."""


class Licensing(_Measure):
    """A licence for runs of at least a threshold: they start later. Their weights may be evaluated before release."""

    ACTS_ON = Step.RUNS
    measure: Literal["licensing"]
    threshold: Annotated[Number, q.COMPUTE_LIMIT]
    """Run compute, as planned, from which on a licence is needed."""
    licence_delay: Annotated[Number, q.YEARS]
    """How much later such a run begins; it then uses what the actor has by then."""
    release_delay: Annotated[Number, q.LONG] = q.LONG.constant(0.0)
    """How much later the weights of such a run may be released (evaluation)."""
    detection_probability: Annotated[Number, q.FRACTION] = q.FRACTION.constant(0.0)
    """Probability that the evaluation finds a dangerous capability; weights with one that is found are not released."""


class ExportControl(_Measure):
    """Chips cost the classes more and reach them later, but for what leaks."""

    ACTS_ON = Step.TIMELINES
    measure: Literal["export_control"]
    price_multiplier: Annotated[Number, q.FACTOR] = q.FACTOR.constant(0.0)
    """How much more a chip costs that does not leak."""
    added_procurement_lag: Annotated[Number, q.YEARS] = q.YEARS.constant(0.0)
    """How much later a generation reaches the class, if none leak."""
    leakage: Annotated[Number, q.FRACTION] = q.FRACTION.constant(0.0)
    """Share of the class's chips that it gets at the price and time as without the control (smuggling, rental)."""


class PublicationControl(_Measure):
    """Breakthroughs of the classes are kept secret more often, and reach other classes later."""

    ACTS_ON = Step.TIMELINES
    measure: Literal["publication_control"]
    least_secrecy: Annotated[Number, q.FRACTION] = q.FRACTION.constant(0.0)
    """Probability, at least, with which a breakthrough is kept secret."""
    lag_multiplier: Annotated[Number, q.SPEED] = q.SPEED.constant(1.0)
    """How many times longer others need to take up a breakthrough, published or secret."""


class OpenWeightsLimit(_Measure):
    """Open weights are released later or not at all, above a threshold or when an evaluation finds a danger."""

    ACTS_ON = Step.SPREAD
    measure: Literal["open_weights_limit"]
    threshold: Annotated[Number, q.COMPUTE_LIMIT] = q.COMPUTE_LIMIT.constant(10.0)
    """Training compute from which on a model's weights are bound."""
    release_delay: Annotated[Number, q.LONG] = q.LONG.constant(0.0)
    """How much later weights are released; infinite forbids the release while the measure is in force."""
    detection_probability: Annotated[Number, q.FRACTION] = q.FRACTION.constant(0.0)
    """Probability that an evaluation before release finds a dangerous capability; weights with one that is found
    are not released while the measure is in force."""


class SecurityStandard(_Measure):
    """Holders of capabilities prevent at least a given share of theft."""

    ACTS_ON = Step.SPREAD
    measure: Literal["security_standard"]
    least_security: Annotated[Number, q.FRACTION]
    """Share of theft that a holder prevents, at least."""


class CapabilityReporting(_Measure):
    """Holders report dangerous capabilities, so that authorities learn of them sooner."""

    ACTS_ON = Step.HARM
    measure: Literal["capability_reporting"]
    learning_speed: Annotated[Number, q.SPEED]
    """How many times faster authorities learn of what an actor that is bound and obeys has trained."""


class DefenceProgramme(_Measure):
    """Defences against attempts by the classes are built faster and work better."""

    ACTS_ON = Step.HARM
    measure: Literal["defence_programme"]
    defence_speed: Annotated[Number, q.SPEED] = q.SPEED.constant(1.0)
    """How many times faster a defence is built. One defence serves against all attackers: its speed is the average over
    the members of classes that attempt misuse."""
    added_effectiveness: Annotated[Number, q.FRACTION] = q.FRACTION.constant(0.0)
    """Share of attempts by the classes that the programme prevents, of those that a ready defence does not."""


class PublicCompute(_Measure):
    """Infrastructure support, such as a national research cloud: a larger budget for runs, beyond the ceiling too."""

    ACTS_ON = Step.RUNS
    measure: Literal["public_compute"]
    budget_multiplier: Annotated[Number, q.FACTOR]
    """How much larger the budget of a run is."""


class ResearchFunding(_Measure):
    """More talent in the classes: they find more breakthroughs."""

    ACTS_ON = Step.TIMELINES
    measure: Literal["research_funding"]
    research_multiplier: Annotated[Number, q.RATIO]
    """How many times more breakthroughs the class finds a year."""
    crowding_out: Annotated[Number, q.FRACTION] = q.FRACTION.constant(0.0)
    """Share of the added (or cut) talent that is drawn from (or goes to) all classes in proportion: 0 adds to the
    world's research, 1 leaves its rate as it was."""


Measure = Annotated[
    ComputeCap
    | Licensing
    | ExportControl
    | PublicationControl
    | OpenWeightsLimit
    | SecurityStandard
    | CapabilityReporting
    | DefenceProgramme
    | PublicCompute
    | ResearchFunding,
    Field(discriminator="measure"),
]
#: The kinds by name, in the order of docs/governance.md.
MEASURES: dict[str, type[_Measure]] = {
    get_args(kind.model_fields["measure"].annotation)[0]: kind for kind in get_args(get_args(Measure)[0])
}


class Policy(Section):
    """A named list of governance measures, played beside the baseline with the same luck."""

    description: str = ""
    """What the policy is."""
    measures: Annotated[list[Measure], Field(min_length=1, max_length=MAX_MEASURES)]
    """The measures, each begun with its kind: `measure: licensing`."""

    def named_measures(self) -> Iterator[tuple[str, Measure]]:
        """(name, measure) of each: its kind, and from the second of a kind on its number, as `licensing_2`."""
        seen: dict[str, int] = {}
        for measure in self.measures:
            seen[measure.measure] = number = seen.get(measure.measure, 0) + 1
            yield (measure.measure if number == 1 else f"{measure.measure}_{number}"), measure
