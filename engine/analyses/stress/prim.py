"""One box of failing worlds by the patient rule induction method (PRIM): sought in some worlds, tested in others.

`peeling.py` searches; this module selects a box on the trajectory and tests its limits.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtrc

from engine.analyses.stress.failing_worlds import Bools, Floats
from engine.analyses.stress.peeling import Side, beyond, trajectory

#: In-sample quasi-p above which a limit is dropped before the trade-off of a box is judged.
_LENIENT = 0.05


@dataclass
class Box:
    """Limits by parameter, -inf and inf for none, and the quasi-p value of each limit, NaN for none."""

    lower: Floats
    upper: Floats
    lower_p: Floats
    upper_p: Floats

    def sides(self) -> list[Side]:
        """The sides on which the box has a limit."""
        return [(int(j), False) for j in np.flatnonzero(np.isfinite(self.lower))] + [
            (int(j), True) for j in np.flatnonzero(np.isfinite(self.upper))
        ]

    def without(self, side: Side) -> Box:
        """The same box without one of its limits."""
        column, is_upper = side
        one = Box(self.lower.copy(), self.upper.copy(), self.lower_p.copy(), self.upper_p.copy())
        (one.upper if is_upper else one.lower)[column] = np.inf if is_upper else -np.inf
        (one.upper_p if is_upper else one.lower_p)[column] = np.nan
        return one

    def holds(self, x: Floats) -> Bools:
        """Whether each world of x (world, parameter) is in the box, limits included."""
        limited = np.flatnonzero(np.isfinite(self.lower) | np.isfinite(self.upper))
        inside = (x[:, limited] >= self.lower[limited]) & (x[:, limited] <= self.upper[limited])
        return np.asarray(inside.all(axis=1))


def tested_box(x: Floats, failing: Bools, held_out: Bools, level: float, screened: int) -> Box:
    """A box sought in some worlds and tested in the held-out ones; without limits if none is found."""
    searched = ~held_out
    columns = np.sort(np.argsort(-kolmogorov_smirnov(x[searched], failing[searched]), kind="stable")[:screened])
    box = _search(x[searched], failing[searched], columns)
    limit = level / max(len(box.sides()), 1)
    tested = _tested(box, x[held_out], failing[held_out], limit)
    if not tested.sides() or len(tested.sides()) == len(box.sides()):
        return tested
    # Cuts by irrelevant parameters have misplaced the other limits: search again with the relevant parameters only.
    columns = np.unique([column for column, _ in tested.sides()])
    return _tested(_search(x[searched], failing[searched], columns), x[held_out], failing[held_out], limit)


def kolmogorov_smirnov(x: Floats, failing: Bools) -> Floats:
    """Two-sample Kolmogorov-Smirnov distances (parameter) of x (world, parameter) in failing and other worlds."""
    order = np.argsort(x, axis=0)
    steps = np.where(failing, 1.0 / failing.sum(), -1.0 / (~failing).sum())[order].cumsum(axis=0)
    ordered = np.take_along_axis(x, order, axis=0)
    last_of_ties = ordered[1:] != ordered[:-1]
    return np.asarray(np.where(last_of_ties, np.abs(steps[:-1]), 0.0).max(axis=0, initial=0.0))


def _search(x: Floats, failing: Bools, columns: NDArray[np.int64]) -> Box:
    """The box on PRIM's trajectory with the best trade-off, without limits that are not significant in-sample."""
    best, best_score = _unlimited(x.shape[1]), 0.0
    if columns.size == 0:
        return best
    # A box may be half as large as the failing part, so that rare failures fit one, but never fewer than ten worlds.
    least_mass = max(min(0.05, 0.5 * failing.mean()), 10.0 / failing.size)
    for lower, upper in trajectory(x[:, columns], failing, least_mass):
        box = _unlimited(x.shape[1])
        box.lower[columns], box.upper[columns] = lower, upper
        sides = box.sides()
        for side, p in zip(sides, _quasi_p(box, sides, x, failing), strict=True):
            box = box.without(side) if p > _LENIENT else box
        score = _trade_off(box, x, failing)
        if score > best_score:
            best, best_score = box, score
    return best


def _unlimited(count: int) -> Box:
    return Box(np.full(count, -np.inf), np.full(count, np.inf), np.full(count, np.nan), np.full(count, np.nan))


def _trade_off(box: Box, x: Floats, failing: Bools) -> float:
    inside, share = box.holds(x), failing.mean()
    if not inside.any():
        return 0.0
    coverage = (failing & inside).sum() / failing.sum()
    gain = (failing[inside].mean() - share) / (1.0 - share)
    return 2.0 * coverage * gain / (coverage + gain) if gain > 0.0 and coverage > 0.0 else 0.0


def _tested(box: Box, x: Floats, failing: Bools, limit: float) -> Box:
    """The box without the limits that the held-out worlds do not confirm, by their quasi-p values."""
    while sides := box.sides():
        p_values = _quasi_p(box, sides, x, failing)
        worst = int(np.argmax(p_values))
        if p_values[worst] <= limit:
            for (column, is_upper), p in zip(sides, p_values, strict=True):
                (box.upper_p if is_upper else box.lower_p)[column] = p
            return box
        box = box.without(sides[worst])
    return box


def _quasi_p(box: Box, sides: list[Side], x: Floats, failing: Bools) -> Floats:
    """Probability of as many failing worlds in the box if a limit did not matter, by limit (Bryant & Lempert 2010)."""
    outside = beyond(x, (box.lower, box.upper), sides)
    strikes = outside.sum(axis=0)
    inside, wider = strikes == 0, strikes == outside
    if not inside.any():
        return np.ones(len(sides))
    share = (wider & failing).sum(axis=1) / wider.sum(axis=1)
    return np.asarray(bdtrc(failing[inside].sum() - 1, inside.sum(), share))
