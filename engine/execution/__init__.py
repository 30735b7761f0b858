"""Execution of a run: by threads or a cluster, in chunks that survive a crash."""

from engine.errors import ResultsError
from engine.execution.runner import Execution, Store, opened, run, run_in_memory

__all__ = ["Execution", "ResultsError", "Store", "opened", "run", "run_in_memory"]
