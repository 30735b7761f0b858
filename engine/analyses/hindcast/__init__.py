"""How well did a scenario that starts in the past forecast what has been observed since?

Continuous ranked probability scores and coverage against naive forecasts (Gneiting & Raftery 2007).
"""

from engine.analyses.room import Room

ROOM = Room(
    __name__,
    "How well did a scenario that starts in the past forecast what has been observed since?",
    call="experiment:hindcast",
    order=240,
)
