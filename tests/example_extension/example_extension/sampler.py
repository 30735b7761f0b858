"""A sampler: antithetic pairs of worlds (Hammersley & Morton 1956), whose uniforms are u and 1 - u."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.scenario.samplers import random


def antithetic(names: Sequence[str], worlds: int, seed: int, first: int, count: int) -> NDArray[np.float64]:
    """Worlds 2 i and 2 i + 1 are a pair."""
    number = np.arange(first, first + count)
    start = first // 2
    drawn = random(names, worlds, seed, start, (first + count + 1) // 2 - start)[number // 2 - start]
    return np.where((number % 2 == 0)[:, np.newaxis], drawn, 1.0 - drawn)
