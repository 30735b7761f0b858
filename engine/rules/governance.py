"""Governance: the effect of each lever of a measure while it is in force (`engine.rules.regime`).

A policy is one record of `engine.scenario.policies.POLICY`: its measures m and their levers, `policy.max_compute[m]`.
Most rules here take a quantity without the policy and return it under the policy; with no measure in force it is the
same number, to the bit.
"""

from __future__ import annotations

import math
from typing import Any

from engine.rules.actors import first_weight, weight
from engine.rules.compiled import rule
from engine.rules.elementary import exp, log
from engine.rules.luck import Luck, Stream, uniform
from engine.rules.regime import Regime, binds, governs, in_force, members_at, share_obeying
from engine.rules.world import Actor, Policy, World

_LN10 = math.log(10.0)


#: Every lever, with the value that leaves the model as it is.
LEVERS: dict[str, float] = {
    "max_compute": math.inf,
    "relative_cap": math.inf,
    "threshold": 0.0,
    "licence_delay": 0.0,
    "release_delay": 0.0,
    "detection_probability": 0.0,
    "price_multiplier": 0.0,
    "added_procurement_lag": 0.0,
    "leakage": 0.0,
    "least_secrecy": 0.0,
    "lag_multiplier": 1.0,
    "least_security": 0.0,
    "least_safeguards": 0.0,
    "least_detection_rate": 0.0,
    "least_account_lag": 0.0,
    "refusal": 0.0,
    "distillation_limit": 0.0,
    "learning_speed": 1.0,
    "foresight": 0.0,
    "foresight_probability": 0.0,
    "defence_speed": 1.0,
    "added_effectiveness": 0.0,
    "budget_multiplier": 0.0,
    "research_multiplier": 1.0,
    "crowding_out": 0.0,
}


@rule
def _price(policy: Policy, m: int) -> float:
    """OOM by which the mean price of a chip rises under measure `m`: the share that leaks has the old price."""
    if policy.price_multiplier[m] == 0.0:
        return 0.0
    return log(policy.leakage[m] + (1.0 - policy.leakage[m]) * exp(policy.price_multiplier[m] * _LN10)) / _LN10


@rule
def spending_power(policy: Policy, m: int) -> float:
    """OOM that measure `m` adds to the compute that an actor can buy: support, minus the rise of chip prices."""
    return policy.budget_multiplier[m] - _price(policy, m)


@rule
def class_price(world: World, policy: Policy, regime: Regime, c: int, t: float) -> float:
    """OOM by which compute is more expensive for class `c` at `t`, on average over its members."""
    dearer = 0.0
    for m in range(policy.n_measures):
        if in_force(regime, m, t):
            dearer += share_obeying(world, regime, m, c, t) * _price(policy, m)
    return dearer


@rule
def largest_allowed(policy: Policy, m: int, largest: float) -> float:
    """log10 FLOP of the largest run under measure `m`, after runs up to the `largest`; -inf for none yet."""
    relative = math.inf if largest == -math.inf else largest + policy.relative_cap[m]
    return min(policy.max_compute[m], relative)


@rule
def licence_wait(policy: Policy, regime: Regime, a: int, t: float, compute: float) -> float:
    """Years that actor `a` waits for a licence for a run of `compute` planned for `t`; the longest of several."""
    wait = 0.0
    for m in range(policy.n_measures):
        if compute >= policy.threshold[m] and binds(regime, m, a, t):
            wait = max(wait, policy.licence_delay[m])
    return wait


@rule
def size_fixed(policy: Policy, regime: Regime, a: int, filed: float, compute: float) -> float:
    """The time at which what a run uses is fixed that actor `a` `filed` for a licence; inf for the start of the run.

    `compute` is what it planned then. It is the filing, unless a measure whose licence it needs says otherwise.
    """
    fixed = filed
    for m in range(policy.n_measures):
        if policy.sized_at_start[m] == 1 and compute >= policy.threshold[m] and binds(regime, m, a, filed):
            fixed = math.inf
    return fixed


@rule
def chips_arrive(world: World, policy: Policy, regime: Regime, c: int, arrival: float) -> float:
    """The time at which class `c` can buy a generation that it could otherwise buy at `arrival`.

    Measures in force at `arrival` delay it until they end at the latest. Earlier generations are not affected.
    """
    held = 0.0
    for m in range(policy.n_measures):
        if in_force(regime, m, arrival):
            obeying = share_obeying(world, regime, m, c, arrival)
            lag = policy.added_procurement_lag[m] * (1.0 - policy.leakage[m]) * obeying
            held += min(lag, regime.expiry[m] - arrival)
    return arrival + held


@rule
def mean_at_least(value: float, world: World, measures: int, least: Any, regime: Regime, c: int, t: float) -> float:
    """A `value` of class `c` at `t` after measures raise it to at least `least` (m,), averaged over its members."""
    governed = False
    for m in range(measures):
        governed |= least[m] > value and governs(regime, m, c, t)
    if not governed:
        return value
    total, members = 0.0, members_at(world, regime, c, t)
    for member in range(members):
        raised = value
        for m in range(measures):
            if least[m] > raised and binds(regime, m, world.first_actor[c] + member, t):
                raised = least[m]
        total += weight(world, c, member) * raised
    return total / first_weight(world, c, members)


@rule
def mean_factor(world: World, measures: int, factors: Any, regime: Regime, c: int, t: float) -> float:
    """The product of `factors` (m,) of the measures that bind a member of class `c` at `t`, on average over members."""
    governed = False
    for m in range(measures):
        governed |= factors[m] != 1.0 and governs(regime, m, c, t)
    if not governed:
        return 1.0
    total, members = 0.0, members_at(world, regime, c, t)
    for member in range(members):
        product = 1.0
        for m in range(measures):
            if factors[m] != 1.0 and binds(regime, m, world.first_actor[c] + member, t):
                product *= factors[m]
        total += weight(world, c, member) * product
    return total / first_weight(world, c, members)


@rule
def breakthrough_rate(world: World, policy: Policy, regime: Regime, c: int, t: float) -> float:
    """Breakthroughs a year of class `c` at `t`: the total rate times its research share, plus the effect of funding.

    The crowded-out share of the talent that is added (or cut) in the world comes from (or goes to) all classes in
    proportion; among several measures, the largest such share counts.
    """
    rate = world.breakthrough_rate * world.research_share[c]
    crowding_out, funded = 0.0, False
    for m in range(policy.n_measures):
        if policy.research_multiplier[m] != 1.0 and in_force(regime, m, t) and _reaches_research(world, regime, m):
            crowding_out = max(crowding_out, policy.crowding_out[m])
            funded = True
    if not funded:
        return rate
    rate *= mean_factor(world, policy.n_measures, policy.research_multiplier, regime, c, t)
    if crowding_out == 0.0:
        return rate
    added = 0.0
    for d in range(world.n_classes):
        factor = mean_factor(world, policy.n_measures, policy.research_multiplier, regime, d, t)
        added += world.research_share[d] * (factor - 1.0)
    left = 1.0 + crowding_out * added
    return rate / left if left > 0.0 else 0.0


@rule
def _reaches_research(world: World, regime: Regime, m: int) -> bool:
    """Whether any actor with research obeys measure `m`."""
    reached = False
    for c in range(world.n_classes):
        reached |= regime.share[m, c] > 0.0 and world.research_share[c] > 0.0
    return reached


@rule
def evaluation_finds(luck: Luck, world: World, policy: Policy, m: int, who: Actor, run: int) -> bool:
    """Whether the evaluation by measure `m` finds a dangerous capability of the model of a `run` of actor `who`.

    One draw a model, for its weights and its service: what one measure finds, every stricter one finds too.
    """
    if policy.detection_probability[m] == 0.0:
        return False
    index = (who.member << 16) | run
    return uniform(luck, Stream.MODEL_EVALUATION, world.class_address[who.c], index) < policy.detection_probability[m]


@rule
def release_allowed(
    luck: Luck,
    world: World,
    policy: Policy,
    regime: Regime,
    who: Actor,
    run: int,
    dangerous: bool,
    released: float,
    compute: float,
) -> float:
    """The time at which actor `who` may release the weights of the model of its `run`, planned for `released`.

    The measures in force then are checked, and again at the allowed time. The delay of a measure counts once, and ends
    with the measure. A prohibition (an infinite delay, or a `dangerous` capability that an evaluation finds) lasts
    until the measure ends or changes at a date, and is then judged again.
    """
    allowed = released
    delayed = 0
    while True:
        until = allowed
        for m in range(policy.n_measures):
            if compute < policy.threshold[m] or not binds(regime, m, who.a, allowed):
                continue
            if policy.release_delay[m] == math.inf or (
                dangerous and evaluation_finds(luck, world, policy, m, who, run)
            ):
                until = max(until, regime.end[m])
            whole = 1 << policy.first_part[m]
            if policy.release_delay[m] < math.inf and not delayed & whole:
                delayed |= whole
                until = max(until, min(allowed + policy.release_delay[m], regime.expiry[m]))
        if until == allowed:
            return allowed
        allowed = until


@rule
def security(world: World, policy: Policy, regime: Regime, c: int, t: float) -> float:
    """Share of theft that class `c` prevents as a holder at `t`."""
    return mean_at_least(world.security[c], world, policy.n_measures, policy.least_security, regime, c, t)


@rule
def learning_speed(policy: Policy, regime: Regime, reported: Any, t: float) -> float:
    """Factor on the speed at which authorities learn of a capability at `t`; the largest of several measures.

    `reported` (m,) is the time from which an actor that obeys measure m has it by training.
    """
    speed = 1.0
    for m in range(policy.n_measures):
        if reported[m] <= t and in_force(regime, m, t):
            speed = max(speed, policy.learning_speed[m])
    return speed


@rule
def foresees(luck: Luck, world: World, policy: Policy, regime: Regime, m: int, who: Actor, k: int, t: float) -> bool:
    """Whether evaluations under measure `m` show what actor `who` is near to with capability `k` at `t`.

    One draw for each actor and capability: what an evaluation misses, the next one misses too.
    """
    if policy.foresight_probability[m] == 0.0 or not binds(regime, m, who.a, t):
        return False
    index = (who.member << 16) | world.capability_address[k]
    return uniform(luck, Stream.FORESIGHT, world.class_address[who.c], index) < policy.foresight_probability[m]


@rule
def is_malicious(world: World, c: int) -> bool:
    """Whether class `c` attempts misuse."""
    return world.attempt_rate[c] > 0.0


@rule
def defence_speed(world: World, policy: Policy, regime: Regime, t: float) -> float:
    """Factor on the speed at which a defence is built at `t`.

    One defence protects against all attackers. Its speed is the average over the members of the classes that attempt
    misuse (of all classes, if none does); each member counts with the fastest of the measures that bind it.
    """
    faster = False
    for m in range(policy.n_measures):
        faster |= policy.defence_speed[m] > 1.0 and in_force(regime, m, t)
    if not faster:
        return 1.0
    none_attempts = True
    for c in range(world.n_classes):
        none_attempts &= not is_malicious(world, c)
    slowest, fastest, total, members = math.inf, 1.0, 0.0, 0
    for c in range(world.n_classes):
        if not (none_attempts or is_malicious(world, c)):
            continue
        for member in range(members_at(world, regime, c, t)):
            speed = 1.0
            for m in range(policy.n_measures):
                if policy.defence_speed[m] > speed and binds(regime, m, world.first_actor[c] + member, t):
                    speed = policy.defence_speed[m]
            slowest, fastest = min(slowest, speed), max(fastest, speed)
            total += weight(world, c, member) * speed
            members += weight(world, c, member)
    # If all are equal, this is that speed to the bit.
    return fastest if slowest == fastest else total / members


@rule
def undefended(world: World, policy: Policy, regime: Regime, c: int, k: int, t: float) -> float:
    """Share of attempts by class `c` with capability `k` that a ready defence lets through at `t`."""
    through = 1.0 - world.defence_effectiveness[k]
    governed = False
    for m in range(policy.n_measures):
        governed |= policy.added_effectiveness[m] > 0.0 and governs(regime, m, c, t)
    if not governed:
        return through
    total, members = 0.0, members_at(world, regime, c, t)
    for member in range(members):
        product = 1.0
        for m in range(policy.n_measures):
            if policy.added_effectiveness[m] > 0.0 and binds(regime, m, world.first_actor[c] + member, t):
                product *= 1.0 - policy.added_effectiveness[m]
        total += weight(world, c, member) * product
    return through * (total / first_weight(world, c, members))
