"""The SimPy clock: one future, the whole story."""

from engine.replay.history import History
from engine.replay.play import replay

__all__ = ["History", "replay"]
