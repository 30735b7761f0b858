"""Playing one future under the SimPy clock."""

from __future__ import annotations

import numpy as np

from engine.replay import actors, surroundings
from engine.replay.history import History
from engine.replay.stage import Stage
from engine.rules.luck import Luck
from engine.rules.world import World
from engine.scenario import Sampling, Scenario, WorldSampler, check_addresses
from engine.scenario.worlds import WORLD


def replay(
    scenario: Scenario,
    world: int,
    future: int,
    *,
    worlds: int = 1000,
    seed: int = 0,
    sampling: Sampling = "random",
) -> History:
    """Play one future again, with its whole story.

    `world` and `future` count from 0. `seed`, `sampling` and, for `lhs` and `sobol`, `worlds` must be
    those of the run in which the future was seen; then it is the same future.

    Raises ValueError if the future has no address: `world` not below `worlds`, or another number out of range.
    """
    check_addresses(worlds, 1, seed, sampling)
    if not 0 <= world < worlds:
        raise ValueError(f"world {world} is not one of {worlds} worlds; count from 0 to {worlds - 1}")
    if not 0 <= future < 2**32:
        raise ValueError(f"future must be 0 to {2**32 - 1}, not {future}")
    record = WorldSampler(scenario, worlds, seed, sampling).worlds(world, 1)[0]
    return play(scenario, record, (seed, world, future))


def play(scenario: Scenario, world: World, luck: Luck) -> History:
    """Play the future at the address `luck` in `world`, one record of a `WorldSampler`."""
    # Numba takes a plain record several times faster than one of a recarray.
    world = np.asarray(world).view(WORLD)[()]
    stage = Stage(scenario, world, luck)
    start = stage.env.process
    surroundings.set_requirements(stage)
    start(surroundings.investment(stage))
    start(surroundings.chips(stage))
    for c, spec in enumerate(scenario.actor_classes.values()):
        start(surroundings.breakthroughs(stage, c))
        for member in range(spec.count):
            start(actors.training(stage, c, member))
        if world["theft_rate"][c] > 0.0:
            for k in range(len(scenario.capabilities)):
                start(actors.theft(stage, c, k))
    stage.env.run(until=scenario.horizon)
    return History.of(stage)
