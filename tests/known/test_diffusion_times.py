"""Times of theft and of open weights, where the time of the first attainment is known.

A holder trains a run of one year from the start, so it has the capability at 2021.0 in every future.
"""

from __future__ import annotations

import numpy as np
import pytest
from helpers import oom, scenario, with_measures, within
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


#: Models of 1e26 FLOP, released when they are trained, and a class that at first runs models of 1e25 FLOP.
SMALL_USER = {"developer": {"openness": 1.0}, "user": {**IDLE, "runnable_compute": 1e25, "uptake_lag": 0.5}}


def both_clocks(spec, actor_class):
    """The time of the one attainment of a class in a future, by both clocks."""
    story = engine.replay(spec, 0, 0, worlds=1, seed=SEED).attainments.set_index("actor_class")
    return float(times(spec, actor_class, 1)[0]), float(story.time[actor_class])


@pytest.mark.parametrize(
    ("trends", "years"),
    [
        ({"hardware": {"price_decline": oom(0.25, "OOM/yr")}}, 2.0),
        ({"algorithms": {"inference_trend": oom(0.125, "OOM/yr")}}, 4.0),
        (
            {
                "hardware": {"price_decline": oom(0.25, "OOM/yr")},
                "algorithms": {"inference_trend": oom(0.125, "OOM/yr")},
            },
            4.0 / 3.0,
        ),
        ({"hardware": {"price_decline": oom(0.25, "OOM/yr"), "price_performance_ceiling": 1e19}}, 2.772588722239781),
        ({"hardware": {"release_gap_mean": 2.25, "generation_gain_mean": oom(0.3)}}, 4.5),
    ],
    ids=["chips", "inference", "both", "under a ceiling: 4 ln 2", "the second generation"],
)
def test_a_class_takes_a_model_up_when_it_can_first_run_it(trends, years):
    """Half an OOM is missing: from the start at the rate of the trends, however early the release; then half a year."""
    for found in both_clocks(scenario(**trends, actor_classes=SMALL_USER), "user"):
        assert found == pytest.approx(2020.0 + max(1.0, years) + 0.5, abs=2e-4)


def test_a_smaller_model_released_later_is_taken_up_if_it_can_be_run_sooner():
    """The second developer, at 2023, releases models of 1e25.5 FLOP, runnable from 2021; those of 1e26 only from 2024.

    A third, larger and later, changes nothing.
    """
    classes = {
        "developer": {"openness": 1.0},
        "second": {"openness": 1.0, "run_duration": 3, "budget": oom(7.5, "log10 US$"), "elicitation_mean": oom(0.5)},
        "third": {"openness": 1.0, "run_duration": 3.25},
        "user": SMALL_USER["user"],
    }
    spec = scenario(hardware={"price_decline": oom(0.125, "OOM/yr")}, actor_classes=classes)
    assert both_clocks(spec, "user") == (2023.5, 2023.5)
    without = scenario(
        hardware={"price_decline": oom(0.125, "OOM/yr")}, actor_classes={**classes, "second": {"run_duration": 3}}
    )
    assert both_clocks(without, "user") == (2024.5, 2024.5)


EXPORT_CONTROL = {"measure": "export_control", "classes": ["user"], "price_multiplier": 10.0}


@pytest.mark.parametrize(
    ("measure", "time"),
    [
        ({**EXPORT_CONTROL, "start": 2020}, 2026.5),
        ({**EXPORT_CONTROL, "start": 2021.75}, 2026.5),
        ({**EXPORT_CONTROL, "start": 2020, "end": 2024}, 2024.5),
        ({**EXPORT_CONTROL, "start": 2022.25}, 2022.5),
    ],
    ids=["always", "before it can run it", "until it ends", "too late"],
)
def test_a_measure_on_chips_delays_what_a_class_can_run(measure, time):
    """Ten times the price is an OOM more to gain, four years at 0.25 OOM a year, unless the measure ends before."""
    spec = with_measures(measure, hardware={"price_decline": oom(0.25, "OOM/yr")}, actor_classes=SMALL_USER)
    samples = engine.simulate(spec, 1, 1, SEED, keep="samples").attainment_time.sel(actor_class="user", policy="policy")
    story = engine.replay(spec, 0, 0, worlds=1, seed=SEED, policy="policy").attainments.set_index("actor_class")
    assert float(samples.squeeze()) == story.time["user"] == time


@pytest.mark.statistics
@pytest.mark.parametrize(("dangerous", "part"), [(True, 0.5), (False, 1.0)])
def test_weights_are_open_with_the_openness_of_the_class(dangerous, part):
    """Each of 10 models of two developers is open with probability 0.03, or half of it with a danger."""
    kind = "dangerous" if dangerous else "valuable"
    spec = scenario(
        actor_classes={"developer": {"count": 2, "openness": 0.03, "openness_dangerous": 0.5}, "user": IDLE},
        capabilities={"skill": {"kind": kind}},
    )
    share = 1.0 - (1.0 - 0.03 * part) ** 18
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


def test_represents_of_equal_actors_multiplies_actors_and_models_and_nothing_else():
    """Four members that stand for 50 each, without luck: the same futures, 50 times as many."""
    classes = {"actor": {"count": 4}}
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


TWO = {"easy": {}, "hard": {"requirement": oom(26.5, "log10 FLOP")}, "good": {"kind": "valuable"}}


def test_a_release_takes_all_that_a_model_has():
    """The first model has two of three capabilities, those from 2025 on all three; a user has each with its model."""
    spec = scenario(
        algorithms={"efficiency_trend": oom(0.125, "OOM/yr")},
        capabilities=TWO,
        actor_classes={"developer": {"openness": 1.0}, "user": IDLE},
    )
    found = engine.simulate(spec, 1, 3, SEED, keep="samples").attainment_time.sel(actor_class="user")
    for name, time in (("easy", 2021.0), ("good", 2021.0), ("hard", 2025.0)):
        np.testing.assert_array_equal(found.sel(capability=name), time)


def test_a_theft_takes_all_that_the_best_model_has():
    """Capabilities of one model are stolen together, in every future; what only a later model has, not before it."""
    classes = {"holder": {"security": 0.0}, "thief": {**IDLE, "theft_rate": 0.3, "count": 3}}
    trend = {"efficiency_trend": oom(0.125, "OOM/yr")}
    spec = scenario(horizon=2040, algorithms=trend, capabilities=TWO, actor_classes=classes)
    found = engine.simulate(spec, 1, 500, SEED, keep="samples").attainment_time.sel(actor_class="thief")
    easy, good, hard = (found.sel(capability=name).values for name in ("easy", "good", "hard"))
    np.testing.assert_array_equal(easy, good)
    late = easy >= 2025.0
    np.testing.assert_array_equal(hard[late], easy[late])
    assert (hard[~late & ~np.isnan(hard)] >= 2025.0).all()
    assert late.any()
    assert (~late).any()


@pytest.mark.statistics
def test_thefts_choose_among_holders_by_what_they_do_not_secure():
    """Only the second holder's model can be run: half of the thefts at security 0 and 0, a fifth at 0 and 0.75."""
    for security, share in ((0.0, 0.5), (0.75, 0.2)):
        classes = {
            "large": {"budget": 1e10},
            "small": {"security": security},
            "thief": {**IDLE, "theft_rate": 0.2, "runnable_compute": 2e26},
        }
        hazard = 0.2 * (2.0 - security) * share
        expected = 1.0 - np.exp(-9.0 * hazard)
        found = routes(scenario(actor_classes=classes)).sel(actor_class="thief", route="stolen")
        assert within(float(found), expected, np.sqrt(expected * (1.0 - expected) / FUTURES))


def test_a_stolen_model_is_used_when_its_class_can_first_run_it():
    """At once by a thief that can, at 2024 by one that lacks half an OOM at 0.125 OOM a year from the start."""
    classes = {"holder": {}, "thief": {**IDLE, "theft_rate": 1000.0, "runnable_compute": 1e25}}
    spec = scenario(hardware={"price_decline": oom(0.125, "OOM/yr")}, actor_classes=classes)
    assert both_clocks(spec, "thief") == pytest.approx((2024.0, 2024.0), abs=1e-6)
    able = scenario(actor_classes={**classes, "thief": {**IDLE, "theft_rate": 1000.0}})
    assert both_clocks(able, "thief")[1] < 2021.1
