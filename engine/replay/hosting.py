"""Processes of hosted access: services, the use that classes make of them, and what runs learn from them."""

from __future__ import annotations

import math

from engine.replay.exogenous import Process
from engine.replay.state import Model, Service, State
from engine.rules.distillation import distillable, distils, hosted_gain, most_distilled, open_gain
from engine.rules.emergence import has, has_capability
from engine.rules.hosting import deployed, in_service, is_withdrawn, serves, service_allowed, unguarded
from engine.rules.regime import next_change
from engine.rules.world import Actor


def service(state: State, host: Actor, model: Model, dangerous: bool) -> Process:
    """The service that a `host` offers with a finished `model`."""
    yield state.until(deployed(state.world, host.c, state.now))
    while True:
        # Checked again at the allowed time: a measure may have started since.
        allowed = service_allowed(
            state.luck, state.world, state.policy, state.regime, host, model.run, dangerous, state.now, model.compute
        )
        if allowed <= state.now:
            break
        yield state.until(float(allowed))
    subject = ", ".join(state.capabilities[k] for k in state.among(model.capabilities))
    state.log("service", host.c, state.classes[host.c].members[host.member], subject, log10_flop=model.compute)
    for k in state.among(model.capabilities):
        # A host's later services with it are closed when its first is, so that they add nothing.
        if (host.a, dangerous) not in state.services[k]:
            state.services[k][host.a, dangerous] = Service(host, state.now, dangerous)
            state.wake(k)


def use(state: State, c: int, k: int) -> Process:
    """The first use of a capability by a class, as soon as a service for it is not withdrawn."""
    while not open_services(state, c, k):
        yield state.unless_changed(state.env.event(), k)
    state.log("first_use", c, "all members", state.capabilities[k])


def open_services(state: State, c: int, k: int) -> list[Service]:
    """The services of other actors with capability `k` that class `c` can use now."""
    return [
        one
        for one in state.services[k].values()
        if serves(state.world, one.host.c, c)
        and not is_withdrawn(state.policy, state.regime, one.host.a, c, one.dangerous, state.now)
    ]


def through_services(state: State, c: int, k: int) -> float:
    """Share of attempts by class `c` with `k` that the least guarded service lets through now; 0 without a service."""
    world, policy, regime = state.world, state.policy, state.regime
    services = open_services(state, c, k)
    return max((float(unguarded(world, policy, regime, one.host, state.now)) for one in services), default=0.0)


def distilled(state: State, c: int, begun: float, compute: float, reached: float, trained: int) -> int:
    """The capabilities, as bits, that a run of class `c` `begun` then has only by what it learns from other models.

    Those that it has `trained`, as bits, are not among them.
    """
    bits, world = 0, state.world
    if not distils(world):
        return bits
    most = float(most_distilled(world))
    for k, required in enumerate(state.requirements):
        least = world["least_compute"][k]
        if not has(trained, k) and has_capability(required - most, least, compute, reached):
            gain = max(float(open_gain(world, begun, state.first_release[k])), _hosted_gain(state, c, k, begun))
            bits |= has_capability(required - gain, least, compute, reached) << k
    return bits


def _hosted_gain(state: State, c: int, k: int, begun: float) -> float:
    """The largest gain for `k` from any service for class `c`, at any time at which it could learn from it."""
    world, policy, regime, gain = state.world, state.policy, state.regime, 0.0
    for one in state.services[k].values():
        if serves(world, one.host.c, c):
            time = float(in_service(policy, regime, one.host.a, c, one.dangerous, one.begins))
            while hosted_gain(world, begun, time) > 0.0 and time < math.inf:
                if not is_withdrawn(policy, regime, one.host.a, c, one.dangerous, time):
                    share = float(distillable(policy, regime, one.host.a, time))
                    gain = max(gain, share * float(hosted_gain(world, begun, time)))
                time = float(next_change(policy, regime, time))
    return gain
