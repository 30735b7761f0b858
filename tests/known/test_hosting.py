"""Hosted access in closed form: hosted misuse, withdrawal, benefit, who is served, which models are offered.

A host trains a model of a year from the start, and serves it half a year later, at 2021.5, in every future.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from helpers import merged, oom, with_measures, within
from one_future import play
from scipy import stats

import engine
from engine.montecarlo.clock import EVERYTHING
from engine.montecarlo.future import SERVICES, Setting, new_future
from engine.montecarlo.tally import log10_thresholds
from engine.scenario import WorldSampler

pytestmark = pytest.mark.known

SEED = 20_231_115
FUTURES = 4_000
THREE_ERRORS = 0.0027
#: A class that trains nothing within the horizon.
IDLE = {"run_duration": 20, "budget": 1.0}
HOST = {"hosting": 1.0, "deployment_lag": 0.5}
#: Two members that stand for 5 actors each try 3 times a year; of their attempts a tenth succeed: 3 a year in all.
ATTACKERS = {**IDLE, "count": 2, "represents": 5, "attempt_rate": 3.0}
HARMFUL = {"success_probability": 0.1, "loss_median": 1e6}
STRICTER = {"measure": "hosting_safeguards", "start": 2024, "end": 2026}
#: A policy that leaves every host as it is.
UNCHANGED = {**STRICTER, "refusal": 0.0}
#: Accounts are open for half of the time, and of the attempts through them half are stopped.
GUARDED = {**HOST, "safeguards": 0.5, "detection_rate": 4.0, "account_lag": 0.25}


def kept(spec, futures=FUTURES, policy="policy"):
    """Samples of a policy."""
    return engine.simulate(spec, 1, futures, SEED, keep="samples", policies=[policy]).sel(policy=policy)


def hosted_incidents(spec, futures=FUTURES):
    """Incidents by users of services in single futures."""
    return kept(spec, futures).future_hosted_incidents.to_numpy().ravel()


def attacked(*measures, capability=None, attackers=None, **hosts):
    """Attackers and `hosts`, under a policy of `measures`."""
    return with_measures(
        *measures,
        actor_classes={**hosts, "attackers": {**ATTACKERS, **(attackers or {})}},
        capabilities={"skill": {**HARMFUL, **(capability or {})}},
    )


#: It serves from 2024.75, between the edges of any measure.
LAX = {"hosting": 1.0, "run_duration": 3.5, "deployment_lag": 1.25}
#: (scenario, years of use times the share of attempts that pass), each from 2021.5 to 2030.
CASES = {
    "as the host is": (attacked(UNCHANGED, host=GUARDED), 8.5 / 4.0),
    "safeguards": (attacked({**STRICTER, "least_safeguards": 0.9}, host=GUARDED), 6.5 / 4.0 + 2.0 * 0.1 / 2.0),
    "detection": (attacked({**STRICTER, "least_detection_rate": 12.0}, host=GUARDED), 6.5 / 4.0 + 2.0 / 8.0),
    "account lag": (attacked({**STRICTER, "least_account_lag": 1.0}, host=GUARDED), 6.5 / 4.0 + 2.0 / 10.0),
    "refusal": (attacked({**STRICTER, "refusal": 0.75}, host=GUARDED), 6.5 / 4.0 + 2.0 / 16.0),
    "no weaker than it is": (
        attacked(
            {**STRICTER, "least_safeguards": 0.2, "least_detection_rate": 1.0, "least_account_lag": 0.1}, host=GUARDED
        ),
        8.5 / 4.0,
    ),
    "withdrawal": (attacked({**STRICTER, "withdraws_dangerous": True}, host=GUARDED), 6.5 / 4.0),
    "a host that is less guarded serves from 2024.75": (
        attacked({**STRICTER, "refusal": 1.0, "classes": ["host"]}, host=GUARDED, lax=LAX),
        2.5 / 4.0 + 5.25,
    ),
    "one that is more guarded changes nothing": (
        attacked(UNCHANGED, host=GUARDED, strict={**LAX, "safeguards": 0.9}),
        8.5 / 4.0,
    ),
    "members that train it in 2028": (
        attacked(UNCHANGED, host=GUARDED, attackers={"budget": 1e8, "run_duration": 8}),
        6.5 / 4.0,
    ),
    "a defence in 2025 that stops four in five": (
        attacked(
            UNCHANGED,
            host=GUARDED,
            capability={"defence_duration": 4, "defence_effectiveness": 0.8},
        ),
        3.5 / 4.0 + 0.2 * 5.0 / 4.0,
    ),
}


@pytest.mark.statistics
@pytest.mark.parametrize("case", CASES)
def test_hosted_misuse_is_poisson_with_what_passes_the_least_guarded_host(case):
    """3 successes a year of use, times what passes: mean and variance of 4,000 futures within 4 standard errors."""
    spec, years = CASES[case]
    mean, found = 3.0 * years, hosted_incidents(spec)
    assert within(found.mean(), mean, math.sqrt(mean / FUTURES))
    assert within(found.var(ddof=1), mean, math.sqrt((2.0 * mean**2 + mean) / FUTURES))


@pytest.mark.parametrize("case", CASES)
def test_both_clocks_have_the_same_hosted_incidents(case):
    spec, _ = CASES[case]
    told = [
        (engine.replay(spec, 0, future, worlds=1, seed=SEED, policy="policy").events.event == "hosted_incident").sum()
        for future in range(5)
    ]
    assert told == hosted_incidents(spec, 5).tolist()


@pytest.mark.statistics
def test_access_of_one_member_ends_its_use_alone():
    """A thief among three, with 0.2 thefts a year: each is a user until the first theft that it commits.

    A member steals at a third of the rate, and uses the service from 2021.5 on; 4 standard errors of 4,000 futures,
    whose number of hosted incidents varies by the thefts too.
    """
    attackers = {"count": 3, "represents": 1, "theft_rate": 0.2}
    spec = attacked(UNCHANGED, host=HOST, attackers=attackers)
    samples = kept(spec)
    hazard = 0.2 / 3.0
    # Nobody has stolen it by 2021, when the host has it.
    use = 3.0 * (math.exp(-hazard * 0.5) - math.exp(-hazard * 9.0)) / hazard
    found = samples.future_hosted_incidents.to_numpy().ravel()
    assert within(found.mean(), 0.3 * use, found.std() / math.sqrt(FUTURES))
    # All have it by service or by theft from 2021.5 on; before, only thieves have it.
    before = 3.0 * (0.5 - (1.0 - math.exp(-hazard * 0.5)) / hazard)
    both = samples.future_incidents.to_numpy().ravel()
    assert within(both.mean(), 0.3 * (3.0 * 8.5 + before), both.std() / math.sqrt(FUTURES))


# --- withdrawal ---------------------------------------------------------------------------------------------------

#: Runs reach half an OOM more each year: 26.0 with the one that ends in 2021, 26.5 in 2022.
GROWING = {"efficiency_trend": oom(0.5, "OOM/yr")}
USERS = {**IDLE, "count": 3, "represents": 10}
RATE = 1e6
GOOD = {"kind": "valuable", "benefit_rate": RATE}
WITHDRAWAL = {**STRICTER, "withdraws_dangerous": True}


def served(*measures, good=26.0, danger=26.5, relations=None, **classes):
    """Users of a host's models: those from 2021 reach `good`, those from 2022 also `danger` (log10 FLOP)."""
    return with_measures(
        *measures,
        algorithms=GROWING,
        relations=relations or {},
        actor_classes=merged({"host": HOST, "users": USERS}, classes),
        capabilities={
            "good": {**GOOD, "requirement": oom(good, "log10 FLOP")},
            "danger": {"requirement": oom(danger, "log10 FLOP")},
        },
    )


def earned_by_users(spec, futures=1):
    """Millions of US$ that users earn in single futures."""
    return kept(spec, futures).future_hosted_benefit.to_numpy().ravel() / 1e6


def test_withdrawal_ends_the_use_of_a_model_with_a_danger_for_exactly_its_period():
    """Both in one model, from 2021.5, but for 2024 to 2026; users are 30."""
    spec = served(WITHDRAWAL, danger=26.0)
    users = engine.simulate(spec, 1, 2, SEED).users_mean
    time = users.time.to_numpy()
    use = (time >= 2021.5) & ~((time >= 2024.0) & (time < 2026.0))
    for capability in ("good", "danger"):
        np.testing.assert_array_equal(users.sel(policy="policy", capability=capability), 30.0 * use)
        np.testing.assert_array_equal(users.sel(policy="baseline", capability=capability), 30.0 * (time >= 2021.5))
    assert earned_by_users(spec) == 30.0 * 6.5


def test_an_older_model_without_a_danger_goes_on_serving():
    """The model of 2021 has the good alone, those from 2022.5 on both: only the danger is withdrawn."""
    spec = served(WITHDRAWAL)
    assert earned_by_users(spec) == 30.0 * 8.5
    users = engine.simulate(spec, 1, 2, SEED).users_mean.sel(policy="policy")
    expected = {2021.25: (0, 0), 2021.5: (30, 0), 2022.5: (30, 30), 2024.0: (30, 0), 2025.75: (30, 0), 2026.0: (30, 30)}
    for time, (good, danger) in expected.items():
        found = users.sel(time=time)
        assert (float(found.sel(capability="good")), float(found.sel(capability="danger"))) == (good, danger), time


def test_a_model_that_is_finished_during_a_withdrawal_is_served_from_its_end():
    spec = served({**WITHDRAWAL, "start": 2021.25}, danger=26.0)
    samples = kept(spec, 3)
    np.testing.assert_array_equal(samples.use_time.sel(actor_class="users"), 2026.0)
    assert earned_by_users(spec) == 30.0 * 4.0
    story = engine.replay(spec, 0, 0, worlds=1, seed=SEED, policy="policy").events
    assert story.query("event == 'first_use' and actor_class == 'users'").time.tolist() == [2026.0, 2026.0]


def test_a_class_that_hosts_refuse_has_no_use_meanwhile():
    """Whatever the model has; other classes go on, and a host that is not bound serves the refused class too."""
    refusing = {**STRICTER, "refuses": ["users"], "classes": ["host"]}
    for hosts, years in (({}, 6.5), ({"other": HOST}, 8.5)):
        spec = served(refusing, guests=USERS, **hosts)
        assert earned_by_users(spec) == 30.0 * (years + 8.5)
        periods = engine.simulate(spec, 1, 1, SEED).users_mean.sel(policy="policy", capability="good", time=2025.0)
        assert float(periods) == (60.0 if hosts else 30.0)


def test_a_licence_that_is_refused_forbids_the_service_until_its_measure_ends():
    """The model of 2021 is found to have a danger, and so are all later ones: use begins with the end, in 2026."""
    licence = {"measure": "licensing", "threshold": 1e25, "licence_delay": 0, "detection_probability": 1, "end": 2026}
    samples = kept(served(licence, danger=26.0), 2).use_time.sel(actor_class="users")
    np.testing.assert_array_equal(samples, 2026.0)
    apart = kept(served(licence, good=26.0, danger=26.5), 2).use_time.sel(actor_class="users")
    np.testing.assert_array_equal(apart.sel(capability="good"), 2021.5)
    np.testing.assert_array_equal(apart.sel(capability="danger"), 2026.0)


@pytest.mark.statistics
def test_use_ends_only_if_both_hosts_obey():
    """Each with probability 0.6, so both in 0.36 of 4,000 futures (4 standard errors); then two years are lost."""
    spec = served({**WITHDRAWAL, "compliance": 0.6}, danger=26.0, host={"count": 2})
    earned = earned_by_users(spec, FUTURES)
    assert set(earned) == {30.0 * 6.5, 30.0 * 8.5}
    assert within((earned == 30.0 * 6.5).mean(), 0.36, math.sqrt(0.36 * 0.64 / FUTURES))


def test_use_goes_on_if_a_class_of_hosts_is_not_bound():
    spec = served({**WITHDRAWAL, "classes": ["host"]}, danger=26.0, other=HOST)
    assert earned_by_users(spec) == 30.0 * 8.5


# --- use and its benefit -----------------------------------------------------------------------------------------


def test_benefit_is_the_rate_for_each_year_of_use():
    """30 users from 2021.5 on; from 2028, when its members train it, the same class earns with what it has itself.

    The host earns from 2021, and its use of its own service adds nothing.
    """
    always = served({**STRICTER, "refusal": 1.0})
    able = served({**STRICTER, "refusal": 1.0}, users={"budget": 1e8, "run_duration": 8})
    for spec, used, own, until in ((always, 8.5, 0.0, 2030.25), (able, 6.5, 2.0, 2028.0)):
        samples = kept(spec, 2)
        np.testing.assert_array_equal(samples.future_hosted_benefit, RATE * 30 * used)
        np.testing.assert_array_equal(samples.future_benefit, RATE * (30 * (used + own) + 9.0))
        users = engine.simulate(spec, 1, 2, SEED).users_mean.sel(policy="policy", capability="good")
        time = users.time.to_numpy()
        np.testing.assert_array_equal(users, 30.0 * ((time >= 2021.5) & (time < until)))


def test_use_is_counted_by_its_first_time_and_is_no_attainment():
    spec = served(UNCHANGED)
    results = engine.simulate(spec, 1, 4, SEED, keep="samples", policies=["baseline"])
    users = results.sel(policy="baseline", actor_class="users", capability="good")
    np.testing.assert_array_equal(users.use_time, 2021.5)
    np.testing.assert_array_equal(users.use_probability, users.time >= 2021.5)
    # A bin of time is the grid's step over 8 wide.
    assert float(users.use_time_quantile.sel(quantile=0.5)) == pytest.approx(2021.5, abs=0.25 / 8.0)
    assert float(users.attainment_probability.max()) == 0.0
    assert users.attainment_time.isnull().all()
    story = engine.replay(spec, 0, 0, worlds=1, seed=SEED).events
    first = story.query("event == 'first_use' and actor_class == 'users'").set_index("subject").time
    assert first.to_dict() == {"good": 2021.5, "danger": 2022.5}


def test_a_class_that_is_not_served_has_no_use():
    """In that direction alone, and for that class alone."""
    relation = {"of": ["host"], "to": ["users"], "serves": False}
    spec = served(UNCHANGED, others=IDLE)
    apart = served(UNCHANGED, others=IDLE, relations={"apart": relation})
    back = served(UNCHANGED, others=IDLE, relations={"apart": {**relation, "of": ["users"], "to": ["host"]}})
    for one, time in ((spec, 2021.5), (apart, math.nan), (back, 2021.5)):
        use = kept(one, 2).use_time.sel(capability="good")
        np.testing.assert_array_equal(use.sel(actor_class="users"), time)
        np.testing.assert_array_equal(use.sel(actor_class="others"), 2021.5)
    assert earned_by_users(apart) == 8.5


# --- which models are offered ------------------------------------------------------------------------------------


@pytest.mark.statistics
def test_models_are_offered_with_the_share_of_the_class_and_fewer_with_a_danger():
    """200 hosts in 10 futures: 0.6 of the models of 2021, and 0.6 x 0.25 of the 8 later ones, which have a danger.

    Binomial tests, p above 0.0027. Those without a danger are the services of hosts that offer no other.
    """

    def services(hosting_dangerous):
        host = {"count": 200, "hosting": 0.6, "hosting_dangerous": hosting_dangerous, "deployment_lag": 0.0}
        spec = served(UNCHANGED, host=host)
        records, policies = WorldSampler(spec, 1, SEED).draw()
        future = new_future(spec, records, policies)
        offered, models = 0, np.zeros(2, int)
        for f in range(10):
            play(Setting((SEED, 0, f), records[0], policies[0, 0], log10_thresholds(spec), 0.25), EVERYTHING, future)
            dangerous = future.ledger.capabilities[: future.ledger.runs[0]] >> 1 & 1
            models += np.bincount(dangerous, minlength=2)
            offered += future.counted[SERVICES]
        assert models.tolist() == [2_000, 16_000]
        return offered

    harmless = services(0.0)
    offered, models = (harmless, services(0.25) - harmless), (2_000, 16_000)
    for n, share in enumerate((0.6, 0.6 * 0.25)):
        assert stats.binomtest(int(offered[n]), int(models[n]), share).pvalue > THREE_ERRORS


# --- totals ------------------------------------------------------------------------------------------------------


def test_totals_include_the_hosted_part_and_samples_agree_with_what_is_counted():
    """Every incident costs a million; members have the capability from 2028, and others use it before."""
    spec = attacked(
        {**STRICTER, "refusal": 0.75}, host=GUARDED, attackers={"budget": 1e8, "run_duration": 8, "count": 3}
    )
    results = engine.simulate(spec, 4, 50, SEED, keep="samples")
    hosted, every = results.future_hosted_incidents.sum("capability"), results.future_incidents.sum("capability")
    np.testing.assert_array_equal(results.future_hosted_loss, 1e6 * hosted)
    np.testing.assert_array_equal(results.future_loss, 1e6 * every)
    assert (every >= hosted).all()
    # From 2028 on members misuse what they have: 3 x 5 actors x 0.3 a year for two years, in 200 futures.
    own = (every - hosted).sel(policy="policy").to_numpy()
    assert within(own.mean(), 9.0, math.sqrt(9.0 / own.size))
    for counted, single in {
        "hosted_incidents_mean": "future_hosted_incidents",
        "incidents_mean": "future_incidents",
        "hosted_loss_mean": "future_hosted_loss",
        "hosted_benefit_mean": "future_hosted_benefit",
        "benefit_mean": "future_benefit",
    }.items():
        np.testing.assert_allclose(
            results[counted], results[single].astype(float).mean(["world", "future"]), rtol=1e-12
        )
    total = results.loss_mean.sel(period="total")
    np.testing.assert_allclose(total, results.future_loss.mean(["world", "future"]), rtol=1e-12)
