"""The Numba clock: millions of futures, as counts."""

from engine.montecarlo.run import Keep, run
from engine.montecarlo.samples import Samples
from engine.montecarlo.tally import Tally

__all__ = ["Keep", "Samples", "Tally", "run"]
