"""What does a capability cost in each year, and how long do fixed compute thresholds catch it?

Costs of the cheapest sufficient run of each class and year, against thresholds in FLOP.
"""

from engine.analyses.room import Room

ROOM = Room(
    __name__,
    "What does a capability cost in each year, and how long do fixed compute thresholds catch it?",
    call="analysis:thresholds",
    order=210,
)
