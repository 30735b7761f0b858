"""The stage on which one future is played: the SimPy environment, the world, and what happened so far."""

from __future__ import annotations

from bisect import insort
from dataclasses import dataclass, field
from typing import Any

import simpy

from engine.rules.hardware import price_performance
from engine.rules.luck import Luck
from engine.rules.world import World
from engine.scenario import Scenario

Step = tuple[float, float, float, float]


@dataclass
class ActorClassState:
    """What a class has: chips, algorithms, and capabilities by each route."""

    name: str
    members: list[str]
    steps: list[Step] = field(default_factory=list)  # (time, progress, invariant, scaled), by time
    trained: dict[int, float] = field(default_factory=dict)  # capability -> first time
    opened: dict[int, float] = field(default_factory=dict)
    stolen: dict[int, float] = field(default_factory=dict)

    def surroundings(self, t: float) -> tuple[float, float, float]:
        """(progress of chips, scale-invariant, scale-dependent algorithmic gains) by `t`, in OOM."""
        progress = invariant = scaled = 0.0
        for time, step_progress, step_invariant, step_scaled in self.steps:
            if time > t:
                break
            progress += step_progress
            invariant += step_invariant
            scaled += step_scaled
        return progress, invariant, scaled

    def has(self, k: int) -> bool:
        """Whether any member has capability `k`."""
        return k in self.trained or k in self.opened or k in self.stolen


class Stage:
    """One future being played.

    Times are absolute decimal years. `until` waits for an absolute time exactly: both times lie within a
    factor of two, so their difference is exact (Sterbenz 1974) and SimPy adds it back exactly.
    """

    def __init__(self, scenario: Scenario, world: World, luck: Luck) -> None:
        self.scenario = scenario
        self.world = world
        self.luck = luck
        self.env = simpy.Environment(initial_time=scenario.start)
        self.classes = [
            ActorClassState(name, [f"{name} {member + 1}" for member in range(spec.count)])
            for name, spec in scenario.actor_classes.items()
        ]
        self.capabilities = scenario.capability_names
        self.budgets: list[list[float]] = []
        self.requirements: list[float] = []
        self.rows: list[dict[str, Any]] = []
        # Waiting thieves of a capability are woken when another class holds it or the thief's class has it.
        self.changed = [self.env.event() for _ in self.capabilities]

    @property
    def now(self) -> float:
        """The present, in decimal years."""
        return float(self.env.now)

    def until(self, time: float) -> simpy.Event:
        """An event at the absolute `time`; never, if that is not before the horizon."""
        if time >= self.scenario.horizon:
            return self.env.event()
        return self.env.timeout(time - self.env.now)

    def log(self, event: str, c: int | None = None, actor: str = "", subject: str = "", **numbers: Any) -> None:
        """Enter an event that happens now."""
        self.rows.append(
            {
                "time": self.now,
                "event": event,
                "actor_class": self.classes[c].name if c is not None else "",
                "actor": actor,
                "subject": subject,
                **numbers,
            }
        )

    def add_step(self, c: int, time: float, progress: float = 0.0, invariant: float = 0.0, scaled: float = 0.0) -> None:
        """Enter a change, now known, of what class `c` has from `time` on."""
        insort(self.classes[c].steps, (time, progress, invariant, scaled), key=lambda step: step[0])

    def price_performance(self, c: int, t: float) -> float:
        """log10 FLOP/US$ of class `c` at `t`."""
        return price_performance(self.world, t, self.classes[c].surroundings(t)[0])

    def wake(self, k: int) -> None:
        """Tell waiting thieves that something changed about capability `k`."""
        event, self.changed[k] = self.changed[k], self.env.event()
        event.succeed()

    def holders(self, k: int, thief: int) -> list[tuple[float, int]]:
        """(since, class) of the classes other than `thief` that hold `k` by training, by time."""
        return sorted((held.trained[k], c) for c, held in enumerate(self.classes) if c != thief and k in held.trained)

    def attained(self, c: int, k: int, actor: str, route: str, **numbers: float) -> None:
        """Enter an attainment: of one actor, or of a whole class by open weights."""
        first = not self.classes[c].has(k)
        times = {"trained": "trained", "open_weights": "opened", "stolen": "stolen"}[route]
        getattr(self.classes[c], times).setdefault(k, self.now)
        self.log("attainment", c, actor, self.capabilities[k], route=route, first_of_class=first, **numbers)
        self.wake(k)
