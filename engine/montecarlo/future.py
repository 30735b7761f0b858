"""What the Monte Carlo clock keeps of one future: arrays, used again for the next one."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.rules.compiled import rule
from engine.scenario import Scenario, Worlds

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

ROUTES = ("trained", "open_weights", "stolen")
TRAINED, OPEN_WEIGHTS, STOLEN, NO_ROUTE = 0, 1, 2, -1

#: Actors whose runs are taken together, to fill vector registers.
BATCH = 16

#: Kinds of events in `event_finder` that no class found.
CHIPS, FORMAT = -1, -2

COUNTED = ("releases", "breakthroughs", "runs", "trained", "weight_releases", "thefts")
RELEASES, BREAKTHROUGHS, RUNS, TRAINED_ATTAINMENTS, WEIGHT_RELEASES, THEFTS = range(6)


class Future(NamedTuple):
    """One future. Times are decimal years, inf for never; compute and money are log10.

    c counts classes, k capabilities, a actors (class by class), j points of the time grid, e events
    of the world (releases, formats, breakthroughs), n steps of a class, r runs of a batch of actors.
    """

    events: Ints  # (1,) events of the world
    event_time: Floats  # (e,) when it happens, rising
    event_progress: Floats  # (e,) OOM of price-performance it brings
    event_invariant: Floats  # (e,) OOM of scale-invariant algorithmic efficiency
    event_scaled: Floats  # (e,) OOM of scale-dependent algorithmic efficiency
    event_finder: Ints  # (e,) address of the class that found a breakthrough; CHIPS or FORMAT for hardware
    event_number: Ints  # (e,) its number among its finder's breakthroughs, or among the formats
    event_secret: Ints  # (e,) 1 for a breakthrough kept secret
    step_time: Floats  # (c, n) when an event reaches the class, rising
    step_event: Ints  # (c, n) which event
    step_progress: Floats  # (c, n) sum of what the first n steps bring
    step_invariant: Floats  # (c, n)
    step_scaled: Floats  # (c, n)
    budget: Floats  # (c, year) log10 US$ at the yearly knots
    requirement: Floats  # (k,) log10 effective FLOP
    by_requirement: Ints  # (k,) capabilities in rising order of requirement
    first_run: Ints  # (member,) of a batch
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
    trained_time: Floats  # (k, a)
    trained_compute: Floats  # (k, a) log10 FLOP of the run that attained
    released: Floats  # (a,) releases of weights that have one capability, inf for none
    class_trained: Floats  # (c, k) first trained attainment of a class
    class_open: Floats  # (c, k) access by open weights
    class_stolen: Floats  # (c, k)
    thief: Ints  # (c, k) member that gained what was stolen
    class_time: Floats  # (c, k) first attainment by any route
    class_route: Ints  # (c, k) its route, or NO_ROUTE
    best: Floats  # (c, j) effective compute of the best model so far; -inf for none
    models: Ints  # (band, j) models so far: band 0 all, band i those above threshold i - 1
    counted: Ints  # (len(COUNTED),) events, by kind


def new_future(scenario: Scenario, worlds: Worlds) -> Future:
    """Arrays for futures of `scenario` in any of `worlds`."""
    events = _events_possible(worlds)
    sizes = {
        "c": len(scenario.actor_classes),
        "k": len(scenario.capabilities),
        "a": sum(member.count for member in scenario.actor_classes.values()),
        "j": len(scenario.time_grid),
        "y": math.ceil(scenario.horizon - scenario.start) + 1,
        "1": 1,
        "e": events,
        "n": events + 1,
        "m": BATCH + 1,
        "p": _usual_runs(scenario, worlds),
        "r": BATCH * _runs_possible(scenario, worlds),
        "b": len(scenario.output.flop_thresholds) + 1,
        "o": len(COUNTED),
    }
    arrays: dict[str, NDArray[Any]] = {}
    for dimensions, names in _FLOATS.items():
        arrays |= {name: np.zeros([sizes[d] for d in dimensions], np.float64) for name in names.split()}
    for dimensions, names in _INTS.items():
        arrays |= {name: np.zeros([sizes[d] for d in dimensions], np.int64) for name in names.split()}
    return Future(**arrays)


_FLOATS = {
    "e": "event_time event_progress event_invariant event_scaled",
    "cn": "step_time step_progress step_invariant step_scaled",
    "cy": "budget",
    "k": "requirement",
    "r": "begun budget_of_run elicitation progress invariant scaled compute reached",
    "mp": "pauses",
    "ka": "trained_time trained_compute",
    "a": "released",
    "ck": "class_trained class_open class_stolen class_time",
    "cj": "best",
}
_INTS = {
    "1": "events",
    "e": "event_finder event_number event_secret",
    "cn": "step_event",
    "k": "by_requirement",
    "m": "first_run",
    "r": "band grid_step",
    "ck": "thief class_route",
    "bj": "models",
    "o": "counted",
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


def _events_possible(worlds: Worlds) -> int:
    """Events of a future in any of `worlds`, short of a chance below 1e-20.

    Counts of breakthroughs are Poisson and counts of generations are about Normal with variance
    cv^2 of their mean; both get their mean, 12 standard deviations and a reserve.
    """
    years = worlds.horizon - worlds.start
    breakthroughs = worlds.breakthrough_rate * years
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
