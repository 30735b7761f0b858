"""The SimPy clock: one future, the whole story."""

from engine.replay.beside import side_by_side
from engine.replay.history import History
from engine.replay.play import replay

__all__ = ["History", "replay", "side_by_side"]
