"""Evaluations that show authorities a capability before anyone has it, in closed form and under both clocks."""

from __future__ import annotations

import math

import numpy as np
import pytest
from helpers import oom, with_measures, within

import engine

pytestmark = pytest.mark.known

SEED = 20_231_115
FUTURES = 5_000
#: Runs of a year without pause reach half an OOM more each: 27.25 with the run of 2023, which ends in 2024.
GROWING = {"algorithms": {"efficiency_trend": oom(0.5, "OOM/yr")}, "actor_classes": {"actor": {}}}
#: Once authorities know, a defence takes two years; from the attainment on they would need a century to learn.
SKILL = {"requirement": oom(27.25, "log10 FLOP"), "learning_lag": 100, "defence_duration": 2}
PROGRAMME = {"measure": "capability_reporting", "foresight_probability": 1.0}


def ready(futures, *measures, **skill):
    """Times at which the defence is ready, NaN for never, with what the replay clock says of the first future."""
    spec = with_measures(*measures, **GROWING, capabilities={"skill": {**SKILL, **skill}})
    samples = engine.simulate(spec, 1, futures, SEED, keep="samples", policies=["policy"])
    events = engine.replay(spec, 0, 0, worlds=1, seed=SEED, policy="policy").events
    told = events.query("event == 'defence_ready'").time
    return samples.defence_ready.sel(policy="policy").to_numpy().ravel().astype(float), told.min()


@pytest.mark.parametrize(
    ("measure", "skill", "time"),
    [
        ({"foresight": oom(0.8)}, {}, 2024.0),
        ({"foresight": oom(0.7)}, {}, 2025.0),
        ({"foresight": oom(0.0)}, {}, 2026.0),
        ({"foresight": oom(0.8), "start": 2022.5}, {}, 2025.0),
        ({"foresight": oom(0.8)}, {"least_compute": oom(26.75, "log10 FLOP")}, 2024.0),
        ({"foresight": oom(0.8)}, {"least_compute": oom(26.85, "log10 FLOP")}, math.nan),
        ({"foresight": oom(0.8), "foresight_probability": 0.0}, {}, math.nan),
        ({"foresight": oom(1.5), "duration": 1.5}, {}, 2023.0),
        ({"foresight": oom(1.2), "duration": 1.5}, {}, math.nan),
    ],
    ids=[
        "0.75 OOM away",
        "0.25",
        "there",
        "from 2022.5",
        "less near by compute",
        "too far by compute",
        "blind",
        "for a while",
        "for too short a while",
    ],
)
def test_a_defence_starts_with_the_first_model_that_is_near_enough(measure, skill, time):
    """Models reach 26.0 in 2021, 26.5 in 2022, 27.0 in 2023, 27.5 in 2024, all with 1e26 FLOP."""
    found, told = ready(1, {**PROGRAMME, **measure}, **skill)
    np.testing.assert_array_equal(found, time)
    assert told == time or (math.isnan(told) and math.isnan(time))


def test_beside_learning_the_sooner_of_the_two_counts():
    """Authorities that learn at once from the attainment in 2024 build from then on, if nobody saw it before."""
    for foresight, time in ((0.3, 2025.0), (0.0, 2026.0)):
        found, told = ready(20, {**PROGRAMME, "foresight": oom(foresight)}, learning_lag=0)
        np.testing.assert_array_equal(found, time)
        assert told == time


@pytest.mark.statistics
def test_what_an_evaluation_misses_the_next_one_misses_too():
    """One draw for the actor, seen with probability 0.4: 4 standard errors of 5,000 futures."""
    found, _ = ready(FUTURES, {**PROGRAMME, "foresight": oom(0.8), "foresight_probability": 0.4})
    seen = found == 2024.0
    assert within(seen.mean(), 0.4, math.sqrt(0.24 / FUTURES))
    # The others learn from the attainment in 2024, with a mean lag of a century, and build for two years.
    rest = found[~seen & ~np.isnan(found)]
    assert (rest > 2026.0).all()
