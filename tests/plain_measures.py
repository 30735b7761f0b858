"""Policies as plain Python, for naive twins of rules, and the records that the rules take for the same policy."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from helpers import NO_POLICY, world
from hypothesis import strategies as st

from engine.rules.governance import LEVERS
from engine.rules.regime import Regime, new_regime

#: What leaves the model as it is: levers, whether a run that waits is sized at its start, what closes services.
NEUTRAL = {**LEVERS, "sized_at_start": 0, "withdraws": 0, "licenses_use": 0}
#: Few moments, so that measures often start or end at the very moment that is asked about.
YEARS = st.sampled_from([2020.0, 2021.0, 2022.0, 2023.0, 2024.0, 2026.0])


@dataclass
class Measure:
    """What a measure changes, from when until when, and which members of each class obey it."""

    start: float
    end: float
    obeying: list[list[bool]]
    levers: dict[str, float] = field(default_factory=dict)

    def __getitem__(self, lever: str) -> float:
        return self.levers.get(lever, NEUTRAL[lever])

    def binds(self, c: int, member: int, t: float) -> bool:
        """Whether a member of class `c` is under the measure at `t`."""
        return self.start <= t < self.end and self.obeying[c][member]

    def is_in_force(self, t: float) -> bool:
        """Whether the measure is in force at `t`."""
        return self.start <= t < self.end


def members(measures: list[Measure], c: int, t: float) -> list[list[Measure]]:
    """For each member of class `c` the measures that bind it at `t`."""
    count = len(measures[0].obeying[c])
    return [[measure for measure in measures if measure.binds(c, member, t)] for member in range(count)]


def records(measures: list[Measure], **fields: Any) -> tuple[Any, Any, Regime]:
    """(world, policy, regime) of `measures`, the world with `fields`."""
    counts = [len(of_class) for of_class in measures[0].obeying]
    first = [sum(counts[:c]) for c in range(len(counts))]
    policy, regime = NO_POLICY[0].copy(), new_regime(len(measures), sum(counts), len(counts))
    policy["n_measures"] = len(measures)
    for m, measure in enumerate(measures):
        for lever in NEUTRAL:
            policy[lever][m] = measure[lever]
        regime.start[m], regime.end[m], regime.expiry[m] = measure.start, measure.end, measure.end
        regime.obeys[m] = [one for of_class in measure.obeying for one in of_class]
        regime.share[m] = [np.mean(of_class) for of_class in measure.obeying]
    return world(n_classes=len(counts), count=counts, first_actor=first, **fields), policy, regime


@st.composite
def policies(draw: st.DrawFn, **levers: st.SearchStrategy[float]) -> list[Measure]:
    """One to four measures with some of the `levers` each, on one to three classes of one to three members."""
    counts = draw(st.lists(st.integers(1, 3), min_size=1, max_size=3))
    measures = []
    for _ in range(draw(st.integers(1, 4))):
        obeying = [draw(st.lists(st.booleans(), min_size=count, max_size=count)) for count in counts]
        chosen = {name: draw(values) for name, values in levers.items() if draw(st.booleans())}
        end = draw(st.one_of(YEARS, st.just(math.inf)))
        measures.append(Measure(draw(YEARS), end, obeying, chosen))
    return measures
