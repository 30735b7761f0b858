"""What the Monte Carlo clock keeps of one future: arrays, used again for the next one."""

from __future__ import annotations

import math
from typing import Annotated, NamedTuple

import numpy as np

from engine.montecarlo.arrays import Bools, Floats, Ints, allocate
from engine.rules.compiled import kernel, rule
from engine.rules.luck import Luck
from engine.rules.regime import Regime, new_regime
from engine.rules.world import Policy, World
from engine.scenario import Policies, Scenario, Worlds

ROUTES = ("trained", "open_weights", "stolen")
TRAINED, OPEN_WEIGHTS, STOLEN, NO_ROUTE = 0, 1, 2, -1

#: Actors whose runs are taken together, to fill vector registers.
BATCH = 16

#: Kinds of events in `event_finder` that no class found.
CHIPS, FORMAT = -1, -2

COUNTED = (
    "releases",
    "breakthroughs",
    "runs",
    "trained",
    "weight_releases",
    "thefts",
    "waits",
    "postponed",
    "incidents",
    "measures",
)
(
    RELEASES,
    BREAKTHROUGHS,
    RUNS,
    TRAINED_ATTAINMENTS,
    WEIGHT_RELEASES,
    THEFTS,
    WAITS,
    POSTPONED,
    INCIDENTS,
    MEASURES,
) = range(10)


class Exogenous(NamedTuple):
    """What no actor changes: chips, algorithms, budgets and requirements.

    e counts events of the world (releases, formats, breakthroughs), n steps of a class.
    """

    events: Annotated[Ints, "1"]  # events of the world
    event_time: Annotated[Floats, "e"]  # when it happens, rising
    event_progress: Annotated[Floats, "e"]  # OOM of price-performance it brings
    event_invariant: Annotated[Floats, "e"]  # OOM of scale-invariant algorithmic efficiency
    event_scaled: Annotated[Floats, "e"]  # OOM of scale-dependent algorithmic efficiency
    event_lag: Annotated[Floats, "e"]  # mean lag of a breakthrough, for a class of absorption 1
    event_finder: Annotated[Ints, "e"]  # address of the class that found a breakthrough; CHIPS or FORMAT for hardware
    next_time: Annotated[Floats, "c"]  # scratch: when the class finds its next breakthrough
    next_number: Annotated[Ints, "c"]  # scratch: that breakthrough's number
    event_number: Annotated[Ints, "e"]  # its number among its finder's breakthroughs, or among the formats
    step_time: Annotated[Floats, "c n"]  # when an event reaches the class, rising
    step_event: Annotated[Ints, "c n"]  # which event
    step_progress: Annotated[Floats, "c n"]  # sum of what the first n steps bring
    step_invariant: Annotated[Floats, "c n"]
    step_scaled: Annotated[Floats, "c n"]
    budget: Annotated[Floats, "c y"]  # log10 US$ at the yearly knots
    requirement: Annotated[Floats, "k"]  # log10 effective FLOP
    by_requirement: Annotated[Ints, "k"]  # capabilities in rising order of requirement


class Setting(NamedTuple):
    """What a future is played in: its address, its world, the policy, and the grid on which it is counted."""

    luck: Luck
    world: World
    policy: Policy
    thresholds: Floats  # (threshold,) log10 FLOP, rising
    time_step: float  # of the time grid, years


class Members(NamedTuple):
    """Some actors of one class, whose runs are trained together."""

    c: int  # class
    first: int  # the first of them in the class
    members: int
    actor: int  # the first of them among all actors


class Run(NamedTuple):
    """A finished training run."""

    begun: float  # decimal year
    finished: float
    cost: float  # log10 US$
    compute: float  # log10 FLOP
    reached: float  # log10 effective FLOP
    band: int  # thresholds that its compute reaches


class Batch(NamedTuple):
    """Runs r of a batch of actors of one class, actor by actor."""

    first_run: Annotated[Ints, "b"]
    pauses: Annotated[Floats, "b p"]  # years before runs
    begun: Annotated[Floats, "r"]
    budget_of_run: Annotated[Floats, "r"]  # log10 US$
    elicitation: Annotated[Floats, "r"]  # of the run's actor, OOM
    progress: Annotated[Floats, "r"]  # what the class has had from chips when the run begins, in OOM
    invariant: Annotated[Floats, "r"]  # and from algorithms
    scaled: Annotated[Floats, "r"]
    compute: Annotated[Floats, "r"]  # log10 FLOP
    reached: Annotated[Floats, "r"]  # log10 effective FLOP
    band: Annotated[Ints, "r"]  # thresholds that the run's compute reaches
    grid_step: Annotated[Ints, "r"]  # step of the time grid in which it finishes


class ActorState(NamedTuple):
    """Actors a, class by class: how far each has come, and when it begins its next run."""

    of_class: Annotated[Ints, "a"]  # class
    first_actor: Annotated[Ints, "c"]  # of the class
    offset: Annotated[Floats, "a"]  # of the log budget from the class's
    elicitation: Annotated[Floats, "a"]  # OOM
    tokens: Annotated[Floats, "c"]  # log10 tokens at the start
    next_time: Annotated[Floats, "a"]  # when the next run begins, or was planned to before it got a licence
    licensed: Annotated[Bools, "a"]  # whether the next run has its licence
    runs: Annotated[Ints, "a"]  # finished
    climbed: Annotated[Ints, "a"]  # capabilities attained, in rising order of requirement
    finished: Annotated[Floats, "2 a"]  # ends of the last two runs, inf once they are in `largest`
    finished_compute: Annotated[Floats, "2 a"]  # their log10 FLOP
    largest: Annotated[Floats, "1"]  # log10 FLOP of the largest run so far


class Models(NamedTuple):
    """Models trained."""

    best: Annotated[Floats, "c j"]  # effective compute of the best model so far; -inf for none
    runs_above: Annotated[Ints, "t j"]  # models so far: band 0 all, band i those above threshold i - 1
    run_trigger: Annotated[Floats, "m"]  # end of the first run of the size that starts the measure


class Paths(NamedTuple):
    """What is followed at whole years y from the start, on request; without rows if it is not."""

    best: Annotated[Floats, "A Y"]  # effective compute of the actor's best model so far; -inf for none
    spending: Annotated[Floats, "C j"]  # US$ its members have spent on runs begun so far, by point of the time grid
    reaching: Annotated[Ints, "R t Y"]  # models so far by how many capabilities they reach and how many thresholds
    runs: Annotated[Ints, "A"]  # runs so far
    run_end: Annotated[Floats, "A N"]  # when each finished
    run_reached: Annotated[Floats, "A N"]  # its effective compute
    reached: Annotated[Floats, "A"]  # effective compute of the actor's best model, whenever it was finished
    # actors that have attained by training so far, by thresholds of the run that did
    attaining: Annotated[Ints, "K t Y"]
    largest: Annotated[Floats, "A Y"]  # log10 FLOP of the actor's largest model so far; -inf for none
    first_above: Annotated[Floats, "A T"]  # when the actor finished its first model above it, inf for never
    # models with open weights so far: band 0 all, band i those above threshold i - 1
    open_number: Annotated[Ints, "t J"]
    open_largest: Annotated[Floats, "Y"]  # log10 FLOP of the largest of them
    first_open_above: Annotated[Floats, "T"]  # when the weights of a model above it are first open


class Attainments(NamedTuple):
    """Who has which capability since when, and how."""

    trained_time: Annotated[Floats, "k a"]
    trained_compute: Annotated[Floats, "k a"]  # log10 FLOP of the run that attained
    released: Annotated[Floats, "a"]  # releases of weights that have one capability, inf for none
    first_release: Annotated[Floats, "k"]  # first release of weights that have the capability
    class_trained: Annotated[Floats, "c k"]  # first trained attainment of a class
    class_open: Annotated[Floats, "c k"]  # access by open weights
    class_stolen: Annotated[Floats, "c k"]
    thief: Annotated[Ints, "c k"]  # member that attainments what was stolen
    class_time: Annotated[Floats, "c k"]  # first attainment by any route
    class_route: Annotated[Ints, "c k"]  # its route, or NO_ROUTE


class Harms(NamedTuple):
    """Defence, harm and benefit."""

    reported: Annotated[Floats, "m"]  # since when a bound actor that obeys holds a capability by training
    ready: Annotated[Floats, "k"]  # when a defence is
    since: Annotated[Floats, "a"]  # scratch: when members of a class attainments access, rising
    first_incident: Annotated[Floats, "k"]
    incidents: Annotated[Ints, "k"]
    annual_loss: Annotated[Ints, "x"]  # thousands of US$
    benefit: Annotated[Ints, "1"]  # thousands of US$


class Future(NamedTuple):
    """One future. Times are decimal years, inf for never; compute and money are log10.

    c counts classes, k capabilities, a actors (class by class), j points of the time grid, m measures.
    """

    regime: Regime
    exogenous: Exogenous
    batch: Batch
    actors: ActorState
    models: Models
    paths: Paths
    attainments: Attainments
    harms: Harms
    counted: Ints  # (len(COUNTED),) events, by kind


def new_future(scenario: Scenario, worlds: Worlds, policies: Policies, paths: bool = False) -> Future:
    """Arrays for futures of `scenario` in any of `worlds`, under any of `policies` (world, policy).

    With `paths` they are followed year by year.
    """
    events = _events_possible(worlds, policies)
    actors, classes = sum(member.count for member in scenario.actor_classes.values()), len(scenario.actor_classes)
    measures = int(policies.n_measures.max())
    years = math.ceil(scenario.horizon - scenario.start)
    sizes = {
        "c": classes,
        "k": len(scenario.capabilities),
        "a": actors,
        "j": len(scenario.time_grid),
        "y": years + 1,
        "x": years,
        "1": 1,
        "2": 2,
        "e": events,
        "n": events + 1,
        "b": BATCH + 1,
        "m": measures,
        "A": actors if paths else 0,
        "C": classes if paths else 0,
        "R": len(scenario.capabilities) + 1 if paths else 0,
        "K": len(scenario.capabilities) if paths else 0,
        "J": len(scenario.time_grid) if paths else 0,
        "T": len(scenario.output.flop_thresholds),
        "Y": len(scenario.years),
        "N": _runs_possible(scenario, worlds),
        "p": _usual_runs(scenario, worlds),
        "r": BATCH * _runs_possible(scenario, worlds),
        "t": len(scenario.output.flop_thresholds) + 1,
    }
    return Future(
        new_regime(measures, actors, classes),
        allocate(Exogenous, sizes),
        allocate(Batch, sizes),
        allocate(ActorState, sizes),
        allocate(Models, sizes),
        allocate(Paths, sizes),
        allocate(Attainments, sizes),
        allocate(Harms, sizes),
        np.zeros(len(COUNTED), np.int64),
    )


def _runs_possible(scenario: Scenario, worlds: Worlds) -> int:
    """More runs than an actor can begin before the horizon, pauses or none."""
    classes = len(scenario.actor_classes)
    return math.ceil((scenario.horizon - scenario.start) / worlds.run_duration[:, :classes].min()) + 2


def _usual_runs(scenario: Scenario, worlds: Worlds) -> int:
    """Runs of an actor that are drawn at once: what most need, in whole vector registers."""
    classes = len(scenario.actor_classes)
    cycle = (worlds.run_duration + worlds.run_pause)[:, :classes].mean()
    usual = (scenario.horizon - scenario.start) / cycle
    return min(8 * math.ceil((usual + math.sqrt(usual)) / 8.0), 512)


def _events_possible(worlds: Worlds, policies: Policies) -> int:
    """Events of a future in any of `worlds` under any of `policies`, short of a chance below 1e-20.

    Research funding multiplies the rate of all breakthroughs at most as it does that of the class it favours most.
    Counts of breakthroughs are Poisson and counts of generations are about Normal with variance cv^2 of their mean;
    both get their mean, 12 standard deviations and a reserve.
    """
    years = worlds.horizon - worlds.start
    multipliers = np.where(policies.binds == 1, np.maximum(policies.research_multiplier, 1.0)[..., np.newaxis], 1.0)
    funded = multipliers.prod(axis=-2).max(axis=(-2, -1))
    breakthroughs = worlds.breakthrough_rate * years * funded
    generations = years / worlds.release_gap_mean
    room = breakthroughs + 12.0 * np.sqrt(breakthroughs)
    room += generations + 12.0 * np.sqrt(generations) * np.maximum(worlds.release_gap_cv, 0.1)
    reserve = 64.0 * np.maximum(1.0, worlds.release_gap_cv**2) + worlds.n_formats
    return int(np.max(room + reserve))


@rule
def grid_step(years: float, step: float) -> int:
    """The step of a grid of time in which an event lies that is `years` after the start, its end included.

    An event on a point of the grid belongs to the step that ends there, rounding or not.
    """
    return math.ceil(years / step - 1e-9)


@kernel
def first_of(times: Floats) -> int:
    """Where the earliest of `times` (n,) stands, n at least 1; the first of several."""
    first = 0
    for n in range(1, times.size):
        if times[n] < times[first]:
            first = n
    return first


@kernel
def attain(c: int, k: int, a: int, finished: float, compute: float, attainments: Attainments, counted: Ints) -> None:
    """Enter that actor `a` of class `c` attains capability `k` by a run of `compute` (log10 FLOP)."""
    attainments.trained_time[k, a] = finished
    attainments.trained_compute[k, a] = compute
    attainments.class_trained[c, k] = min(attainments.class_trained[c, k], finished)
    counted[TRAINED_ATTAINMENTS] += 1


@rule
def access_since(attainments: Attainments, c: int, k: int, member: int, a: int) -> float:
    """Since when actor `a`, a `member` of class `c`, has access to capability `k`, by any route; inf for never."""
    since = min(attainments.trained_time[k, a], attainments.class_open[c, k])
    return min(since, attainments.class_stolen[c, k]) if member == attainments.thief[c, k] else since
