"""Where a policy fails, as a small decision tree (CART): a second opinion on the boxes of PRIM.

Breiman, Friedman, Olshen & Stone 1984, Classification and Regression Trees; with PRIM in scenario discovery: Lempert,
Bryant & Bankes 2008 (RAND WR-557-NSF). A tree divides all worlds; a box describes only failing ones.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from engine.analyses.stress.failing_worlds import (
    FOUND,
    NOTHING,
    Bools,
    Floats,
    described,
    descriptions_in_words,
    failing_worlds,
    failure_frame,
    verdict,
)
from engine.extras import need
from engine.statistics.labelled import own_parameters
from engine.text.format import strings

_FOLDS = 5


def failure_tree(
    parameters: xr.DataArray, fails: xr.DataArray, depth: int = 3, least_mass: float = 0.05, seed: int = 0
) -> xr.Dataset:
    """Leaves of a decision tree that separates failing worlds from others, by policy: dims (policy, leaf, parameter).

    `parameters` (world, parameter) has the coordinate `parameter_units`; `fails` (policy, world) is 0 or 1. A leaf has
    at least the share `least_mass` of all worlds. The depth, at most `depth`, is the smallest whose error in five-fold
    cross-validation (Brier score; `seed`) is within one standard error of the least (the 1-SE rule of Breiman et al.
    1984), so that noise gives no tree. Returns `lower` (exclusive) and `upper` (NaN = no limit; in the parameter's
    unit), and by leaf `density` (share of its worlds that fail), `coverage` (share of failing worlds that lie in it)
    and `mass` (share of all worlds), the densest leaf first, NaN for missing leaves; by policy `verdict`,
    `leaf_count` and `failing_worlds`. No tree is grown with fewer than 20 failing worlds, or 95% or more. Raises
    ValueError for `fails` of other worlds or values.
    """
    need("analysis", "sklearn")
    by_policy = failing_worlds(parameters, fails)
    result = failure_frame(parameters, by_policy)
    shape = (len(by_policy), 2**depth)
    limits = {name: np.full((*shape, parameters.sizes["parameter"]), np.nan) for name in ("lower", "upper")}
    measures = {name: np.full(shape, np.nan) for name in ("density", "coverage", "mass")}
    verdicts = []
    for p, (policy, failing) in enumerate(by_policy.items()):
        own = own_parameters(parameters, [policy]).transpose("world", "parameter")
        columns = np.flatnonzero(np.isin(parameters["parameter"].values, own["parameter"].values))
        said = verdict(failing)
        if said == FOUND:
            leaves = _leaves(own.values, failing, depth, least_mass, seed)
            said = FOUND if leaves else NOTHING
            for k, (lower, upper, numbers) in enumerate(leaves):
                limits["lower"][p, k, columns], limits["upper"][p, k, columns] = lower, upper
                for name, number in numbers.items():
                    measures[name][p, k] = number
        verdicts.append(said)
    return _with_leaves(result, limits, measures, verdicts)


def _leaves(
    x: Floats, failing: Bools, depth: int, least_mass: float, seed: int
) -> list[tuple[Floats, Floats, dict[str, float]]]:
    """(lower, upper, measures) of the leaves, the densest first; none if no tree improves the score."""
    if x.shape[1] == 0:
        return []
    chosen = _depth(x, failing, depth, least_mass, seed)
    if chosen == 0:
        return []
    tree = _fitted(x, failing, chosen, least_mass)
    leaf_of = tree.apply(x)
    leaves = []
    for leaf, (lower, upper) in _bounds(tree.tree_, x.shape[1]).items():
        inside = leaf_of == leaf
        numbers = {
            "density": failing[inside].mean(),
            "coverage": (failing & inside).sum() / failing.sum(),
            "mass": inside.mean(),
        }
        leaves.append((lower, upper, numbers))
    return sorted(leaves, key=lambda leaf: -leaf[2]["density"])


def _fitted(x: Floats, failing: Bools, depth: int, least_mass: float) -> Any:
    from sklearn.tree import DecisionTreeClassifier  # type: ignore[import-not-found,import-untyped,unused-ignore]

    tree: Any = DecisionTreeClassifier(max_depth=depth, min_samples_leaf=least_mass, random_state=0)
    return tree.fit(x, failing)


def _depth(x: Floats, failing: Bools, depth: int, least_mass: float, seed: int) -> int:
    """The smallest depth, 0 for no tree, whose cross-validated Brier score is within one standard error of the best."""
    order = np.random.default_rng(seed).permutation(failing.size)
    order = order[np.argsort(failing[order], kind="stable")]
    fold = np.empty(failing.size, dtype=np.int64)
    fold[order] = np.arange(failing.size) % _FOLDS
    scores = np.zeros((depth + 1, failing.size))
    for k in range(_FOLDS):
        used, tested = fold != k, fold == k
        chances = _chances(_fitted(x[used], failing[used], depth, least_mass), x[tested], depth)
        scores[:, tested] = (failing[tested] - chances) ** 2
    means = scores.mean(axis=1)
    # Depths use the same worlds, so the error is that of their paired difference from the best.
    excess = scores - scores[int(means.argmin())]
    errors = excess.std(axis=1, ddof=1) / np.sqrt(failing.size)
    return int(np.flatnonzero(excess.mean(axis=1) <= errors)[0])


def _chances(tree: Any, x: Floats, depth: int) -> Floats:
    """The share of failing worlds (depth, world) by a fitted tree that is cut at each depth from 0 to `depth`."""
    path = tree.decision_path(x)  # the nodes of each world, from the root to the leaf
    leaf = np.diff(path.indptr) - 1
    share = tree.tree_.value[:, 0, 1] / tree.tree_.value[:, 0].sum(axis=1)
    return np.stack([share[path.indices[path.indptr[:-1] + np.minimum(d, leaf)]] for d in range(depth + 1)])


def _bounds(tree: Any, count: int) -> dict[int, tuple[Floats, Floats]]:
    """(lower, upper) of each leaf of a fitted tree by its number, NaN for no limit."""
    found = {}
    waiting = [(0, np.full(count, np.nan), np.full(count, np.nan))]
    while waiting:
        node, lower, upper = waiting.pop()
        left, right = int(tree.children_left[node]), int(tree.children_right[node])
        if left == right:
            found[node] = lower, upper
            continue
        column, threshold = int(tree.feature[node]), float(tree.threshold[node])
        less, more = upper.copy(), lower.copy()
        less[column] = more[column] = threshold
        waiting += [(left, lower, less), (right, more, upper)]
    return found


def _with_leaves(
    frame: xr.Dataset, limits: dict[str, Floats], measures: dict[str, Floats], verdicts: list[str]
) -> xr.Dataset:
    for name, long_name in (("lower", "lower limit of the leaf, exclusive"), ("upper", "upper limit of the leaf")):
        attrs = {"long_name": long_name, "units": "see parameter_units"}
        frame[name] = ("policy", "leaf", "parameter"), limits[name], attrs
    for name, long_name in (
        ("density", "share of the worlds in the leaf that fail"),
        ("coverage", "share of the failing worlds that lie in the leaf"),
        ("mass", "share of all worlds that lie in the leaf"),
    ):
        frame[name] = ("policy", "leaf"), measures[name], {"long_name": long_name, "units": "1"}
    counts = np.isfinite(measures["mass"]).sum(axis=1)
    frame["leaf_count"] = "policy", counts, {"long_name": "number of leaves of the tree", "units": "1"}
    frame["verdict"] = "policy", strings(verdicts), {"long_name": "whether a tree was found, or the reason why not"}
    number = np.arange(measures["mass"].shape[1])
    return frame.assign_coords(leaf=("leaf", number, {"long_name": "number of the leaf, densest first", "units": "1"}))


def failure_tree_in_words(found: xr.Dataset) -> str:
    """The result of `failure_tree` as text: the leaves in which a policy fails more often than in all worlds."""
    explained = (
        "Where policies fail, by a decision tree. Coverage is the share of failing worlds that a description "
        "contains, density the share of its worlds that fail."
    )
    worlds = int(found.attrs["worlds"])

    def leaves(one: xr.Dataset, about: str) -> list[str]:
        densest = (one.isel(leaf=k) for k in range(int(one["leaf_count"])))
        more_often = [leaf for leaf in densest if float(leaf["density"]) > float(one["failing_worlds"]) / worlds]
        return [f"{about}, more often than that where", *(f"  {described(leaf)}" for leaf in more_often)]

    return descriptions_in_words(found, explained, leaves)
