"""The quantities of a scenario: a dimension, and the possible range of such a number."""

from __future__ import annotations

from engine.scenario import units
from engine.scenario.numbers import Quantity

INFINITY = float("inf")

MONEY = Quantity(units.MONEY, 0.0, 15.0)
CEILING = Quantity(units.MONEY, 0.0, INFINITY)
AMOUNT = Quantity(units.MONEY, -INFINITY, 15.0)
EARNINGS = Quantity(units.EARNINGS, -INFINITY, 15.0)
COMPUTE = Quantity(units.COMPUTE, 10.0, 60.0)
COMPUTE_LIMIT = Quantity(units.COMPUTE, 10.0, INFINITY)
FLOOR = Quantity(units.COMPUTE, 0.0, 60.0)
PRICE_PERFORMANCE = Quantity(units.PRICE_PERFORMANCE, 5.0, 30.0)
PRICE_CEILING = Quantity(units.PRICE_PERFORMANCE, 5.0, INFINITY)
GROWTH = Quantity(units.GROWTH, -0.302, 3.0)
IMPROVEMENT = Quantity(units.GROWTH, 0.0, 3.0)
SIZE = Quantity(units.OOM, 0.0, 10.0)
HEADROOM = Quantity(units.OOM, 0.0, INFINITY)
SHIFT = Quantity(units.OOM, -10.0, 10.0)
FACTOR = Quantity(units.FACTOR, 0.0, 6.0)
MULTIPLE = Quantity(units.FACTOR, -6.0, INFINITY)
DATE = Quantity(units.DATE, 1950.0, 2400.0)
END = Quantity(units.DATE, 1950.0, INFINITY)
YEARS = Quantity(units.YEARS, 0.0, 100.0)
LONG = Quantity(units.YEARS, 0.0, INFINITY)
GAP = Quantity(units.YEARS, 0.05, INFINITY)
DURATION = Quantity(units.YEARS, 0.01, 20.0)
RATE = Quantity(units.RATE, 0.0, 1000.0)
FRACTION = Quantity(units.FRACTION, 0.0, 1.0)
UTILISATION = Quantity(units.UTILISATION, -4.0, 0.0)
TOKENS = Quantity(units.TOKENS, 0.0, INFINITY)
NO_TOKENS = Quantity(units.TOKENS, -INFINITY, INFINITY)
SPREAD = Quantity(units.PLAIN, 0.0, 3.0)
RATIO = Quantity(units.PLAIN, 0.0, 100.0)
POSITIVE_RATIO = Quantity(units.PLAIN, 0.01, 100.0)
SPEED = Quantity(units.PLAIN, 1.0, 1e6)
SCORE = Quantity(units.SCORE, 0.0, INFINITY, above_low=True)
SLOPE = Quantity(units.SCORE_SLOPE, 0.0, 1e6, above_low=True)
