"""What it means: functions from datasets to tables and datasets."""

from engine.analysis.compare import comparison, paired_table, policy_summary

__all__ = ["comparison", "paired_table", "policy_summary"]
