"""exp and log from additions, multiplications and divisions only.

They replace those of the C library for two reasons: their bits are the same on every machine, and
loops over them compile to vector instructions. Both follow fdlibm (Sun Microsystems 1993; the
constants are theirs) without its branches, and are within 1 unit in the last place.
"""

from __future__ import annotations

import struct
from typing import Any

import numba
import numpy as np
from numba.core import types
from numba.extending import intrinsic

from engine.rules.compiled import rule


@intrinsic  # type: ignore[untyped-decorator]
def _bits(typing: Any, x: Any) -> Any:
    """The bits of a float64 as an int64."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], context.get_value_type(types.int64))

    return types.int64(types.float64), generate


@intrinsic  # type: ignore[untyped-decorator]
def _float(typing: Any, bits: Any) -> Any:
    """The float64 with the bits of an int64."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], context.get_value_type(types.float64))

    return types.float64(types.int64), generate


def _plain_bits(x: float) -> int:
    return int(struct.unpack("<q", struct.pack("<d", x))[0])


def _plain_float(bits: int) -> float:
    return float(struct.unpack("<d", struct.pack("<Q", int(bits) & 0xFFFFFFFFFFFFFFFF))[0])


if numba.config.DISABLE_JIT:
    _bits, _float = _plain_bits, _plain_float

_LN2_HIGH = 6.93147180369123816490e-01
_LN2_LOW = 1.90821492927058770002e-10
_LOG2_E = 1.44269504088896338700
_SQRT_HALF_BITS = 0x3FE6A09E00000000
_ONE_BITS = 0x3FF0000000000000
#: Adding it rounds a small float64 to an integer in the low bits.
_ROUND = 6755399441055744.0


@rule
def log(x: float) -> float:
    """Natural logarithm of a normal float64 above 0; not checked."""
    bits = _bits(x)
    exponent = (bits - _SQRT_HALF_BITS) >> 52
    f = _float(bits - (exponent << 52)) - 1.0
    s = f / (2.0 + f)
    z = s * s
    tail = 1.818357216161805012e-01 + z * (1.531383769920937332e-01 + z * 1.479819860511658591e-01)
    tail = 2.857142874366239149e-01 + z * (2.222219843214978396e-01 + z * tail)
    tail = z * (6.666666666666735130e-01 + z * (3.999999999940941908e-01 + z * tail))
    half = 0.5 * f * f
    k = float(exponent)
    return k * _LN2_HIGH - ((half - (s * (half + tail) + k * _LN2_LOW)) - f)


@rule
def exp(x: float) -> float:
    """Exponential; below -708 it is that of -708 (3e-308), above 709 that of 709 (8e307)."""
    x = min(max(x, -708.0), 709.0)
    rounded = x * _LOG2_E + _ROUND
    k = rounded - _ROUND
    high = x - k * _LN2_HIGH
    low = k * _LN2_LOW
    r = high - low
    t = r * r
    tail = 6.61375632143793436117e-05 + t * (-1.65339022054652515390e-06 + t * 4.13813679705723846039e-08)
    c = r - t * (1.66666666666666019037e-01 + t * (-2.77777777770155933842e-03 + t * tail))
    y = 1.0 - ((low - (r * c) / (2.0 - c)) - high)
    return _float(_bits(y) + (_bits(rounded) << 52))


@rule
def uniform_from_bits(high: Any, low: Any) -> float:
    """The uniform in (0, 1) made of the upper 52 bits of two 32-bit words, `high` first."""
    mantissa = (np.int64(high) << 20) | (np.int64(low) >> 12)
    return (_float(_ONE_BITS | mantissa) - 1.0) + 2.0**-53
