"""When does each class of actor attain each capability, and how sure are we?

Shares of futures and quantiles of first attainment, with standard errors between worlds (docs/results.md).
"""

from engine.analyses.room import Room

ROOM = Room(
    __name__,
    "When does each class of actor attain each capability, and how sure are we?",
    variables=(
        "attainment_probability",
        "attainment_time_quantile",
        "first_attainer",
        "lead_time",
    ),
    order=10,
)
