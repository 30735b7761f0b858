"""Under which assumptions does each policy fail?

Robust decision making (Lempert, Popper & Bankes 2003, RAND MR-1626): failing worlds, boxes that contain them (PRIM,
Friedman & Fisher 1999), reversals of rank, and the worst worlds.
"""

from engine.analyses.room import Room

ROOM = Room(
    __name__,
    "Under which assumptions does each policy fail?",
    call="analysis:stress_test",
    order=80,
)
