"""Progress under a ceiling: each gain shrinks linearly with the headroom that is left.

Chips approach a physical limit so (`hardware`), and algorithms a limit of efficiency (`algorithms`).
"""

from __future__ import annotations

from engine.rules.compiled import rule
from engine.rules.elementary import exp

#: Gains are no smaller, to this part of themselves, while they are this part of the headroom.
_SLIGHT = 1e-8


@rule
def saturated(gains: float, headroom: float) -> float:
    """OOM of progress from `gains` that would add up without a ceiling, `headroom` OOM above the start.

    Both are at least 0. Each part dx of the gains brings dx (headroom - progress) / headroom. Integrated, the headroom
    that is left falls exponentially, in any order of gains.
    """
    # With so much headroom the formula would lose digits, and then all of them.
    if gains <= _SLIGHT * headroom:
        return gains
    if headroom <= 0.0:
        return 0.0
    return headroom * (1.0 - exp(-gains / headroom))
