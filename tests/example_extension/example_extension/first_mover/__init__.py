"""How often is each class the first to attain any dangerous capability?

Shares of single futures, with standard errors over worlds.
"""

from engine.analyses import Room

ROOM = Room(
    __name__,
    "How often is each class the first to attain any dangerous capability?",
    call="analysis:first_mover",
    order=45,
)
