"""Sensitivity: which uncertain numbers an outcome depends on, and how much of it chance decides."""

from engine.analysis.sensitivity.given_data import pawn_indices, variance_shares
from engine.analysis.sensitivity.run import USUAL_OUTCOMES, factors, pawn_of, sobol, together, tornado_of, variance_of
from engine.analysis.sensitivity.variance import (
    CHANCE,
    sobol_design,
    sobol_indices,
    tornado,
    tornado_design,
)
from engine.analysis.sensitivity.words import sensitivity_in_words

__all__ = [
    "CHANCE",
    "USUAL_OUTCOMES",
    "factors",
    "pawn_indices",
    "pawn_of",
    "sensitivity_in_words",
    "sobol",
    "sobol_design",
    "sobol_indices",
    "together",
    "tornado",
    "tornado_design",
    "tornado_of",
    "variance_of",
    "variance_shares",
]
