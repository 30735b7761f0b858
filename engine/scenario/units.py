"""Units in scenarios, and the unit in which a world carries each dimension.

Compute, money, price-performance, efficiency and growth are carried as log10: one OOM is
one unit of log10. A number without a unit has the first unit of its dimension.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

DAYS_PER_YEAR = 365.25
LOG10_2 = float(np.log10(2.0))


@dataclass(frozen=True)
class Unit:
    """A unit of a dimension, with elementwise conversion to the carried unit and back. This one is the carried unit."""

    def to_carried(self, x: Floats) -> Floats:
        """Convert values from this unit to the carried one."""
        return x

    def from_carried(self, x: Floats) -> Floats:
        """Convert values from the carried unit to this one."""
        return x


@dataclass(frozen=True)
class _Scaled(Unit):
    factor: float

    def to_carried(self, x: Floats) -> Floats:
        return x * self.factor

    def from_carried(self, x: Floats) -> Floats:
        return x / self.factor


@dataclass(frozen=True)
class _Log10(Unit):
    def to_carried(self, x: Floats) -> Floats:
        return np.log10(x)

    def from_carried(self, x: Floats) -> Floats:
        return 10.0**x


@dataclass(frozen=True)
class _Log10Percent(Unit):
    def to_carried(self, x: Floats) -> Floats:
        return np.log10(x / 100.0)

    def from_carried(self, x: Floats) -> Floats:
        return 100.0 * 10.0**x


@dataclass(frozen=True)
class _PercentGrowth(Unit):
    def to_carried(self, x: Floats) -> Floats:
        return np.log10(1.0 + x / 100.0)

    def from_carried(self, x: Floats) -> Floats:
        return 100.0 * (10.0**x - 1.0)


@dataclass(frozen=True)
class _Doubling(Unit):
    """A doubling time: above 0, infinite without growth, and falling as growth rises."""

    years_per_unit: float

    def to_carried(self, x: Floats) -> Floats:
        return np.where(x > 0.0, LOG10_2 / (x * self.years_per_unit), np.nan)

    def from_carried(self, x: Floats) -> Floats:
        return np.where(x > 0.0, LOG10_2 / (x * self.years_per_unit), np.inf)


@dataclass(frozen=True)
class Dimension:
    """A kind of quantity: the unit a world carries, and the units a scenario may write."""

    carried: str
    units: dict[str, Unit]

    @property
    def default_unit(self) -> str:
        """The unit of a number without one."""
        return next(iter(self.units))


def as_yaml(unit: str) -> str:
    """The unit in YAML, which requires quotes around `%` and `1`."""
    return unit if unit[0].isalpha() else f"'{unit}'"


_SAME, _LOG10 = Unit(), _Log10()

MONEY = Dimension("log10 US$", {"US$": _LOG10, "log10 US$": _SAME})
EARNINGS = Dimension("log10 US$/yr", {"US$/yr": _LOG10, "log10 US$/yr": _SAME})
COMPUTE = Dimension("log10 FLOP", {"FLOP": _LOG10, "log10 FLOP": _SAME})
PRICE_PERFORMANCE = Dimension("log10 FLOP/US$", {"FLOP/US$": _LOG10, "log10 FLOP/US$": _SAME})
TOKENS = Dimension("log10 tokens", {"tokens": _LOG10, "log10 tokens": _SAME})
GROWTH = Dimension(
    "OOM/yr",
    {
        "x/yr": _LOG10,
        "OOM/yr": _SAME,
        "%/yr": _PercentGrowth(),
        "doubling years": _Doubling(1.0),
        "doubling months": _Doubling(1.0 / 12.0),
    },
)
FACTOR = Dimension("OOM", {"x": _LOG10, "OOM": _SAME})
OOM = Dimension("OOM", {"OOM": _SAME, "x": _LOG10})
UTILISATION = Dimension("OOM", {"fraction": _LOG10, "%": _Log10Percent()})
YEARS = Dimension("years", {"years": _SAME, "months": _Scaled(1.0 / 12.0), "days": _Scaled(1.0 / DAYS_PER_YEAR)})
DATE = Dimension("year", {"year": _SAME})
RATE = Dimension("1/yr", {"per year": _SAME, "per month": _Scaled(12.0)})
FRACTION = Dimension("fraction", {"fraction": _SAME, "%": _Scaled(0.01)})
PLAIN = Dimension("1", {"1": _SAME})
SCORE = Dimension("points", {"points": _SAME})
SCORE_SLOPE = Dimension("points/OOM", {"points/OOM": _SAME})
