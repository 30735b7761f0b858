"""Diffusion of trained models under the Monte Carlo clock: by open weights and by theft, and who has what by when."""

from __future__ import annotations

import math

from engine.montecarlo.arrays import Ints
from engine.montecarlo.emergence import emerge
from engine.montecarlo.future import (
    DISTILLED,
    NO_ROUTE,
    OPEN_WEIGHTS,
    STOLEN,
    THEFTS,
    TRAINED,
    WEIGHT_RELEASES,
    Attainments,
    Exogenous,
    Ledger,
)
from engine.montecarlo.hosting import set_uses
from engine.montecarlo.runnable import runnable_from
from engine.montecarlo.theft import steal
from engine.rules.actors import member_of
from engine.rules.compiled import ZERO, kernel, standalone
from engine.rules.diffusion import weights_taken_up
from engine.rules.emergence import has
from engine.rules.luck import Luck
from engine.rules.regime import Regime
from engine.rules.world import Policy, World


@standalone
def diffuse(
    luck: Luck,
    world: World,
    policy: Policy,
    regime: Regime,
    exogenous: Exogenous,
    ledger: Ledger,
    attainments: Attainments,
    counted: Ints,
) -> None:
    """Set what models are capable of, releases, services, uptakes, thefts, and the first attainment of every class."""
    emerge(luck, world, policy, regime, exogenous, ledger, attainments, counted)
    attainments.class_open[:] = math.inf
    attainments.first_theft[:] = math.inf
    attainments.stolen[0] = 0
    counted[THEFTS] = 0
    _list_releases(world, ledger, attainments, counted)
    for k in range(world.n_capabilities):
        _take_up(world, policy, k, regime, exogenous, ledger, attainments)
    for c in range(world.n_classes):
        attainments.holds[c] = math.inf
        for k in range(world.n_capabilities):
            attainments.holds[c] = min(attainments.holds[c], attainments.class_trained[c, k])
    for c in range(world.n_classes):
        if world.theft_rate[c] > 0.0:
            steal(luck, world, policy, c, regime, exogenous, ledger, attainments, counted)
    set_uses(world, policy, regime, attainments, counted)
    _settle(world, attainments)


@kernel
def _list_releases(world: World, ledger: Ledger, attainments: Attainments, counted: Ints) -> None:
    """Leave the releases that may give a class a capability: those of models that are smaller than the first one's."""
    kept = ZERO
    first_release, first_compute = attainments.first_release, attainments.first_compute
    for n in range(counted[WEIGHT_RELEASES]):
        released, compute, capabilities = (
            ledger.released[n],
            ledger.released_compute[n],
            ledger.released_capabilities[n],
        )
        matters = False
        for k in range(world.n_capabilities):
            earliest = released == first_release[k]
            matters |= has(capabilities, k) and (earliest or compute < first_compute[k])
        if matters:
            ledger.released[kept] = released
            ledger.released_compute[kept] = compute
            ledger.released_capabilities[kept] = capabilities
            kept += 1
    ledger.releases[0] = kept


@kernel
def _take_up(
    world: World,
    policy: Policy,
    k: int,
    regime: Regime,
    exogenous: Exogenous,
    ledger: Ledger,
    attainments: Attainments,
) -> None:
    """Set the times at which classes have access to `k` by open weights.

    Releases are processed in order of time until no later one can give any class earlier access. Only models with
    less compute than every earlier one matter: a class can run a smaller model no later.
    """
    class_open = attainments.class_open
    smallest = math.inf
    while True:
        n = _next_release(ledger, k, smallest)
        if n < 0:
            return
        released, smallest = ledger.released[n], ledger.released_compute[n]
        wanted = False
        for c in range(world.n_classes):
            if weights_taken_up(world, c, released) < class_open[c, k]:
                runnable = runnable_from(world, policy, c, smallest, released, regime, exogenous)
                taken_up = weights_taken_up(world, c, runnable)
                if taken_up < world.horizon:
                    class_open[c, k] = min(class_open[c, k], taken_up)
                wanted |= runnable > released
        if not wanted:
            return


@kernel
def _next_release(ledger: Ledger, k: int, smallest: float) -> int:
    """The first release of a model with `k` and less compute than the `smallest` so far; -1 for none."""
    released, compute, capabilities = ledger.released, ledger.released_compute, ledger.released_capabilities
    first, time = -1, math.inf
    for n in range(ledger.releases[0]):
        if released[n] < time and compute[n] < smallest and has(capabilities[n], k):
            first, time = n, released[n]
    return first


@kernel
def _settle(world: World, attainments: Attainments) -> None:
    """Set the first attainment of each class, and its route."""
    class_stolen = attainments.class_stolen
    class_stolen[:] = math.inf
    for n in range(attainments.stolen[0]):
        c, used = attainments.thief_class[n], attainments.stolen_use[n]
        a = world.first_actor[c] + member_of(world, c, attainments.thief[n])
        for k in range(world.n_capabilities):
            own = min(attainments.trained_time[k, a], attainments.class_open[c, k], world.horizon)
            if has(attainments.stolen_capabilities[n], k) and used < own:
                class_stolen[c, k] = min(class_stolen[c, k], used)
    for c in range(world.n_classes):
        for k in range(world.n_capabilities):
            time = attainments.class_trained[c, k]
            route = DISTILLED if attainments.class_distilled[c, k] == 1 else TRAINED
            if attainments.class_open[c, k] < time:
                time, route = attainments.class_open[c, k], OPEN_WEIGHTS
            if attainments.class_stolen[c, k] < time:
                time, route = attainments.class_stolen[c, k], STOLEN
            attainments.class_time[c, k] = time
            attainments.class_route[c, k] = route if time < math.inf else NO_ROUTE
