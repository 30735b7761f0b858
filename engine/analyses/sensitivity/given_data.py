"""Sensitivity from any run, without a design: PAWN indices, and the shares of chance and of the numbers."""

from __future__ import annotations

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from engine.errors import InputError
from engine.statistics.cluster_means import replicates_of
from engine.statistics.labelled import UNITS_OF_OUTCOME, Floats, constant, labelled, outcome_coordinates, stacked
from engine.text.format import strings

_PAWN = "Pianosi & Wagener 2018, Environmental Modelling & Software 108, 197"
_COMPONENTS = "Searle, Casella & McCulloch 1992, Variance Components, chapter 3"
_UNKNOWN = "NaN: separating chance from the numbers needs at least two worlds of at least two futures"


def pawn_indices(
    parameters: xr.DataArray, outcomes: xr.Dataset, *, slices: int = 10, dummies: int | None = None, seed: int = 0
) -> xr.Dataset:
    """PAWN indices (outcome, parameter) of the outcomes' means over futures (Pianosi & Wagener 2018).

    `parameters` is (world, parameter); `outcomes` contains variables (world, future). For each parameter the worlds are
    split into `slices` of equal size; in each, the Kolmogorov-Smirnov distance compares the distribution of the outcome
    there with that in all worlds. Returns `pawn_median` and `pawn_maximum` over slices, from 0 for no influence to at
    most 1. They measure influence on the whole distribution, not only on its variance.

    Finite slices differ by chance. The same is therefore computed for `dummies` (by default 20 for each parameter, at
    least 200) without influence, for which worlds are assigned to slices at random. `dummy_median` (outcome) is the
    mean of the dummies' medians, `noise_level` is their maximum, and `above_noise` is 1 where a parameter's median
    exceeds it. A parameter without influence is like one more dummy, so it exceeds them all with a probability of at
    most 1/(dummies + 1) (a permutation test); by default, any parameter without influence does so in at most 5% of
    runs.

    The distances are those of `SALib.analyze.pawn`, except that the world with the largest value counts in the last
    slice, and that p-values are omitted, which makes thousands of dummies affordable. Outcomes and parameters that do
    not vary have NaN.

    Raises InputError if worlds do not match, there are fewer than two of them in a slice, or an outcome is not finite.
    """
    given = parameters.transpose("world", "parameter")
    columns = given.to_numpy().astype(np.float64)
    means = stacked(outcomes, "world", "future").mean(axis=-1)
    worlds = columns.shape[0]
    if means.shape[1] != worlds:
        raise InputError(f"{means.shape[1]} worlds of outcomes do not fit {worlds} worlds of parameters")
    if slices < 2 or worlds < 2 * slices:
        raise InputError(f"{worlds} worlds cannot be split into {slices} slices; give at least two worlds a slice")
    lots = max(20 * columns.shape[1], 200) if dummies is None else dummies
    if lots < 1:
        raise InputError(f"dummies must be at least 1, not {lots}")
    of_parameter = [_slices(column, slices) for column in columns.T]
    found = np.full((2, len(means), columns.shape[1]), np.nan)
    noise = np.full((2, len(means)), np.nan)
    # Distances depend only on the order of worlds, so those of dummies depend only on ties.
    of_dummies: dict[bytes, Floats] = {}
    for outcome, mean in enumerate(means):
        if constant(mean):
            continue
        for parameter, labels in enumerate(of_parameter):
            if not constant(columns[:, parameter]):
                distances = _distances(mean, labels, slices)
                found[:, outcome, parameter] = np.median(distances), distances.max()
        ties = np.unique(mean, return_counts=True)[1].tobytes()
        if ties not in of_dummies:
            of_dummies[ties] = _dummy_medians(mean, slices, lots, seed)
        noise[:, outcome] = of_dummies[ties].mean(), of_dummies[ties].max()
    pair = ("outcome", "parameter")
    above = (found[0] > noise[1][:, np.newaxis]).astype(np.int8)
    coordinates = {
        "parameter": (("parameter",), strings(list(given["parameter"].values)), "uncertain number of the scenario", "")
    }
    if "parameter_units" in given.coords:
        units = strings(list(given["parameter_units"].values))
        coordinates["parameter_units"] = (("parameter",), units, "unit of the parameter", "")
    return labelled(
        {
            "pawn_median": (pair, found[0], "PAWN index: median over slices of the Kolmogorov-Smirnov distance", "1"),
            "pawn_maximum": (pair, found[1], "PAWN index: maximum over slices of the Kolmogorov-Smirnov distance", "1"),
            "dummy_median": (("outcome",), noise[0], "mean PAWN index (median) of dummies without influence", "1"),
            "noise_level": (("outcome",), noise[1], "largest PAWN index (median) of dummies without influence", "1"),
            "above_noise": (pair, above, "1 where pawn_median exceeds noise_level, else 0", "1"),
        },
        outcome_coordinates(outcomes) | coordinates,
        slices=np.int64(slices),
        dummies=np.int64(lots),
        references=_PAWN,
    )


def _slices(column: Floats, slices: int) -> NDArray[np.int64]:
    """The slice (0 to slices - 1) of each value of `column`; equal values are in the same slice."""
    edges = np.quantile(column, np.linspace(0.0, 1.0, slices + 1)[1:-1])
    return np.searchsorted(edges, column, side="right")


def _distances(outcome: Floats, labels: NDArray[np.int64], slices: int) -> Floats:
    """Kolmogorov-Smirnov distances between `outcome` (world) in each non-empty slice and in all worlds."""
    order = np.argsort(outcome, kind="stable")
    ordered = outcome[order]
    # Distribution functions are compared after the last of equal values.
    last = np.flatnonzero(np.append(ordered[1:] != ordered[:-1], True))
    inside = labels[order] == np.arange(slices)[:, np.newaxis]
    inside = inside[inside.any(axis=1)]
    risen = inside.cumsum(axis=1)[:, last] / inside.sum(axis=1, keepdims=True)
    return np.asarray(np.abs(risen - (last + 1.0) / outcome.size).max(axis=1))


def _dummy_medians(outcome: Floats, slices: int, dummies: int, seed: int) -> Floats:
    """PAWN indices (median) of `dummies` parameters that assign worlds to slices at random."""
    rng = np.random.default_rng(seed)
    labels = np.arange(outcome.size) * slices // outcome.size
    ordered = np.sort(outcome)
    return np.array([np.median(_distances(ordered, rng.permutation(labels), slices)) for _ in range(dummies)])


def variance_shares(outcomes: xr.Dataset) -> xr.Dataset:
    """Shares of chance and of the uncertain numbers in the variance of each outcome (outcome).

    `outcomes` contains variables (world, future). The method is a one-way analysis of variance with worlds as random
    effects. The mean square within worlds is an unbiased estimator of the variance of a future in a given world,
    `aleatory_variance`. The mean square between worlds minus that within, divided by the number of futures, is an
    unbiased estimator of the variance of worlds' means, `epistemic_variance`, which can fall below 0 if it is small
    (Searle, Casella & McCulloch 1992, chapter 3). The shares are these divided by their sum, with jackknife standard
    errors, which leave out one replicate of worlds at a time (Miller 1974, Biometrika 61, 1; Kott 2001, J. Official
    Statistics 17, 521).

    With one world or one future, the result is NaN with a `comment`; errors are NaN with two worlds, and shares for an
    outcome that does not vary. Raises InputError if an outcome is not finite.
    """
    values = stacked(outcomes, "world", "future")
    _, worlds, futures = values.shape
    known = worlds > 1 and futures > 1
    components = np.full((2, len(values)), np.nan)
    shares, errors = components.copy(), components.copy()
    if known:
        centred = values - values.mean(axis=(1, 2), keepdims=True)
        means, within = centred.mean(axis=2), centred.var(axis=2, ddof=1)
        components = _components(means, within, futures)
        varies = np.array([not constant(outcome) for outcome in values])
        shares[:, varies] = _shares(components[:, varies])
        of = replicates_of(outcomes)
        replicates = np.unique(of)
        if worlds > 2:
            kept = [of != replicate for replicate in replicates]
            without = np.stack([_shares(_components(means[varies][:, k], within[varies][:, k], futures)) for k in kept])
            errors[:, varies] = np.sqrt((len(replicates) - 1) * without.var(axis=0))
    square = f"{UNITS_OF_OUTCOME} squared"
    share, jackknife = (
        "share of variance explained by {}",
        "jackknife standard error of {}, replicates left out in turn",
    )
    dims, numbers = ("outcome",), "the uncertain numbers"
    shared = labelled(
        {
            "epistemic_share": (dims, shares[0], share.format(numbers), "1"),
            "epistemic_share_se": (dims, errors[0], jackknife.format("epistemic_share"), "1"),
            "aleatory_share": (dims, shares[1], share.format("chance"), "1"),
            "aleatory_share_se": (dims, errors[1], jackknife.format("aleatory_share"), "1"),
            "epistemic_variance": (dims, components[0], "variance between worlds' means", square),
            "aleatory_variance": (dims, components[1], "mean variance within a world", square),
        },
        outcome_coordinates(outcomes),
        worlds=np.int64(worlds),
        futures=np.int64(futures),
        references=_COMPONENTS,
    )
    return shared if known else shared.assign_attrs(comment=_UNKNOWN)


def _components(means: Floats, within: Floats, futures: int) -> Floats:
    """(epistemic, aleatory) x (outcome) variance from worlds' means and variances (outcome, world)."""
    aleatory = within.mean(axis=1)
    return np.stack([means.var(axis=1, ddof=1) - aleatory / futures, aleatory])


def _shares(components: Floats) -> Floats:
    """Each component divided by their sum; NaN where that is 0, such as without the only world that differs."""
    total = components.sum(axis=0)
    return np.divide(components, total, out=np.full_like(components, np.nan), where=total > 0.0)
