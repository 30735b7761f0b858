"""Hosted access: a model that its developer runs as a service, for the classes that it serves.

A user has neither the weights nor the capability itself: the service may be guarded, watched and withdrawn. Use is
therefore counted apart from attainment.
"""

from __future__ import annotations

from engine.rules.actors import of_each, weight
from engine.rules.compiled import rule
from engine.rules.governance import evaluation_finds
from engine.rules.luck import Luck, Stream, uniform
from engine.rules.regime import Regime, binds, next_change
from engine.rules.world import Actor, Policy, World


@rule
def offer_draw(luck: Luck, world: World, c: int, member: int, run: int) -> float:
    """The uniform that decides whether a member of class `c` offers the model of its `run`: one draw a model."""
    return uniform(luck, Stream.HOSTING, world.class_address[c], (member << 16) | run)


@rule
def offer_luck(luck: Luck, world: World, c: int, member: int, run: int) -> float:
    """The value of `hosting` from which a member of class `c` offers the model of its `run`.

    Of several real actors for which the member stands, at least one offers it from there on.
    """
    return of_each(offer_draw(luck, world, c, member, run), weight(world, c, member))


@rule
def offers_service(world: World, c: int, luck: float, dangerous: bool) -> bool:
    """Whether a member of class `c` offers a model with this `offer_luck` as a service, measures aside.

    The class withholds models with a `dangerous` capability more often.
    """
    return luck < world.hosting[c] * (world.hosting_dangerous[c] if dangerous else 1.0)


@rule
def service_allowed(
    luck: Luck,
    world: World,
    policy: Policy,
    regime: Regime,
    who: Actor,
    run: int,
    dangerous: bool,
    offered: float,
    compute: float,
) -> float:
    """The time from which actor `who` may offer the model of its `run` as a service, planned for `offered`.

    A licence includes an evaluation, which may find a `dangerous` capability and then forbids the service until the
    measure ends or changes at a date.
    """
    allowed = offered
    if not dangerous:
        return allowed
    while True:
        until = allowed
        for m in range(policy.n_measures):
            licensed = (
                policy.licenses_use[m] == 1 and compute >= policy.threshold[m] and binds(regime, m, who.a, allowed)
            )
            if licensed and evaluation_finds(luck, world, policy, m, who, run):
                until = max(until, regime.end[m])
        if until == allowed:
            return allowed
        allowed = until


@rule
def deployed(world: World, c: int, finished: float) -> float:
    """The time from which a member of class `c` offers a model as a service that it `finished` training then."""
    return finished + world.deployment_lag[c]


@rule
def serves(world: World, host: int, c: int) -> bool:
    """Whether services of class `host` are open to class `c`."""
    return world.serves[world.relation[host, c]] == 1


@rule
def is_withdrawn(policy: Policy, regime: Regime, a: int, c: int, dangerous: bool, t: float) -> bool:
    """Whether a measure that actor `a` obeys at `t` closes its service to class `c`.

    A measure may refuse the class as a customer, or withdraw models with a `dangerous` capability from all.
    """
    withdrawn = False
    for m in range(policy.n_measures):
        closes = policy.refuses[m, c] == 1 or (dangerous and policy.withdraws[m] == 1)
        withdrawn |= closes and binds(regime, m, a, t)
    return withdrawn


@rule
def in_service(policy: Policy, regime: Regime, a: int, c: int, dangerous: bool, offered: float) -> float:
    """The first time from `offered` on at which no measure closes actor `a`'s service to class `c`; inf for never."""
    time = offered
    while is_withdrawn(policy, regime, a, c, dangerous, time):
        time = next_change(policy, regime, time)
    return time


@rule
def unguarded(world: World, policy: Policy, regime: Regime, host: Actor, t: float) -> float:
    """Share of attempts at misuse through the services of a `host` at `t` that neither it nor a measure stops.

    Safeguards stop a share of the attempts, and identification refuses a share of the attackers. An attacker's account
    is closed at the rate of detection, and is missing for the account lag: in the long run it is open for
    1 / (1 + rate x lag) of the time (alternating renewal process). Of several measures the strictest counts.
    """
    safeguards, rate = world.safeguards[host.c], world.detection_rate[host.c]
    lag, refusal = world.account_lag[host.c], 0.0
    for m in range(policy.n_measures):
        if binds(regime, m, host.a, t):
            safeguards = max(safeguards, policy.least_safeguards[m])
            rate = max(rate, policy.least_detection_rate[m])
            lag = max(lag, policy.least_account_lag[m])
            refusal = max(refusal, policy.refusal[m])
    return (1.0 - safeguards) * (1.0 - refusal) / (1.0 + rate * lag)
