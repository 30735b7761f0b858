"""Figures: functions from datasets to matplotlib figures. Needs the extra `plot`."""
