"""Points of a randomised quasi-Monte Carlo sequence, each number by itself, with direct access to any point.

The sequence of a number is van der Corput's in base 2, whose points are taken in a random order and scrambled as in
Owen 1995 (in Niederreiter & Shiue, Monte Carlo and Quasi-Monte Carlo Methods, 299): the first 2^h points have one point
in each of 2^h equal strata, for every h, and each point is uniform on (0, 1). The order makes the points of different
numbers independent of one another: the next 2^h points come in an order of their own, a permutation by swap-or-not
(Hoang, Morris & Rogaway 2012, CRYPTO, 1). A number alone is therefore spread as evenly as in a Latin hypercube
(McKay, Beckman & Conover 1979), although no point depends on how many there are.

All randomness is addressed (`luck`): it depends on the seed, the replicate and the number, on nothing else.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.rules.compiled import rule
from engine.rules.luck import Stream, uniform

#: Worlds belong to this many replicates, which are drawn independently of one another; errors come from them.
REPLICATES = 16

#: The shape of the keys of an order: three for each round, of at most 66 for a block.
KEYS = (66, 3)
#: Digits of a point, as many as a uniform has.
_DIGITS = 52
_ONE, _15, _16, _31 = np.uint64(1), np.uint64(15), np.uint64(16), np.uint64(31)
_MASK = np.uint64(0xFFFFFFFF)
_A, _B, _STEP = np.uint64(0x7FEB352D), np.uint64(0x846CA68B), np.uint64(0x9E3779B9)


@rule
def block_of(n: int) -> int:
    """The block of point `n`: block h are the points 2^h to 2^(h + 1) - 1. Point 0 counts as of block 0."""
    block = 0
    while n >> (block + 1):
        block += 1
    return block


@rule
def set_order(seed: int, replicate: int, entity: int, index: int, block: int, keys: NDArray[np.uint64]) -> None:
    """Set `keys` (of shape `KEYS`) to those of the order of the points of a `block`."""
    # Replicates are few, so the blocks have addresses beyond them.
    key = uniform((seed, 0, replicate + (block << 16)), Stream.SCRAMBLE, entity, index)
    state = np.uint64(key * 2.0**32)
    mask = np.uint64((1 << block) - 1)
    for turn in range(2 * block + 10):
        state = _mixed((state + _STEP) & _MASK)
        keys[turn, 0] = state & mask
        keys[turn, 1] = _mixed(state ^ _A)
        keys[turn, 2] = _mixed(state ^ _B)


@rule
def point(seed: int, replicate: int, entity: int, index: int, n: int, keys: NDArray[np.uint64]) -> float:
    """Point `n` (from 0, below 2^28) of the sequence of a number in one replicate, in (0, 1).

    `entity` and `index` are the number's address (`engine.rules.luck`), `keys` those of the order of its block.
    """
    place = _in_order(n, keys)
    prefix = 0
    word = _word(seed, prefix, replicate, entity, index)
    bits = 0
    digit = 0
    while place >> digit:
        shift = _DIGITS - 1 - digit
        ours = (place >> digit) & 1
        bits |= (ours ^ ((word >> shift) & 1)) << shift
        if ours:
            prefix |= 1 << digit
            word = _word(seed, prefix, replicate, entity, index)
        digit += 1
    bits |= word & ((1 << (_DIGITS - digit)) - 1)
    return (bits + 0.5) * 2.0**-_DIGITS


@rule
def _word(seed: int, prefix: int, replicate: int, entity: int, index: int) -> int:
    """Random digits of all points with this `prefix` of digits: bit 51 - d flips their digit d."""
    return int(uniform((seed, prefix, replicate), Stream.SCRAMBLE, entity, index) * 2.0**_DIGITS)


@rule
def _in_order(n: int, keys: NDArray[np.uint64]) -> int:
    """The place in van der Corput's sequence of point `n`: each block is permuted by itself."""
    if n < 2:
        return n
    block = block_of(n)
    place = np.uint64(n - (1 << block))
    for turn in range(2 * block + 10):
        partner = place ^ keys[turn, 0]
        # By multiply-add-shift, bits of different places are independent (Dietzfelbinger 1996, STACS, 569).
        if (max(place, partner) * keys[turn, 1] + keys[turn, 2]) >> _31 & _ONE:
            place = partner
    return (1 << block) + int(place)


@rule
def _mixed(word: np.uint64) -> np.uint64:
    """A hash of 32 bits: each bit of the result depends on all bits of `word` (Wellons 2018, lowbias32)."""
    word ^= word >> _16
    word = (word * _A) & _MASK
    word ^= word >> _15
    word = (word * _B) & _MASK
    return word ^ (word >> _16)
