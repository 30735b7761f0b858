"""Where the options of one actor are simulated: always in the same futures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import xarray as xr

from engine.analyses.decide.options import ENDLESS, Option, choose
from engine.execution import Execution, run_in_memory
from engine.execution.estimate import check_fits
from engine.montecarlo import Samples, Tally
from engine.scenario import Scenario, Worlds
from engine.simulation import simulate
from engine.simulation.jobs import new_job


@dataclass(frozen=True)
class Stage:
    """The futures of a `scenario` from `with_actor`, in which the class `actor` is one actor of `actor_class`."""

    scenario: Scenario
    actor_class: str
    actor: str
    worlds: int
    futures: int
    seed: int
    sampling: str
    execution: Execution | None

    def paths(self, option: Option, policies: Sequence[str]) -> xr.Dataset:
        """Results with paths if the actor takes `option`. Raises InputError for an unknown policy."""
        change = choose(self.scenario, self.actor_class, self.actor, option)
        how: dict[str, Any] = {"policies": policies, "sampling": self.sampling, "execution": self.execution}
        return simulate(self.scenario, self.worlds, self.futures, self.seed, **how, keep="paths", change=change)

    def without_theft(
        self, option: Option, policies: Sequence[str], *, open_weights: bool = True, enters: bool = True
    ) -> tuple[Tally, Samples]:
        """Counts and samples if the actor takes `option` and steals nothing.

        Without `open_weights` it takes none up. If it never `enters`, samples still say when services and open weights
        reach its class, and it counts nowhere as an actor. Neither changes what happens to others.
        """
        chosen = choose(self.scenario, self.actor_class, self.actor, option)
        number = self.scenario.class_number(self.actor)

        def change(worlds: Worlds) -> None:
            chosen(worlds)
            worlds["theft_rate"][:, number] = 0.0
            # Misuse by one who never enters would be none, and may start measures.
            worlds["attempt_rate"][:, number] = 0.0
            if not enters:
                worlds["present"][:, number] = 0
                worlds["newcomer_rate"][:, number] = 0.0
            if not open_weights:
                worlds["uptake_lag"][:, number] += ENDLESS

        what: dict[str, Any] = {"policies": policies, "keep": "samples", "sampling": self.sampling, "change": change}
        job = new_job(self.scenario, self.worlds, self.futures, self.seed, **what)
        execution = self.execution or Execution()
        check_fits(job, execution, in_memory=True)
        return run_in_memory(job, execution)
