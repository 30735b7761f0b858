"""Where and how futures are played: threads or a cluster, in chunks that survive a crash."""

from engine.execution.playing import Execution, Store, opened, run, run_in_memory
from engine.execution.whole_file import ResultsError

__all__ = ["Execution", "ResultsError", "Store", "opened", "run", "run_in_memory"]
