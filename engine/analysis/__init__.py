"""What it means: functions from datasets to tables and datasets."""

from engine.analysis.compare import comparison, paired_table, policy_summary
from engine.analysis.convergence import convergence_in_words, effective_sample_size, futures_needed, precise_simulation
from engine.analysis.effects import counterfactuals, effects
from engine.analysis.effects_words import effects_in_words
from engine.analysis.leads import leads
from engine.analysis.leads_words import leads_in_words, thresholds_in_words
from engine.analysis.outcomes import metric_names, outcomes
from engine.analysis.sensitivity import pawn_of, sensitivity_in_words, sobol, together, tornado_of, variance_of
from engine.analysis.stress import stress_in_words, stress_test
from engine.analysis.thresholds import thresholds

__all__ = [
    "comparison",
    "convergence_in_words",
    "counterfactuals",
    "effective_sample_size",
    "effects",
    "effects_in_words",
    "futures_needed",
    "leads",
    "leads_in_words",
    "metric_names",
    "outcomes",
    "paired_table",
    "pawn_of",
    "policy_summary",
    "precise_simulation",
    "sensitivity_in_words",
    "sobol",
    "stress_in_words",
    "stress_test",
    "thresholds",
    "thresholds_in_words",
    "together",
    "tornado_of",
    "variance_of",
]
