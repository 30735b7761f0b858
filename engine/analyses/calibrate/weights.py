"""Importance weights of worlds: effective sample size, resampling, quantiles."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from engine.statistics.labelled import Floats


def normalised(log_weights: Floats) -> Floats:
    """Weights that sum to 1."""
    return np.asarray(np.exp(log_weights - logsumexp(log_weights)))


def effective_sample_size(weights: Floats) -> float:
    """Effective number of equally weighted worlds (Kong 1992): 1 / sum of squares of normalised weights."""
    return float(1.0 / np.sum(weights**2))


def resampled(weights: Floats, number: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Indices of `number` worlds by weight, in random order: systematic resampling (Kitagawa 1996)."""
    places = (np.arange(number) + rng.random()) / number
    drawn = np.searchsorted(np.cumsum(weights), places)
    return rng.permutation(np.minimum(drawn, len(weights) - 1)).astype(np.int64)


def weighted_quantiles(values: Floats, weights: Floats, probabilities: Floats) -> Floats:
    """Quantiles of each column of `values` (world, number) under `weights` (world,): (number, probability)."""
    order = np.argsort(values, axis=0)
    middle = np.cumsum(weights[order], axis=0) - 0.5 * weights[order]
    ordered = np.take_along_axis(values, order, axis=0)
    return np.stack([np.interp(probabilities, middle[:, n], ordered[:, n]) for n in range(values.shape[1])])


def tempered(log_likelihoods: Floats, log_weights: Floats, least: float) -> Floats:
    """Normalised weights, with likelihoods flattened until the effective sample is at least `least`."""

    def by(power: float) -> Floats:
        return normalised(power * log_likelihoods + log_weights)

    if effective_sample_size(by(1.0)) >= least:
        return by(1.0)
    low, high = 0.0, 1.0
    for _ in range(30):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if effective_sample_size(by(middle)) >= least else (low, middle)
    return by(low)
