"""The proposal distribution of worlds, chosen so that many of them agree with the observations.

Numbers are standard scores: the Normal quantile of each number's cumulative probability, so that the prior is
independent standard Normal. If observable values were linear in the scores, the posterior would be Normal, and a linear
regression over worlds would give it, as an ensemble Kalman filter does. Worlds are drawn from that Normal and from the
prior, and weighted by prior / proposal, so that the regression affects only the share of wasted draws (the weighted
ensemble Kalman filter of Papadakis et al. 2010, Tellus A 62, 673; the share of the prior bounds the weights, Hesterberg
1995, Technometrics 37, 185).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import linalg, stats

from engine.statistics.labelled import Floats

#: Share of worlds that are drawn from the prior, in every round.
FROM_PRIOR = 0.1
#: Ratio of the variance of the proposal to that of the regression's posterior, where the latter is narrower than the
#: prior.
WIDER = 1.5


_SMALLEST = 2.0**-53


def uniforms_of(scores: Floats) -> Floats:
    """The cumulative probabilities of numbers with these standard scores, in (0, 1)."""
    return np.asarray(np.clip(stats.norm.cdf(scores), _SMALLEST, 1.0 - _SMALLEST))


@dataclass(frozen=True)
class Proposal:
    """A Normal distribution of scores, mixed with the prior."""

    mean: Floats  # (number,)
    axes: Floats  # (number, number) orthonormal columns
    variances: Floats  # (number,) along the axes

    @classmethod
    def prior(cls, numbers: int) -> Proposal:
        """The prior itself."""
        return cls(np.zeros(numbers), np.eye(numbers), np.ones(numbers))

    @classmethod
    def by_regression(cls, scores: Floats, shown: Floats, weights: Floats) -> Proposal:
        """The posterior if the values `shown` by worlds were linear in their `scores` (world, number).

        `shown` (world, observation) is relative to the observations and in independent standard errors; `weights`
        (world,) are the weights of worlds in the regression.
        """
        share = np.sqrt(weights * len(weights))[:, np.newaxis]
        design = share * np.column_stack([np.ones(len(scores)), scores])
        # A little noise on the prior's own scale regularises a regression on few worlds.
        penalty = np.diag([0.0, *np.ones(scores.shape[1])])
        found = linalg.solve(design.T @ design + penalty, design.T @ (share * shown), assume_a="pos")
        offset, slopes = found[0], found[1:]
        residuals = share * shown - design @ found
        noise = residuals.T @ residuals / len(scores) + np.eye(shown.shape[1])
        gain = linalg.solve(noise, slopes.T, assume_a="pos").T
        covariance = linalg.inv(np.eye(len(slopes)) + gain @ slopes.T)
        variances, axes = linalg.eigh(covariance)
        return cls(-covariance @ gain @ offset, axes, np.minimum(WIDER * variances, 1.0))

    def draw(self, count: int, rng: np.random.Generator) -> Floats:
        """Scores of `count` worlds, (world, number)."""
        standard = rng.standard_normal((count, len(self.mean)))
        moved = self.mean + (standard * np.sqrt(self.variances)) @ self.axes.T
        return np.where(rng.random((count, 1)) < FROM_PRIOR, standard, moved)

    def log_ratio(self, scores: Floats) -> Floats:
        """log density of this proposal relative to the prior, at `scores` (world, number): (world,)."""
        apart = (scores - self.mean) @ self.axes
        squares = (scores**2).sum(axis=1) - (apart**2 / self.variances).sum(axis=1)
        moved = 0.5 * squares - 0.5 * np.log(self.variances).sum()
        return np.asarray(np.logaddexp(np.log(FROM_PRIOR), np.log1p(-FROM_PRIOR) + moved))
