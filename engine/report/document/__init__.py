"""The report: one HTML file of a run, for screen, paper and mail, without any script or request."""

from engine.report.document.build import SECTIONS, report

__all__ = ["SECTIONS", "report"]
