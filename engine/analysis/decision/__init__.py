"""Invest or wait: what one actor of a class gains and pays by its budget, its start and its data."""

from engine.analysis.decision.options import Option, option_grid
from engine.analysis.decision.run import decide
from engine.analysis.decision.value import ValueCurve
from engine.analysis.decision.words import decision_in_words

__all__ = ["Option", "ValueCurve", "decide", "decision_in_words", "option_grid"]
