"""Playing what a state asks for: one play at a time, and never again what was played before."""

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
from engine.explorer.state import FUTURES, State, union
from engine.explorer.worlds import Columns, RememberedWorlds
from engine.montecarlo import Chunk, Job, Stopped
from engine.montecarlo.arrays import Ints
from engine.results.dataset import build_dataset
from engine.results.samples import samples_of
from engine.scenario import Scenario
from engine.statistics.cluster_means import mean_with_error, of_worlds

#: What is shown of each side, beside its single futures.
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
#: Most futures of single sides that are kept: some 300 bytes each.
_KEPT = 600_000
#: Most pages whose wishes are known.
_PAGES = 100
#: Most plays, and most files, that are made or wait for their turn: each of them holds a thread of the server.
_PLAYS, _FILES = 5, 3
#: Seconds between two looks whether a play that waits for its turn is still wanted.
_LOOK = 0.1
#: What is drawn first if all would take longer than so many seconds.
_SOON, _FEW = 1.2, 1_000


class Superseded(Exception):
    """The page asks for something else by now: nobody wants this any more."""


class Busy(EngineError, ValueError):
    """Enough others wait for the same already; its text says to try again."""


class _Turns:
    """Lets in one thread at a time, and lets others wait, `most` in all; further ones are Busy."""

    def __init__(self, most: int, busy: str) -> None:
        self._turn = threading.Lock()
        self._places = threading.BoundedSemaphore(most)
        self._busy = busy

    @contextmanager
    def taken(self, look: Callable[[], None] = lambda: None) -> Iterator[None]:
        """Wait for a turn, and `look` now and then meanwhile. Raises Busy, and what `look` raises."""
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
class Played:
    """What was played for a state, with the dimension policy (`side_a`, `side_b`), and in how many seconds.

    They are 0 if all of it was played before.
    """

    results: xr.Dataset
    state: State
    seconds: float

    @property
    def size(self) -> int:
        """Futures under each side."""
        return self.state.worlds * self.state.futures


class Player:
    """Plays the states of one offer. Safe to be called by many threads: plays wait for one another."""

    def __init__(self, offer: Offer) -> None:
        self.offer = offer
        self._plays = _Turns(_PLAYS, "other pages are being played already; try again in a moment")
        self._files = _Turns(_FILES, "other files are being built already; try again in a minute")
        self._kept: OrderedDict[Any, xr.Dataset] = OrderedDict()
        self._noting = threading.Lock()
        self._newest: OrderedDict[str, State] = OrderedDict()
        self._columns: Columns = OrderedDict()
        #: Seconds for a future under one side: of runs one after another as they come, or in order of time.
        self._pace = {False: 6e-5, True: 2e-4}
        #: What is being played for which page; no longer 0 once nobody wants it.
        self._running: tuple[str, State] | None = None
        self._stop = np.zeros(1, np.int64)

    def ask(self, page: str, state: State) -> None:
        """Note that a page now wants this state, and no longer what it asked before: that is not played to its end."""
        with self._noting:
            self._newest[page] = state
            self._newest.move_to_end(page)
            while len(self._newest) > _PAGES:
                self._newest.popitem(last=False)
            if self._running is not None and self._running[0] == page:
                before = self._running[1]
                self._stop[0] = any(_key(before, side) != _key(state, side) for side in SIDES)

    def played(self, state: State, page: str = "", whole: State | None = None) -> Played:
        """Both sides of the state, from what is kept as far as it can be.

        Raises Superseded as soon as the `page` no longer asks for the `whole` of which the state is a part;
        Busy if enough others wait; ScenarioError if the moved assumptions do not fit together.
        """

        def look() -> None:
            if page and self._newest.get(page) != (whole or state):
                raise Superseded

        with self._plays.taken(look):
            with self._noting:
                look()
                self._running = (page, whole or state)
                self._stop[0] = 0
            began, missing = time.perf_counter(), self._missing(state)
            try:
                self._play(missing, state)
            except Stopped:
                raise Superseded from None
            finally:
                self._running = None
            sides = [self._kept[_key(state, side)] for side in SIDES]
        results = xr.concat(
            [one.assign_coords(policy=[side]) for one, side in zip(sides, SIDES, strict=True)],
            "policy",
            join="override",
        )
        return Played(results, state, time.perf_counter() - began if missing else 0.0)

    @contextmanager
    def building(self) -> Iterator[None]:
        """One file is built at a time. The page goes on playing meanwhile, so that no reader waits for a file.

        Raises Busy if enough others wait.
        """
        with self._files.taken():
            yield

    def is_slow(self, state: State) -> bool:
        """Whether a side has measures that take several times as long to play as others."""
        return any(_in_order(state, side, self.offer) for side in SIDES)

    def sooner(self, state: State) -> State:
        """The state with so few futures that they are drawn at once; the state itself if that is so already."""
        size = state.worlds * state.futures
        expected = size * sum(self._pace[_in_order(state, side, self.offer)] for side in self._missing(state))
        if size <= _FEW or expected <= _SOON:
            return state
        futures = min(FUTURES, state.futures)
        return replace(state, worlds=min(state.worlds, max(1, _FEW // futures)), futures=futures, story=None)

    def warm(self, state: State) -> None:
        """Compile all that playing needs, which takes a minute or two after installation."""
        self.played(replace(state, worlds=2, futures=2, story=None))

    def _missing(self, state: State) -> list[str]:
        return [side for side in SIDES if _key(state, side) not in self._kept]

    def _play(self, missing: list[str], state: State) -> None:
        """Play the sides that are not kept, together, and keep them."""
        sides = list({_key(state, side): side for side in missing}.values())
        if sides:
            began = time.perf_counter()
            scenario = _for_the_screen(scenario_of(state, self.offer, sides))
            sampler = RememberedWorlds(scenario, state.worlds, state.seed, self._columns)
            policies = tuple(policy_of(state, side) for side in sides)
            found = _simulated(Job(sampler, state.futures, policies, "samples"), self._stop)
            for number, side in enumerate(sides):
                self._kept[_key(state, side)] = found.isel(policy=[number])
            size = state.worlds * state.futures
            if size > _FEW:
                slow = any(_in_order(state, side, self.offer) for side in sides)
                self._pace[slow] = (time.perf_counter() - began) / (size * len(sides))
        for side in SIDES:
            self._kept.move_to_end(_key(state, side))
        while (
            len(self._kept) > 2 and sum(one.sizes["world"] * one.sizes["future"] for one in self._kept.values()) > _KEPT
        ):
            self._kept.popitem(last=False)


def difference(values: xr.DataArray) -> tuple[float, float]:
    """(mean, standard error) of what side B has more than side A in the same futures; worlds are clusters.

    `values` (policy, world, future) is one quantity of every single future.
    """
    both = values.astype(np.float64)
    changes = both.sel(policy=SIDES[1], drop=True) - both.sel(policy=SIDES[0], drop=True)
    mean, error = mean_with_error(of_worlds(changes))
    return float(mean), float(error)


def _key(state: State, side: str) -> tuple[Any, ...]:
    """All that the futures of a side depend on."""
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
    """What is shown of a job whose policies need not have the baseline among them, as `engine.simulate` always has.

    Raises Stopped soon after `stop` (1,) is no longer 0.
    """
    worlds, futures = job.sampler.total, job.futures
    tally, samples = run_in_memory(job, Execution(stop=stop))
    counted = build_dataset(job.sampler, job.policies, tally, futures)[list(_SHOWN)]
    single = samples_of(samples, job.sampler.scenario, Chunk(0, worlds, 0, futures))[list(_SINGLE)]
    return counted.merge(single, join="override", compat="override")
