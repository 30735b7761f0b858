"""Is a run large enough?

Standard errors over worlds, effective numbers of independent futures, and the worlds that a standard error needs.
"""

from engine.analyses.room import Room

ROOM = Room(
    __name__,
    "Is a run large enough?",
    call="analysis:effective_sample_size",
    order=100,
)
