"""Who can use a capability through a hosted service, how soon, and what comes of it?

Use is no attainment: a user has neither the weights nor the capability. First use, users, incidents and benefit by
use are counted apart, with standard errors between worlds (docs/results.md).
"""

from engine.analyses.room import Room

ROOM = Room(
    __name__,
    "Who can use a capability through a hosted service, how soon, and what comes of it?",
    variables=("use_probability", "use_time_quantile", "users_mean", "hosted_incidents_mean", "hosted_benefit_mean"),
    order=35,
)
