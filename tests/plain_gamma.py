"""The Gamma distribution by Marsaglia & Tsang (2000) in plain Python, from the addressed uniforms of the engine."""

from __future__ import annotations

import math
from statistics import NormalDist

from engine.rules.luck import Luck, uniform_pair

TRIES = 32


def gamma(luck: Luck, stream: int, entity: int, index: int, shape: float) -> float:
    """A draw of this shape and scale 1; it has 32 blocks of two uniforms, the last for shapes below 1."""
    blocks = [uniform_pair(luck, stream, entity, TRIES * index + block) for block in range(TRIES)]
    if shape < 1.0:
        return blocks[-1][0] ** (1.0 / shape) * _of_shape_from_one(blocks[:-1], shape + 1.0)
    return _of_shape_from_one(blocks[:-1], shape)


def _of_shape_from_one(blocks: list[tuple[float, float]], shape: float) -> float:
    d = shape - 1.0 / 3.0
    for proposed, accepted in blocks:
        x = NormalDist().inv_cdf(proposed)
        v = (1.0 + x / math.sqrt(9.0 * d)) ** 3
        if v > 0.0 and math.log(accepted) < x * x / 2.0 + d - d * v + d * math.log(v):
            return d * v
    return d
