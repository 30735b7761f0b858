"""The Numba clock: millions of futures, as counts."""

from engine.montecarlo.run import run
from engine.montecarlo.samples import Keep, Samples
from engine.montecarlo.tally import Tally

__all__ = ["Keep", "Samples", "Tally", "run"]
