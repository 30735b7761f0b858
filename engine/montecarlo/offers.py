"""What is done with a finished model under the Monte Carlo clock: its weights are released, or others may use it."""

from __future__ import annotations

import math

from engine.montecarlo.arrays import Floats, Ints
from engine.montecarlo.future import POSTPONED, SERVICES, WEIGHT_RELEASES, Attainments, Ledger
from engine.rules.compiled import ZERO, kernel, rule
from engine.rules.diffusion import publishes_weights, weights_released
from engine.rules.distillation import distillable, hosted_gain, open_gain
from engine.rules.emergence import has
from engine.rules.governance import release_allowed
from engine.rules.hosting import deployed, in_service, is_withdrawn, offers_service, serves, service_allowed
from engine.rules.luck import Luck
from engine.rules.regime import Regime, next_change
from engine.rules.world import Actor, Policy, World

#: Bits of `Ledger.offers`: what a developer wants to do with a harmless model; the next bit says it of a dangerous one.
PUBLISHES, SERVES = 0b0001, 0b0100


@rule
def offers_wanted(world: World, c: int, publication: float, offer: float) -> int:
    """What a member of class `c` wants to do with a model, as bits, by its luck; measures aside."""
    wanted = 0
    for danger in (False, True):
        wanted |= PUBLISHES * publishes_weights(world, c, publication, danger) << danger
        wanted |= SERVES * offers_service(world, c, offer, danger) << danger
    return wanted


@kernel
def wanted(ledger: Ledger, r: int, dangerous: int) -> int:
    """What is to be done with the model of run `r`, as bits PUBLISHES and SERVES: nothing if it has no capability.

    The `dangerous` capabilities are given as bits. Without a branch, for it depends on luck.
    """
    capabilities = ledger.capabilities[r]
    offers = (ledger.offers[r] >> (capabilities & dangerous != 0)) & (PUBLISHES | SERVES)
    return offers if capabilities != 0 else 0


@kernel
def begin_offers(attainments: Attainments, counted: Ints) -> None:
    """Set what releases and services add to as it is before the first model."""
    attainments.first_release[:] = math.inf
    attainments.first_compute[:] = math.inf
    attainments.first_served[:] = math.inf
    attainments.served[:] = math.inf
    attainments.served_harmless[:] = math.inf
    counted[WEIGHT_RELEASES] = counted[SERVICES] = counted[POSTPONED] = 0


@kernel
def release(
    luck: Luck,
    world: World,
    policy: Policy,
    regime: Regime,
    r: int,
    danger: bool,
    ledger: Ledger,
    attainments: Attainments,
    counted: Ints,
) -> None:
    """Set the release of the weights of run `r`'s model, and with it the first of each capability."""
    c, a, compute, wished = ledger.of_class[r], ledger.actor[r], ledger.compute[r], 0.0
    released = weights_released(world, c, ledger.finished[r])
    if released >= world.horizon:
        return
    if policy.n_measures > 0:
        who, run, wished = Actor(c, a - world.first_actor[c], a), ledger.number[r], released
        released = release_allowed(luck, world, policy, regime, who, run, danger, wished, compute)
        counted[POSTPONED] += released > wished
        if released >= world.horizon:
            return
    n, capabilities = counted[WEIGHT_RELEASES], ledger.capabilities[r]
    ledger.released[n], ledger.released_compute[n], ledger.released_capabilities[n] = released, compute, capabilities
    counted[WEIGHT_RELEASES] = n + 1
    first_release, first_compute = attainments.first_release, attainments.first_compute
    for k in range(world.n_capabilities):
        is_first = has(capabilities, k) & (released < first_release[k])
        first_release[k] = released if is_first else first_release[k]
        first_compute[k] = compute if is_first else first_compute[k]


@kernel
def serve(
    luck: Luck,
    world: World,
    policy: Policy,
    regime: Regime,
    r: int,
    danger: bool,
    ledger: Ledger,
    attainments: Attainments,
    counted: Ints,
) -> None:
    """Set the service with run `r`'s model, and with it the first with each capability for each class."""
    c, a = ledger.of_class[r], ledger.actor[r]
    served = deployed(world, c, ledger.finished[r])
    if served >= world.horizon:
        return
    if policy.n_measures > 0:
        who, run = Actor(c, a - world.first_actor[c], a), ledger.number[r]
        served = service_allowed(luck, world, policy, regime, who, run, danger, served, ledger.compute[r])
        if served >= world.horizon:
            return
    counted[SERVICES] += 1
    # An actor's later services with a capability are closed when its first is, so that they add nothing.
    first = _is_first(world, served, ledger.capabilities[r], attainments.served[a])
    if not danger:
        first |= _is_first(world, served, ledger.capabilities[r], attainments.served_harmless[a])
    if first == 0:
        return
    for user in range(world.n_classes):
        if serves(world, c, user):
            opened, first_served = in_service(policy, regime, a, user, danger, served), attainments.first_served[user]
            for k in range(world.n_capabilities):
                first_served[k] = min(first_served[k], opened if has(first, k) else math.inf)


@kernel
def _is_first(world: World, served: float, capabilities: int, earliest: Floats) -> int:
    """Set the `earliest` service of an actor with each capability; returns those for which that is this one."""
    first = ZERO
    for k in range(world.n_capabilities):
        is_first = has(capabilities, k) & (served < earliest[k])
        earliest[k] = served if is_first else earliest[k]
        first |= is_first << k
    return first


@kernel
def first_gain(
    world: World, policy: Policy, regime: Regime, c: int, k: int, begun: float, attainments: Attainments
) -> float:
    """OOM that a run of class `c` `begun` then needs less for `k`, by the models offered so far."""
    gain = open_gain(world, begun, attainments.first_release[k])
    hosted = hosted_gain(world, begun, attainments.first_served[c, k])
    if hosted <= gain:
        return gain
    limited = False
    for m in range(policy.n_measures):
        limited |= policy.distillation_limit[m] > 0.0
    if limited:
        hosted *= _most_distillable(world, policy, regime, c, k, begun, attainments)
    return max(gain, hosted)


@rule
def _most_distillable(
    world: World, policy: Policy, regime: Regime, c: int, k: int, begun: float, attainments: Attainments
) -> float:
    """The largest share of the gain that limits left class `c` at any service with `k` in time for a run `begun` then.

    What is in time is asked as `hosted_gain` asks it, so that rounding never tells the two apart.
    """
    most = 0.0
    for host in range(world.n_classes):
        if not (world.hosting[host] > 0.0 and serves(world, host, c)):
            continue
        for a in range(world.first_actor[host], world.first_actor[host] + world.count[host]):
            for danger in (False, True):
                served = attainments.served[a, k] if danger else attainments.served_harmless[a, k]
                if hosted_gain(world, begun, served) == 0.0:
                    continue
                time = in_service(policy, regime, a, c, danger, served)
                while hosted_gain(world, begun, time) > 0.0:
                    if not is_withdrawn(policy, regime, a, c, danger, time):
                        most = max(most, distillable(policy, regime, a, time))
                    time = next_change(policy, regime, time)
    return most
