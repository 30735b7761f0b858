"""How probable is an event that is too rare to count?

Importance sampling of worlds with the balance heuristic (Veach & Guibas 1995; Owen & Zhou 2000).
"""

from engine.analyses.room import Room

ROOM = Room(
    __name__,
    "How probable is an event that is too rare to count?",
    call="experiment:rare_probability",
    order=230,
)
