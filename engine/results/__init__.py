"""Results: labelled datasets with their provenance, as xarray and netCDF."""

from engine.execution import ResultsError
from engine.results.files import open_results, write_results

__all__ = ["ResultsError", "open_results", "write_results"]
