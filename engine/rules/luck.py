"""Addressed randomness: every draw has an address, never a state.

key = seed; counter = (world, future, stream and entity, index). A draw is Philox4x32-10 of its
address (Salmon, Moraes, Dror & Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3"), so it
depends on nothing else: not on the order of events, on chunks, on workers, or on what else the
scenario contains.

A block of Philox gives two uniforms of 52 bits, never 0 or 1: indices 2 b and 2 b + 1 share block b.
`luck` is the triple (seed, world, future) of int64; `entity` is at most 26 bits, `index` 32.
"""

from __future__ import annotations

import math
from enum import IntEnum
from typing import Any

import numpy as np

from engine.rules.compiled import rule
from engine.rules.elementary import exp, log, uniform_from_bits
from engine.rules.normal import normal_quantile

Luck = tuple[int, int, int]


class Stream(IntEnum):
    """The purpose of a draw. A number here is part of the address and must never change its meaning.

    13, 14 and 16 were releases, thefts and evaluations of single capabilities, and stay free.
    """

    PARAMETER = 0
    RELEASE_GAP = 1
    GENERATION_GAIN = 2
    FORMAT = 3
    BREAKTHROUGH_GAP = 4
    BREAKTHROUGH_KIND = 5
    BREAKTHROUGH_REACH = 6
    ADOPTION = 7
    COMMON_SHOCK = 8
    CLASS_SHOCK = 9
    ACTOR = 10
    RUN_PAUSE = 11
    REQUIREMENT = 12
    COMPLIANCE = 15
    LEARNING = 17
    DEFENCE = 18
    INCIDENT = 19
    PUBLICATION = 20
    SCRAMBLE = 21
    MODEL_THEFT = 22
    MODEL_EVALUATION = 23
    FORESIGHT = 24
    COMMON_REQUIREMENT = 25
    HOSTING = 26
    HOSTED_INCIDENT = 27
    EXIT = 28


_M0 = np.uint64(0xD2511F53)
_M1 = np.uint64(0xCD9E8D57)
_W0 = np.uint64(0x9E3779B9)
_W1 = np.uint64(0xBB67AE85)
_MASK = np.uint64(0xFFFFFFFF)
_32 = np.uint64(32)
_ENTITY_BITS = np.uint64(26)


@rule
def philox(key: Any, counter: Any) -> Any:
    """Philox4x32-10: two key words and four counter words to four words, all uint64 below 2^32."""
    k0, k1 = key
    c0, c1, c2, c3 = counter
    for _ in range(10):
        p0 = _M0 * c0
        p1 = _M1 * c2
        c0, c1, c2, c3 = (p1 >> _32) ^ c1 ^ k0, p1 & _MASK, (p0 >> _32) ^ c3 ^ k1, p0 & _MASK
        k0 = (k0 + _W0) & _MASK
        k1 = (k1 + _W1) & _MASK
    return c0, c1, c2, c3


@rule
def uniform_pair(luck: Luck, stream: int, entity: int, block: int) -> tuple[float, float]:
    """The two uniforms in (0, 1) at indices 2 `block` and 2 `block` + 1 of an address."""
    seed, world, future = luck
    key = np.uint64(seed)
    w0, w1, w2, w3 = philox(
        (key & _MASK, key >> _32),
        (
            np.uint64(world) & _MASK,
            np.uint64(future) & _MASK,
            (np.uint64(stream) << _ENTITY_BITS) | np.uint64(entity),
            np.uint64(block) & _MASK,
        ),
    )
    return (
        uniform_from_bits(w0, w1),
        uniform_from_bits(w2, w3),
    )


@rule
def uniform(luck: Luck, stream: int, entity: int, index: int) -> float:
    """The uniform in (0, 1) at an address."""
    first, second = uniform_pair(luck, stream, entity, index >> 1)
    return second if index & 1 else first


@rule
def normal(luck: Luck, stream: int, entity: int, index: int) -> float:
    """The standard normal at an address."""
    return normal_quantile(uniform(luck, stream, entity, index))


@rule
def exponential_from(u: float) -> float:
    """The standard exponential with survival probability `u`."""
    return -log(u)


@rule
def exponential(luck: Luck, stream: int, entity: int, index: int) -> float:
    """The standard exponential at an address."""
    return exponential_from(uniform(luck, stream, entity, index))


_TRIES = 32


@rule
def gamma(luck: Luck, stream: int, entity: int, index: int, shape: float) -> float:
    """The Gamma of `shape` and scale 1 at an address (Marsaglia & Tsang 2000).

    The method rejects some tries; try a of draw n uses block 32 n + a, so draws do not share
    blocks. The last of the 32 blocks is reserved for the boost of a shape below 1; more than 31
    tries happen with probability below 1e-40, and then give shape - 1/3, about the median.
    """
    boost = 1.0
    base = index * _TRIES
    if shape < 1.0:
        u, _ = uniform_pair(luck, stream, entity, base + _TRIES - 1)
        boost = exp(log(u) / shape)
        shape += 1.0
    d = shape - 1.0 / 3.0
    c = 1.0 / math.sqrt(9.0 * d)
    for attempt in range(_TRIES - 1):
        u, accept = uniform_pair(luck, stream, entity, base + attempt)
        x = normal_quantile(u)
        v = 1.0 + c * x
        if v <= 0.0:
            continue
        v = v * v * v
        if log(accept) < 0.5 * x * x + d - d * v + d * log(v):
            return boost * d * v
    return boost * d
