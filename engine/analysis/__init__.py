"""What it means: functions from datasets to tables and datasets."""

from engine.analysis.compare import comparison, paired_table

__all__ = ["comparison", "paired_table"]
