"""The parts of a scenario: every key, its meaning, its unit and its possible range.

The docstring under a key is its documentation; `scripts/make_scenario_reference.py` writes `docs/scenario.md` from it.
A key with a default may be left out: every default switches its mechanism off, so that a short scenario is a simple
one. The key is also the name of the field of a world record (`engine.scenario.worlds`).
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from engine.scenario import quantities as q
from engine.scenario.numbers import Number
from engine.scenario.quantities import INFINITY
from engine.scenario.section import FORMAT_NAME, Name, Section

MAX_CLASSES = 16
MAX_CAPABILITIES = 32
MAX_FORMATS = 8
MAX_ACTORS = 10_000
MAX_POLICIES = 32
MAX_THRESHOLDS = 16
MAX_RELATIONS = 16


class NumberFormat(Section):
    """A number format that a later chip generation may ship, such as FP4."""

    name: Annotated[str, Field(pattern=FORMAT_NAME)]
    """The format's name."""
    format_gain: Annotated[Number, q.FACTOR]
    """Gain in throughput once training uses the format."""
    format_adoption_lag: Annotated[Number, q.YEARS] = q.YEARS.constant(0.0)
    """From the first chip with the format to its use in training."""


class Hardware(Section):
    """Price-performance of AI chips."""

    price_performance: Annotated[Number, q.PRICE_PERFORMANCE]
    """Training FLOP for one US$ at the start, at full utilisation."""
    price_decline: Annotated[Number, q.IMPROVEMENT] = q.IMPROVEMENT.constant(0.0)
    """Steady growth of price-performance between generations, as prices fall."""
    release_gap_mean: Annotated[Number, q.GAP] = q.GAP.constant(INFINITY)
    """Mean gap between chip generations (Gamma); the first begins at the start."""
    release_gap_cv: Annotated[Number, q.SPREAD] = q.SPREAD.constant(0.0)
    """Coefficient of variation (sd / mean) of the gap."""
    generation_gain_mean: Annotated[Number, q.SIZE] = q.SIZE.constant(0.0)
    """Gain of a generation without its number format: location of a Normal truncated at 0."""
    generation_gain_sd: Annotated[Number, q.SIZE] = q.SIZE.constant(0.0)
    """Scale of the same truncated Normal."""
    price_performance_ceiling: Annotated[Number, q.PRICE_CEILING] = q.PRICE_CEILING.constant(INFINITY)
    """Physical ceiling of price-performance; gains shrink linearly towards it."""
    format_probability: Annotated[Number, q.FRACTION] = q.FRACTION.constant(0.0)
    """Probability that a generation ships the next format of `formats`."""
    formats: Annotated[list[NumberFormat], Field(max_length=MAX_FORMATS)] = []
    """Number formats still to come, in order of shipment."""


class Algorithms(Section):
    """Algorithmic efficiency: a public trend and breakthroughs."""

    efficiency_trend: Annotated[Number, q.IMPROVEMENT] = q.IMPROVEMENT.constant(0.0)
    """Steady growth of algorithmic efficiency, for every actor at once."""
    efficiency_headroom: Annotated[Number, q.HEADROOM] = q.HEADROOM.constant(INFINITY)
    """Efficiency left to gain at the start; gains shrink linearly towards this ceiling."""
    breakthrough_rate: Annotated[Number, q.RATE] = q.RATE.constant(0.0)
    """Breakthroughs worldwide; a class finds its research share of them."""
    small_gain_mean: Annotated[Number, q.SIZE] = q.SIZE.constant(0.0)
    """Mean efficiency gain of a small breakthrough (Exponential)."""
    major_gain_mean: Annotated[Number, q.SIZE] = q.SIZE.constant(0.0)
    """The same for a major breakthrough."""
    major_probability: Annotated[Number, q.FRACTION] = q.FRACTION.constant(0.0)
    """Probability that a breakthrough is major."""
    inference_trend: Annotated[Number, q.IMPROVEMENT] = q.IMPROVEMENT.constant(0.0)
    """Steady growth of the efficiency of running a given model, for every actor at once."""
    data_share: Annotated[Number, q.FRACTION] = q.FRACTION.constant(0.0)
    """Share of efficiency gains that also reduces the tokens needed (data efficiency)."""
    scale_dependent_probability: Annotated[Number, q.FRACTION] = q.FRACTION.constant(0.0)
    """Probability that a breakthrough gives its full gain only to large runs."""
    scale_floor: Annotated[Number, q.FLOOR] = q.FLOOR.constant(0.0)
    """Run compute from which a scale-dependent breakthrough gives its full gain."""
    below_floor_share: Annotated[Number, q.FRACTION] = q.FRACTION.constant(1.0)
    """Part of a scale-dependent gain for runs below the floor."""
    published_lag: Annotated[Number, q.YEARS] = q.YEARS.constant(0.0)
    """Mean lag (Exponential) until another class of absorption 1 uses a published breakthrough."""
    secret_lag: Annotated[Number, q.YEARS] = q.YEARS.constant(0.0)
    """The same for a secret breakthrough."""


class Investment(Section):
    """Quantities that all investors share."""

    common_shock_share: Annotated[Number, q.FRACTION] = q.FRACTION.constant(0.0)
    """Share of the variance of budget growth common to all classes (booms and winters)."""


class Parallelisation(Section):
    """Utilisation of a training cluster: u0 / (1 + (C / limit)^steepness)."""

    utilisation: Annotated[Number, q.UTILISATION] = q.UTILISATION.constant(0.0)
    """u0, of a run far below the limit (model FLOP utilisation)."""
    parallel_limit: Annotated[Number, q.COMPUTE_LIMIT] = q.COMPUTE_LIMIT.constant(INFINITY)
    """Run compute at which utilisation is halved, at the start."""
    parallel_limit_growth: Annotated[Number, q.IMPROVEMENT] = q.IMPROVEMENT.constant(0.0)
    """Growth of the limit."""
    parallel_steepness: Annotated[Number, q.POSITIVE_RATIO] = q.POSITIVE_RATIO.constant(1.0)
    """How sharply utilisation falls beyond the limit; above 1, dearer runs far beyond it shrink."""


class Data(Section):
    """Training data: need, stock, and the cost of a shortfall."""

    optimal_tokens: Annotated[Number, q.TOKENS] = q.TOKENS.constant(12.26)
    """Tokens for a compute-optimal run of 1e24 FLOP; C = 6 N D and D = 20 N give 1.8e12
    (Hoffmann et al. 2022)."""
    token_exponent: Annotated[Number, q.SPREAD] = q.SPREAD.constant(0.5)
    """OOM of tokens for each OOM of compute (Hoffmann et al. 2022: one half)."""
    token_stock: Annotated[Number, q.TOKENS] = q.TOKENS.constant(INFINITY)
    """Tokens open to every class at the start."""
    token_growth: Annotated[Number, q.GROWTH] = q.GROWTH.constant(0.0)
    """Growth of a class's stock, public and proprietary alike."""
    shortfall_penalty: Annotated[Number, q.RATIO] = q.RATIO.constant(0.0)
    """OOM of effective compute lost for each OOM of missing tokens."""


class Performance(Section):
    """A score for reports: linear in effective compute, or logistic with a ceiling."""

    score_origin: Annotated[Number, q.COMPUTE] = q.COMPUTE.constant(26.0)
    """Effective compute at which the linear score is 0, the logistic one half its ceiling."""
    score_slope: Annotated[Number, q.SLOPE] = q.SLOPE.constant(10.0)
    """Points for each OOM of effective compute; with a ceiling, at the origin."""
    score_ceiling: Annotated[Number, q.SCORE] = q.SCORE.constant(INFINITY)
    """The highest score; infinite makes the score linear."""


class ActorClass(Section):
    """Actors that are alike in budget, talent, habits and access to chips."""

    count: Annotated[int, Field(ge=1, le=MAX_ACTORS)]
    """Members at the start."""
    newcomers: Annotated[int, Field(ge=0, le=MAX_ACTORS)] = 0
    """Most members that enter later, as a Poisson process."""
    newcomer_rate: Annotated[Number, q.RATE] = q.RATE.constant(0.0)
    """Rate at which members enter at the start."""
    newcomer_growth: Annotated[Number, q.GROWTH] = q.GROWTH.constant(0.0)
    """Growth of that rate."""
    represents: Annotated[int, Field(ge=1, le=100_000)] = 1
    """Real actors for which each member stands. If several, the member is simulated as two actors: the luckiest of them
    in budget and elicitation together, and a typical one of the others."""
    budget: Annotated[Number, q.MONEY]
    """Cost of a training run at the start."""
    budget_growth: Annotated[Number, q.GROWTH] = q.GROWTH.constant(0.0)
    """Mean yearly growth of the budget."""
    budget_shock_sd: Annotated[Number, q.SIZE] = q.SIZE.constant(0.0)
    """Standard deviation of a year's growth about its mean."""
    budget_ceiling: Annotated[Number, q.CEILING] = q.CEILING.constant(INFINITY)
    """Limit to the growth of the class's budget."""
    budget_spread: Annotated[Number, q.SIZE] = q.SIZE.constant(0.0)
    """Standard deviation of budgets between actors."""
    procurement_lag: Annotated[Number, q.YEARS] = q.YEARS.constant(0.0)
    """From release to purchase of a chip generation."""
    research_share: Annotated[Number, q.RATIO] = q.RATIO.constant(0.0)
    """Weight in finding breakthroughs (talent)."""
    secrecy: Annotated[Number, q.FRACTION] = q.FRACTION.constant(0.0)
    """Probability that a breakthrough stays secret."""
    absorption: Annotated[Number, q.POSITIVE_RATIO] = q.POSITIVE_RATIO.constant(1.0)
    """Speed of taking up others' breakthroughs; divides the lags."""
    elicitation_mean: Annotated[Number, q.SHIFT] = q.SHIFT.constant(0.0)
    """Mean skill at eliciting performance from compute (talent)."""
    elicitation_sd: Annotated[Number, q.SIZE] = q.SIZE.constant(0.0)
    """Standard deviation of that skill between actors."""
    proprietary_tokens: Annotated[Number, q.NO_TOKENS] = q.NO_TOKENS.constant(-INFINITY)
    """Tokens at the start that only this class has."""
    entry_lag: Annotated[Number, q.YEARS] = q.YEARS.constant(0.0)
    """From the start to the first pause; the class does not train before."""
    run_duration: Annotated[Number, q.DURATION]
    """Duration of a training run."""
    run_pause: Annotated[Number, q.YEARS]
    """Mean pause (Exponential) before each training run."""
    openness: Annotated[Number, q.FRACTION] = q.FRACTION.constant(0.0)
    """Probability that an actor releases the weights of a model."""
    openness_dangerous: Annotated[Number, q.FRACTION] = q.FRACTION.constant(1.0)
    """Part of that probability left for a model with a dangerous capability."""
    openness_trend: Annotated[Number, q.GROWTH] = q.GROWTH.constant(0.0)
    """Growth of the odds of both probabilities."""
    release_lag: Annotated[Number, q.YEARS] = q.YEARS.constant(0.0)
    """From the end of a run to the release of open weights."""
    uptake_lag: Annotated[Number, q.YEARS] = q.YEARS.constant(0.0)
    """From when the class can run a model with open weights to its access."""
    runnable_compute: Annotated[Number, q.COMPUTE_LIMIT] = q.COMPUTE_LIMIT.constant(INFINITY)
    """Training compute of the largest model of others that the class can run at the start; two OOM more for each OOM of
    price-performance and of inference efficiency."""
    theft_rate: Annotated[Number, q.RATE] = q.RATE.constant(0.0)
    """Rate at which the class steals the best model of one unsecured class that has trained any capability."""
    security: Annotated[Number, q.FRACTION] = q.FRACTION.constant(0.0)
    """Share of theft that the class prevents as a holder."""
    hosting: Annotated[Number, q.FRACTION] = q.FRACTION.constant(0.0)
    """Probability that an actor offers others a model that it trained, as a service."""
    hosting_dangerous: Annotated[Number, q.FRACTION] = q.FRACTION.constant(1.0)
    """Part of that probability left for a model with a dangerous capability."""
    deployment_lag: Annotated[Number, q.YEARS] = q.YEARS.constant(0.0)
    """From the end of a run to the service."""
    safeguards: Annotated[Number, q.FRACTION] = q.FRACTION.constant(0.0)
    """Share of attempts at misuse through its services that the class stops."""
    detection_rate: Annotated[Number, q.RATE] = q.RATE.constant(0.0)
    """Rate at which the class, as a host, closes an attacker's account."""
    account_lag: Annotated[Number, q.YEARS] = q.YEARS.constant(0.0)
    """Mean time until an attacker whose account was closed has another with the class."""
    attempt_rate: Annotated[Number, q.RATE] = q.RATE.constant(0.0)
    """Attempts to misuse a dangerous capability by each actor with access or use. Above 0 the class is malicious:
    exposure starts with its first access."""

    @property
    def present(self) -> int:
        """Simulated actors at the start."""
        return self.count * len(self._behind)

    @property
    def simulated(self) -> int:
        """Simulated actors, newcomers included."""
        return len(self.weights)

    @property
    def real(self) -> int:
        """Real actors for which they stand."""
        return sum(self.weights)

    @property
    def weights(self) -> list[int]:
        """The number of real actors for which each simulated actor stands, newcomers included."""
        return list(self._behind.values()) * (self.count + self.newcomers)

    def actor_names(self, name: str) -> list[str]:
        """The names of the simulated actors of this class, called `name`."""
        members = range(self.count + self.newcomers)
        return [f"{name} {member + 1}{which}" for member in members for which in self._behind]

    @property
    def _behind(self) -> dict[str, int]:
        """What is added to the name of a member for each actor that is simulated for it, and that actor's weight."""
        return {"": 1} if self.represents == 1 else {" luckiest": 1, " typical": self.represents - 1}


class Capability(Section):
    """A capability, which emerges at its requirement in effective compute."""

    kind: Literal["dangerous", "valuable"]
    """Hazard or benefit."""
    description: str = ""
    """What an actor with it can do."""
    requirement: Annotated[Number, q.COMPUTE]
    """Centre of the effective compute at which it emerges, with the algorithms of the start."""
    requirement_spread: Annotated[Number, q.SIZE] = q.SIZE.constant(0.0)
    """Standard deviation of the requirement between futures of a world, alike for all actors."""
    least_compute: Annotated[Number, q.FLOOR] = q.FLOOR.constant(0.0)
    """Training compute, as counted, below which no algorithm reaches it."""
    after: Annotated[list[Name], Field(max_length=MAX_CAPABILITIES)] = []
    """Capabilities without which no model has it: it emerges at the highest of their requirements and its own."""
    learning_lag: Annotated[Number, q.YEARS] = q.YEARS.constant(0.0)
    """Mean lag (Exponential) from first attainment until authorities learn of a dangerous capability."""
    defence_duration: Annotated[Number, q.LONG] = q.LONG.constant(INFINITY)
    """Mean time (Gamma) to build a defence once authorities have learned; infinite for none."""
    defence_duration_cv: Annotated[Number, q.SPREAD] = q.SPREAD.constant(0.0)
    """Coefficient of variation of that time."""
    defence_effectiveness: Annotated[Number, q.FRACTION] = q.FRACTION.constant(0.0)
    """Share of otherwise successful attempts that a ready defence prevents."""
    defence_lead_speed: Annotated[Number, q.RATIO] = q.RATIO.constant(0.0)
    """Speed-up of building the defence, as a share, for each OOM by which the best model outside malicious classes
    exceeds the requirement when authorities learn."""
    success_probability: Annotated[Number, q.FRACTION] = q.FRACTION.constant(0.0)
    """Probability that an attempt at misuse succeeds without a defence: an incident."""
    loss_median: Annotated[Number, q.AMOUNT] = q.AMOUNT.constant(-INFINITY)
    """Median loss of an incident (lognormal)."""
    loss_sd: Annotated[Number, q.SIZE] = q.SIZE.constant(0.0)
    """Standard deviation of the log10 loss of an incident."""
    loss_tail_start: Annotated[Number, q.CEILING] = q.CEILING.constant(INFINITY)
    """Loss at which a Pareto tail starts; infinite for none."""
    loss_tail_index: Annotated[Number, q.POSITIVE_RATIO] = q.POSITIVE_RATIO.constant(2.0)
    """Index a of the Pareto tail: the probability of exceeding a loss x falls as x^-a."""
    benefit_rate: Annotated[Number, q.EARNINGS] = q.EARNINGS.constant(-INFINITY)
    """Benefit of a valuable capability for each actor with access or use."""


class Relation(Section):
    """What differs from one group of classes to another."""

    of: Annotated[list[Name], Field(min_length=1)]
    """Classes that find, hold or host."""
    to: Annotated[list[Name], Field(min_length=1)]
    """Classes that take up, steal or use."""
    lag_factor: Annotated[Number, q.RATIO] = q.RATIO.constant(1.0)
    """Factor on the mean time until a breakthrough of the former reaches the latter."""
    theft_factor: Annotated[Number, q.RATIO] = q.RATIO.constant(1.0)
    """Factor on the rate at which the latter steal from the former."""
    serves: bool = True
    """Whether the former's services are open to the latter."""


class Distillation(Section):
    """Learning from others' models that are hosted for the class, or open."""

    distillation_gain_hosted: Annotated[Number, q.SIZE] = q.SIZE.constant(0.0)
    """Effective compute that a run needs less for a capability hosted for its class."""
    distillation_gain_open: Annotated[Number, q.SIZE] = q.SIZE.constant(0.0)
    """The same for a capability with open weights; the larger counts."""
    distillation_lag: Annotated[Number, q.YEARS] = q.YEARS.constant(0.0)
    """From first use, or release, to the start of a run that gains."""


class Emergence(Section):
    """What requirements have in common."""

    common_deviation_share: Annotated[Number, q.FRACTION] = q.FRACTION.constant(0.0)
    """Share of the variance of requirements between futures that is common to all capabilities."""


class Harm(Section):
    """Losses of all incidents."""

    loss_ceiling: Annotated[Number, q.MONEY] = q.MONEY.constant(15.0)
    """Largest loss of an incident; the default is about ten years of gross world product."""


class Output(Section):
    """Grids of the results."""

    time_step: Annotated[float, Field(ge=0.02, le=5.0)] = 0.25
    """Years between points of the `time` dimension."""
    flop_thresholds: Annotated[list[float], Field(min_length=1, max_length=MAX_THRESHOLDS)] = [
        1e23,
        1e24,
        1e25,
        1e26,
        1e27,
        1e28,
        1e29,
    ]
    """Training compute thresholds for counts of models, in FLOP, rising."""
    investments: Annotated[list[float], Field(min_length=1, max_length=16)] = [1e5, 1e6, 1e7, 1e8, 1e9, 1e10]
    """Fixed investments in a training run, in US$, rising."""
    quantiles: Annotated[list[float], Field(min_length=1, max_length=99)] = [0.05, 0.25, 0.5, 0.75, 0.95]
    """Probabilities of the `quantile` dimension, rising."""
    risk_levels: Annotated[list[float], Field(min_length=1, max_length=16)] = [0.9, 0.95, 0.99]
    """Levels of value at risk and expected shortfall, rising."""


class Correlation(Section):
    """A rank correlation (Spearman) between two uncertain numbers."""

    between: Annotated[list[str], Field(min_length=2, max_length=2)]
    """Their dotted keys, such as `hardware.release_gap_mean`."""
    rank: Annotated[float, Field(gt=-1.0, lt=1.0)]
    """Spearman's rank correlation of the numbers as written."""


#: The position of a number in its field.
Position = tuple[int, ...]
