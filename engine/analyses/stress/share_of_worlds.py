"""Shares of worlds in words, with what is known of them."""

from __future__ import annotations

import numpy as np

from engine.results.standard_errors import probability_limits
from engine.text.uncertain import probability


def format_share_of_worlds(share: float, error: float, worlds: int) -> str:
    """A share of so many independent `worlds` with its standard error, near 0 and 1 with its 95% limits.

    As probabilities of attainment are told: what holds in all of 50 worlds is known only to be likely, "> 92%".
    """
    lower, upper = probability_limits(np.array(share), np.array(float(worlds)), max(worlds - 1, 1))
    return probability(share, error, float(lower), float(upper))
