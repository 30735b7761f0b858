"""What does a typical future look like, and what does a bad one?

The room replays two futures event by event: the one nearest to the medians of all outcomes by ranks, and the one at a
quantile of a bad outcome.
"""

from engine.analyses.room import Room

ROOM = Room(
    __name__,
    "What does a typical future look like, and what does a bad one?",
    call="representative_futures:typical_future",
    order=90,
)
