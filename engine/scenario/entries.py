"""Newcomers that a scenario leaves out: those beyond the most that may enter a class."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from engine.scenario.schema import Scenario
from engine.scenario.worlds import WorldSampler

#: A class of which more would enter in at least this share of futures is named: a convention of this project.
OFTEN = 0.05
_WORLDS = 256


def entries_left_out(scenario: Scenario) -> Iterator[str]:
    """A sentence for each class whose `newcomers` are fewer than would enter, in a share of futures of `OFTEN` or more.

    Entries are a Poisson process at a rate r that grows by g OOM a year, so that r (10^(g T) - 1) / (g ln 10) are
    expected in T years (`engine.rules.entry`). The share is a mean over 256 worlds of seed 0.
    """
    limited = {name: spec.newcomers for name, spec in scenario.actor_classes.items() if spec.newcomers}
    if not limited:
        return
    from scipy.special import pdtrc

    drawn = WorldSampler(scenario, _WORLDS, 0).worlds()
    for name, most in limited.items():
        c = scenario.class_number(name)
        rate, growth = (drawn[key][:, c] for key in ("newcomer_rate", "newcomer_growth"))
        share = float(pdtrc(most, expected_entries(rate, growth, scenario.horizon - scenario.start)).mean())
        if share >= OFTEN:
            yield (
                f"{name}: in {share:.0%} of futures more than {most:,} members would enter by {scenario.horizon:g}, "
                "and the rest never do; give more `newcomers:`"
            )


def expected_entries(rate: NDArray[np.float64], growth: NDArray[np.float64], years: float) -> NDArray[np.float64]:
    """Expected number of entries in so many `years`, at a `rate` (1/yr) that grows by `growth` (OOM/yr)."""
    grown = growth * math.log(10.0) * years
    # Without growth, and for growth too small to be told from none, the rate is constant.
    factor = np.where(np.abs(grown) > 1e-9, np.expm1(grown) / np.where(grown == 0.0, 1.0, grown), 1.0)
    return np.asarray(rate * years * factor)
