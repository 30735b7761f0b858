"""Emergence under the Monte Carlo clock: a step of its own after the runs, so that rules about what is needed never
change what runs reach."""

from __future__ import annotations

from engine.montecarlo.arrays import Floats, Ints
from engine.montecarlo.future import TRAINED_ATTAINMENTS, Attainments, Exogenous, Ledger
from engine.rules.compiled import kernel
from engine.rules.emergence import has, has_capability
from engine.rules.world import World


@kernel
def emerge(world: World, exogenous: Exogenous, ledger: Ledger, attainments: Attainments, counted: Ints) -> None:
    """Set the capabilities of every model, attainments by training, and the best models of classes."""
    runs = ledger.runs[0]
    ledger.capabilities[:runs] = 0
    for k in range(world.n_capabilities):
        required, least = exogenous.requirement[k], world.least_compute[k]
        _mark(k, required, least, runs, ledger.compute, ledger.reached, ledger.capabilities)
    of_actor, of_model, attained = ledger.actor, ledger.capabilities, ledger.attained
    attained[:] = 0
    trained = 0
    for r in range(runs):
        new = of_model[r] & ~attained[of_actor[r]]
        if new != 0:
            a, finished = of_actor[r], ledger.finished[r]
            c = ledger.of_class[r]
            attained[a] |= new
            for k in range(world.n_capabilities):
                if has(new, k):
                    attainments.trained_time[k, a] = finished
                    attainments.class_trained[c, k] = min(attainments.class_trained[c, k], finished)
                    trained += 1
    counted[TRAINED_ATTAINMENTS] = trained
    ledger.bests[:] = 0
    for c in range(world.n_classes):
        if world.theft_rate[c] > 0.0:
            _rank(runs, ledger)
            return


@kernel
def _mark(
    k: int, required: float, least: float, runs: int, compute: Floats, reached: Floats, capabilities: Ints
) -> None:
    """Set the bit of capability `k` of every model that has it; a plain loop, to vectorise."""
    bit = 1 << k
    for r in range(runs):
        capabilities[r] |= bit if has_capability(required, least, compute[r], reached[r]) else 0


@kernel
def _rank(runs: int, ledger: Ledger) -> None:
    """Set the models with a capability that were the best of their class when they were finished, by time."""
    finished, reached, capabilities, of_actor = ledger.finished, ledger.reached, ledger.capabilities, ledger.actor
    best, bests, of_class = ledger.best, ledger.bests, ledger.of_class
    a, place = -1, 0
    for r in range(runs):
        if capabilities[r] == 0:
            continue
        c = of_class[r]
        if of_actor[r] != a:
            a, place = of_actor[r], 0
        # Runs of an actor come in order of time, so that the search goes on from its last one.
        while place < bests[c] and finished[best[c, place]] <= finished[r]:
            place += 1
        if place > 0 and reached[best[c, place - 1]] >= reached[r]:
            continue
        beaten = place
        while beaten < bests[c] and reached[best[c, beaten]] <= reached[r]:
            beaten += 1
        # The models that it beats make room for it.
        if beaten == place:
            for n in range(bests[c], place, -1):
                best[c, n] = best[c, n - 1]
        else:
            for n in range(beaten, bests[c]):
                best[c, place + 1 + n - beaten] = best[c, n]
        best[c, place] = r
        bests[c] += 1 - (beaten - place)


@kernel
def best_by(ledger: Ledger, c: int, t: float) -> int:
    """The place among the best models of class `c` of the best one finished by `t`; -1 for none with a capability."""
    place = ledger.bests[c] - 1
    while place >= 0 and ledger.finished[ledger.best[c, place]] > t:
        place -= 1
    return place
