"""By which route does each class first attain each capability?

Shares of all futures by training, open weights and theft.
"""

from engine.analyses.room import Room

ROOM = Room(
    __name__,
    "By which route does each class first attain each capability?",
    variables=("attainment_route",),
    order=30,
)
