"""The patient rule induction method (PRIM): worlds are peeled off a box step by step, and pasted back if that helps.

Friedman & Fisher 1999 (Statistics and Computing 9, 123). The quantiles and the objective, density gained per world
removed, are those of the EMA Workbench (Kwakkel 2017, Environmental Modelling & Software 96, 239). A test checks that
both find the same boxes.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from engine.analyses.stress.failing_worlds import Bools, Floats

#: Share of the worlds in a box that one peel removes, and of those beyond a limit that one paste adds.
_ALPHA = 0.05

#: (lower, upper) of a box by parameter, both inclusive, -inf and inf for no limit.
Limits = tuple[Floats, Floats]
#: One limit of a box: (parameter, whether it is the upper one).
Side = tuple[int, bool]


def trajectory(x: Floats, failing: Bools, least_mass: float) -> list[Limits]:
    """The boxes on PRIM's trajectory in `x` (world, parameter), the one without limits first.

    `failing` (world) marks failing worlds; there must be some of both kinds. No box contains less than the share
    `least_mass` of the worlds. Values may be tied, as those of whole numbers are.
    """
    boxes = [(np.full(x.shape[1], -np.inf), np.full(x.shape[1], np.inf))]
    boxes += _peeled(x, failing, boxes[-1], least_mass)
    boxes += _pasted(x, failing, boxes[-1], least_mass)
    return boxes


def beyond(x: Floats, box: Limits, sides: list[Side]) -> Bools:
    """Whether worlds lie beyond each of the `sides` of a box: (side, world)."""
    return np.array([x[:, j] > box[1][j] if up else x[:, j] < box[0][j] for j, up in sides]).reshape(-1, len(x))


def _peeled(x: Floats, failing: Bools, box: Limits, least_mass: float) -> Iterator[Limits]:
    """Successively smaller boxes, each without the worlds at one end of one parameter that are best removed."""
    order = np.argsort(x, axis=0, kind="stable").T
    limited = np.zeros(x.shape[1], dtype=bool)
    while True:
        values, fails = np.take_along_axis(x.T, order, axis=1), failing[order]
        limits, left, hits = _peels(values, fails)
        gains = _gains(left, hits, order.shape[1], int(fails[0].sum()))
        best = _best(gains, np.repeat(limited, 2))
        if gains[best] <= 0.0 or left[best] / len(x) < least_mass:
            return
        j, up = best // 2, best % 2 == 0
        box, limited[j] = _moved(box, (j, up), limits[best]), True
        yield box
        stays = x[:, j] <= limits[best] if up else x[:, j] >= limits[best]
        order = order[stays[order]].reshape(x.shape[1], -1)


def _peels(values: Floats, fails: Bools) -> tuple[Floats, NDArray[np.int64], NDArray[np.int64]]:
    """Limit, remaining worlds, and failing ones among them, without the upper or the lower end of a parameter: (side).

    `values` (parameter, world in the box) are sorted; `fails` marks the failing ones.
    """
    hits = np.pad(fails.cumsum(axis=1), ((0, 0), (1, 0)))
    upper, lower = _upper_quantile(values), _lower_quantile(values)
    up_to = (values <= upper[:, np.newaxis]).sum(axis=1)
    below = (values < lower[:, np.newaxis]).sum(axis=1)
    rows = np.arange(len(values))
    return (
        np.stack([upper, lower], axis=1).ravel(),
        np.stack([up_to, values.shape[1] - below], axis=1).ravel(),
        np.stack([hits[rows, up_to], hits[:, -1] - hits[rows, below]], axis=1).ravel(),
    )


def _pasted(x: Floats, failing: Bools, box: Limits, least_mass: float) -> Iterator[Limits]:
    """Successively larger boxes, each with one limit moved outwards, as long as that raises the density."""
    while sides := [(j, up) for j in range(x.shape[1]) for up in (False, True) if np.isfinite(box[up][j])]:
        outside = beyond(x, box, sides)
        strikes = outside.sum(axis=0)
        boxes, inside = [], []
        for side, out in zip(sides, outside, strict=True):
            others = strikes == out
            boxes.append(_moved(box, side, _paste(x[:, side[0]], others, box[side[1]][side[0]], side[1])))
            inside.append(others & ~beyond(x, boxes[-1], [side])[0])
        left, hits = np.sum(inside, axis=1), np.sum(inside & failing, axis=1)
        gains = _gains(left, hits, int((strikes == 0).sum()), int(failing[strikes == 0].sum()))
        best = _best(gains, -np.array([np.isfinite(one).any(axis=0).sum() for one in boxes]))
        if gains[best] <= 0.0 or left[best] / len(x) < least_mass:
            return
        box = boxes[best]
        yield box


def _paste(values: Floats, others: Bools, limit: float, up: bool) -> float:
    """The new position of a `limit` on `values` (world), if the `others` are the worlds within all other limits."""
    there = np.sort(values[others & (values >= limit if up else values <= limit)])[np.newaxis]
    end = values.max() if up else values.min()
    moved = end if there.size == 0 else (_lower_quantile(there) if up else _upper_quantile(there))[0]
    return float(moved) if moved != end else np.inf if up else -np.inf


def _gains(left: NDArray[np.int64], hits: NDArray[np.int64], size: int, total: int) -> Floats:
    """Density gained per world that a box of `size` worlds, `total` of them failing, loses or adds: (box)."""
    change = hits / left - total / size
    return np.divide(change, np.abs(left - size), out=np.zeros(left.size), where=left != size)


def _best(gains: Floats, preferred: NDArray[np.int64] | Bools) -> int:
    """Index of the largest gain; among equals the most `preferred`, and among these the first."""
    ties = np.flatnonzero(gains == gains.max())
    return int(ties[np.argmax(preferred[ties])])


def _moved(box: Limits, side: Side, limit: float) -> Limits:
    lower, upper = box[0].copy(), box[1].copy()
    (upper if side[1] else lower)[side[0]] = limit
    return lower, upper


def _upper_quantile(values: Floats) -> Floats:
    """Midway between the neighbours at 1 - `_ALPHA` of `values` (row, value), sorted: (row).

    If both are equal, midway between them and the next lower value.
    """
    at = (values.shape[1] - 1) * (1 - _ALPHA)
    upper = values[:, int(np.ceil(at))]
    smaller = (values < upper[:, np.newaxis]).sum(axis=1)
    lower = values[np.arange(len(values)), np.clip(smaller - 1, 0, int(at))]
    return np.asarray((lower + upper) / 2)


def _lower_quantile(values: Floats) -> Floats:
    """Midway between the neighbours at `_ALPHA` of `values` (row, value), sorted: (row).

    If both are equal, midway between them and the next higher value.
    """
    at = (values.shape[1] - 1) * _ALPHA
    lower = values[:, int(at)]
    not_larger = (values <= lower[:, np.newaxis]).sum(axis=1)
    upper = values[np.arange(len(values)), np.clip(not_larger, int(np.ceil(at)), values.shape[1] - 1)]
    return np.asarray((lower + upper) / 2)
