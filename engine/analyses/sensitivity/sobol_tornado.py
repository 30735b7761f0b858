"""The uncertain numbers that determine an outcome, and the share of chance.

Sobol' indices (variance) and tornado diagrams (one number at a time) need runs of their own; this module makes
their designs. PAWN (distribution) and shares of variance come from any run (`given_data`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr
from scipy.special import ndtri

from engine.errors import InputError
from engine.extras import need
from engine.statistics.labelled import (
    UNITS_OF_OUTCOME,
    Floats,
    constant,
    factor_coordinate,
    labelled,
    outcome_coordinates,
    stacked,
)

#: The name of the factor that selects the random draws of a row.
CHANCE = "chance"
_CONFIDENCE = 0.95
#: Points of SciPy's Sobol' sequence are multiples of 2^-30; 0 itself is not a valid probability.
_END = 2.0**-31


def sobol_design(factors: int, base: int, seed: int) -> Floats:
    """Rows at which Sobol' indices of `factors` factors are estimated: (base * (factors + 2), factors) uniforms.

    For each of `base` points the rows are, in this order: A; for each factor, A with that factor taken from B; and B
    (Saltelli et al. 2010, Computer Physics Communications 181, 259). A and B come from one scrambled Sobol' sequence
    (Matousek 1998, J. Complexity 14, 527). All values lie strictly between 0 and 1.

    Raises InputError unless there is a factor and `base` is a power of two, as a balanced sequence requires.
    """
    need("analysis", "SALib")
    from SALib.sample import sobol  # it imports matplotlib

    if factors < 1:
        raise InputError(f"factors must be at least 1, not {factors}")
    if base < 1 or base & (base - 1):
        raise InputError(f"base must be a power of two, such as 256, not {base}")
    rows = sobol.sample(_problem(factors), base, calc_second_order=False, seed=seed)
    return np.asarray(np.clip(rows, _END, 1.0 - _END), dtype=np.float64)


def sobol_indices(
    outcomes_by_row: xr.Dataset, factors: Sequence[str], *, resamples: int = 500, seed: int = 0
) -> xr.Dataset:
    """First-order and total Sobol' indices (outcome, factor) of outcomes at the rows of `sobol_design`.

    `outcomes_by_row` contains variables (row); `factors` are names in the order of the design's columns. Returns
    `first_order`, `total`, their standard errors `first_order_se`, `total_se` (a bootstrap of the base points), and the
    output's `variance` (outcome). The estimators are those of Saltelli et al. 2010 (Computer Physics Communications
    181, 259): B (AB - A) for the first order, Jansen's (A - AB)^2 / 2 for the total. The bootstrap treats base points
    as independent. If differences have heavy tails, estimates of small totals and of their errors can be too small:
    `variance_shares` estimates the share of chance better. Estimates of small indices can fall below 0. NaN for an
    outcome that does not vary.

    **Chance as a factor.** Let the last factor, C = "chance", alone select the random draws of a row (the address of
    the future), and let U be all other factors. U and C together fix the outcome Y and are independent. The total index
    of C is by definition T = E[Var(Y | all factors but C)] / Var Y = E[Var(Y | U)] / Var Y (Homma & Saltelli 1996,
    Reliability Engineering & System Safety 52, 1): the share of variance that remains when all numbers are known, the
    aleatory share. Since Var Y = E[Var(Y | U)] + Var(E[Y | U]) (law of total variance), 1 - T = Var(E[Y | U]) / Var Y:
    the first-order index of all numbers together, the epistemic share. Neither depends on the mapping from addresses
    to draws, which is independent of U. The sum of the numbers' own first-order indices is at most 1 - T; the
    difference is interaction between numbers.

    If numbers are correlated, the factor of a number is the uniform from which it is drawn before they are correlated.

    Raises InputError if the rows do not fit the factors, or an outcome is not finite.
    """
    values = stacked(outcomes_by_row, "row")
    if len(factors) < 1 or values.shape[1] % (len(factors) + 2):
        raise InputError(
            f"{values.shape[1]} rows do not fit {len(factors)} factors; there must be a multiple of factors + 2, "
            "in the order of sobol_design"
        )
    indices = np.stack([_indices(row, len(factors), resamples, seed) for row in values], axis=1)
    names = {
        "first_order": "first-order Sobol' index: share of variance that the factor explains by itself",
        "first_order_se": "bootstrap standard error of first_order",
        "total": "total Sobol' index: share of variance that remains when all other factors are known",
        "total_se": "bootstrap standard error of total",
    }
    base = values.reshape(len(values), -1, len(factors) + 2)[..., [0, -1]].reshape(len(values), -1)
    square = f"{UNITS_OF_OUTCOME} squared"
    return labelled(
        {name: (("outcome", "factor"), index, names[name], "1") for name, index in zip(names, indices, strict=True)}
        | {"variance": (("outcome",), base.var(axis=1, ddof=1), "variance of the outcome", square)},
        outcome_coordinates(outcomes_by_row) | factor_coordinate(factors),
        base_points=np.int64(values.shape[1] // (len(factors) + 2)),
        bootstrap_resamples=np.int64(resamples),
        references="Saltelli et al. 2010, Computer Physics Communications 181, 259",
    )


def _problem(factors: int) -> dict[str, Any]:
    return {"num_vars": factors, "names": [f"x{n}" for n in range(factors)], "bounds": [[0.0, 1.0]] * factors}


def _indices(values: Floats, factors: int, resamples: int, seed: int) -> Floats:
    """(first order, its error, total, its error) x (factor) of one outcome (row); NaN if it does not vary."""
    need("analysis", "SALib")
    from SALib.analyze import sobol  # it imports matplotlib

    step = factors + 2
    if constant(np.concatenate([values[::step], values[step - 1 :: step]])):
        return np.full((4, factors), np.nan)
    # SALib treats the seed 0 as none.
    found = sobol.analyze(
        _problem(factors),
        values,
        calc_second_order=False,
        num_resamples=resamples,
        conf_level=_CONFIDENCE,
        seed=seed + 1,
    )
    half_width = ndtri(0.5 + _CONFIDENCE / 2.0)
    return np.stack([found["S1"], found["S1_conf"] / half_width, found["ST"], found["ST_conf"] / half_width])


def tornado_design(factors: int, low: float = 0.05, high: float = 0.95) -> Floats:
    """Rows of a tornado diagram: (1 + 2 factors, factors) uniforms.

    The first row has all factors at their medians; then each factor is at its quantile `low`, and at `high`, with all
    others at their medians. Raises InputError unless there is a factor and 0 < low < 0.5 < high < 1.
    """
    if factors < 1:
        raise InputError(f"factors must be at least 1, not {factors}")
    if not 0.0 < low < 0.5 < high < 1.0:
        raise InputError(
            f"low and high must lie on either side of 0.5 and between 0 and 1, not at {low:g} and {high:g}"
        )
    rows = np.full((1 + 2 * factors, factors), 0.5)
    of_factor = np.arange(factors)
    rows[1 + 2 * of_factor, of_factor] = low
    rows[2 + 2 * of_factor, of_factor] = high
    return rows


def tornado(outcomes_by_row: xr.Dataset, factors: Sequence[str], low: float = 0.05, high: float = 0.95) -> xr.Dataset:
    """Outcomes as each factor goes from low to high, all others at their medians (Eschenbach 1992, Interfaces 22, 40).

    `outcomes_by_row` contains variables (row), at the rows of `tornado_design`, or (row, future), if the futures of all
    rows have the same random draws. Returns the outcome's mean `value` (outcome, factor, end), the `central_value`
    (outcome) with all factors at their medians, `swing` (outcome, factor), the distance between the ends, its
    standard error `swing_se` from paired differences of futures (NaN without at least two), and the `swing_rank`
    (1 for the largest; among equals, the first in the order of `factors`). A tornado shows neither interactions nor a
    turning point between the ends: Sobol' indices do.

    Raises InputError if the rows do not fit the factors, or an outcome is not finite.
    """
    simulated = "future" in outcomes_by_row.dims
    values = stacked(outcomes_by_row, "row", *(["future"] if simulated else []))
    values = values if simulated else values[..., np.newaxis]
    if values.shape[1] != 1 + 2 * len(factors):
        raise InputError(f"{values.shape[1]} rows do not fit {len(factors)} factors; there must be 1 + 2 x factors")
    ends = values[:, 1:].reshape(len(values), len(factors), 2, -1)
    change = ends[:, :, 1] - ends[:, :, 0]
    futures = change.shape[-1]
    error = change.std(axis=-1, ddof=1) / np.sqrt(futures) if futures > 1 else np.full(change.shape[:2], np.nan)
    swing = np.abs(change.mean(axis=-1))
    rank = np.argsort(np.argsort(-swing, axis=1, kind="stable"), axis=1) + 1
    unit, pair = UNITS_OF_OUTCOME, ("outcome", "factor")
    ends_of = {
        "end": (("end",), np.array(["low", "high"], dtype=object), "end of the factor's range", ""),
        "end_probability": (("end",), np.array([low, high]), "probability of the factor's quantile at the end", "1"),
    }
    return labelled(
        {
            "value": (
                (*pair, "end"),
                ends.mean(axis=-1),
                "mean outcome with the factor at the end, others central",
                unit,
            ),
            "central_value": (("outcome",), values[:, 0].mean(axis=-1), "mean outcome with all factors central", unit),
            "swing": (pair, swing, "distance between the mean outcomes at the ends", unit),
            "swing_se": (pair, error, "standard error of swing, from futures with the same random draws", unit),
            "swing_rank": (pair, rank.astype(np.int64), "rank of the factor by swing, 1 for the largest", "1"),
        },
        outcome_coordinates(outcomes_by_row) | factor_coordinate(factors) | ends_of,
        references="Eschenbach 1992, Interfaces 22(6), 40",
    )
