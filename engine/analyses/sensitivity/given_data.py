"""Sensitivity from any run, without a design of its own: PAWN indices, and the shares of chance and of the numbers."""

from __future__ import annotations

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from engine.errors import InputError
from engine.statistics.labelled import UNITS_OF_OUTCOME, Floats, constant, labelled, outcome_coordinates, stacked
from engine.text.format import strings

_PAWN = "Pianosi & Wagener 2018, Environmental Modelling & Software 108, 197"
_COMPONENTS = "Searle, Casella & McCulloch 1992, Variance Components, chapter 3"
_UNKNOWN = "NaN: at least two worlds of at least two futures are needed to tell chance from the numbers"


def pawn_indices(
    parameters: xr.DataArray, outcomes: xr.Dataset, *, slices: int = 10, dummies: int | None = None, seed: int = 0
) -> xr.Dataset:
    """PAWN indices (outcome, parameter) of the outcomes' means over futures (Pianosi & Wagener 2018).

    `parameters` is (world, parameter), `outcomes` holds variables (world, future). For each parameter the worlds are
    split into `slices` of equal numbers; in each the Kolmogorov-Smirnov distance is taken between the distribution of
    the outcome there and in all worlds. Returns `pawn_median` and `pawn_maximum` over slices: 0 for no influence at
    all, at most 1, of the whole distribution and not of its variance alone.

    Finite slices differ by chance. So the same is done with `dummies` (by default 20 for each parameter, at least
    200), which have no influence: the worlds are put into slices by lot. `dummy_median` (outcome) is what noise gives
    on average, `noise_level` the largest of the dummies' medians, and `above_noise` is 1 where a parameter's
    exceeds it. A parameter without influence is like one more dummy, so that it exceeds them all with a probability of
    at most 1/(dummies + 1) (a permutation test): of all parameters without influence one does in at most 5% of runs
    by default.

    The distances are those of `SALib.analyze.pawn`, but the world with the largest value counts in the last slice, and
    no p-values are calculated, which makes thousands of dummies affordable. An outcome or a parameter that does not
    vary has NaN.

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
    # Distances depend on the order of worlds alone, so that dummies do on no more than which of them are equal.
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
        coordinates["parameter_units"] = (("parameter",), units, "unit in which the parameter is carried", "")
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
    """Which slice (0 to slices - 1) each value of `column` lies in; equal values are in the same."""
    edges = np.quantile(column, np.linspace(0.0, 1.0, slices + 1)[1:-1])
    return np.searchsorted(edges, column, side="right")


def _distances(outcome: Floats, labels: NDArray[np.int64], slices: int) -> Floats:
    """Kolmogorov-Smirnov distances of `outcome` (world) in each slice that is not empty from that in all worlds."""
    order = np.argsort(outcome, kind="stable")
    ordered = outcome[order]
    # A distribution function is compared where it has risen: after the last of equal values.
    last = np.flatnonzero(np.append(ordered[1:] != ordered[:-1], True))
    inside = labels[order] == np.arange(slices)[:, np.newaxis]
    inside = inside[inside.any(axis=1)]
    risen = inside.cumsum(axis=1)[:, last] / inside.sum(axis=1, keepdims=True)
    return np.asarray(np.abs(risen - (last + 1.0) / outcome.size).max(axis=1))


def _dummy_medians(outcome: Floats, slices: int, dummies: int, seed: int) -> Floats:
    """PAWN indices (median) of `dummies` parameters that put worlds into slices by lot."""
    rng = np.random.default_rng(seed)
    labels = np.arange(outcome.size) * slices // outcome.size
    ordered = np.sort(outcome)
    return np.array([np.median(_distances(ordered, rng.permutation(labels), slices)) for _ in range(dummies)])


def variance_shares(outcomes: xr.Dataset) -> xr.Dataset:
    """Which share of each outcome's variance (outcome) is chance, and which the uncertain numbers.

    `outcomes` holds variables (world, future). One-way analysis of variance with worlds as random effects: the mean
    square within worlds is an unbiased estimator of the variance of a future in a given world, `aleatory_variance`;
    that between worlds less that within, by the number of futures, one of the variance of worlds' means,
    `epistemic_variance`, which can fall below 0 where it is small (Searle, Casella & McCulloch 1992, chapter 3). The
    shares are these by their sum, with standard errors by leaving out one world at a time (jackknife; Miller 1974,
    Biometrika 61, 1). Worlds are taken for independent draws; for a Latin hypercube or a Sobol' sequence the errors
    are rather too large.

    NaN, and a `comment` that says so, with one world or one future; errors are NaN with two worlds, shares for an
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
        if worlds > 2:
            without = _shares(_components_without_each(means[varies], within[varies], futures))
            spread = ((without - without.mean(axis=2, keepdims=True)) ** 2).sum(axis=2)
            errors[:, varies] = np.sqrt((worlds - 1) / worlds * spread)
    square = f"{UNITS_OF_OUTCOME} squared"
    share, jackknife = "share of variance that {} decides", "jackknife standard error of {}, worlds left out in turn"
    dims, numbers = ("outcome",), "not knowing the uncertain numbers"
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


def _components_without_each(means: Floats, within: Floats, futures: int) -> Floats:
    """The same without each world in turn: (epistemic, aleatory) x (outcome, world left out)."""
    worlds = means.shape[1]
    sums, squares = (part.sum(axis=1, keepdims=True) - part for part in (means, means**2))
    between = (squares - sums**2 / (worlds - 1)) / (worlds - 2)
    aleatory = (within.sum(axis=1, keepdims=True) - within) / (worlds - 1)
    return np.stack([between - aleatory / futures, aleatory])


def _shares(components: Floats) -> Floats:
    """Each component by their sum; NaN where that is 0, as when the only world that differs is left out."""
    total = components.sum(axis=0)
    return np.divide(components, total, out=np.full_like(components, np.nan), where=total > 0.0)
