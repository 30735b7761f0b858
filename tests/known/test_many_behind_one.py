"""Members that stand for many actors, in closed form and against classes in which all are played one by one."""

from __future__ import annotations

import math

import numpy as np
import pytest
from helpers import oom, scenario, within
from scipy import stats
from two_clocks import assert_clocks_agree

import engine

pytestmark = [pytest.mark.known, pytest.mark.statistics]

SEED, FUTURES = 20_231_115, 4_000
SPREAD, SKILL = 0.3, 0.4
BOTH = math.hypot(SPREAD, SKILL)
IDLE = {"run_duration": 20, "budget": 1.0}


def crowd(needed: float, count: int, represents: int, **more):
    """A class whose runs reach 26.0 on average (log10 FLOP), each actor with its own luck, from 2021 on."""
    many = {"count": count, "represents": represents, "budget_spread": SPREAD, "elicitation_sd": oom(SKILL, "OOM")}
    return scenario(
        actor_classes={"crowd": many | more},
        capabilities={"skill": {"requirement": oom(needed, "log10 FLOP")}},
    )


def attained(spec):
    return engine.simulate(spec, 1, FUTURES, SEED, keep="samples")


@pytest.mark.parametrize(("count", "represents"), [(1, 1), (1, 60), (6, 10), (60, 1)])
def test_the_first_of_many_is_the_luckiest_and_all_are_as_many_as_they_would_be(count, represents):
    """P(any of n) = 1 - Phi(x)^n however the n are played; n (1 - Phi(x)) have it on average: 4 standard errors."""
    x = 1.8
    n = count * represents
    results = attained(crowd(26.0 + x * BOTH, count, represents))
    single = stats.norm.sf(x)
    anyone = 1.0 - stats.norm.cdf(x) ** n
    found = float((results.attainment_time.squeeze() < 2031.0).mean())
    assert within(found, anyone, math.sqrt(anyone * (1.0 - anyone) / FUTURES))
    access = results.actors_with_access_mean.squeeze(["policy", "capability"]).sel(time=2025.0)
    # At most the spread of a member with all of its n - 1 others alike.
    spread = math.sqrt(count * (single + (represents - 1) ** 2 * single) / FUTURES)
    assert within(float(access), n * single, spread)


def test_a_typical_one_alone_comes_later_than_the_luckiest_of_many():
    """With growing algorithms the first attains when the luckiest does: the quantile of the largest of n, in years."""
    growth, n = 0.25, 30
    spec = scenario(
        algorithms={"efficiency_trend": oom(growth, "OOM/yr")},
        actor_classes={"crowd": {"represents": n, "elicitation_sd": oom(SKILL, "OOM")}},
        capabilities={"skill": {"requirement": oom(27.0, "log10 FLOP")}},
    )
    times = attained(spec).attainment_time.to_numpy().ravel()
    # Runs start at whole years with what there is then, and end a year later.
    for year in (2021, 2022, 2023, 2024):
        begun = year - 2020.0 - 1.0
        short = (1.0 - growth * begun) / SKILL
        expected = 1.0 - stats.norm.cdf(short) ** n
        error = math.sqrt(expected * (1.0 - expected) / FUTURES)
        assert within(float((times <= year).mean()), expected, error), year


@pytest.mark.parametrize(("count", "represents"), [(24, 1), (6, 4), (1, 24)])
def test_a_theft_gives_one_of_many_access(count, represents):
    """Thefts from 2021 at 0.6 a year fall on any of n = 24: n (1 - exp(-0.6 t / n)) have it, however the n are played.

    Some actor has it with 1 - exp(-0.6 t): 4,000 futures, 4 standard errors.
    """
    n, rate = 24, 0.6
    thief = {**IDLE, "theft_rate": rate, "count": count, "represents": represents}
    results = engine.simulate(scenario(actor_classes={"holder": {}, "thief": thief}), 1, FUTURES, SEED)
    access = results.actors_with_access_mean.squeeze(["policy", "capability"])
    has = results.attainment_probability.squeeze(["policy", "capability"]).sel(actor_class="thief")
    for year in (2022.0, 2025.0, 2030.0):
        thefts = rate * (year - 2021.0)
        each = 1.0 - math.exp(-thefts / n)
        # The holder has it, too.
        assert within(float(access.sel(time=year)) - 1.0, n * each, math.sqrt(n * each * (1.0 - each) / FUTURES)), year
        anyone = 1.0 - math.exp(-thefts)
        assert within(float(has.sel(time=year)), anyone, math.sqrt(anyone * (1.0 - anyone) / FUTURES)), year


@pytest.mark.parametrize("represents", [1, 2, 15])
def test_one_of_many_releases_or_offers_a_model_if_any_does(represents):
    """Each of n would with p: 1 - (1 - p)^n for the luckiest's model or one of the others'."""
    p, developer = 0.1, {"represents": represents, "run_pause": 0, "run_duration": 6}
    spec = scenario(
        actor_classes={
            "developer": {**developer, "openness": p, "hosting": p},
            "user": IDLE,
        }
    )
    results = engine.simulate(spec, 1, FUTURES, SEED, keep="samples")
    expected = 1.0 - (1.0 - p) ** represents
    error = math.sqrt(expected * (1.0 - expected) / FUTURES)
    of_user = results.sel(actor_class="user")
    assert within(float(of_user.attainment_time.notnull().mean()), expected, error)
    assert within(float(of_user.use_time.notnull().mean()), expected, error)


def test_open_models_of_many_are_as_many_as_they_would_be():
    """9 runs of each of 40 actors, each with open weights with probability 0.3: the mean number of open models."""
    p, n, runs = 0.3, 40, 9
    spec = scenario(actor_classes={"developer": {"represents": n, "openness": p}}, output={"flop_thresholds": [1e25]})
    found = engine.simulate(spec, 1, FUTURES, SEED, keep="sizes").future_open_models.squeeze()
    number = found.isel(time=-1).to_numpy()
    # One uniform decides on the models of the 39 others: at most one beside their mean number, or none.
    assert within(number.mean(), n * p * runs, number.std() / math.sqrt(FUTURES))


def test_newcomers_that_stand_for_many_enter_together():
    """A class of 2 and up to 3 more members that stand for 10 each: access in steps of 10 after a release."""
    late = {**IDLE, "count": 2, "represents": 10, "newcomers": 3, "newcomer_rate": 0.3}
    spec = scenario(actor_classes={"lab": {"openness": 1.0}, "late": late})
    access = engine.simulate(spec, 1, 400, SEED, keep="paths").future_access.squeeze(["policy", "world", "capability"])
    late_ones = np.unique(access.sel(time=access.time >= 2021.0).to_numpy() - 1)
    assert set(late_ones) == {20, 30, 40, 50}
    assert_clocks_agree(spec, 1, 5, SEED)


@pytest.mark.parametrize("trend", [-0.2, 0.0, 0.3])
def test_the_odds_of_openness_change_at_a_constant_rate(trend):
    """Models of 2021 to 2029, one a year: openness 0.2 at the start, odds times 10^trend each year; 4 errors."""
    spec = scenario(
        actor_classes={"developer": {"openness": 0.2, "openness_trend": oom(trend, "OOM/yr")}},
        output={"flop_thresholds": [1e25]},
    )
    found = engine.simulate(spec, 1, FUTURES, SEED, keep="sizes").future_open_models.squeeze()
    for year in (2021, 2025, 2029):
        odds = 0.25 * 10.0 ** (trend * (year - 2020))
        expected = odds / (1.0 + odds)
        opened = (found.sel(time=year) - found.sel(time=year - 0.25)).mean()
        assert within(float(opened), expected, math.sqrt(expected * (1.0 - expected) / FUTURES)), year
