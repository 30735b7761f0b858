"""Governance measures: the kinds, their keys, and the part of the model that each acts on.

A measure is a few numbers, each a lever of `engine.rules.governance`; a kind that needs no new lever is one class here
(docs/governance.md shows how).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal, Union, get_args

from pydantic import Field

from engine.registry import registered
from engine.rules.governance import LEVERS
from engine.rules.regime import Step
from engine.scenario import quantities as q
from engine.scenario.measure import Measure
from engine.scenario.numbers import Number
from engine.scenario.quantities import INFINITY
from engine.scenario.section import Name, Section

#: Most measures of one policy; one that changes at dates counts once for each of its parts.
MAX_MEASURES = 16


class ComputeCap(Measure):
    """A limit to the compute of a run; what exceeds it stays unused."""

    ACTS_ON = Step.RUNS
    measure: Literal["compute_cap"]
    max_compute: Annotated[Number, q.COMPUTE_LIMIT] = q.COMPUTE_LIMIT.constant(INFINITY)
    """The largest run allowed."""
    relative_cap: Annotated[Number, q.MULTIPLE] = q.MULTIPLE.constant(INFINITY)
    """The same, as a multiple of the largest run finished before it begins."""


class Licensing(Measure):
    """A licence delays runs at or above a threshold. Their models may be evaluated before use."""

    ACTS_ON = Step.RUNS
    measure: Literal["licensing"]
    threshold: Annotated[Number, q.COMPUTE_LIMIT]
    """Planned run compute from which a licence is needed."""
    licence_delay: Annotated[Number, q.YEARS]
    """Delay of such a run."""
    sized_at: Literal["filing", "start"] = "filing"
    """When the money, chips, algorithms and data of a waiting run are fixed; measures bind as of its start. The later
    start makes a run larger: a short delay can bring a capability forward."""
    release_delay: Annotated[Number, q.LONG] = q.LONG.constant(0.0)
    """Delay of the release of its weights (evaluation)."""
    detection_probability: Annotated[Number, q.FRACTION] = q.FRACTION.constant(0.0)
    """Probability that the evaluation finds a dangerous capability, which forbids release and service while in
    force."""


class ExportControl(Measure):
    """Chips are dearer and later, except those that leak."""

    ACTS_ON = Step.TIMELINES
    measure: Literal["export_control"]
    price_multiplier: Annotated[Number, q.FACTOR] = q.FACTOR.constant(0.0)
    """Factor on the price of a chip that does not leak."""
    added_procurement_lag: Annotated[Number, q.YEARS] = q.YEARS.constant(0.0)
    """Added delay of a chip generation, if no chips leak."""
    leakage: Annotated[Number, q.FRACTION] = q.FRACTION.constant(0.0)
    """Share of the class's chips that escape (smuggling, rental): old price, old date."""


class PublicationControl(Measure):
    """Breakthroughs are secret more often and reach others later."""

    ACTS_ON = Step.TIMELINES
    measure: Literal["publication_control"]
    least_secrecy: Annotated[Number, q.FRACTION] = q.FRACTION.constant(0.0)
    """Least probability that a breakthrough stays secret."""
    lag_multiplier: Annotated[Number, q.SPEED] = q.SPEED.constant(1.0)
    """Factor on the time until others take up a breakthrough, published or secret."""


class OpenWeightsLimit(Measure):
    """Weights are released later or not at all."""

    ACTS_ON = Step.SPREAD
    measure: Literal["open_weights_limit"]
    threshold: Annotated[Number, q.COMPUTE_LIMIT] = q.COMPUTE_LIMIT.constant(10.0)
    """Training compute from which the limit binds."""
    release_delay: Annotated[Number, q.LONG] = q.LONG.constant(0.0)
    """Delay of the release; infinite forbids it while in force."""
    detection_probability: Annotated[Number, q.FRACTION] = q.FRACTION.constant(0.0)
    """Probability that an evaluation finds a dangerous capability, which stops the release."""


class SecurityStandard(Measure):
    """Holders of capabilities prevent more theft."""

    ACTS_ON = Step.SPREAD
    measure: Literal["security_standard"]
    least_security: Annotated[Number, q.FRACTION]
    """Least share of theft that a holder prevents."""


class HostingSafeguards(Measure):
    """Hosts prevent more misuse of their services."""

    ACTS_ON = Step.SPREAD
    measure: Literal["hosting_safeguards"]
    least_safeguards: Annotated[Number, q.FRACTION] = q.FRACTION.constant(0.0)
    """Least share of attempts at misuse that a host stops."""
    least_detection_rate: Annotated[Number, q.RATE] = q.RATE.constant(0.0)
    """Least rate at which a host closes an attacker's account."""
    least_account_lag: Annotated[Number, q.YEARS] = q.YEARS.constant(0.0)
    """Least mean time until an attacker whose account was closed has another (identification of customers)."""
    refusal: Annotated[Number, q.FRACTION] = q.FRACTION.constant(0.0)
    """Share of attackers that a host refuses as customers (know your customer)."""
    withdraws_dangerous: bool = False
    """Whether a host offers no model with a dangerous capability."""
    refuses: Annotated[list[Name], Field(min_length=1)] | None = None
    """Actor classes that a host does not serve."""


class DistillationLimits(Measure):
    """Hosts limit what others can learn from their services, such as by limits on use and hidden reasoning."""

    ACTS_ON = Step.SPREAD
    measure: Literal["distillation_limits"]
    distillation_limit: Annotated[Number, q.FRACTION]
    """Share of the gain from a hosted model that is lost."""


class CapabilityReporting(Measure):
    """Holders report dangerous capabilities, or are evaluated for them: authorities learn sooner."""

    ACTS_ON = Step.HARM
    measure: Literal["capability_reporting"]
    learning_speed: Annotated[Number, q.SPEED] = q.SPEED.constant(1.0)
    """Factor on the speed at which authorities learn of a capability trained by a bound actor that obeys."""
    foresight: Annotated[Number, q.SIZE] = q.SIZE.constant(0.0)
    """How near a model must be to a dangerous capability, in OOM of effective and of least training compute, for an
    evaluation at the end of its run to show it before anyone has it."""
    foresight_probability: Annotated[Number, q.FRACTION] = q.FRACTION.constant(0.0)
    """Probability that evaluations of an actor show it, drawn once for each actor and capability. Authorities then
    know, and the defence starts."""


class DefenceProgramme(Measure):
    """Defences against attempts by the classes are built faster and work better."""

    ACTS_ON = Step.HARM
    measure: Literal["defence_programme"]
    defence_speed: Annotated[Number, q.SPEED] = q.SPEED.constant(1.0)
    """Factor on the speed of building a defence, averaged over members of malicious classes."""
    added_effectiveness: Annotated[Number, q.FRACTION] = q.FRACTION.constant(0.0)
    """Share of their attempts past a ready defence that the programme stops."""


class PublicCompute(Measure):
    """Infrastructure support, such as a national research cloud: a larger budget for runs, beyond the ceiling too."""

    ACTS_ON = Step.RUNS
    measure: Literal["public_compute"]
    budget_multiplier: Annotated[Number, q.FACTOR]
    """Factor on the budget of a run."""


class ResearchFunding(Measure):
    """More talent, which finds more breakthroughs."""

    ACTS_ON = Step.TIMELINES
    measure: Literal["research_funding"]
    research_multiplier: Annotated[Number, q.RATIO]
    """Factor on the breakthroughs that the class finds a year."""
    crowding_out: Annotated[Number, q.FRACTION] = q.FRACTION.constant(0.0)
    """Share of added (cut) talent that comes from (goes to) all classes in proportion; 1 leaves the world's rate
    unchanged."""


#: The engine's own kinds, in the order of docs/governance.md.
OWN: tuple[type[Measure], ...] = (
    ComputeCap,
    Licensing,
    ExportControl,
    PublicationControl,
    OpenWeightsLimit,
    SecurityStandard,
    HostingSafeguards,
    DistillationLimits,
    CapabilityReporting,
    DefenceProgramme,
    PublicCompute,
    ResearchFunding,
)


def kind_of(model: type[Measure]) -> str:
    """The name of a kind of measure."""
    return str(get_args(model.model_fields["measure"].annotation)[0])


def _wrong(name: str, model: Any) -> str:
    """Why what another package registers cannot be a kind of measure; empty if it can."""
    if not (isinstance(model, type) and issubclass(model, Measure)):
        return f"must be a class derived from engine.scenario.measure.Measure, not {model!r}"
    if "measure" not in model.model_fields or get_args(model.model_fields["measure"].annotation) != (name,):
        return f"must declare measure: Literal[{name!r}]"
    if not isinstance(getattr(model, "ACTS_ON", None), Step):
        return "must declare the step that it acts on first, such as ACTS_ON = Step.RUNS"
    levers = set(model.model_fields) - set(Measure.model_fields) - {"measure"}
    if unknown := sorted(levers - set(LEVERS)) or (["none"] if not levers else []):
        return f"must use the engine's levers ({', '.join(LEVERS)}), not {', '.join(unknown)}"
    return ""


_OWN = {kind_of(model): model for model in OWN}
#: All kinds by name, those of other packages last.
MEASURES: dict[str, type[Measure]] = _OWN | registered("engine.measures", frozenset(_OWN), _wrong)
#: A measure of any kind, identified by its name.
AnyMeasure: Any = Annotated[Union[tuple(MEASURES.values())], Field(discriminator="measure")]  # noqa: UP007


class Policy(Section):
    """A named list of governance measures."""

    description: str = ""
    """The policy in words."""
    measures: Annotated[list[AnyMeasure], Field(min_length=1, max_length=MAX_MEASURES)]
    """Each begins with its kind: `measure: licensing`."""

    @property
    def entries(self) -> int:
        """The number of parts of measures: a measure that changes at dates has one for each stretch between them."""
        return sum(len(measure.stretches()) for measure in self.measures)

    def named_measures(self) -> Iterator[tuple[str, Measure]]:
        """(name, measure) of each: its kind, with a number from the second of a kind, such as `licensing_2`."""
        seen: dict[str, int] = {}
        for measure in self.measures:
            seen[measure.measure] = number = seen.get(measure.measure, 0) + 1
            yield (measure.measure if number == 1 else f"{measure.measure}_{number}"), measure
