"""Who has access to a capability, and from when, under the Monte Carlo clock."""

from __future__ import annotations

import math

from engine.montecarlo.future import Attainments
from engine.rules.actors import member_of, weight
from engine.rules.compiled import kernel
from engine.rules.emergence import has
from engine.rules.regime import Regime
from engine.rules.world import World


@kernel
def list_access(world: World, c: int, k: int, regime: Regime, attainments: Attainments) -> int:
    """List the real actors of class `c` by the time from which they have `k`; returns the number of groups of them.

    Those for which a member stands have access together, when it trains the capability or the class has open weights
    with it. A thief that has it before is a group of its own.
    """
    since, standing, entered = attainments.group_since, attainments.group_standing, attainments.group_entered
    first, opened, groups = world.first_actor[c], attainments.class_open[c, k], world.count[c]
    for member in range(groups):
        entered[member] = regime.entered[first + member]
        since[member] = min(attainments.trained_time[k, first + member], max(opened, entered[member]))
        standing[member] = weight(world, c, member)
    for n in range(attainments.stolen[0]):
        if attainments.thief_class[n] == c and has(attainments.stolen_capabilities[n], k):
            member = member_of(world, c, attainments.thief[n])
            if attainments.stolen_use[n] < since[member]:
                since[groups], standing[groups] = attainments.stolen_use[n], 1
                entered[groups] = entered[member]
                standing[member] -= 1
                groups += 1
    return groups


@kernel
def list_rising_access(world: World, c: int, k: int, regime: Regime, attainments: Attainments) -> int:
    """As `list_access`, but only groups with access before the horizon, with rising times."""
    since, standing = attainments.group_since, attainments.group_standing
    groups = 0
    for n in range(list_access(world, c, k, regime, attainments)):
        time, number = since[n], standing[n]
        if time < world.horizon:
            place = groups
            while place > 0 and since[place - 1] > time:
                since[place], standing[place] = since[place - 1], standing[place - 1]
                place -= 1
            since[place], standing[place] = time, number
            groups += 1
    return groups


@kernel
def lacks(
    world: World, c: int, k: int, thief: int, compute: float, t: float, regime: Regime, attainments: Attainments
) -> bool:
    """Whether a real actor, the `thief` of class `c`, lacks `k` at `t` and gains it by a stolen model of `compute`.

    What it has in another stolen model that is as small, it does not gain, even if it cannot run that yet.
    """
    a = world.first_actor[c] + member_of(world, c, thief)
    own = min(attainments.trained_time[k, a], max(attainments.class_open[c, k], regime.entered[a]))
    n = stolen_by(c, k, thief, attainments)
    smallest = attainments.stolen_compute[n] if n >= 0 else math.inf
    used = attainments.stolen_use[n] if n >= 0 else math.inf
    return t < min(own, used) and compute < smallest


@kernel
def stolen_by(c: int, k: int, thief: int, attainments: Attainments) -> int:
    """The stolen model in which the `thief` of class `c` has `k`; -1 for none."""
    for n in range(attainments.stolen[0]):
        of_thief = attainments.thief_class[n] == c and attainments.thief[n] == thief
        if of_thief and has(attainments.stolen_capabilities[n], k):
            return n
    return -1
