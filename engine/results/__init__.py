"""What comes out: labelled datasets with their provenance, as xarray and netCDF."""

from engine.execution import ResultsError
from engine.results.files import open_results, write_results
from engine.results.played import selected_policies
from engine.results.simulate import resume, simulate

__all__ = ["ResultsError", "open_results", "resume", "selected_policies", "simulate", "write_results"]
