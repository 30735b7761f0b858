"""How long is the world exposed, and how much is lost?

Loss exceedance, value at risk and expected shortfall of the losses of all futures. `engine/results/risk.py` computes
them with the results; this room draws and reports them.
"""

from engine.analyses.room import Room

ROOM = Room(
    __name__,
    "How long is the world exposed, and how much is lost?",
    variables=(
        "exposure",
        "exposure_mean",
        "incidents_mean",
        "loss_quantile",
        "loss_mean",
        "loss_largest_share",
        "loss_exceedance",
        "value_at_risk",
        "expected_shortfall",
        "benefit",
        "benefit_mean",
    ),
    order=50,
)
