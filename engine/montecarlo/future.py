"""The arrays of one future under the Monte Carlo clock, reused for the next one."""

from __future__ import annotations

import math
from typing import Annotated, NamedTuple

import numpy as np

from engine.montecarlo.arrays import Floats, Ints, allocate
from engine.montecarlo.room import all_runs_possible, events_possible, runs_possible, thefts_possible, usual_runs
from engine.rules.compiled import kernel, rule
from engine.rules.luck import Luck
from engine.rules.regime import Regime, new_regime
from engine.rules.world import Policy, World
from engine.scenario import Policies, Scenario, Worlds

ROUTES = ("trained", "open_weights", "stolen", "distilled")
TRAINED, OPEN_WEIGHTS, STOLEN, DISTILLED, NO_ROUTE = 0, 1, 2, 3, -1

#: Actors whose runs are processed together, to fill vector registers.
BATCH = 16

#: Values of `event_finder` for events that no class found.
CHIPS, FORMAT = -1, -2

#: Value of `bests` for a class whose best models are not set.
UNRANKED = -1

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
    "services",
    "hosted_incidents",
    "newcomers",
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
    SERVICES,
    HOSTED_INCIDENTS,
    NEWCOMERS,
) = range(13)


class Exogenous(NamedTuple):
    """The part that no actor changes: chips, algorithms, budgets and requirements.

    e counts events of the world (releases, formats, breakthroughs), n steps of a class.
    """

    events: Annotated[Ints, "1"]  # events of the world
    event_time: Annotated[Floats, "e"]  # time of the event, rising
    event_progress: Annotated[Floats, "e"]  # OOM of price-performance that it adds
    event_invariant: Annotated[Floats, "e"]  # OOM of scale-invariant algorithmic efficiency
    event_scaled: Annotated[Floats, "e"]  # OOM of scale-dependent algorithmic efficiency
    event_lag: Annotated[Floats, "e"]  # mean lag of a breakthrough, for a class of absorption 1
    crossing_lag: Annotated[Floats, "e"]  # scratch: that on its way to one class
    event_finder: Annotated[Ints, "e"]  # address of the class that found a breakthrough; CHIPS or FORMAT for hardware
    event_class: Annotated[Ints, "e"]  # that class; set for breakthroughs
    next_time: Annotated[Floats, "c"]  # scratch: time of the next breakthrough of the class
    next_number: Annotated[Ints, "c"]  # scratch: that breakthrough's number
    event_number: Annotated[Ints, "e"]  # its number among its finder's breakthroughs, or among the formats
    step_time: Annotated[Floats, "c n"]  # time at which an event reaches the class, rising
    step_event: Annotated[Ints, "c n"]  # index of the event
    step_progress: Annotated[Floats, "c n"]  # sum over the first n steps
    step_invariant: Annotated[Floats, "c n"]
    step_scaled: Annotated[Floats, "c n"]
    budget: Annotated[Floats, "c y"]  # log10 US$ at the yearly knots
    requirement: Annotated[Floats, "k"]  # log10 effective FLOP


class Setting(NamedTuple):
    """The setting of a future: its address, its world, the policy, and the grid on which it is counted."""

    luck: Luck
    world: World
    policy: Policy
    thresholds: Floats  # (threshold,) log10 FLOP, rising
    time_step: float  # of the time grid, years


class Members(NamedTuple):
    """Some actors of one class, whose runs are processed together."""

    c: int  # class
    first: int  # index of the first of them in the class
    members: int
    actor: int  # index of the first of them among all actors


class Batch(NamedTuple):
    """Runs r of a batch of actors of one class, actor by actor."""

    first_run: Annotated[Ints, "b"]
    pauses: Annotated[Floats, "b p"]  # years before runs
    begun: Annotated[Floats, "r"]
    fixed: Annotated[Floats, "r"]  # time at which what the run uses is fixed
    budget_of_run: Annotated[Floats, "r"]  # log10 US$
    elicitation: Annotated[Floats, "r"]  # of the run's actor, OOM
    progress: Annotated[Floats, "r"]  # OOM that the class has from chips at that time
    invariant: Annotated[Floats, "r"]  # and from algorithms
    scaled: Annotated[Floats, "r"]
    compute: Annotated[Floats, "r"]  # log10 FLOP
    reached: Annotated[Floats, "r"]  # log10 effective FLOP
    offer: Annotated[Floats, "r"]  # probability of hosting from which it is offered as a service
    band: Annotated[Ints, "r"]  # thresholds that the run's compute reaches
    grid_step: Annotated[Ints, "r"]  # step of the time grid in which it finishes


class Ledger(NamedTuple):
    """All finished runs l, in any order between actors; those of one actor in order of time.

    The capabilities of a model are the bits of a whole number (`engine.rules.emergence`).
    """

    attained: Annotated[Ints, "a"]  # capabilities that the actor attains by training
    runs: Annotated[Ints, "1"]  # runs so far, also those without room
    of_class: Annotated[Ints, "l"]  # class of its actor
    actor: Annotated[Ints, "l"]
    number: Annotated[Ints, "l"]  # among the runs of the actor, from 0
    begun: Annotated[Floats, "l"]  # decimal year
    finished: Annotated[Floats, "l"]
    compute: Annotated[Floats, "l"]  # log10 FLOP
    reached: Annotated[Floats, "l"]  # log10 effective FLOP
    cost: Annotated[Floats, "l"]  # log10 US$; set if money is recorded
    publication: Annotated[Floats, "l"]  # openness from which its weights are published
    offers: Annotated[Ints, "l"]  # what its developer wants to do with its model (`engine.montecarlo.offers`)
    capabilities: Annotated[Ints, "l"]  # of its model
    distilled: Annotated[Ints, "l"]  # those of them that it would lack without distillation
    order: Annotated[Ints, "l"]  # scratch: runs in the order in which they emerge
    releases: Annotated[Ints, "1"]  # releases that may give a class a capability, the first of those below
    released: Annotated[Floats, "l"]  # time of each release of weights
    released_compute: Annotated[Floats, "l"]  # log10 FLOP of its model
    released_capabilities: Annotated[Ints, "l"]
    # models with a capability that were the best of their class when they were finished, or UNRANKED
    bests: Annotated[Ints, "c"]
    best: Annotated[Ints, "c l"]  # the run of each, by time


class ActorState(NamedTuple):
    """Actors a, class by class: the progress of each, and the time of its next run."""

    of_class: Annotated[Ints, "a"]  # class
    first_actor: Annotated[Ints, "c"]  # of the class
    offset: Annotated[Floats, "a"]  # of the log budget from the class's
    elicitation: Annotated[Floats, "a"]  # OOM
    tokens: Annotated[Floats, "c"]  # log10 tokens at the start
    next_time: Annotated[Floats, "a"]  # begin of the next run, or its planned begin before it has a licence
    filed: Annotated[Floats, "a"]  # time at which the next run was filed for its licence; inf before
    fixed: Annotated[Floats, "a"]  # time at which what it uses was fixed; inf for its start
    runs: Annotated[Ints, "a"]  # finished
    finished: Annotated[Floats, "2 a"]  # ends of the last two runs, inf once they are in `largest`
    finished_compute: Annotated[Floats, "2 a"]  # their log10 FLOP
    largest: Annotated[Floats, "1"]  # log10 FLOP of the largest run so far


class Models(NamedTuple):
    """Models trained."""

    best: Annotated[Floats, "c j"]  # effective compute of the best model so far; -inf for none
    runs_above: Annotated[Ints, "t j"]  # models so far: band 0 all, band i those above threshold i - 1
    run_trigger: Annotated[Floats, "m"]  # end of the first run of the size that starts the measure


class Paths(NamedTuple):
    """Values recorded at whole years y from the start, on request; without rows otherwise.

    Actors are counted by S for the sizes of models, and by A for all else.
    """

    best: Annotated[Floats, "A Y"]  # effective compute of the actor's best model so far; -inf for none
    spending: Annotated[Floats, "C j"]  # US$ its members have spent on runs begun so far, by point of the time grid
    reaching: Annotated[Ints, "K t Y"]  # models so far that have the capability, by thresholds reached
    runs: Annotated[Ints, "S"]  # runs so far
    capabilities: Annotated[Ints, "A"]  # of the actor's models so far
    run_end: Annotated[Floats, "A N"]  # end of each
    run_reached: Annotated[Floats, "A N"]  # its effective compute
    # actors that have attained by training so far, by thresholds of that run
    attaining: Annotated[Ints, "K t Y"]
    largest: Annotated[Floats, "S Y"]  # log10 FLOP of the actor's largest model so far; -inf for none
    first_above: Annotated[Floats, "S T"]  # end of the actor's first run above it, inf for never
    # models with open weights so far: band 0 all, band i those above threshold i - 1
    open_number: Annotated[Ints, "t J"]
    open_largest: Annotated[Floats, "Y"]  # log10 FLOP of the largest of them
    first_open_above: Annotated[Floats, "T"]  # first time at which the weights of a model above it are open


class Attainments(NamedTuple):
    """Attainments: times and routes."""

    trained_time: Annotated[Floats, "k a"]
    first_theft: Annotated[Floats, "k"]  # first theft of a model that gives the thief the capability
    holds: Annotated[Floats, "c"]  # time from which the class has any capability by training
    stolen: Annotated[Ints, "1"]  # models that thieves gained a capability by, the first of those below
    thief_class: Annotated[Ints, "s"]  # class of the thief
    thief: Annotated[Ints, "s"]  # its number among the real actors of the class
    stolen_use: Annotated[Floats, "s"]  # time from which it can run the model
    stolen_compute: Annotated[Floats, "s"]  # log10 FLOP
    stolen_capabilities: Annotated[Ints, "s"]  # capabilities that the thief has in no other stolen model
    group_since: Annotated[Floats, "g"]  # scratch of `engine.montecarlo.access`: access of groups of real actors
    group_standing: Annotated[Ints, "g"]  # the number of real actors in each
    group_entered: Annotated[Floats, "g"]  # their entry
    group_step: Annotated[Ints, "g"]  # the step of the time grid of their access
    first_release: Annotated[Floats, "k"]  # first release of weights that have the capability
    first_compute: Annotated[Floats, "k"]  # log10 FLOP of that model
    class_trained: Annotated[Floats, "c k"]  # first trained attainment of a class
    class_distilled: Annotated[Ints, "c k"]  # 1 if it was possible by distillation alone
    first_served: Annotated[Floats, "c k"]  # first service for the class with the capability; set for distillation
    served: Annotated[Floats, "a k"]  # first model with the capability that the actor offers as a service
    served_harmless: Annotated[Floats, "a k"]  # the same without a dangerous capability
    uses: Annotated[Ints, "c k"]  # periods of use of the class by services
    use_start: Annotated[Floats, "c k u"]  # begin of each
    use_end: Annotated[Floats, "c k u"]  # end of each, at most the horizon
    class_open: Annotated[Floats, "c k"]  # access by open weights
    class_stolen: Annotated[Floats, "c k"]  # first use of a stolen model that gives a member access
    class_time: Annotated[Floats, "c k"]  # first attainment by any route
    class_route: Annotated[Ints, "c k"]  # its route, or NO_ROUTE


class Harms(NamedTuple):
    """Defence, harm and benefit."""

    reported: Annotated[Floats, "m"]  # time from which a bound actor that obeys has a capability by training
    ready: Annotated[Floats, "k"]  # time of the defence
    first_incident: Annotated[Floats, "k"]
    incidents: Annotated[Ints, "k"]  # by actors with access
    hosted_incidents: Annotated[Ints, "k"]  # by users of services
    annual_loss: Annotated[Ints, "x"]  # of all incidents, thousands of US$
    hosted_loss: Annotated[Ints, "1"]  # of incidents by users of services, thousands of US$
    benefit: Annotated[Ints, "1"]  # of access and of use, thousands of US$
    hosted_benefit: Annotated[Ints, "1"]  # of use by services, thousands of US$


class Future(NamedTuple):
    """One future. Times are decimal years, inf for never; compute and money are log10.

    c counts classes, k capabilities, a actors (class by class), j points of the time grid, m measures.
    """

    regime: Regime
    exogenous: Exogenous
    batch: Batch
    ledger: Ledger
    actors: ActorState
    models: Models
    paths: Paths
    attainments: Attainments
    harms: Harms
    counted: Ints  # (len(COUNTED),) events, by kind


def new_future(
    scenario: Scenario, worlds: Worlds, policies: Policies, *, sizes: bool = False, paths: bool = False
) -> Future:
    """Arrays for futures of `scenario` in any of `worlds`, under any of `policies` (world, policy).

    With `sizes` the sizes of models are recorded year by year, with `paths` everything is.
    """
    events = events_possible(worlds, policies)
    actors, classes = sum(member.simulated for member in scenario.actor_classes.values()), len(scenario.actor_classes)
    measures = int(policies.n_measures.max())
    years, sizes = math.ceil(scenario.horizon - scenario.start), sizes or paths
    thefts = thefts_possible(worlds)
    lengths = {
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
        "u": measures + 1,
        "s": thefts,
        "g": actors + thefts,
        "A": actors if paths else 0,
        "C": classes if paths else 0,
        "K": len(scenario.capabilities) if paths else 0,
        "S": actors if sizes else 0,
        "J": len(scenario.time_grid) if sizes else 0,
        "T": len(scenario.output.flop_thresholds),
        "Y": len(scenario.years),
        "N": runs_possible(scenario, worlds),
        "l": all_runs_possible(scenario, worlds),
        "p": usual_runs(scenario, worlds),
        "r": BATCH * runs_possible(scenario, worlds),
        "t": len(scenario.output.flop_thresholds) + 1,
    }
    return Future(
        new_regime(measures, actors, classes),
        allocate(Exogenous, lengths),
        allocate(Batch, lengths),
        allocate(Ledger, lengths),
        allocate(ActorState, lengths),
        allocate(Models, lengths),
        allocate(Paths, lengths),
        allocate(Attainments, lengths),
        allocate(Harms, lengths),
        np.zeros(len(COUNTED), np.int64),
    )


@rule
def grid_step(years: float, step: float) -> int:
    """The step of a time grid with an event `years` after the start; a step includes its end.

    An event on a point of the grid belongs to the step that ends there, despite rounding.
    """
    return math.ceil(years / step - 1e-9)


@kernel
def thresholds_reached(compute: float, thresholds: Floats) -> int:
    """The number of `thresholds` that a run of `compute` reaches, all log10 FLOP."""
    band = 0
    for threshold in thresholds:
        band += compute >= threshold
    return band


@kernel
def first_of(times: Floats) -> int:
    """The index of the earliest of `times` (n,), n at least 1; the first among equals."""
    first = 0
    for n in range(1, times.size):
        if times[n] < times[first]:
            first = n
    return first
