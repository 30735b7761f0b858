"""Scores of ensemble forecasts: the CRPS, the probability integral transform, and the coverage of bands.

Forecasts are arrays (observation, member), observations (observation,).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.statistics.labelled import Floats

#: Bins of the histogram of the probability integral transform.
BINS = 10


def crps(ensembles: Floats, observed: Floats) -> Floats:
    """Continuous ranked probability score of each forecast (Gneiting & Raftery 2007), in units of the observation.

    For a point forecast it is the absolute error. NaN for an ensemble with NaN.
    """
    # Imported here because the import takes seconds.
    from scoringrules import crps_ensemble

    return np.asarray(crps_ensemble(observed, ensembles, estimator="qd", backend="numpy"))


def covered(ensembles: Floats, observed: Floats, probability: float) -> NDArray[np.bool_]:
    """Whether the central band of `probability` of each forecast contains the observation; its ends are included."""
    tails = [0.5 - probability / 2.0, 0.5 + probability / 2.0]
    lower, upper = np.quantile(ensembles, tails, axis=-1, method="inverted_cdf")
    return (lower <= observed) & (observed <= upper)


def pit(ensembles: Floats, observed: Floats) -> Floats:
    """Share of each observation in each of `BINS` equal bins of probability, float64 (observation, bin).

    This is the probability integral transform of the observation, which has a place of its own among the members, all
    equally probable. Where members equal it, as with counts, its share is spread evenly over their places and its own
    (Czado, Gneiting & Held 2009, Biometrics 65, 1254), so that no randomisation is needed.
    """
    places = ensembles.shape[-1] + 1.0
    below = (ensembles < observed[:, np.newaxis]).sum(axis=-1) / places
    upto = ((ensembles <= observed[:, np.newaxis]).sum(axis=-1) + 1.0) / places
    edges = np.linspace(0.0, 1.0, BINS + 1)
    reached = np.clip((edges - below[:, np.newaxis]) / (upto - below)[:, np.newaxis], 0.0, 1.0)
    return np.diff(reached, axis=-1)
