"""What comes out: labelled datasets with their provenance, as xarray and netCDF."""

from engine.results.files import ResultsError, open_results, write_results
from engine.results.simulate import selected_policies, simulate

__all__ = ["ResultsError", "open_results", "selected_policies", "simulate", "write_results"]
