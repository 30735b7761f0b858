"""One future of the Monte Carlo clock, for tests that look into its arrays."""

from __future__ import annotations

import numba

from engine.montecarlo.clock import compiled, values_of
from engine.montecarlo.future import Future, Setting


def play(setting: Setting, reuse_from: int, future: Future) -> int:
    """Simulate the future of `setting` into `future`, as `engine.montecarlo.clock.play` does."""
    return _call(setting, reuse_from, future, *compiled(lambda: values_of(setting, future)))


@numba.njit(cache=True)
def _call(setting, reuse_from, future, play, steps):
    return play(setting, reuse_from, future, steps)
