"""The state of one future: the SimPy environment, the world, and the events so far."""

from __future__ import annotations

import math
from bisect import insort
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import simpy
from simpy.events import EventPriority

from engine.errors import InputError
from engine.rules.actors import member_of
from engine.rules.emergence import has
from engine.rules.entry import entry_time, expected_entries
from engine.rules.hardware import class_can_buy, class_trains_with
from engine.rules.luck import Luck
from engine.rules.regime import Event, begin_measure, new_regime, next_change, set_regime, triggered_start, triggers
from engine.rules.world import Actor, Policy, World
from engine.scenario import Scenario
from engine.scenario.sections import ActorClass

#: Priorities of what happens at one moment: who trains does not need to distil or open weights then, nor who has those
#: a theft.
AFTER_TRAINING, AFTER_DISTILLATION, AFTER_UPTAKE = 2, 3, 4
#: Most events of a future that are listed.
MOST_EVENTS = 250_000
#: (when, OOM of price-performance) and (when, scale-invariant, scale-dependent OOM of algorithms) that a class adds.
ChipStep = tuple[float, float]
AlgorithmStep = tuple[float, float, float]
#: A generation of chips: (release, its OOM, the number of the format that it ships first or -1, OOM of that format).
Generation = tuple[float, float, int, float]


class Model(NamedTuple):
    """A model that has a capability."""

    c: int
    member: int
    run: int  # of its actor, from 0
    finished: float
    compute: float  # log10 FLOP
    reached: float  # log10 effective FLOP
    capabilities: int  # as bits


class Service(NamedTuple):
    """A model that its developer offers as a service."""

    host: Actor
    begins: float  # withdrawals aside
    dangerous: bool


class _Later(simpy.Event):  # type: ignore[misc]  # SimPy has no types
    """An event of this moment that is processed after all others of the moment with a smaller priority."""

    def __init__(self, env: simpy.Environment, priority: int) -> None:
        super().__init__(env)
        self._ok, self._value = True, None
        env.schedule(self, EventPriority(priority))


class TooManyEvents(InputError):
    """A future has more events than are listed."""


@dataclass
class ActorClassState:
    """The state of a class: chips, algorithms, and capabilities by each route."""

    name: str
    members: list[str]
    first_actor: int  # index of its first member among all actors
    weights: list[int]  # by member: the number of real actors for which it stands
    entered: list[float]  # by member: the start for those who are there, inf for never
    present: int  # members that have entered so far
    arrived: int  # real actors for which they stand
    chips: list[ChipStep] = field(default_factory=list)  # by time
    algorithms: list[AlgorithmStep] = field(default_factory=list)  # by time
    trained: dict[int, float] = field(default_factory=dict)  # capability -> first time, also by distillation
    opened: dict[int, float] = field(default_factory=dict)
    stolen: dict[int, float] = field(default_factory=dict)
    holders: dict[int, set[int]] = field(default_factory=dict)  # capability -> members that trained it
    thieves: dict[int, set[int]] = field(default_factory=dict)  # capability -> other real actors that stole it
    models: list[Model] = field(default_factory=list)  # that have a capability, by time

    def progress(self, t: float) -> float:
        """OOM of progress from chips by `t`."""
        progress = 0.0
        for when, gain in self.chips:
            if when > t:
                break
            progress += gain
        return progress

    def efficiency(self, t: float) -> tuple[float, float]:
        """(scale-invariant, scale-dependent) algorithmic gains by `t`, in OOM."""
        invariant = scaled = 0.0
        for when, step_invariant, step_scaled in self.algorithms:
            if when > t:
                break
            invariant += step_invariant
            scaled += step_scaled
        return invariant, scaled

    def having(self, k: int) -> int:
        """Number of real actors with access to capability `k`."""
        if k in self.opened:
            return self.arrived
        return sum(self.weights[member] for member in self.holders.get(k, ())) + len(self.thieves.get(k, ()))

    def has(self, k: int) -> bool:
        """Whether any member has capability `k`."""
        return k in self.trained or k in self.opened or k in self.stolen


def entry_times(luck: Luck, world: World, c: int, spec: ActorClass) -> list[float]:
    """The times at which the actors of a class enter, those of the start first."""
    times, expected = [float(world["start"])] * spec.count, 0.0
    for n in range(spec.newcomers):
        expected += float(expected_entries(luck, world, c, n))
        times.append(float(entry_time(world, c, expected)))
    return [time for time in times for _ in range(spec.simulated // len(times))]


class State:
    """One future during its simulation.

    Times are absolute decimal years. `until` waits for an absolute time exactly: both times lie within a
    factor of two, so their difference is exact (Sterbenz 1974) and SimPy adds it back exactly.
    """

    def __init__(self, scenario: Scenario, world: World, policy: Policy, luck: Luck, policy_name: str) -> None:
        self.scenario = scenario
        self.world = world
        self.policy = policy
        self.luck = luck
        self.env = simpy.Environment(initial_time=scenario.start)
        self.classes: list[ActorClassState] = []
        actors = 0
        for name, spec in scenario.actor_classes.items():
            members = spec.actor_names(name)
            entered = entry_times(luck, world, len(self.classes), spec)
            arrived = sum(spec.weights[: spec.present])
            self.classes.append(ActorClassState(name, members, actors, spec.weights, entered, spec.present, arrived))
            actors += spec.simulated
        self.capabilities = scenario.capability_names
        self.budgets: list[list[float]] = []
        self.requirements: list[float] = []
        self.generations: list[Generation] = []
        self.finished: list[tuple[float, float]] = []  # (end, log10 FLOP) of runs
        self.best_defender = -math.inf  # log10 effective FLOP of the best model of classes that attempt no misuse
        self.ready = [math.inf for _ in self.capabilities]  # times of defences
        self.rows: list[dict[str, Any]] = []
        self.taken: dict[tuple[int, int, int], float] = {}  # log10 FLOP of stolen models, by real thief and capability
        self.foreseen = [False for _ in self.capabilities]  # whether an evaluation showed it to authorities
        # The first service of each actor with each capability, by whether its model has a dangerous capability.
        self.services: list[dict[tuple[int, bool], Service]] = [{} for _ in self.capabilities]
        self.first_release = [math.inf for _ in self.capabilities]  # of weights with the capability
        self.smallest_open = [math.inf for _ in self.capabilities]  # log10 FLOP, of models with open weights
        # Processes that wait for news about a capability are woken: a class has it, or a defence is ready.
        self.changed = [self.env.event() for _ in self.capabilities]
        self.changed_holders = self.env.event()  # a class has its first capability by training
        self.chips_known = self.env.event()  # another generation, or its times
        self.policy_name = policy_name
        self.measures = int(policy["n_measures"])
        given = scenario.policies.get(policy_name)
        named = given.named_measures() if given else ()
        self.measure_names = [called for called, measure in named for _ in measure.stretches()]
        self.regime = new_regime(self.measures, actors, len(self.classes))
        self.regime.entered[:] = [time for of_class in self.classes for time in of_class.entered]
        set_regime(luck, world, policy, self.regime)
        # Triggered when it becomes known that an event starts a measure.
        self.regime_known = self.env.event()
        self.reported = np.full((len(self.capabilities), self.measures), math.inf)

    @property
    def now(self) -> float:
        """The present, in decimal years."""
        return float(self.env.now)

    def until(self, time: float) -> simpy.Event:
        """An event at the absolute `time`; never if that is not before the horizon."""
        if not time < self.scenario.horizon:
            return self.env.event()
        return self.env.timeout(time - self.env.now)

    def after_others(self, priority: int) -> simpy.Event:
        """An event at this moment, after all others of the moment with a smaller `priority` (1 is the usual one)."""
        return _Later(self.env, priority)

    def log(self, event: str, c: int | None = None, actor: str = "", subject: str = "", **numbers: Any) -> None:
        """Record an event that happens now. Raises TooManyEvents beyond `MOST_EVENTS`."""
        if len(self.rows) == MOST_EVENTS:
            raise TooManyEvents(
                f"this future has more than {MOST_EVENTS:,} events, too many to list; `engine run` counts them"
            )
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

    def add_generation(self, generation: Generation) -> None:
        """Record a generation of chips, now known, and the time at which each class has it."""
        self.generations.append(generation)
        self._order_all_chips()

    def _order_all_chips(self) -> None:
        for c in range(len(self.classes)):
            self._order_chips(c)
        known, self.chips_known = self.chips_known, self.env.event()
        known.succeed()

    def _order_chips(self, c: int) -> None:
        """The times at which class `c` has every known generation, given the known measures."""
        steps: list[ChipStep] = []
        for released, gain, number_format, format_gain in self.generations:
            steps.append((float(class_can_buy(self.world, self.policy, self.regime, c, released)), gain))
            if number_format >= 0:
                when = class_trains_with(self.world, self.policy, self.regime, c, number_format, released)
                steps.append((float(when), format_gain))
        self.classes[c].chips = sorted(steps, key=lambda step: step[0])

    def add_breakthrough(self, c: int, when: float, invariant: float, scaled: float) -> None:
        """Record a breakthrough, now known, that class `c` uses from `when`."""
        insort(self.classes[c].algorithms, (when, invariant, scaled), key=lambda step: step[0])

    def largest_before(self, t: float) -> float:
        """log10 FLOP of the largest run finished before `t`; -inf for none."""
        return max((compute for end, compute in self.finished if end < t), default=-math.inf)

    def unless_changed(self, awaited: simpy.Event, k: int | None = None) -> simpy.Event:
        """The `awaited` event, or an earlier change of its hazard: access to `k` (else holders), or a measure."""
        changed = self.changed_holders if k is None else self.changed[k]
        edge = self.until(float(next_change(self.policy, self.regime, self.now)))
        return self.env.any_of([awaited, changed, edge, self.regime_known])

    def next_change_of_chips(self, c: int) -> float:
        """The next time, up to the horizon, at which chips of class `c` arrive or a measure starts or ends."""
        arrival = next((when for when, _ in self.classes[c].chips if when > self.now), math.inf)
        edge = float(next_change(self.policy, self.regime, self.now))
        return min(arrival, edge, self.scenario.horizon)

    def among(self, capabilities: int) -> list[int]:
        """The capabilities whose bits are set."""
        return [k for k in range(len(self.capabilities)) if has(capabilities, k)]

    def happened(self, event: Event, k: int = -1, log10_flop: float = -math.inf) -> None:
        """Start the measures that wait for this event, which happens now."""
        started: set[str] = set()
        for m in range(self.measures):
            if self.regime.start[m] < math.inf:
                continue
            if event == Event.RUN:
                starts = self.policy["trigger"][m] == event and log10_flop >= self.policy["trigger_compute"][m]
            else:
                starts = triggers(self.world, self.policy, m, int(event), k)
            if starts:
                start = float(triggered_start(self.policy, self.regime, m, self.now))
                if math.isinf(start):  # no class complies
                    continue
                begin_measure(self.luck, self.world, self.policy, self.regime, m, start)
                subject = self.capabilities[k] if k >= 0 else f"run of 10^{log10_flop:.1f} FLOP"
                if self.measure_names[m] not in started:
                    self.log("trigger", subject=subject, measure=self.measure_names[m])
                started.add(self.measure_names[m])
        if started:
            self._order_all_chips()
            known, self.regime_known = self.regime_known, self.env.event()
            known.succeed()

    def wake(self, k: int) -> None:
        """Wake processes that wait for a change of capability `k`."""
        event, self.changed[k] = self.changed[k], self.env.event()
        event.succeed()

    def holders(self, thief: int) -> list[int]:
        """The classes other than `thief` that hold any capability by training."""
        return [c for c, held in enumerate(self.classes) if c != thief and held.trained]

    def gains(self, c: int, thief: int, model: Model) -> int:
        """Capabilities of a stolen `model` that the `thief`, a real actor, lacks and has in none that is as small."""
        taken, gains = self.taken, 0
        for k in self.among(model.capabilities):
            if not self.has(c, thief, k) and model.compute < taken.get((c, thief, k), math.inf):
                taken[c, thief, k] = model.compute
                gains |= 1 << k
        return gains

    def has(self, c: int, real: int, k: int) -> bool:
        """Whether a real actor of class `c` has access to `k`."""
        of_class = self.classes[c]
        if k in of_class.opened or real in of_class.thieves.get(k, ()):
            return True
        return self.member_of(c, real) in of_class.holders.get(k, ())

    def member_of(self, c: int, real: int) -> int:
        """The member of class `c` that stands for its `real` actor."""
        return int(member_of(self.world, c, real))

    def steals(self, c: int, k: int, thief: int) -> None:
        """Record that a real actor of class `c`, the `thief`, has access by a stolen model."""
        of_class = self.classes[c]
        first = not of_class.has(k)
        of_class.stolen.setdefault(k, self.now)
        of_class.thieves.setdefault(k, set()).add(thief)
        actor = of_class.members[self.member_of(c, thief)]
        self.log("attainment", c, actor, self.capabilities[k], route="stolen", first_of_class=first)
        self.wake(k)

    def attained(self, c: int, k: int, actor: str, route: str, **numbers: float) -> None:
        """Record an attainment: of one actor by training, or of a whole class by open weights."""
        of_class = self.classes[c]
        first, holds = not of_class.has(k), bool(of_class.trained)
        opens = route == "open_weights"
        (of_class.opened if opens else of_class.trained).setdefault(k, self.now)
        self.log("attainment", c, actor, self.capabilities[k], route=route, first_of_class=first, **numbers)
        if not opens:
            member, thieves = of_class.members.index(actor), of_class.thieves.get(k, set())
            of_class.holders.setdefault(k, set()).add(member)
            thieves -= {thief for thief in thieves if self.member_of(c, thief) == member}
            a = of_class.first_actor + member
            self.reported[k] = np.where(
                self.regime.obeys[:, a], np.minimum(self.reported[k], self.now), self.reported[k]
            )
            self.happened(Event.EMERGENCE, k)
            if not holds:
                changed, self.changed_holders = self.changed_holders, self.env.event()
                changed.succeed()
        self.wake(k)
