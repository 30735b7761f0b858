"""Points of a randomised quasi-Monte Carlo sequence, each number by itself, with direct access to any point.

The sequence of a number is van der Corput's in base 2, whose points are taken in a random order and scrambled as in
Owen 1995 (in Niederreiter & Shiue, Monte Carlo and Quasi-Monte Carlo Methods, 299): the first 2^h points have one point
in each of 2^h equal strata, for every h, and each point is uniform on (0, 1). Without an order of its own for each
number, two points would share strata in all numbers: so the next 2^h points are permuted by swap-or-not (Hoang, Morris
& Rogaway 2012, CRYPTO, 1). A number alone is therefore spread as evenly as in a Latin hypercube
(McKay, Beckman & Conover 1979), although no point depends on how many there are.

All randomness is addressed (`luck`): a number has a key in each replicate, which depends on the seed, the replicate and
the number, on nothing else. Random words come from the key and a counter, by SplitMix64 (Steele, Lea & Flood 2014,
OOPSLA, 453).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.rules.compiled import rule
from engine.rules.luck import Stream, uniform

#: Worlds belong to this many replicates, which are drawn independently of one another; errors come from them.
REPLICATES = 16

#: The shape of an order: three words for each round, of at most 64 for a block.
ORDER = (64, 3)
#: Digits of a point, as many as a uniform has.
_DIGITS = 52
_ONE, _12, _27, _30, _31 = np.uint64(1), np.uint64(12), np.uint64(27), np.uint64(30), np.uint64(31)
_HALF = np.uint64(0xFFFFFFFF)
_GAMMA, _A, _B = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


@rule
def key_of(seed: int, replicate: int, entity: int, index: int) -> np.uint64:
    """The key of a number in one replicate; `entity` and `index` are its address (`engine.rules.luck`)."""
    return np.uint64(uniform((seed, 0, replicate), Stream.SCRAMBLE, entity, index) * 2.0**_DIGITS) << _12


@rule
def block_of(n: int) -> int:
    """The block of point `n`: block h are the points 2^h to 2^(h + 1) - 1. Point 0 counts as of block 0."""
    block = 0
    while n >> (block + 1):
        block += 1
    return block


@rule
def set_order(key: np.uint64, block: int, order: NDArray[np.uint64]) -> None:
    """Set `order` (of shape `ORDER`) to that of the points of a `block`, by the `key` of the number."""
    # Prefixes are below 2^28.
    counter = (block + 1) << 28
    mask = np.uint64((1 << block) - 1)
    for turn in range(2 * block + 10):
        order[turn, 0] = _word(key, counter + 3 * turn) & mask
        order[turn, 1] = _word(key, counter + 3 * turn + 1) & _HALF
        order[turn, 2] = _word(key, counter + 3 * turn + 2) & _HALF


@rule
def point(key: np.uint64, n: int, order: NDArray[np.uint64]) -> float:
    """Point `n` (from 0, below 2^28), in (0, 1), of the number with this `key`; `order` is that of its block."""
    place = _in_order(n, order)
    prefix = 0
    word = _digits(key, prefix)
    bits = 0
    digit = 0
    while place >> digit:
        shift = _DIGITS - 1 - digit
        ours = (place >> digit) & 1
        bits |= (ours ^ ((word >> shift) & 1)) << shift
        if ours:
            prefix |= 1 << digit
            word = _digits(key, prefix)
        digit += 1
    bits |= word & ((1 << (_DIGITS - digit)) - 1)
    return (bits + 0.5) * 2.0**-_DIGITS


@rule
def _digits(key: np.uint64, prefix: int) -> int:
    """Random digits of all points with this `prefix` of digits: bit 51 - d flips their digit d."""
    return int(_word(key, prefix) >> _12)


@rule
def _in_order(n: int, order: NDArray[np.uint64]) -> int:
    """The place in van der Corput's sequence of point `n`: each block is permuted by itself."""
    if n < 2:
        return n
    block = block_of(n)
    place = np.uint64(n - (1 << block))
    for turn in range(2 * block + 10):
        partner = place ^ order[turn, 0]
        # By multiply-add-shift, bits of any two places are independent (Dietzfelbinger 1996, STACS, 569).
        if (max(place, partner) * order[turn, 1] + order[turn, 2]) >> _31 & _ONE:
            place = partner
    return (1 << block) + int(place)


@rule
def _word(key: np.uint64, counter: int) -> np.uint64:
    """Word `counter` of 64 bits from SplitMix64 with this `key`."""
    word = key + np.uint64(counter + 1) * _GAMMA
    word = (word ^ (word >> _30)) * _A
    word = (word ^ (word >> _27)) * _B
    return word ^ (word >> _31)
