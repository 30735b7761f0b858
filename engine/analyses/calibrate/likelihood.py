"""The likelihood of the observations in a world: a synthetic likelihood of few summaries.

Values in futures are taken as Normal about the mean of their world, in OOM (Wood 2010, Nature 466, 1102; Price et al.
2018, JCGS 27, 1). Their covariance is that between futures of one world, pooled over worlds, plus the discrepancy. The
mean of a world comes from a few futures, so the likelihood of a world is an estimate. The variance of that mean is
subtracted from the covariance: then the estimate is unbiased over the chance of these futures, and weighted worlds have
the posterior of exact means (Andrieu & Roberts 2009, Annals of Statistics 37, 697).

Many rows of tables carry nearly the same information. Only the directions count in which worlds of the prior differ by
more than a standard error; in all others, the chance of a few futures would determine the weight of a world.
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
        """The likelihood of `observed`, from the values `shown` (world, future, observation) by futures of the prior.

        `error` is the covariance of the discrepancy. Raises InputError with fewer than two futures per world.
        """
        worlds, futures, size = shown.shape
        if futures < 2:
            raise InputError(
                "separating chance from worlds needs at least two futures in each world; give more futures"
            )
        means = shown.mean(axis=1)
        apart = (shown - means[:, np.newaxis]).reshape(-1, size)
        chance = apart.T @ apart / (worlds * (futures - 1))
        root = linalg.cholesky(chance * (1.0 - 1.0 / futures) + error, lower=True)
        spread = linalg.solve_triangular(root, (means - means.mean(axis=0)).T, lower=True)
        directions, sizes, _ = linalg.svd(spread, full_matrices=False)
        informative = max(1, int((sizes > np.sqrt(worlds)).sum()))
        return cls(root, directions[:, :informative], observed)

    def of(self, observed: Floats) -> Likelihood:
        """The same likelihood for other observations."""
        return Likelihood(self.root, self.directions, observed)

    def summaries(self, means: Floats) -> Floats:
        """`means` of worlds (world, observation) minus the observations, in standard errors: (world, summary)."""
        apart = linalg.solve_triangular(self.root, (means - self.observed).T, lower=True)
        return np.asarray(apart.T @ self.directions)

    def log(self, means: Floats) -> Floats:
        """log likelihood of worlds with these `means` (world, observation), up to a constant: (world,)."""
        return np.asarray(-0.5 * (self.summaries(means) ** 2).sum(axis=-1))
