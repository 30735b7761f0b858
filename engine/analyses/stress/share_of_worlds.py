"""Shares of worlds as text, with their errors or limits."""

from __future__ import annotations

import numpy as np

from engine.results.standard_errors import probability_limits
from engine.text.uncertain import probability


def format_share_of_worlds(share: float, error: float, worlds: int) -> str:
    """A share of `worlds` with its standard error; near 0 and 1 with 95% limits, as if worlds were independent.

    The format is that of probabilities of attainment: a statement true in all of 50 worlds has the share "> 92%".
    """
    lower, upper = probability_limits(np.array(share), np.array(float(worlds)), max(worlds - 1, 1))
    return probability(share, error, float(lower), float(upper))
