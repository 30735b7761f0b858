"""Pieces added up, in any order, to the tally of the whole."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.montecarlo import Chunk, Job, Piece, Tally
from engine.montecarlo.run import add_squares
from engine.montecarlo.tally import new_tally


class Merged:
    """The tally of all pieces added so far. The sum is exact, so that their order and sizes do not matter."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.tally: Tally = new_tally(job.sampler.scenario, len(job.policies))
        self._unfinished: dict[int, tuple[int, NDArray[np.int64]]] = {}

    def add(self, chunk: Chunk, piece: Piece) -> None:
        """Add what came of `chunk`. A world in several chunks is squared when it is whole."""
        self.tally.add(piece.tally)
        if chunk.futures == self.job.futures:
            return
        played, counts = self._unfinished.pop(chunk.world, (0, np.zeros(piece.attained_by.shape, np.int64)))
        played, counts = played + chunk.futures, counts + piece.attained_by
        if played < self.job.futures:
            self._unfinished[chunk.world] = (played, counts)
        else:
            add_squares(counts, self.tally)
