"""Emergence under the Monte Carlo clock: a step of its own after the runs, so that rules about what is needed never
change what runs reach."""

from __future__ import annotations

import math

from engine.montecarlo.arrays import Floats, Ints
from engine.montecarlo.future import TRAINED_ATTAINMENTS, UNRANKED, Attainments, Exogenous, Ledger
from engine.montecarlo.offers import PUBLISHES, SERVES, begin_offers, first_gain, release, serve, wanted
from engine.rules.compiled import ZERO, kernel
from engine.rules.distillation import distils, most_distilled
from engine.rules.emergence import dangerous_capabilities, has, has_capability
from engine.rules.luck import Luck
from engine.rules.regime import Regime
from engine.rules.world import Policy, World


@kernel
def emerge(
    luck: Luck,
    world: World,
    policy: Policy,
    regime: Regime,
    exogenous: Exogenous,
    ledger: Ledger,
    attainments: Attainments,
    counted: Ints,
) -> None:
    """Set the capabilities of every model, how it is offered, attainments by training, and best models of classes.

    Models that distillation may give a capability come last, in the order in which their runs finish. Whatever such a
    run learns from was offered before it began, so that it is known by then.
    """
    runs = ledger.runs[0]
    ledger.capabilities[:runs] = 0
    ledger.distilled[:runs] = 0
    for k in range(world.n_capabilities):
        required, least = exogenous.requirement[k], world.least_compute[k]
        _mark(k, required, least, runs, ledger.compute, ledger.reached, ledger.capabilities)
    may_distil = distils(world)
    sure = _put_in_order(world, exogenous, ledger) if may_distil else runs
    begin_offers(attainments, counted)
    dangerous, offered = dangerous_capabilities(world), ZERO
    # Of what is sure, those that are offered are gathered first: about half of all.
    for n in range(sure):
        r = ledger.order[n] if may_distil else n
        ledger.order[offered] = r
        offered += wanted(ledger, r, dangerous) != 0
    for n in range(offered):
        _offer(luck, world, policy, regime, ledger.order[n], dangerous, ledger, attainments, counted)
    for n in range(sure, runs):
        _distil(world, policy, regime, ledger.order[n], exogenous, ledger, attainments)
        _offer(luck, world, policy, regime, ledger.order[n], dangerous, ledger, attainments, counted)
    _attain(world, ledger, attainments, counted)
    ledger.bests[:] = UNRANKED


@kernel
def _offer(
    luck: Luck,
    world: World,
    policy: Policy,
    regime: Regime,
    r: int,
    dangerous: int,
    ledger: Ledger,
    attainments: Attainments,
    counted: Ints,
) -> None:
    """Set what is done with the model of run `r`; the `dangerous` capabilities are given as bits."""
    danger, offers = ledger.capabilities[r] & dangerous != 0, wanted(ledger, r, dangerous)
    if offers & PUBLISHES:
        release(luck, world, policy, regime, r, danger, ledger, attainments, counted)
    if offers & SERVES:
        serve(luck, world, policy, regime, r, danger, ledger, attainments, counted)


@kernel
def _attain(world: World, ledger: Ledger, attainments: Attainments, counted: Ints) -> None:
    """Set attainments by training, also those that distillation made possible."""
    of_actor, of_model, attained = ledger.actor, ledger.capabilities, ledger.attained
    attainments.trained_time[:] = math.inf
    attainments.class_trained[:] = math.inf
    attainments.class_distilled[:] = 0
    attained[:] = 0
    trained = 0
    for r in range(ledger.runs[0]):
        new = of_model[r] & ~attained[of_actor[r]]
        if new != 0:
            a, finished = of_actor[r], ledger.finished[r]
            c = ledger.of_class[r]
            attained[a] |= new
            for k in range(world.n_capabilities):
                if has(new, k):
                    attainments.trained_time[k, a] = finished
                    distilled = int(has(ledger.distilled[r], k))
                    if finished < attainments.class_trained[c, k]:
                        attainments.class_trained[c, k] = finished
                        attainments.class_distilled[c, k] = distilled
                    elif finished == attainments.class_trained[c, k]:
                        attainments.class_distilled[c, k] *= distilled
                    trained += 1
    counted[TRAINED_ATTAINMENTS] = trained


@kernel
def _mark(
    k: int, required: float, least: float, runs: int, compute: Floats, reached: Floats, capabilities: Ints
) -> None:
    """Set the bit of capability `k` of every model that has it; a plain loop, to vectorise."""
    bit = 1 << k
    for r in range(runs):
        capabilities[r] |= bit if has_capability(required, least, compute[r], reached[r]) else 0


@kernel
def _put_in_order(world: World, exogenous: Exogenous, ledger: Ledger) -> int:
    """Set the order in which runs emerge; returns the number of those that distillation cannot change.

    The others follow, in the order in which they finish; what it may give them is set in `ledger.distilled`.
    """
    runs, most, order, near = ledger.runs[0], most_distilled(world), ledger.order, ledger.distilled
    for k in range(world.n_capabilities):
        required, least = exogenous.requirement[k] - most, world.least_compute[k]
        _mark(k, required, least, runs, ledger.compute, ledger.reached, near)
    sure, last = ZERO, runs
    for r in range(runs):
        near[r] &= ~ledger.capabilities[r]
        if near[r] == 0:
            order[sure] = r
            sure += 1
        else:
            last -= 1
            order[last] = r
    _sort(order, sure, runs, ledger.finished)
    return sure


@kernel
def _sort(order: Ints, first: int, last: int, by: Floats) -> None:
    """Sort the places `first` to before `last` of `order`, with rising `by` of what they hold (Shell 1959)."""
    gap = last - first
    while gap > 1:
        # An odd gap of about a third, the last of them 1.
        gap = gap // 3 | 1
        for n in range(first + gap, last):
            one, place = order[n], n
            while place - gap >= first and by[order[place - gap]] > by[one]:
                order[place] = order[place - gap]
                place -= gap
            order[place] = one


@kernel
def _distil(
    world: World,
    policy: Policy,
    regime: Regime,
    r: int,
    exogenous: Exogenous,
    ledger: Ledger,
    attainments: Attainments,
) -> None:
    """Add the capabilities that the model of run `r` has by distillation alone, of those set as within reach."""
    near = ledger.distilled[r]
    ledger.distilled[r] = 0
    for k in range(world.n_capabilities):
        if has(near, k):
            gain = first_gain(world, policy, regime, ledger.of_class[r], k, ledger.begun[r], attainments)
            required, least = exogenous.requirement[k] - gain, world.least_compute[k]
            if gain > 0.0 and has_capability(required, least, ledger.compute[r], ledger.reached[r]):
                ledger.capabilities[r] |= 1 << k
                ledger.distilled[r] |= 1 << k


@kernel
def rank(c: int, ledger: Ledger) -> None:
    """Set the models with a capability that were the best of class `c` when they were finished, by time."""
    if ledger.bests[c] != UNRANKED:
        return
    finished, reached, capabilities, of_actor = ledger.finished, ledger.reached, ledger.capabilities, ledger.actor
    best, bests, of_class = ledger.best, ledger.bests, ledger.of_class
    a, place, bests[c] = -1, 0, 0
    for r in range(ledger.runs[0]):
        if of_class[r] != c or capabilities[r] == 0:
            continue
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
    rank(c, ledger)
    place = ledger.bests[c] - 1
    while place >= 0 and ledger.finished[ledger.best[c, place]] > t:
        place -= 1
    return place
