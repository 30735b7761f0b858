"""Actors: how many real ones an actor stands for, and how it differs from its class.

A member that represents n > 1 real actors is played as two actors, next to each other in their class: the luckiest of
the n, and a typical one of the n - 1 others.
"""

from __future__ import annotations

import math

from engine.rules.compiled import rule
from engine.rules.elementary import exp, log
from engine.rules.luck import Luck, Stream, uniform_pair
from engine.rules.normal import normal_quantile
from engine.rules.world import World

#: The largest float64 below 1.
BELOW_ONE = 1.0 - 2.0**-53


@rule
def weight(world: World, c: int, member: int) -> int:
    """The number of real actors for which a `member` of class `c` stands."""
    n: int = world.represents[c]
    return n if n == 1 else (1 if member % 2 == 0 else n - 1)


@rule
def first_weight(world: World, c: int, members: int) -> int:
    """The number of real actors for which the first so many `members` of class `c` stand."""
    n: int = world.represents[c]
    return members if n == 1 else members // 2 * n + members % 2


@rule
def member_of(world: World, c: int, real: int) -> int:
    """The member of class `c` that stands for its `real` actor (from 0)."""
    n: int = world.represents[c]
    return real if n == 1 else real // n * 2 + (real % n > 0)


@rule
def traits_of_many(luck: Luck, world: World, c: int, member: int) -> tuple[float, float]:
    """The traits of `actor_traits` for a member of a class whose members stand for several.

    Lucky is who has most OOM from budget and elicitation together, a Normal. The luckiest of n is the largest of n
    draws of that sum: its probability is u^(1/n) (David & Nagaraja 2003, *Order Statistics*, section 2.1). The others
    are independent draws below it. How the sum divides is a second Normal, independent of the sum.
    """
    u, v = uniform_pair(luck, Stream.ACTOR, world.class_address[c], member - member % 2)
    probability = exp(log(u) / world.represents[c])
    if member % 2 == 1:
        u, v = uniform_pair(luck, Stream.ACTOR, world.class_address[c], member)
        probability *= u
    budget, skill = world.budget_spread[c], world.elicitation_sd[c]
    both = math.sqrt(budget * budget + skill * skill)
    if both == 0.0:
        return 0.0, world.elicitation_mean[c]
    lucky = normal_quantile(min(probability, BELOW_ONE)) / both
    divided = budget * skill * normal_quantile(v) / both
    return budget * budget * lucky + divided, world.elicitation_mean[c] + skill * skill * lucky - divided


@rule
def actor_traits(luck: Luck, world: World, c: int, member: int) -> tuple[float, float]:
    """(offset of the log budget from the class's, elicitation in OOM) of a member: two Normals if it is one actor."""
    if world.represents[c] > 1:
        return traits_of_many(luck, world, c, member)
    u, v = uniform_pair(luck, Stream.ACTOR, world.class_address[c], member)
    offset = world.budget_spread[c] * normal_quantile(u)
    return offset, world.elicitation_mean[c] + world.elicitation_sd[c] * normal_quantile(v)


@rule
def one_of(probability: float, n: int) -> float:
    """The probability that at least one of `n` does what each does with a `probability`: 1 - (1 - p)^n."""
    if n == 1 or probability == 0.0 or probability >= 1.0:
        return probability
    return 1.0 - exp(n * log(1.0 - probability))


@rule
def of_each(luck: float, n: int) -> float:
    """The probability for each of `n` from which at least one does something with this uniform `luck`; see `one_of`."""
    return luck if n == 1 else 1.0 - exp(log(1.0 - luck) / n)
