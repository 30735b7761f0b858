"""Simulation of a state: one run at a time, and no run twice."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import xarray as xr

from engine.errors import EngineError
from engine.execution import Execution
from engine.execution.runner import run_in_memory
from engine.explorer.offer import Offer
from engine.explorer.sides import SIDES, measures_of, policy_of, scenario_of
from engine.explorer.state import State, union
from engine.explorer.worlds import Columns, RememberedWorlds
from engine.montecarlo import Chunk, Job, Stopped
from engine.montecarlo.arrays import Ints
from engine.results.dataset import build_dataset
from engine.results.samples import samples_of
from engine.scenario import FUTURES, Scenario
from engine.statistics.cluster_means import mean_with_error, of_worlds

#: Variables shown for each side, with its single futures.
_SHOWN = (
    *("attainment_probability", "attainment_probability_se", "attainment_probability_limits"),
    *("attainment_time_quantile", "attainment_time_quantile_se"),
    *("actors_with_access", "actors_with_access_mean", "effective_compute"),
    *(
        f"{name}{end}"
        for name in ("exposure_mean", "incidents_mean", "loss_mean", "benefit_mean")
        for end in ("", "_se")
    ),
)
_SINGLE = ("attainment_time", "future_loss", "future_benefit", "future_exposure", "future_incidents")
#: Most futures of single sides that are stored: some 300 bytes each.
_STORED = 600_000
#: Most pages whose requests are stored.
_PAGES = 100
#: Most runs, and most files, that are made or wait for their turn: each of them occupies a thread of the server.
_RUNS, _FILES = 5, 3
#: Seconds between two checks whether a waiting run is still requested.
_LOOK = 0.1
#: Size of the part that is drawn first if all would take longer than this number of seconds.
_SOON, _FEW = 1.2, 1_024


class Superseded(Exception):
    """The page has requested something else, so this result is no longer needed."""


class Busy(EngineError, ValueError):
    """Too many requests wait already; the text asks to try again."""


class _Turns:
    """Admits one thread at a time and lets others wait, `most` in all; further ones are Busy."""

    def __init__(self, most: int, busy: str) -> None:
        self._turn = threading.Lock()
        self._places = threading.BoundedSemaphore(most)
        self._busy = busy

    @contextmanager
    def taken(self, look: Callable[[], None] = lambda: None) -> Iterator[None]:
        """Wait for a turn, and call `look` periodically. Raises Busy, and the errors of `look`."""
        if not self._places.acquire(blocking=False):
            raise Busy(self._busy)
        try:
            while not self._turn.acquire(timeout=_LOOK):
                look()
            try:
                yield
            finally:
                self._turn.release()
        finally:
            self._places.release()


@dataclass(frozen=True)
class Simulated:
    """The results for a state, with the dimension policy (`side_a`, `side_b`), and the seconds that they took.

    The seconds are 0 if all of it was simulated before.
    """

    results: xr.Dataset
    state: State
    seconds: float

    @property
    def size(self) -> int:
        """Futures under each side."""
        return self.state.worlds * self.state.futures


class Simulator:
    """Simulates the states of one offer. Safe for many threads: runs wait for one another."""

    def __init__(self, offer: Offer) -> None:
        self.offer = offer
        self._runs = _Turns(_RUNS, "other pages are being simulated; try again in a moment")
        self._files = _Turns(_FILES, "other files are being built; try again in a minute")
        self._stored: OrderedDict[Any, xr.Dataset] = OrderedDict()
        self._noting = threading.Lock()
        self._newest: OrderedDict[str, State] = OrderedDict()
        self._columns: Columns = OrderedDict()
        #: Seconds per future under one side, for sequential and for vectorised training.
        self._pace = {False: 6e-5, True: 2e-4}
        #: The running simulation of each page; no longer 0 once its result is not needed.
        self._running: tuple[str, State] | None = None
        self._stop = np.zeros(1, np.int64)

    def ask(self, page: str, state: State) -> None:
        """Record that a page now requests this state; the simulation of its previous request is stopped."""
        with self._noting:
            self._newest[page] = state
            self._newest.move_to_end(page)
            while len(self._newest) > _PAGES:
                self._newest.popitem(last=False)
            if self._running is not None and self._running[0] == page:
                before = self._running[1]
                self._stop[0] = any(_key(before, side) != _key(state, side) for side in SIDES)

    def simulated(self, state: State, page: str = "", whole: State | None = None) -> Simulated:
        """Both sides of the state, from stored results if possible.

        Raises Superseded as soon as the `page` no longer requests the `whole` of which the state is a part; Busy if
        too many others wait; ScenarioError if the changed assumptions are inconsistent.
        """

        def look() -> None:
            if page and self._newest.get(page) != (whole or state):
                raise Superseded

        with self._runs.taken(look):
            with self._noting:
                look()
                self._running = (page, whole or state)
                self._stop[0] = 0
            began, missing = time.perf_counter(), self._missing(state)
            try:
                self._simulate(missing, state)
            except Stopped:
                raise Superseded from None
            finally:
                self._running = None
            sides = [self._stored[_key(state, side)] for side in SIDES]
        results = xr.concat(
            [one.assign_coords(policy=[side]) for one, side in zip(sides, SIDES, strict=True)],
            "policy",
            join="override",
        )
        return Simulated(results, state, time.perf_counter() - began if missing else 0.0)

    @contextmanager
    def building(self) -> Iterator[None]:
        """Build one file at a time. The page continues to simulate meanwhile, so that no reader waits for a file.

        Raises Busy if too many others wait.
        """
        with self._files.taken():
            yield

    def is_slow(self, state: State) -> bool:
        """Whether a side has measures that take several times as long to simulate as others."""
        return any(_in_order(state, side, self.offer) for side in SIDES)

    def sooner(self, state: State) -> State:
        """The state with few enough futures to draw at once; the state itself if it has few enough."""
        size = state.worlds * state.futures
        expected = size * sum(self._pace[_in_order(state, side, self.offer)] for side in self._missing(state))
        if size <= _FEW or expected <= _SOON:
            return state
        futures = min(FUTURES, state.futures)
        return replace(state, worlds=min(state.worlds, max(1, _FEW // futures)), futures=futures, timeline=None)

    def warm(self, state: State) -> None:
        """Compile everything that simulation needs, which takes half a minute after installation."""
        self.simulated(replace(state, worlds=2, futures=2, timeline=None))

    def _missing(self, state: State) -> list[str]:
        return [side for side in SIDES if _key(state, side) not in self._stored]

    def _simulate(self, missing: list[str], state: State) -> None:
        """Simulate the missing sides together, and store them."""
        sides = list({_key(state, side): side for side in missing}.values())
        if sides:
            began = time.perf_counter()
            scenario = _for_the_screen(scenario_of(state, self.offer, sides))
            sampler = RememberedWorlds(scenario, state.worlds, state.seed, self._columns)
            policies = tuple(policy_of(state, side) for side in sides)
            found = _simulated(Job(sampler, state.futures, policies, "samples"), self._stop)
            for number, side in enumerate(sides):
                self._stored[_key(state, side)] = found.isel(policy=[number])
            size = state.worlds * state.futures
            if size > _FEW:
                slow = any(_in_order(state, side, self.offer) for side in sides)
                self._pace[slow] = (time.perf_counter() - began) / (size * len(sides))
        for side in SIDES:
            self._stored.move_to_end(_key(state, side))
        while (
            len(self._stored) > 2
            and sum(one.sizes["world"] * one.sizes["future"] for one in self._stored.values()) > _STORED
        ):
            self._stored.popitem(last=False)


def difference(values: xr.DataArray) -> tuple[float, float]:
    """(mean, standard error) of the difference of side B from side A in the same futures; worlds are clusters.

    `values` (policy, world, future) is one quantity of every single future.
    """
    both = values.astype(np.float64)
    changes = both.sel(policy=SIDES[1], drop=True) - both.sel(policy=SIDES[0], drop=True)
    mean, error = mean_with_error(of_worlds(changes))
    return float(mean), float(error)


def _key(state: State, side: str) -> tuple[Any, ...]:
    """Everything that the futures of a side depend on."""
    return state.moved, measures_of(state)[SIDES.index(side)], state.seed, state.worlds, state.futures


def _in_order(state: State, side: str, offer: Offer) -> bool:
    """Whether runs under a side wait for licences or depend on one another, which takes several times as long."""
    taken = union(measures_of(state)[SIDES.index(side)], offer)
    return any("licence_delay" in measure or "relative_cap" in measure for measure in taken)


def _for_the_screen(scenario: Scenario) -> Scenario:
    """The scenario with outputs that the page draws: no future depends on them."""
    few = {"flop_thresholds": [1e26], "quantiles": [0.05, 0.5, 0.95], "risk_levels": [0.95]}
    return scenario.model_copy(update={"output": scenario.output.model_copy(update=few)})


def _simulated(job: Job, stop: Ints) -> xr.Dataset:
    """The shown variables of a job whose policies need not include the baseline, unlike those of `engine.simulate`.

    Raises Stopped soon after `stop` (1,) is no longer 0.
    """
    worlds, futures = job.sampler.total, job.futures
    tally, samples = run_in_memory(job, Execution(stop=stop))
    counted = build_dataset(job.sampler, job.policies, tally, futures)[list(_SHOWN)]
    single = samples_of(samples, job.sampler.scenario, Chunk(0, worlds, 0, futures))[list(_SINGLE)]
    return counted.merge(single, join="override", compat="override")
