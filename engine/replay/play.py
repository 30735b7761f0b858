"""Simulation of one future by the SimPy clock."""

from __future__ import annotations

from engine.errors import InputError
from engine.replay import actors, governance, harm, hosting
from engine.replay import exogenous as surroundings
from engine.replay.history import History
from engine.replay.record import Record
from engine.replay.state import State
from engine.rules.governance import is_malicious
from engine.rules.luck import Luck
from engine.rules.world import Policy, World
from engine.scenario import BASELINE, SAMPLING, WORLDS, Scenario, WorldSampler, check_addresses, integer
from engine.scenario.policies import POLICY
from engine.scenario.worlds import WORLD


def replay(
    scenario: Scenario,
    world: int,
    future: int,
    *,
    policy: str = BASELINE,
    worlds: int = WORLDS,
    seed: int = 0,
    sampling: str = SAMPLING,
) -> History:
    """Replay one future under one policy, with all its events.

    `world` and `future` count from 0. `seed`, `sampling` and, for `lhs`, `worlds` must be those of the
    original run; then it is the same future.

    Raises InputError if the address is invalid (`world` not below `worlds`, or another number out of range), or if the
    scenario has no such `policy`; TooManyEvents if the future has more than can be listed.
    """
    check_addresses(worlds, 1, seed, sampling)
    world, future, seed = integer("world", world), integer("future", future), integer("seed", seed)
    if not 0 <= world < worlds:
        raise InputError(
            f"world {world} is not one of {worlds} worlds; count from 0 to {worlds - 1}, or name more worlds"
        )
    if not 0 <= future < 2**32:
        raise InputError(f"future must be 0 to {2**32 - 1}, not {future}")
    number = scenario.policy_number(policy)
    records, policies = WorldSampler(scenario, worlds, seed, sampling).draw(world, 1)
    return play(scenario, records[0], policies[0, number], (seed, world, future), policy)


def play(scenario: Scenario, world: World, policy: Policy, luck: Luck, name: str = BASELINE) -> History:
    """Simulate the future at the address `luck` in `world` under `policy` (records of a `WorldSampler`)."""
    world, policy = Record(world, WORLD), Record(policy, POLICY)
    state = State(scenario, world, policy, luck, name)
    start = state.env.process
    surroundings.set_requirements(state)
    surroundings.set_budgets(state)
    start(surroundings.investment(state))
    start(surroundings.chips(state))
    first_part = policy["first_part"][: state.measures]
    for m in range(state.measures):
        if first_part[m] == m:
            start(governance.measure(state, range(m, m + int((first_part == m).sum()))))
    for k, capability in enumerate(scenario.capabilities.values()):
        if capability.kind == "dangerous":
            start(harm.defence(state, k))
    hosts = bool((world["hosting"] > 0.0).any())
    for c, spec in enumerate(scenario.actor_classes.values()):
        start(surroundings.breakthroughs(state, c))
        for member in range(spec.simulated):
            start(actors.training(state, c, member))
            if member >= spec.present:
                start(actors.entry(state, c, member))
        if world["theft_rate"][c] > 0.0:
            start(actors.theft(state, c))
        for k in range(len(scenario.capabilities)):
            if is_malicious(world, c) and world["success_probability"][k] > 0.0:
                start(harm.misuse(state, c, k, hosted=False))
                if hosts:
                    start(harm.misuse(state, c, k, hosted=True))
            if hosts:
                start(hosting.use(state, c, k))
    state.env.run(until=scenario.horizon)
    return History.of(state)
