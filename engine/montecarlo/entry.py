"""Entry of newcomers under the Monte Carlo clock."""

from __future__ import annotations

import math

from engine.montecarlo.arrays import Ints
from engine.montecarlo.future import NEWCOMERS
from engine.rules.compiled import kernel
from engine.rules.entry import entry_time, expected_entries
from engine.rules.luck import Luck
from engine.rules.regime import Regime
from engine.rules.world import World


@kernel
def set_entries(luck: Luck, world: World, regime: Regime, counted: Ints) -> None:
    """Set the time at which every actor enters, in order within a class."""
    counted[NEWCOMERS] = 0
    for c in range(world.n_classes):
        # The two actors of a member that represents several enter together.
        expected, actors = 0.0, 1 if world.represents[c] == 1 else 2
        for member in range(world.count[c]):
            a, n = world.first_actor[c] + member, member - world.present[c]
            regime.entered[a] = world.start
            if n >= 0:
                if n % actors == 0:
                    expected += expected_entries(luck, world, c, n // actors)
                regime.entered[a] = entry_time(world, c, expected)
                counted[NEWCOMERS] += regime.entered[a] < world.horizon


@kernel
def next_entry(world: World, c: int, members: int, regime: Regime) -> float:
    """The time at which another one enters class `c` after so many `members`; inf for never."""
    return regime.entered[world.first_actor[c] + members] if members < world.count[c] else math.inf
