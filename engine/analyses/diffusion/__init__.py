"""How many actors have access, and how strong are the best models of each class?

The access effect and the performance effect of Pilz, Heim & Brown 2024 (arXiv:2311.15377v2), as they appear together
with the growth of investment. The room `effects` separates them.
"""

from engine.analyses.room import Room

ROOM = Room(
    __name__,
    "How many actors have access, and how strong are the best models of each class?",
    variables=(
        "actors_with_access",
        "actors_with_access_mean",
        "effective_compute",
        "performance_score",
        "runs_above",
        "runs_above_mean",
    ),
    order=20,
)
