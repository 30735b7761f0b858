"""The Numba clock: counts of millions of futures."""

from engine.montecarlo.run import (
    Chunk,
    Job,
    Piece,
    Stopped,
    chunks,
    compile_kernels,
    count_chunks,
    kernels,
    play_chunk,
)
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
    "compile_kernels",
    "count_chunks",
    "kernels",
    "new_tally",
    "play_chunk",
]
