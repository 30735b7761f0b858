"""The Numba clock: millions of futures, as counts."""

from engine.montecarlo.run import Samples, run
from engine.montecarlo.tally import Tally

__all__ = ["Samples", "Tally", "run"]
