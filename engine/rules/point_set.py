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

from engine.rules.compiled import rule
from engine.rules.luck import Stream, uniform

#: Worlds belong to this many replicates, which are drawn independently of one another; errors come from them.
REPLICATES = 16

#: Digits of a point, as many as a uniform has.
_DIGITS = 52
_ONE, _16, _15, _MASK = np.uint64(1), np.uint64(16), np.uint64(15), np.uint64(0xFFFFFFFF)
_A, _B, _STEP = np.uint64(0x7FEB352D), np.uint64(0x846CA68B), np.uint64(0x9E3779B9)


@rule
def point(seed: int, replicate: int, entity: int, index: int, n: int) -> float:
    """Point `n` (from 0, below 2^28) of the sequence of a number in one replicate, in (0, 1).

    `entity` and `index` are the number's address (`engine.rules.luck`).
    """
    place = _in_order(seed, replicate, entity, index, n)
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
def _in_order(seed: int, replicate: int, entity: int, index: int, n: int) -> int:
    """The place in van der Corput's sequence of point `n`: 2^h to 2^(h + 1) - 1 are permuted among themselves."""
    if n < 2:
        return n
    half = 1
    block = 0
    while 2 * half <= n:
        half *= 2
        block += 1
    # Replicates are few, so the blocks have addresses beyond them.
    key = uniform((seed, 0, replicate + (block << 16)), Stream.SCRAMBLE, entity, index)
    state = np.uint64(key * 2.0**32)
    mask = np.uint64(half - 1)
    place = np.uint64(n - half)
    for _ in range(2 * block + 10):
        state = _mixed((state + _STEP) & _MASK)
        partner = place ^ (state & mask)
        if _mixed(max(place, partner) ^ _mixed(state ^ _STEP)) & _ONE:
            place = partner
    return half + int(place)


@rule
def _mixed(word: np.uint64) -> np.uint64:
    """A hash of 32 bits: each bit of the result depends on all bits of `word` (Wellons 2018, lowbias32)."""
    word ^= word >> _16
    word = (word * _A) & _MASK
    word ^= word >> _15
    word = (word * _B) & _MASK
    return word ^ (word >> _16)
