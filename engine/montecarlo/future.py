"""What the Monte Carlo clock keeps of one future: arrays, used again for the next one."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.rules.compiled import kernel, rule
from engine.rules.governance import Regime, new_regime
from engine.scenario import Policies, Scenario, Worlds

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

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


class Surroundings(NamedTuple):
    """What no actor changes: chips, algorithms, budgets and requirements.

    e counts events of the world (releases, formats, breakthroughs), n steps of a class.
    """

    events: Ints  # (1,) events of the world
    event_time: Floats  # (e,) when it happens, rising
    event_progress: Floats  # (e,) OOM of price-performance it brings
    event_invariant: Floats  # (e,) OOM of scale-invariant algorithmic efficiency
    event_scaled: Floats  # (e,) OOM of scale-dependent algorithmic efficiency
    event_lag: Floats  # (e,) mean lag of a breakthrough, for a class of absorption 1
    event_finder: Ints  # (e,) address of the class that found a breakthrough; CHIPS or FORMAT for hardware
    next_time: Floats  # (c,) scratch: when the class finds its next breakthrough
    next_number: Ints  # (c,) scratch: that breakthrough's number
    event_number: Ints  # (e,) its number among its finder's breakthroughs, or among the formats
    step_time: Floats  # (c, n) when an event reaches the class, rising
    step_event: Ints  # (c, n) which event
    step_progress: Floats  # (c, n) sum of what the first n steps bring
    step_invariant: Floats  # (c, n)
    step_scaled: Floats  # (c, n)
    budget: Floats  # (c, year) log10 US$ at the yearly knots
    requirement: Floats  # (k,) log10 effective FLOP
    by_requirement: Ints  # (k,) capabilities in rising order of requirement


class Batch(NamedTuple):
    """Runs r of a batch of actors of one class, actor by actor."""

    first_run: Ints  # (member,)
    pauses: Floats  # (member, p) years before runs
    begun: Floats  # (r,)
    budget_of_run: Floats  # (r,) log10 US$
    elicitation: Floats  # (r,) of the run's actor, OOM
    progress: Floats  # (r,) what the class has had from chips when the run begins, in OOM
    invariant: Floats  # (r,) and from algorithms
    scaled: Floats  # (r,)
    compute: Floats  # (r,) log10 FLOP
    reached: Floats  # (r,) log10 effective FLOP
    band: Ints  # (r,) thresholds that the run's compute reaches
    grid_step: Ints  # (r,) step of the time grid in which it finishes


class Line(NamedTuple):
    """Actors a, class by class: how far each has come, and when it begins its next run."""

    of_class: Ints  # (a,) class
    first_actor: Ints  # (c,) of the class
    offset: Floats  # (a,) of the log budget from the class's
    elicitation: Floats  # (a,) OOM
    tokens: Floats  # (c,) log10 tokens at the start
    next_time: Floats  # (a,) when the next run begins, or was planned to before it got a licence
    licensed: NDArray[np.bool_]  # (a,) whether the next run has its licence
    runs: Ints  # (a,) finished
    climbed: Ints  # (a,) capabilities attained, in rising order of requirement
    finished: Floats  # (2, a) ends of the last two runs, inf once they are in `largest`
    finished_compute: Floats  # (2, a) their log10 FLOP
    largest: Floats  # (1,) log10 FLOP of the largest run so far


class Models(NamedTuple):
    """Models trained."""

    best: Floats  # (c, j) effective compute of the best model so far; -inf for none
    number: Ints  # (band, j) models so far: band 0 all, band i those above threshold i - 1
    run_trigger: Floats  # (m,) end of the first run of the size that starts the measure


class Paths(NamedTuple):
    """What is followed at whole years y from the start, on request; without rows if it is not."""

    best: Floats  # (a, y) effective compute of the actor's best model so far; -inf for none
    spending: Floats  # (c, j) US$ its members have spent on runs begun so far, by point of the time grid
    reaching: Ints  # (rank, band, y) models so far by how many capabilities they reach and how many thresholds
    runs: Ints  # (a,) runs so far
    run_end: Floats  # (a, run) when each finished
    run_reached: Floats  # (a, run) its effective compute
    reached: Floats  # (a,) effective compute of the actor's best model, whenever it was finished
    attaining: Ints  # (k, band, y) actors that have attained by training so far, by thresholds of the run that did
    largest: Floats  # (a, y) log10 FLOP of the actor's largest model so far; -inf for none
    first_above: Floats  # (a, threshold) when the actor finished its first model above it, inf for never
    open_number: Ints  # (band, j) models with open weights so far: band 0 all, band i those above threshold i - 1
    open_largest: Floats  # (y,) log10 FLOP of the largest of them
    first_open_above: Floats  # (threshold,) when the weights of a model above it are first open


class Attainments(NamedTuple):
    """Who has which capability since when, and how."""

    trained_time: Floats  # (k, a)
    trained_compute: Floats  # (k, a) log10 FLOP of the run that attained
    released: Floats  # (a,) releases of weights that have one capability, inf for none
    first_release: Floats  # (k,) first release of weights that have the capability
    class_trained: Floats  # (c, k) first trained attainment of a class
    class_open: Floats  # (c, k) access by open weights
    class_stolen: Floats  # (c, k)
    thief: Ints  # (c, k) member that gained what was stolen
    class_time: Floats  # (c, k) first attainment by any route
    class_route: Ints  # (c, k) its route, or NO_ROUTE


class Harms(NamedTuple):
    """Defence, harm and benefit."""

    reported: Floats  # (m,) since when a bound actor that obeys holds a capability by training
    ready: Floats  # (k,) when a defence is
    since: Floats  # (a,) scratch: when members of a class gained access, rising
    first_incident: Floats  # (k,)
    incidents: Ints  # (k,)
    annual_loss: Ints  # (year,) thousands of US$
    benefit: Ints  # (1,) thousands of US$


class Future(NamedTuple):
    """One future. Times are decimal years, inf for never; compute and money are log10.

    c counts classes, k capabilities, a actors (class by class), j points of the time grid, m measures.
    """

    regime: Regime
    surroundings: Surroundings
    batch: Batch
    line: Line
    models: Models
    paths: Paths
    gained: Attainments
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
        _part(Surroundings, sizes),
        _part(Batch, sizes),
        _part(Line, sizes),
        _part(Models, sizes),
        _part(Paths, sizes),
        _part(Attainments, sizes),
        _part(Harms, sizes),
        np.zeros(len(COUNTED), np.int64),
    )


def _part(part: type[Any], sizes: dict[str, int]) -> Any:
    """A part of a future, with arrays as `_SHAPES` says."""
    shapes: dict[str, tuple[str, type]] = {}
    for kind, named in _SHAPES[part].items():
        shapes |= {name: (dimensions, kind) for dimensions, names in named.items() for name in names.split()}
    return part(**{name: np.zeros([sizes[d] for d in dims], kind) for name, (dims, kind) in shapes.items()})


#: The dimensions of every array, a letter each, by part and kind.
_SHAPES: dict[type, dict[type, dict[str, str]]] = {
    Surroundings: {
        np.float64: {
            "e": "event_time event_progress event_invariant event_scaled event_lag",
            "cn": "step_time step_progress step_invariant step_scaled",
            "cy": "budget",
            "k": "requirement",
            "c": "next_time",
        },
        np.int64: {
            "1": "events",
            "e": "event_finder event_number",
            "cn": "step_event",
            "k": "by_requirement",
            "c": "next_number",
        },
    },
    Batch: {
        np.float64: {
            "r": "begun budget_of_run elicitation progress invariant scaled compute reached",
            "bp": "pauses",
        },
        np.int64: {"b": "first_run", "r": "band grid_step"},
    },
    Line: {
        np.float64: {
            "a": "offset elicitation next_time",
            "2a": "finished finished_compute",
            "c": "tokens",
            "1": "largest",
        },
        np.int64: {"a": "of_class runs climbed", "c": "first_actor"},
        np.bool_: {"a": "licensed"},
    },
    Models: {np.float64: {"cj": "best", "m": "run_trigger"}, np.int64: {"tj": "number"}},
    Paths: {
        np.float64: {
            "AY": "best largest",
            "Cj": "spending",
            "A": "reached",
            "AN": "run_end run_reached",
            "AT": "first_above",
            "Y": "open_largest",
            "T": "first_open_above",
        },
        np.int64: {"A": "runs", "RtY": "reaching", "KtY": "attaining", "tJ": "open_number"},
    },
    Attainments: {
        np.float64: {
            "ka": "trained_time trained_compute",
            "a": "released",
            "k": "first_release",
            "ck": "class_trained class_open class_stolen class_time",
        },
        np.int64: {"ck": "thief class_route"},
    },
    Harms: {
        np.float64: {"m": "reported", "k": "ready first_incident", "a": "since"},
        np.int64: {"k": "incidents", "x": "annual_loss", "1": "benefit"},
    },
}


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
def attain(c: int, k: int, a: int, finished: float, compute: float, gained: Attainments, counted: Ints) -> None:
    """Enter that actor `a` of class `c` attains capability `k` by a run of `compute` (log10 FLOP)."""
    gained.trained_time[k, a] = finished
    gained.trained_compute[k, a] = compute
    gained.class_trained[c, k] = min(gained.class_trained[c, k], finished)
    counted[TRAINED_ATTAINMENTS] += 1


@rule
def access_since(gained: Attainments, c: int, k: int, member: int, a: int) -> float:
    """Since when actor `a`, a `member` of class `c`, has access to capability `k`, by any route; inf for never."""
    since = min(gained.trained_time[k, a], gained.class_open[c, k])
    return min(since, gained.class_stolen[c, k]) if member == gained.thief[c, k] else since
