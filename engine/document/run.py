"""The run that a document describes: its results, its scenario, its single futures, and their analyses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
import xarray as xr

from engine.errors import EngineError, InputError
from engine.execution import Execution
from engine.plotting.panels import of_kind
from engine.replay import History, TooManyEvents, replay
from engine.results.variables import held
from engine.scenario import BASELINE, Scenario, ScenarioError, samplers, scenario_hash
from engine.scenario.load import scenario_of_text
from engine.simulation import simulate

T = TypeVar("T")

#: Number of single futures that are simulated again where the file has none; more would add little.
MOST_FUTURES = 10_000
#: Most values stored for all of them: classes x capabilities x policies x futures.
_MOST_VALUES = 20_000_000
#: Most single futures of a file that are analysed.
_MOST_KEPT = 100_000
#: Times of samples are float32, years.
_SAME_TIME = 1e-3


class Missing(EngineError, ValueError):
    """A section needs something that the file lacks; the text gives the reason in one sentence, no full stop."""


@dataclass(frozen=True)
class Run:
    """Results and everything derived from them; each part is computed once, when a section first asks for it.

    `execution` is that of `engine.simulate`, for futures that are simulated again. Raises InputError for a dataset
    that lacks a part of results.
    """

    results: xr.Dataset
    execution: Execution | None = None
    _made: dict[Any, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for name in held("counts"):
            if name not in self.results:
                raise InputError(f"these results have no {name}; give a file that `engine run` wrote")

    @property
    def seed(self) -> int:
        """The random seed. Raises Missing if the file does not record it."""
        seed = self.results.attrs.get("seed")
        if not isinstance(seed, int | np.integer) or seed < 0:
            raise Missing("the file does not record its seed")
        return int(seed)

    @cached_property
    def horizon(self) -> float:
        """End of the simulated time, decimal years."""
        return float(self.results["time"][-1])

    @cached_property
    def baseline(self) -> xr.Dataset:
        """The results under the baseline."""
        return self.results.sel(policy=BASELINE)

    @cached_property
    def policies(self) -> list[str]:
        """The policies other than the baseline."""
        return [name for name in map(str, self.results["policy"].values) if name != BASELINE]

    @cached_property
    def dangerous(self) -> list[str]:
        """The dangerous capabilities."""
        return of_kind(self.results, "dangerous")

    @cached_property
    def valuable(self) -> list[str]:
        """The valuable capabilities."""
        return of_kind(self.results, "valuable")

    @cached_property
    def malicious(self) -> list[str]:
        """The classes that attempt misuse in some world; none if neither scenario nor samples name any."""
        if "malicious" in self.results:
            flags = self.results["malicious"].values
            return [str(name) for name, flag in zip(self.results["actor_class"].values, flags, strict=True) if flag]
        try:
            classes = self.scenario.actor_classes
        except Missing:
            return []
        highest = np.array([1.0 - 1e-9])
        return [name for name, one in classes.items() if float(one.attempt_rate.quantile(highest)[0]) > 0.0]

    @cached_property
    def scenario(self) -> Scenario:
        """The scenario that the file contains. Raises Missing if there is none, or another one."""
        return _found(self._scenario)

    @cached_property
    def _scenario(self) -> Scenario | Missing:
        text = str(self.results.attrs.get("scenario_yaml", ""))
        if not text:
            return Missing("the file does not contain the scenario, which was not read from a file")
        try:
            scenario = scenario_of_text(text)
        except ScenarioError as error:
            return Missing(f"the scenario in the file cannot be read ({str(error).splitlines()[0]})")
        if scenario_hash(scenario) != self.results.attrs.get("scenario_sha256"):
            return Missing("the scenario in the file does not match its hash")
        other = _other_labels(self.results, scenario)
        return (
            Missing(f"the scenario in the file has {other} that differ from those of its results")
            if other
            else scenario
        )

    @cached_property
    def futures(self) -> xr.Dataset:
        """Results with single futures. Raises Missing if there are none and they cannot be simulated again."""
        return _found(self._futures)

    @cached_property
    def _futures(self) -> xr.Dataset | Missing:
        if "future_loss" in self.results:
            worlds, futures = self.results.sizes["world"], self.results.sizes["future"]
            worlds, futures = fewer(worlds, futures, _MOST_KEPT)
            return self.results.isel(world=slice(worlds), future=slice(futures)).assign_attrs(
                worlds=np.int64(worlds), futures=np.int64(futures)
            )
        return _tried(self._played_again)

    def _played_again(self) -> xr.Dataset:
        """Futures at the same addresses, under the same policies."""
        self._check_drawn()
        attrs, sizes = self.results.attrs, self.results.sizes
        values = sizes["policy"] * sizes["actor_class"] * sizes["capability"]
        all_worlds, most = int(attrs["worlds"]), min(MOST_FUTURES, max(1, _MOST_VALUES // values))
        worlds, futures = fewer(all_worlds, int(attrs["futures"]), most)
        if worlds < all_worlds and attrs["sampling"] == "lhs":
            raise Missing(
                "the file contains no single futures, and a Latin hypercube of fewer worlds has other worlds; run with "
                "--samples"
            )
        played = simulate(
            self.scenario,
            worlds,
            futures,
            self.seed,
            policies=[str(name) for name in self.results["policy"].values],
            execution=self.execution,
            keep="samples",
            sampling=attrs["sampling"],
        )
        kept = ("scenario_name", "scenario_file", "scenario_yaml")
        return played.assign_attrs({name: attrs[name] for name in kept if name in attrs})

    def _check_drawn(self) -> None:
        """Raise Missing unless the worlds can be drawn again."""
        attrs = self.results.attrs
        if attrs.get("sampling") not in samplers() or "worlds_from" in attrs or "worlds_changed" in attrs:
            raise Missing(
                "the file contains no single futures, and its worlds were chosen or changed, not drawn, so they "
                "cannot be simulated again; run with --samples"
            )

    @cached_property
    def are_played_again(self) -> bool:
        """Whether single futures are simulated again, because the file has none."""
        return "future_loss" not in self.results

    def of_how_many(self) -> str:
        """A sentence about the futures that an analysis uses."""
        worlds, futures = self.futures.sizes["world"], self.futures.sizes["future"]
        whole = int(self.results.attrs["worlds"]) * int(self.results.attrs["futures"])
        share = f"all {whole:,}" if worlds * futures == whole else f"{worlds * futures:,} of the {whole:,}"
        how = ", simulated again from the scenario and the seed in the file" if self.are_played_again else ""
        return f"This section uses {share} futures ({worlds:,} worlds with {futures:,} each){how}."

    @property
    def file(self) -> str:
        """The scenario file as an argument of a command, never read as an option; "" if there is none."""
        name = str(self.results.attrs.get("scenario_file", ""))
        return f"./{name}" if name.startswith("-") else name

    def once(self, analysis: Callable[[xr.Dataset], T], dataset: xr.Dataset | None = None) -> T:
        """The result of `analysis` for `dataset`, by default the results; computed once for all sections.

        Raises Missing, with the reason that the analysis gives, if there is no result.
        """
        given = self.results if dataset is None else dataset
        key = analysis, id(given)
        if key not in self._made:
            self._made[key] = given, _tried(lambda: analysis(given))
        return _found(self._made[key][1])

    def history(self, world: int, future: int, policy: str = BASELINE) -> History:
        """One future, replayed event by event.

        Raises Missing if it differs from the one in the file, or has too many events to list.
        """
        self._check_drawn_for_replay()
        size, sampling = int(self.results.attrs["worlds"]), self.results.attrs["sampling"]
        try:
            history = replay(
                self.scenario, world, future, policy=policy, worlds=size, seed=self.seed, sampling=sampling
            )
        except TooManyEvents as error:
            raise Missing(str(error)) from None
        if not _is_the_same(history, self.futures.sel(policy=policy, world=world, future=future)):
            raise Missing(
                "a replayed future differs from the one in the file, which another version of the engine or another "
                "type of CPU may have simulated; run the scenario again"
            )
        return history

    def _check_drawn_for_replay(self) -> None:
        try:
            self._check_drawn()
        except Missing:
            raise Missing("its worlds were chosen or changed, and only drawn worlds can be replayed") from None


def fewer(worlds: int, futures: int, most: int) -> tuple[int, int]:
    """(worlds, futures in each), at most `most` in all: futures are reduced first, because worlds inform more."""
    if worlds * futures <= most:
        return worlds, futures
    futures = max(1, most // worlds)
    return min(worlds, most), futures


def _other_labels(results: xr.Dataset, scenario: Scenario) -> str:
    """The coordinate whose labels differ between results and scenario; "" if there is none."""
    of_results = {name: list(map(str, results[name].values)) for name in ("actor_class", "capability", "policy")}
    if of_results["actor_class"] != list(scenario.actor_classes):
        return "actor classes"
    if of_results["capability"] != list(scenario.capabilities):
        return "capabilities"
    return "" if set(of_results["policy"]) <= {BASELINE, *scenario.policies} else "policies"


def _is_the_same(history: History, sample: xr.Dataset) -> bool:
    """Whether the first attainments of a history equal those of the same future in the samples."""
    times = sample["attainment_time"].transpose("actor_class", "capability")
    seen = xr.full_like(times, np.nan, dtype=np.float64)
    for row in history.attainments.itertuples(index=False):
        seen.loc[{"actor_class": row.actor_class, "capability": row.capability}] = row.time
    return bool(np.allclose(seen.values, times.values.astype(np.float64), rtol=0.0, atol=_SAME_TIME, equal_nan=True))


def _tried(analysis: Callable[[], T]) -> T | Missing:
    """The result of an analysis, or the reason why there is none, in one sentence."""
    try:
        return analysis()
    except Missing as missing:
        return missing
    except EngineError as error:
        return Missing(str(error).splitlines()[0].rstrip("."))


def _found(found: Any) -> Any:
    """The result, unless it is Missing, which is raised."""
    if isinstance(found, Missing):
        raise found
    return found
