"""How long is the world exposed, and how much is lost?

Loss exceedance, value at risk and expected shortfall of the losses of all futures. `engine/results/risk.py` computes
them with the results; this room draws and reports them.
"""

from engine.analyses.room import Room

ROOM = Room(
    __name__,
    "How long is the world exposed, and how much is lost?",
    order=50,
)
