"""Calibration: the worlds of a scenario, conditioned on what was observed."""

from engine.analysis.calibration.check import simulation_based_check
from engine.analysis.calibration.discrepancy import Discrepancy
from engine.analysis.calibration.posterior import calibrate
from engine.analysis.calibration.words import posterior_in_words
from engine.analysis.calibration.worlds_file import design_from

__all__ = ["Discrepancy", "calibrate", "design_from", "posterior_in_words", "simulation_based_check"]
