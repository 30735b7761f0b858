"""A sampler: antithetic pairs of worlds (Hammersley & Morton 1956), whose uniforms are u and 1 - u."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.scenario.samplers import random


def antithetic(names: Sequence[str], worlds: int, seed: int, first: int, count: int) -> NDArray[np.float64]:
    """Worlds w and w + 16 are a pair, in the same replicate, for even w // 16."""
    number = np.arange(first, first + count)
    pair = number // 32 * 16 + number % 16
    start = pair.min()
    drawn = random(names, worlds, seed, int(start), int(pair.max() - start) + 1)[pair - start]
    return np.where((number // 16 % 2 == 0)[:, np.newaxis], drawn, 1.0 - drawn)
