"""Which uncertain numbers does an outcome depend on, and how much of it is chance?

Sobol' indices (Saltelli et al. 2010), PAWN (Pianosi & Wagener 2018), shares of variance from given data, and one number
at a time (tornado).
"""

from engine.analyses.room import Room

ROOM = Room(
    __name__,
    "Which uncertain numbers does an outcome depend on, and how much of it is chance?",
    call="experiment:sobol",
    order=70,
)
