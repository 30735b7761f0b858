"""Progress under a ceiling: each gain shrinks linearly with the headroom that is left.

Chips approach a physical limit so (`hardware`), and algorithms a limit of efficiency (`algorithms`).
"""

from __future__ import annotations

from engine.rules.compiled import rule
from engine.rules.elementary import exp

#: Gains are no smaller, to this part of themselves, while they are this part of the headroom.
_SLIGHT = 1e-8
#: Headroom that gains are divided by is at least so much, and no headroom is larger, so that the formula has a value.
_LEAST, _MOST = 1e-300, 1e300


@rule
def saturated(gains: float, headroom: float) -> float:
    """OOM of progress from `gains` that would add up without a ceiling, `headroom` OOM above the start.

    Both are at least 0. Each part dx of the gains brings dx (headroom - progress) / headroom. Integrated, the headroom
    that is left falls exponentially, in any order of gains.
    """
    # No branches, so that loops over it vectorise.
    room = min(max(headroom, 0.0), _MOST)
    limited = room * (1.0 - exp(-gains / max(room, _LEAST)))
    # With so much headroom the formula would lose digits, and then all of them.
    return gains if gains <= _SLIGHT * room else limited
