"""Rank correlations between uncertain numbers, by a Gaussian copula."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.scenario.schema import Scenario


def gaussian_correlation(scenario: Scenario) -> tuple[list[str], NDArray[np.float64] | None]:
    """(paths, lower Cholesky factor) of the correlated numbers of `scenario`.

    In a Gaussian copula, Spearman's rank correlation r of two numbers corresponds to a normal
    correlation of 2 sin(pi r / 6) (Pearson 1907; Embrechts, McNeil & Straumann 2002, section 4).
    The factor is (number, number), or None if no joint distribution has these correlations.
    """
    paths = [path for path in scenario.uncertain() if any(path in c.between for c in scenario.correlations)]
    matrix = np.eye(len(paths))
    for correlation in scenario.correlations:
        row, column = (paths.index(path) for path in correlation.between)
        matrix[row, column] = matrix[column, row] = 2.0 * np.sin(np.pi * correlation.rank / 6.0)
    try:
        return paths, np.asarray(np.linalg.cholesky(matrix), dtype=np.float64)
    except np.linalg.LinAlgError:
        return paths, None
