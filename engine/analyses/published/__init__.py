"""Where do published forecasts and the engine differ?

A table of published figures with their sources, each against the same quantity of the engine.
"""

from engine.analyses.room import Room

ROOM = Room(
    __name__,
    "Where do published forecasts and the engine differ?",
    call="analysis:published_comparison",
    order=260,
)
