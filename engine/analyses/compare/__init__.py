"""What does each policy change, in the same futures?

Common random numbers: every policy is simulated in the same futures as the baseline, and differences are paired.
"""

from engine.analyses.room import Room

ROOM = Room(
    __name__,
    "What does each policy change, in the same futures?",
    call="summary:paired_table",
    order=60,
)
