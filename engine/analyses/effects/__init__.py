"""What do cheaper chips and better algorithms each contribute to access and to performance?

Runs with chips or algorithms frozen use the same random draws.
"""

from engine.analyses.room import Room

ROOM = Room(
    __name__,
    "What do cheaper chips and better algorithms each contribute to access and to performance?",
    call="analysis:effects",
    order=200,
)
