"""How likely what was observed is in a world: a synthetic likelihood of few summaries.

What futures show is taken as Normal about the mean of their world, in OOM (Wood 2010, Nature 466, 1102; Price et al.
2018, JCGS 27, 1), with the covariance between futures of one world pooled over worlds and the discrepancy on top. The
mean of a world is that of a few futures, so the likelihood of a world is an estimate. The variance of that mean is
taken off the covariance: then the estimate is right on average over the chance of these futures, and weighted worlds
have the posterior of exact means (Andrieu & Roberts 2009, Annals of Statistics 37, 697).

Of many rows of tables that tell nearly the same only the directions count in which worlds of the prior differ by more
than a standard error; in all others the chance of a few futures would decide what a world is worth.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import linalg

from engine.errors import InputError
from engine.statistics.labelled import Floats


@dataclass(frozen=True)
class Likelihood:
    """The likelihood of one set of observations. Made by `pooled`."""

    root: Floats  # (observation, observation) lower Cholesky factor of the covariance about means of worlds, OOM
    directions: Floats  # (observation, summary) orthonormal, in independent standard errors
    observed: Floats  # (observation,) transformed

    @classmethod
    def pooled(cls, shown: Floats, error: Floats, observed: Floats) -> Likelihood:
        """The likelihood of `observed`, from what futures of the prior have `shown` (world, future, observation).

        `error` is the covariance of the discrepancy. Raises InputError with fewer than two futures a world.
        """
        worlds, futures, size = shown.shape
        if futures < 2:
            raise InputError("at least two futures in each world tell chance from worlds; give more futures")
        means = shown.mean(axis=1)
        apart = (shown - means[:, np.newaxis]).reshape(-1, size)
        chance = apart.T @ apart / (worlds * (futures - 1))
        root = linalg.cholesky(chance * (1.0 - 1.0 / futures) + error, lower=True)
        spread = linalg.solve_triangular(root, (means - means.mean(axis=0)).T, lower=True)
        directions, sizes, _ = linalg.svd(spread, full_matrices=False)
        telling = max(1, int((sizes > np.sqrt(worlds)).sum()))
        return cls(root, directions[:, :telling], observed)

    def of(self, observed: Floats) -> Likelihood:
        """The same likelihood of something else `observed`."""
        return Likelihood(self.root, self.directions, observed)

    def summaries(self, means: Floats) -> Floats:
        """`means` of worlds (world, observation) less what was observed, in standard errors: (world, summary)."""
        apart = linalg.solve_triangular(self.root, (means - self.observed).T, lower=True)
        return np.asarray(apart.T @ self.directions)

    def log(self, means: Floats) -> Floats:
        """log likelihood of worlds with these `means` (world, observation), up to a constant: (world,)."""
        return np.asarray(-0.5 * (self.summaries(means) ** 2).sum(axis=-1))
