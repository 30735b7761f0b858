"""Should an actor invest now or wait, and what does regulation change?

The value and cost of each option of one added actor are simulated in the same futures as the world without it.
"""

from engine.analyses.room import Room

ROOM = Room(
    __name__,
    "Should an actor invest now or wait, and what does regulation change?",
    call="experiment:decide",
    order=220,
)
