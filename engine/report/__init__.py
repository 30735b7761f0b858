"""The report: one HTML file of a run, for screen, paper and mail, without scripts or requests."""

from engine.report.build import report, sections

__all__ = ["report", "sections"]
