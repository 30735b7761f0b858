"""The Numba clock: counts of millions of futures."""

from engine.montecarlo.run import Chunk, Job, Piece, Stopped, chunks, count_chunks, play_chunk
from engine.montecarlo.samples import Keep, Samples
from engine.montecarlo.tally import Tally, new_tally

__all__ = [
    "Chunk",
    "Job",
    "Keep",
    "Piece",
    "Samples",
    "Stopped",
    "Tally",
    "chunks",
    "count_chunks",
    "new_tally",
    "play_chunk",
]
