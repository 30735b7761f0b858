"""The SimPy clock: one future with all its events."""

from engine.callable_package import call_as
from engine.replay.history import History
from engine.replay.play import replay
from engine.replay.side_by_side import side_by_side
from engine.replay.state import TooManyEvents

call_as(__name__, lambda: replay)

__all__ = ["History", "TooManyEvents", "replay", "side_by_side"]
