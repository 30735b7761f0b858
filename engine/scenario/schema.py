"""What a scenario may say: every key, its meaning, its unit and its possible range.

The docstring under a key is its documentation; `scripts/make_scenario_reference.py` writes
`docs/scenario.md` from it. A key with a default may be left out: every default switches its
mechanism off, so that a short scenario is a simple one. The key is also the name of the field of
a world record (`engine.scenario.worlds`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, PrivateAttr

from engine.scenario.numbers import Number, Quantity
from engine.scenario.units import (
    COMPUTE,
    FACTOR,
    FRACTION,
    GROWTH,
    MONEY,
    OOM,
    PLAIN,
    PRICE_PERFORMANCE,
    RATE,
    SCORE,
    SCORE_SLOPE,
    TOKENS,
    UTILISATION,
    YEARS,
)

INFINITY = float("inf")

MAX_CLASSES = 16
MAX_CAPABILITIES = 32
MAX_FORMATS = 8
MAX_ACTORS = 10_000

_MONEY = Quantity(MONEY, 0.0, 15.0)
_CEILING = Quantity(MONEY, 0.0, INFINITY)
_COMPUTE = Quantity(COMPUTE, 10.0, 60.0)
_COMPUTE_LIMIT = Quantity(COMPUTE, 10.0, INFINITY)
_FLOOR = Quantity(COMPUTE, 0.0, 60.0)
_PRICE_PERFORMANCE = Quantity(PRICE_PERFORMANCE, 5.0, 30.0)
_PRICE_CEILING = Quantity(PRICE_PERFORMANCE, 5.0, INFINITY)
_GROWTH = Quantity(GROWTH, -0.302, 3.0)
_IMPROVEMENT = Quantity(GROWTH, 0.0, 3.0)
_SIZE = Quantity(OOM, 0.0, 10.0)
_SHIFT = Quantity(OOM, -10.0, 10.0)
_FACTOR = Quantity(FACTOR, 0.0, 6.0)
_YEARS = Quantity(YEARS, 0.0, 100.0)
_GAP = Quantity(YEARS, 0.05, INFINITY)
_DURATION = Quantity(YEARS, 0.01, 20.0)
_RATE = Quantity(RATE, 0.0, 1000.0)
_FRACTION = Quantity(FRACTION, 0.0, 1.0)
_UTILISATION = Quantity(UTILISATION, -4.0, 0.0)
_TOKENS = Quantity(TOKENS, 0.0, INFINITY)
_NO_TOKENS = Quantity(TOKENS, -INFINITY, INFINITY)
_SPREAD = Quantity(PLAIN, 0.0, 3.0)
_RATIO = Quantity(PLAIN, 0.0, 100.0)
_POSITIVE_RATIO = Quantity(PLAIN, 0.01, 100.0)
_SCORE = Quantity(SCORE, 0.0, INFINITY, above_low=True)
_SLOPE = Quantity(SCORE_SLOPE, 0.0, 1e6, above_low=True)


#: The patterns that names must match, and how an error says so.
NAME = r"^[A-Za-z][A-Za-z0-9_]{0,39}$"
FORMAT_NAME = r"^[A-Za-z][A-Za-z0-9_.-]{0,39}$"
SCENARIO_NAME = r"^[^/\\\x00-\x1f\x7f]{0,255}$"
NAMES = {
    NAME: "use letters, digits and _, a letter first, at most 40 characters",
    FORMAT_NAME: "use letters, digits and _ . -, a letter first, at most 40 characters",
    SCENARIO_NAME: "it names the results file too, so leave out slashes and control characters",
}


class Section(BaseModel):
    """A part of a scenario: unknown keys are refused, values do not change."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, use_attribute_docstrings=True, arbitrary_types_allowed=True
    )

    source: str = ""
    """Where the numbers of this part come from, or why they are assumed."""

    def numbers(self) -> Iterator[tuple[str, Number]]:
        """(key, number) of this part, in the order of the schema."""
        for key in type(self).model_fields:
            value = getattr(self, key)
            if isinstance(value, Number):
                yield key, value


class NumberFormat(Section):
    """A number format that a later chip generation may ship, such as FP4."""

    name: Annotated[str, Field(pattern=FORMAT_NAME)]
    """The format's name."""
    format_gain: Annotated[Number, _FACTOR]
    """How much more throughput training has once it uses the format."""
    format_adoption_lag: Annotated[Number, _YEARS] = _YEARS.constant(0.0)
    """From the first chip that ships the format to training that uses it."""


class Hardware(Section):
    """Price-performance of AI chips: generations, number formats, price decline, a ceiling."""

    price_performance: Annotated[Number, _PRICE_PERFORMANCE]
    """FLOP bought by one US$ of training spend at the start, at full utilisation."""
    price_decline: Annotated[Number, _IMPROVEMENT] = _IMPROVEMENT.constant(0.0)
    """Steady growth of price-performance between generations."""
    release_gap_mean: Annotated[Number, _GAP] = _GAP.constant(INFINITY)
    """Mean gap between chip generations; the gap is Gamma distributed. The first gap begins at the start."""
    release_gap_cv: Annotated[Number, _SPREAD] = _SPREAD.constant(0.0)
    """Coefficient of variation (sd / mean) of the gap; 0 makes generations regular."""
    generation_gain_mean: Annotated[Number, _SIZE] = _SIZE.constant(0.0)
    """Price-performance gained by a generation without its number format: location of a Normal truncated at 0."""
    generation_gain_sd: Annotated[Number, _SIZE] = _SIZE.constant(0.0)
    """Scale of the same truncated Normal."""
    price_performance_ceiling: Annotated[Number, _PRICE_CEILING] = _PRICE_CEILING.constant(INFINITY)
    """Physical ceiling of price-performance: gains shrink linearly as it is neared."""
    format_probability: Annotated[Number, _FRACTION] = _FRACTION.constant(0.0)
    """Probability that a generation ships the next format of `formats`."""
    formats: Annotated[list[NumberFormat], Field(max_length=MAX_FORMATS)] = []
    """Number formats still to come, in the order in which they are shipped."""


class Algorithms(Section):
    """Algorithmic efficiency: a public trend, and breakthroughs found by classes."""

    efficiency_trend: Annotated[Number, _IMPROVEMENT] = _IMPROVEMENT.constant(0.0)
    """Steady growth of algorithmic efficiency that every actor has at once."""
    breakthrough_rate: Annotated[Number, _RATE] = _RATE.constant(0.0)
    """Breakthroughs a year in the whole world; a class finds its research share of them."""
    small_gain_mean: Annotated[Number, _SIZE] = _SIZE.constant(0.0)
    """Mean efficiency gain of a small breakthrough (Exponential)."""
    major_gain_mean: Annotated[Number, _SIZE] = _SIZE.constant(0.0)
    """Mean efficiency gain of a major breakthrough (Exponential)."""
    major_probability: Annotated[Number, _FRACTION] = _FRACTION.constant(0.0)
    """Probability that a breakthrough is major."""
    data_share: Annotated[Number, _FRACTION] = _FRACTION.constant(0.0)
    """Share of every efficiency gain that is data efficiency, so that fewer tokens do."""
    scale_dependent_probability: Annotated[Number, _FRACTION] = _FRACTION.constant(0.0)
    """Probability that a breakthrough gives its full gain only to large runs."""
    scale_floor: Annotated[Number, _FLOOR] = _FLOOR.constant(0.0)
    """Run compute from which a scale-dependent breakthrough gives its full gain."""
    below_floor_share: Annotated[Number, _FRACTION] = _FRACTION.constant(1.0)
    """Part of a scale-dependent gain that runs below the floor have."""
    published_lag: Annotated[Number, _YEARS] = _YEARS.constant(0.0)
    """Mean lag (Exponential) until another class of absorption 1 uses a published breakthrough."""
    secret_lag: Annotated[Number, _YEARS] = _YEARS.constant(0.0)
    """Mean lag (Exponential) until another class of absorption 1 uses a secret breakthrough."""


class Investment(Section):
    """What all investors share."""

    common_shock_share: Annotated[Number, _FRACTION] = _FRACTION.constant(0.0)
    """Share of the variance of yearly budget growth that is common to all classes (booms and winters)."""


class Parallelisation(Section):
    """Utilisation of a training cluster: u0 / (1 + (C / limit)^steepness)."""

    utilisation: Annotated[Number, _UTILISATION] = _UTILISATION.constant(0.0)
    """Utilisation u0 of a run far below the limit (model FLOP utilisation)."""
    parallel_limit: Annotated[Number, _COMPUTE_LIMIT] = _COMPUTE_LIMIT.constant(INFINITY)
    """Run compute at which utilisation is halved, at the start."""
    parallel_limit_growth: Annotated[Number, _IMPROVEMENT] = _IMPROVEMENT.constant(0.0)
    """Growth of the limit."""
    parallel_steepness: Annotated[Number, _POSITIVE_RATIO] = _POSITIVE_RATIO.constant(1.0)
    """How sharply utilisation falls beyond the limit. Above 1, a run far beyond it is smaller the more it costs."""


class Data(Section):
    """Training data: what a compute-optimal run needs, what there is, what a shortfall costs."""

    optimal_tokens: Annotated[Number, _TOKENS] = _TOKENS.constant(12.26)
    """Tokens that a compute-optimal run of 1e24 FLOP needs; from C = 6 N D and D = 20 N it is 1.8e12
    (Hoffmann et al. 2022)."""
    token_exponent: Annotated[Number, _SPREAD] = _SPREAD.constant(0.5)
    """OOM of tokens needed for each OOM of compute (Hoffmann et al. 2022: one half)."""
    token_stock: Annotated[Number, _TOKENS] = _TOKENS.constant(INFINITY)
    """Tokens open to every class at the start."""
    token_growth: Annotated[Number, _GROWTH] = _GROWTH.constant(0.0)
    """Growth of a class's stock, public and proprietary alike."""
    shortfall_penalty: Annotated[Number, _RATIO] = _RATIO.constant(0.0)
    """OOM of effective compute lost for each OOM of missing tokens."""


class Performance(Section):
    """A score for reports: linear in effective compute, or logistic under a ceiling."""

    score_origin: Annotated[Number, _COMPUTE] = _COMPUTE.constant(26.0)
    """Effective compute where the linear score is 0, and the logistic score half its ceiling."""
    score_slope: Annotated[Number, _SLOPE] = _SLOPE.constant(10.0)
    """Score gained by an OOM of effective compute; under a ceiling, at the origin."""
    score_ceiling: Annotated[Number, _SCORE] = _SCORE.constant(INFINITY)
    """The highest score; infinite makes the score linear."""


class ActorClass(Section):
    """A class of actors that share budget, talent, habits and access to chips."""

    count: Annotated[int, Field(ge=1, le=MAX_ACTORS)]
    """Members simulated one by one."""
    represents: Annotated[int, Field(ge=1, le=100_000)] = 1
    """Real actors that one simulated member stands for, in counts of actors and of models. A class attains when
    its first simulated member does, so fewer members that represent more make the class later than it would be."""
    budget: Annotated[Number, _MONEY]
    """What one training run of the class costs at the start."""
    budget_growth: Annotated[Number, _GROWTH] = _GROWTH.constant(0.0)
    """Mean yearly growth of the budget."""
    budget_shock_sd: Annotated[Number, _SIZE] = _SIZE.constant(0.0)
    """Standard deviation of a year's growth about its mean."""
    budget_ceiling: Annotated[Number, _CEILING] = _CEILING.constant(INFINITY)
    """The class's budget grows no further than this."""
    budget_spread: Annotated[Number, _SIZE] = _SIZE.constant(0.0)
    """Standard deviation between the class's actors; an actor keeps its offset."""
    procurement_lag: Annotated[Number, _YEARS] = _YEARS.constant(0.0)
    """From the release of a chip generation until the class can buy it."""
    research_share: Annotated[Number, _RATIO] = _RATIO.constant(0.0)
    """Weight of the class in finding breakthroughs (talent); weights are divided by their sum."""
    secrecy: Annotated[Number, _FRACTION] = _FRACTION.constant(0.0)
    """Probability that the class keeps a breakthrough secret."""
    absorption: Annotated[Number, _POSITIVE_RATIO] = _POSITIVE_RATIO.constant(1.0)
    """How fast the class takes up others' breakthroughs: lags are divided by it."""
    elicitation_mean: Annotated[Number, _SHIFT] = _SHIFT.constant(0.0)
    """Mean skill of the class's actors in getting performance out of compute (talent)."""
    elicitation_sd: Annotated[Number, _SIZE] = _SIZE.constant(0.0)
    """Standard deviation of that skill between the class's actors."""
    proprietary_tokens: Annotated[Number, _NO_TOKENS] = _NO_TOKENS.constant(-INFINITY)
    """Tokens only this class has, at the start."""
    run_duration: Annotated[Number, _DURATION]
    """How long a training run takes."""
    run_pause: Annotated[Number, _YEARS]
    """Mean pause (Exponential) before each training run."""
    openness: Annotated[Number, _FRACTION] = _FRACTION.constant(0.0)
    """Probability that an actor releases the weights of a model that attained a capability."""
    release_lag: Annotated[Number, _YEARS] = _YEARS.constant(0.0)
    """From attainment to the release of open weights."""
    uptake_lag: Annotated[Number, _YEARS] = _YEARS.constant(0.0)
    """From a release of open weights until the class has access by them."""
    runnable_compute: Annotated[Number, _COMPUTE_LIMIT] = _COMPUTE_LIMIT.constant(INFINITY)
    """Training compute of the largest open model the class can run at the start; grows two OOM for
    each OOM of price-performance."""
    theft_rate: Annotated[Number, _RATE] = _RATE.constant(0.0)
    """Rate at which the class steals a capability from one unsecured class that holds it."""
    security: Annotated[Number, _FRACTION] = _FRACTION.constant(0.0)
    """Share of theft that the class prevents as a holder."""


class Capability(Section):
    """A capability that emerges at its requirement in effective compute."""

    kind: Literal["dangerous", "valuable"]
    """Whether the capability is a hazard or a benefit; many are both, and are listed once as each."""
    description: str = ""
    """What an actor with the capability can do."""
    requirement: Annotated[Number, _COMPUTE]
    """Centre of the effective compute (in FLOP with the algorithms of the start) at which it emerges."""
    requirement_spread: Annotated[Number, _SIZE] = _SIZE.constant(0.0)
    """Standard deviation of the requirement between futures of one world, the same for all actors."""


class Output(Section):
    """Grids of the results."""

    time_step: Annotated[float, Field(ge=0.02, le=5.0)] = 0.25
    """Years between points of the `time` dimension."""
    flop_thresholds: Annotated[list[float], Field(min_length=1, max_length=16)] = [
        1e23,
        1e24,
        1e25,
        1e26,
        1e27,
        1e28,
        1e29,
    ]
    """Training compute thresholds for counts of models, in FLOP, rising."""
    quantiles: Annotated[list[float], Field(min_length=1, max_length=99)] = [0.05, 0.25, 0.5, 0.75, 0.95]
    """Probabilities of the `quantile` dimension, rising."""


class Correlation(Section):
    """A rank correlation (Spearman) between two uncertain numbers."""

    between: Annotated[list[str], Field(min_length=2, max_length=2)]
    """The two numbers by their dotted keys, such as `hardware.release_gap_mean`."""
    rank: Annotated[float, Field(gt=-1.0, lt=1.0)]
    """Spearman's rank correlation of the numbers as written."""


Name = Annotated[str, Field(pattern=NAME)]


class Scenario(Section):
    """A whole scenario: what a user writes, validated. Made by `load_scenario` or `parse_scenario`."""

    name: Annotated[str, Field(pattern=SCENARIO_NAME)] = ""
    """A short name; the file's name if left out."""
    description: str = ""
    """What the scenario is for."""
    start: Annotated[float, Field(ge=1950.0, le=2200.0)]
    """Beginning of the simulated time, in decimal years."""
    horizon: Annotated[float, Field(ge=1950.0, le=2300.0)]
    """End of the simulated time, in decimal years."""
    hardware: Hardware
    """Price-performance of chips."""
    algorithms: Algorithms = Algorithms()
    """Algorithmic efficiency."""
    investment: Investment = Investment()
    """What investors share."""
    parallelisation: Parallelisation = Parallelisation()
    """Utilisation of large clusters."""
    data: Data = Data()
    """Training data."""
    performance: Performance = Performance()
    """The score for reports."""
    actor_classes: Annotated[dict[Name, ActorClass], Field(min_length=1, max_length=MAX_CLASSES)]
    """Actor classes by name."""
    capabilities: Annotated[dict[Name, Capability], Field(min_length=1, max_length=MAX_CAPABILITIES)]
    """Capabilities by name."""
    correlations: Annotated[list[Correlation], Field(max_length=100)] = []
    """Rank correlations between uncertain numbers; all others are independent."""
    output: Output = Output()
    """Grids of the results."""

    SECTIONS: ClassVar[tuple[str, ...]] = (
        "hardware",
        "algorithms",
        "investment",
        "parallelisation",
        "data",
        "performance",
    )

    _text: str = PrivateAttr(default="")
    _yaml: str = PrivateAttr(default="")
    _file: str = PrivateAttr(default="")

    @property
    def text(self) -> str:
        """The scenario as written, with the files it extends; empty if it was not read from a file."""
        return self._text

    @property
    def yaml(self) -> str:
        """The scenario as one YAML file, with what it extends merged in: it loads as the same scenario."""
        return self._yaml

    @property
    def file(self) -> str:
        """The path the scenario was loaded from, or empty."""
        return self._file

    @property
    def class_names(self) -> list[str]:
        """Names of the actor classes, in order."""
        return list(self.actor_classes)

    @property
    def capability_names(self) -> list[str]:
        """Names of the capabilities, in order."""
        return list(self.capabilities)

    def number_paths(self) -> Iterator[tuple[str, str, int, Number]]:
        """(dotted path, world field, position in the field, number) of every number."""
        for section in self.SECTIONS:
            for key, number in getattr(self, section).numbers():
                yield f"{section}.{key}", key, -1, number
        for position, shipped in enumerate(self.hardware.formats):
            for key, number in shipped.numbers():
                yield f"hardware.formats.{shipped.name}.{key}", key, position, number
        for group in ("actor_classes", "capabilities"):
            for position, (name, member) in enumerate(getattr(self, group).items()):
                for key, number in member.numbers():
                    yield f"{group}.{name}.{key}", key, position, number

    def uncertain(self) -> dict[str, Number]:
        """The numbers that are drawn once a world, by dotted path."""
        return {path: number for path, _, _, number in self.number_paths() if not number.is_constant}

    @property
    def time_grid(self) -> np.ndarray[Any, np.dtype[np.float64]]:
        """Decimal years of the `time` dimension, from the start to the horizon, float64 (time,)."""
        steps = max(1, round((self.horizon - self.start) / self.output.time_step))
        return np.linspace(self.start, self.horizon, steps + 1)
