"""What it means: functions from datasets to tables and datasets."""

from engine.analysis.compare import comparison, paired_table, policy_summary
from engine.analysis.effects import counterfactuals, effects
from engine.analysis.effects_words import effects_in_words
from engine.analysis.leads import leads
from engine.analysis.leads_words import leads_in_words, thresholds_in_words
from engine.analysis.thresholds import thresholds

__all__ = [
    "comparison",
    "counterfactuals",
    "effects",
    "effects_in_words",
    "leads",
    "leads_in_words",
    "paired_table",
    "policy_summary",
    "thresholds",
    "thresholds_in_words",
]
