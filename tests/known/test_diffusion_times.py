"""Times of theft and of open weights, where the time of the first attainment is known.

A holder trains a run of one year from the start, so it has the capability at 2021.0 in every future.
"""

from __future__ import annotations

import numpy as np
import pytest
from helpers import oom, scenario, within
from scipy import stats

import engine

pytestmark = pytest.mark.known

SEED = 20_231_115
FUTURES = 5_000
THREE_ERRORS = 0.0027
#: A class that trains nothing.
IDLE = {"run_duration": 20, "budget": 1.0}


def times(spec, actor_class, futures=FUTURES):
    """Years of first attainment of a class in single futures, NaN for never."""
    samples = engine.simulate(spec, 1, futures, SEED, keep="samples").attainment_time
    return samples.sel(actor_class=actor_class).to_numpy().ravel().astype(float)


def routes(spec, futures=FUTURES):
    """Probability of each route for each class, as (class, route)."""
    return engine.simulate(spec, 1, futures, SEED).attainment_route.squeeze(["policy", "capability"])


@pytest.mark.statistics
@pytest.mark.parametrize(("rate", "security"), [(0.5, 0.6), (2.0, 0.0)])
def test_with_one_holder_theft_is_exponential(rate, security):
    """Rate nu (1 - security) from the attainment on: Kolmogorov-Smirnov, 5,000 futures, p above 0.0027."""
    spec = scenario(
        horizon=2120,
        actor_classes={"holder": {"security": security}, "thief": {**IDLE, "theft_rate": rate, "run_duration": 20}},
    )
    expected = stats.expon(2021.0, 1.0 / (rate * (1.0 - security)))
    assert stats.kstest(times(spec, "thief"), expected.cdf).pvalue > THREE_ERRORS


@pytest.mark.statistics
def test_with_a_second_holder_the_hazard_of_theft_rises():
    """Hazard 0.2 a year from 2021, 0.7 from 2023 when a second class holds it: survival is piecewise exponential."""
    spec = scenario(
        horizon=2120,
        actor_classes={
            "holder": {"security": 0.6},
            "late_holder": {"security": 0.0, "run_duration": 3},
            "thief": {**IDLE, "theft_rate": 0.5},
        },
    )

    def cdf(t):
        return 1.0 - np.exp(-0.2 * np.clip(t - 2021.0, 0.0, None) - 0.5 * np.clip(t - 2023.0, 0.0, None))

    assert stats.kstest(times(spec, "thief"), cdf).pvalue > THREE_ERRORS


@pytest.mark.statistics
def test_a_class_steals_until_it_trains():
    """It trains the capability at 2024, so it stole it before with probability 1 - exp(-3 x 0.3): 4 standard errors."""
    spec = scenario(actor_classes={"holder": {"security": 0.4}, "thief": {"theft_rate": 0.5, "run_duration": 4}})
    share = 1.0 - np.exp(-3.0 * 0.3)
    found = routes(spec).sel(actor_class="thief")
    assert within(float(found.sel(route="stolen")), share, np.sqrt(share * (1.0 - share) / FUTURES))
    assert float(found.sel(route="stolen") + found.sel(route="trained")) == pytest.approx(1.0)


def test_nothing_is_stolen_from_perfect_security_nor_from_thieves():
    """A class that stole a capability is no holder to steal from; nor is the thief's own class."""
    spec = scenario(
        horizon=2120,
        actor_classes={
            "holder": {"security": 1.0},
            "thief": {**IDLE, "theft_rate": 1000.0},
            "idle": IDLE,
        },
    )
    assert np.isnan(times(spec, "thief", 200)).all()
    data = {"holder": {"security": 0.0}, "thief": {**IDLE, "theft_rate": 1000.0}}
    alone = scenario(horizon=2120, actor_classes={**data, "holder": {**IDLE, "security": 0.0}})
    assert np.isnan(times(alone, "thief", 200)).all()


def test_a_theft_gives_access_to_one_member():
    """One holder and one of five thieves, each standing for 3, at an enormous rate: 1 + 3 actors from 2022 on."""
    spec = scenario(
        actor_classes={"holder": {}, "thief": {**IDLE, "count": 5, "represents": 3, "theft_rate": 1000.0}},
    )
    access = engine.simulate(spec, 1, 500, SEED).actors_with_access_mean.squeeze(["policy", "capability"])
    assert float(access.sel(time=2020.75)) == 0.0
    assert (access.sel(time=slice(2022.0, None)) == 4.0).all()


OPEN = {
    "developer": {"openness": 1.0, "release_lag": 0.25},
    "quick": {**IDLE, "uptake_lag": 0.5, "count": 3, "represents": 10},
    "slow": {**IDLE, "uptake_lag": 2.75, "count": 2},
    "unequipped": {**IDLE, "runnable_compute": 1e25},
}


def test_open_weights_are_taken_up_after_the_release_and_uptake_lags():
    """Trained at 2021.0 + release 0.25 + uptake 0.5 or 2.75 years, to the bit, in every future and both clocks."""
    spec = scenario(actor_classes=OPEN)
    story = engine.replay(spec, 0, 0, worlds=1, seed=SEED).attainments.set_index("actor_class")
    for name, year in (("developer", 2021.0), ("quick", 2021.75), ("slow", 2024.0)):
        np.testing.assert_array_equal(times(spec, name, 20), year)
        assert story.time[name] == year
    assert story.route.to_dict() == {"developer": "trained", "quick": "open_weights", "slow": "open_weights"}


def test_a_class_that_cannot_run_the_model_gets_no_access():
    """A model of 1e26 FLOP is too large for a class that runs models of 1e25 at most, and just not for one of 1e26."""
    assert np.isnan(times(scenario(actor_classes=OPEN), "unequipped", 20)).all()
    able = scenario(actor_classes={**OPEN, "unequipped": {**IDLE, "runnable_compute": 1.0001e26}})
    np.testing.assert_array_equal(times(able, "unequipped", 20), 2021.25)


def test_a_class_takes_up_the_first_release_that_it_can_run():
    """Chips gain 0.25 OOM a year, so 1e26 FLOP is runnable from 2021.5 on by a class that runs 1.8e25 at first.

    The release of 2021 is lost on it; that of a second developer, at 2023, is not.
    """
    spec = scenario(
        hardware={"price_decline": oom(0.25, "OOM/yr")},
        actor_classes={
            "developer": {"openness": 1.0},
            "second": {"openness": 1.0, "run_duration": 3},
            "user": {**IDLE, "runnable_compute": oom(25.25, "log10 FLOP"), "uptake_lag": 0.5},
        },
    )
    np.testing.assert_array_equal(times(spec, "user", 20), 2023.5)
    assert engine.replay(spec, 0, 0, worlds=1).attainments.set_index("actor_class").time["user"] == 2023.5


@pytest.mark.statistics
def test_weights_are_open_with_the_openness_of_the_class():
    """Two developers, each open with probability 0.3: access with probability 1 - 0.7^2, 4 standard errors."""
    spec = scenario(actor_classes={"developer": {"count": 2, "openness": 0.3}, "user": IDLE})
    share = 1.0 - 0.7**2
    assert within(
        float(routes(spec).sel(actor_class="user", route="open_weights")),
        share,
        np.sqrt(share * (1.0 - share) / FUTURES),
    )


def test_access_counts_every_member_and_all_it_represents():
    """1 developer, from 2021.75 also 3 members for 10 actors each, from 2024 also 2 others."""
    access = engine.simulate(scenario(actor_classes=OPEN), 2, 5, SEED).actors_with_access_mean
    access = access.squeeze(["policy", "capability"])
    expected = {2020.75: 0, 2021.0: 1, 2021.5: 1, 2021.75: 31, 2023.75: 31, 2024.0: 33, 2030.0: 33}
    assert {t: float(access.sel(time=t)) for t in expected} == expected


def test_represents_multiplies_actors_and_models_and_nothing_else():
    """The same futures with each member standing for 50."""
    classes = {"actor": {"count": 4, "budget_spread": 0.5, "run_pause": 1.0}}
    growth = {"efficiency_trend": oom(0.2, "OOM/yr")}
    one, many = (
        engine.simulate(
            scenario(algorithms=growth, actor_classes={"actor": {**classes["actor"], "represents": number}}),
            2,
            50,
            SEED,
        )
        for number in (1, 50)
    )
    for name in ("actors_with_access_mean", "runs_above_mean"):
        np.testing.assert_allclose(many[name], 50.0 * one[name], rtol=1e-15)
    for name in ("attainment_probability", "attainment_time_quantile", "effective_compute"):
        np.testing.assert_array_equal(many[name], one[name])
