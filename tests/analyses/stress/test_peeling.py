"""PRIM of our own: it goes through the same boxes as the EMA Workbench, and through those found by hand.

Guards against a kind of fault: an algorithm written again that is only nearly the one it replaces.
"""

from __future__ import annotations

import warnings
from importlib import metadata

import numpy as np
import pytest

from engine.analyses.stress.peeling import trajectory

pytestmark = pytest.mark.quick

FREE = (-np.inf, np.inf)
#: How many boxes the EMA Workbench 2.5.3 went through in worlds of each kind, and the limits of its last box.
FOUND = {
    "uniform": (
        51,
        [(0.609885, 0.906863), (0.038148, 0.674539), (0.073926, 0.725349), (-np.inf, 0.984866), (0.091316, np.inf)],
    ),
    "whole": (12, [(3.5, np.inf), (-np.inf, 4.5), (1.5, np.inf), (0.5, np.inf), (2.5, np.inf)]),
    "some whole": (20, [(1.5, np.inf), (0.035235, 0.606785), (0.5, 1.5), (-np.inf, 0.900609), FREE]),
    "rounded": (19, [(0.65, np.inf), (0.05, 0.75), (0.05, 0.85), (-np.inf, 0.75), (0.05, 0.95)]),
    "half zero": (24, [(0.273776, 0.936897), (0.010091, 0.425052), (-np.inf, 0.930048), (-np.inf, 0.917521), FREE]),
    "skewed": (30, [(0.064855, np.inf), (-np.inf, 0.201157), FREE, (-4.41867, np.inf), FREE]),
    "planted": (26, [(0.606972, 0.979321), (-np.inf, 0.699804), FREE, FREE, FREE]),
    "few": (28, [(0.692205, np.inf), (-np.inf, 0.801391), (0.101565, 0.993828), (0.071353, np.inf), FREE]),
}


def made(kind):
    """Numbers of worlds (world, parameter), whether each world fails, and the least mass of a box."""
    rng = np.random.default_rng([20_260_101, list(FOUND).index(kind)])
    worlds = 150 if kind == "few" else 900
    x = rng.random((worlds, 5))
    if kind == "whole":
        x = rng.integers(0, 6, x.shape).astype(float)
    if kind == "some whole":
        x[:, ::2] = rng.integers(0, 3, x[:, ::2].shape)
    if kind == "rounded":
        x = np.round(x, 1)
    if kind == "half zero":
        x[rng.random(x.shape) < 0.5] = 0.0
    if kind == "skewed":
        x, x[:, 4] = rng.normal(size=x.shape) ** 3, 1.0
    inside = (x[:, 0] > np.quantile(x[:, 0], 0.6)) & (x[:, 1] <= np.quantile(x[:, 1], 0.7))
    fails = inside if kind == "planted" else rng.random(worlds) < np.where(inside, 0.8, 0.1)
    return x, fails, max(min(0.05, 0.5 * fails.mean()), 10.0 / worlds)


def by_ema_workbench(x, fails, least_mass):
    """The (lower, upper) limits of all boxes on the trajectory of the EMA Workbench."""
    if int(metadata.version("ema_workbench").split(".")[0]) > 2:
        pytest.skip("PRIM of the EMA Workbench 3 takes no threshold")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pandas as pd
        from ema_workbench.analysis.prim import Prim

        found = Prim(pd.DataFrame(x), fails.astype(np.int64), threshold=1e-9, mass_min=least_mass).find_box()
    least, most = x.min(axis=0), x.max(axis=0)
    boxes = [limits.to_numpy() for limits in found.box_lims]
    return [(np.where(low == least, -np.inf, low), np.where(high == most, np.inf, high)) for low, high in boxes]


@pytest.mark.known
@pytest.mark.parametrize("kind", FOUND)
def test_boxes_are_those_of_the_ema_workbench(kind):
    """Every box of the trajectory, to the bit."""
    pytest.importorskip("ema_workbench")
    expected, found = by_ema_workbench(*made(kind)), trajectory(*made(kind))
    assert len(found) == len(expected)
    for ours, theirs in zip(found, expected, strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.known
@pytest.mark.parametrize("kind", FOUND)
def test_the_last_box_is_that_of_the_ema_workbench(kind):
    """What it found once, where it is not installed: in five of the eight a box was pasted back, too."""
    boxes, limits = FOUND[kind]
    found = trajectory(*made(kind))
    assert len(found) == boxes
    np.testing.assert_allclose(np.transpose(found[-1]), limits, atol=1e-6)


def test_a_peel_by_hand():
    """Of 0, 1, ..., 39 the last ten fail: the twentieth part of the worlds goes at the lower end, cut midway."""
    x = np.arange(40.0)[:, np.newaxis]
    found = trajectory(x, x[:, 0] >= 30, 0.2)
    assert [float(lower[0]) for lower, _ in found[:4]] == [-np.inf, 1.5, 3.5, 5.5]
    assert found[-1][0] == pytest.approx(29.5, abs=0.51)
    assert all(upper[0] == np.inf for _, upper in found)


def test_a_peel_takes_all_of_a_tied_value():
    """Ninety zeros and ten ones: no cut of a twentieth is possible, and the cut is between the values."""
    x = np.repeat([0.0, 1.0], [90, 10])[:, np.newaxis]
    assert [float(lower[0]) for lower, _ in trajectory(x, x[:, 0] > 0.0, 0.05)] == [-np.inf, 0.5]
    assert len(trajectory(x, x[:, 0] > 0.0, 0.11)) == 1


@pytest.mark.parametrize("kind", FOUND)
def test_no_box_is_too_small_and_each_is_denser(kind):
    """Peels and pastes alike raise the share of failing worlds."""
    x, fails, least_mass = made(kind)
    inside = [((x >= lower) & (x <= upper)).all(axis=1) for lower, upper in trajectory(x, fails, least_mass)]
    density = np.array([fails[box].mean() for box in inside])
    assert inside[0].all()
    assert min(box.mean() for box in inside) >= least_mass
    assert (np.diff(density) > 0.0).all()


def test_what_tells_nothing_is_not_peeled():
    """Worlds that all have the same numbers."""
    fails = np.arange(30) < 10
    assert len(trajectory(np.ones((30, 3)), fails, 0.05)) == 1
