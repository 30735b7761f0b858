"""Which worlds of a scenario fit the observations?

Importance sampling of worlds in rounds, by a synthetic likelihood (Wood 2010) with a discrepancy of the model
(Kennedy & O'Hagan 2001), checked by recovering known truths (Talts et al. 2018).
"""

from engine.analyses.room import Room

ROOM = Room(
    __name__,
    "Which worlds of a scenario fit the observations?",
    call="experiment:calibrate",
    order=250,
)
