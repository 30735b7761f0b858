"""Simulation-based calibration: are known truths recovered at the right rate?

Talts et al. 2018, Validating Bayesian inference algorithms with simulation-based calibration, arXiv:1804.06788. A
future of a world of the prior, plus a random discrepancy, takes the place of the observations; the numbers of that
world must then have uniform ranks among posterior worlds. The worlds of one calibration serve for all truths, each
left out of its own posterior, so that no further simulation is needed.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr
from scipy import linalg, stats

from engine.analyses.calibrate.likelihood import Likelihood
from engine.analyses.calibrate.weights import effective_sample_size, normalised, resampled
from engine.errors import InputError
from engine.statistics.labelled import Floats, Labelled, labelled
from engine.text.format import strings

#: Number of posterior worlds that a truth is ranked among, and of bins of these ranks. It is small because draws from
#: a posterior with few effective worlds are not independent, and ranks among many of them are uneven for that reason.
DRAWS = 9
BINS = 10


def simulation_based_check(
    shown: Floats,
    parameters: Floats,
    names: Sequence[str],
    likelihood: Likelihood,
    error: Floats,
    truths: int,
    *,
    seed: int = 0,
) -> xr.Dataset:
    """Ranks of true numbers among posterior worlds, for this number of `truths`, and tests of their uniformity.

    `shown` (world, future, observation) are transformed values in futures of the prior, and `parameters` (world,
    parameter) their numbers, with `names`; `error` is the covariance of the discrepancy. Returns `rank_of_truth`
    (truth, parameter), 0 to 9, `rank_histogram` (parameter, rank_bin), `chi_square` and `p_value` (parameter) against
    uniform ranks, `effective_worlds_of_truth` (truth), and as attributes the p-values of all ranks together.

    Raises InputError if there are too few worlds for this number of truths.
    """
    worlds, futures, _ = shown.shape
    check_truths(truths, worlds)
    rng = np.random.default_rng([seed, 2])
    means, root = shown.mean(axis=1), linalg.cholesky(error, lower=True)
    ranks, worth = np.empty((truths, parameters.shape[1]), np.int64), np.empty(truths)
    for n, world in enumerate(rng.integers(worlds, size=truths)):
        observed = shown[world, rng.integers(futures)] + root @ rng.standard_normal(len(root))
        log_weights = likelihood.of(observed).log(means)
        log_weights[world] = -np.inf
        weights = normalised(log_weights)
        worth[n] = effective_sample_size(weights)
        ranks[n] = (parameters[resampled(weights, DRAWS, rng)] < parameters[world]).sum(axis=0)
    counts = np.stack([np.bincount(column * BINS // (DRAWS + 1), minlength=BINS) for column in ranks.T])
    chi_square = _chi_square(counts, truths / BINS)
    of_parameter = ("parameter",)
    variables: dict[str, Labelled] = {
        "rank_of_truth": (("truth", "parameter"), ranks, "posterior worlds whose number is below the true one", "1"),
        "rank_histogram": (("parameter", "rank_bin"), counts, "truths by rank", "1"),
        "chi_square": (of_parameter, chi_square, f"chi-square of uniform ranks, {BINS - 1} degrees of freedom", "1"),
        "p_value": (of_parameter, stats.chi2.sf(chi_square, BINS - 1), "probability of ranks as uneven as these", "1"),
        "effective_worlds_of_truth": (("truth",), worth, "effective sample size of each posterior", "1"),
    }
    return labelled(
        variables,
        {"parameter": (of_parameter, strings(list(names)), "uncertain number of the scenario", "")},
        truths=np.int64(truths),
        # Share of posteriors with fewer than ten effective worlds per draw.
        rough_truths=np.float64((worth < 10.0 * DRAWS).mean()),
        # For independent tests: the smallest p-value (Sidak 1967), and the sum of all statistics.
        p_value_of_smallest=np.float64(-np.expm1(len(counts) * np.log1p(-stats.chi2.sf(chi_square.max(), BINS - 1)))),
        p_value_of_all=np.float64(stats.chi2.sf(chi_square.sum(), chi_square.size * (BINS - 1))),
    )


def check_truths(truths: int, worlds: int) -> None:
    """Raise InputError unless a round has enough `worlds` to check the recovery of this number of `truths`."""
    if not 10 * BINS <= truths <= worlds // 2:
        raise InputError(f"truths must be {10 * BINS} to half of the worlds of a round, {worlds // 2}, not {truths}")


def _chi_square(counts: np.ndarray, expected: float) -> Floats:
    return np.asarray(((counts - expected) ** 2 / expected).sum(axis=-1))
