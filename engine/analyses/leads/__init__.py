"""How far ahead is the first class, in which order do classes attain, and how long is there to prepare?

Differences of first attainment times within each future, in years, in orders of magnitude of effective compute and in
points of the performance score.
"""

from engine.analyses.room import Room

ROOM = Room(
    __name__,
    "How far ahead is the first class, in which order do classes attain, and how long is there to prepare?",
    call="analysis:leads",
    order=40,
)
