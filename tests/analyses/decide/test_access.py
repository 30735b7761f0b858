"""Access in place of own training, in closed form: when it comes, what own training adds, what measures take away.

A host trains a model of a year from the start and serves it half a year later, at 2021.5.
"""

from __future__ import annotations

import re

import numpy as np
import pytest
import xarray as xr
from helpers import merged, scenario
from written import assert_labelled_and_survives

import engine
from engine.analyses.decide.experiment import decide
from engine.analyses.decide.options import Option
from engine.analyses.decide.summary import decision_in_words

HOST = {"hosting": 1.0, "deployment_lag": 0.5}
#: What a provider earns by it, 2.2% of 1e6 US$ a year, is less than a run costs.
SKILL = {"kind": "valuable", "benefit_rate": 1e6}
REFUSING = {"measure": "hosting_safeguards", "start": 2024, "end": 2026, "refuses": ["actor"]}
NOW = Option()
#: How the names of all variables on access begin.
ACCESS = ("access_", "own_earlier", "own_years", "own_alone", "fastest_", "service_", "refused_", "withdrawn_")


def spec_of(*measures, relations=None, skill=None, **classes):
    """An actor that has the skill in 2022 by its own run of two years, and a host; under a policy of `measures`."""
    return scenario(
        actor_classes=merged({"actor": {"run_duration": 2}, "host": HOST}, classes),
        capabilities={"skill": {**SKILL, **(skill or {})}},
        relations=relations or {},
        policies={"policy": {"measures": list(measures)}} if measures else {},
    )


def decided(spec, *options, worlds=1, futures=1, **how):
    policies = ["policy"] if "policy" in spec.policy_names else []
    return decide(spec, "actor", options or [NOW], policies=policies, worlds=worlds, futures=futures, **how)


def under(found, policy="baseline"):
    """The only goal under one policy."""
    return found.sel(policy=policy).isel(goal=0)


def verdict(found):
    return " ".join(decision_in_words(found).split("\n\n")[0].split())


# When access comes, and the verdict.

RELEASING = {"openness": 1, "release_lag": 0.25}


@pytest.mark.known
@pytest.mark.parametrize(
    ("classes", "service", "weights", "own", "advice"),
    [
        # Its own run of two years is half a year later than the service; that of one year half a year earlier.
        ({}, 2021.5, np.nan, 2022.0, "never train; buy access."),
        ({"actor": {"run_duration": 1}}, 2021.5, np.nan, 2021.0, "never train."),
        # At the same time access is no later.
        ({"actor": {"run_duration": 1.5}}, 2021.5, np.nan, 2021.5, "never train; buy access."),
        # Open weights before the service, and after it; they come before its own run.
        ({"host": RELEASING}, 2021.5, 2021.25, 2021.25, "never train; take up open weights."),
        ({"host": {**RELEASING, "release_lag": 0.75}}, 2021.5, 2021.75, 2021.75, "never train; buy access."),
        # The only host begins four years later.
        ({"host": {"entry_lag": 4}}, 2025.5, np.nan, 2022.0, "never train."),
    ],
)
def test_access_is_taken_where_it_comes_no_later_than_own_training(classes, service, weights, own, advice):
    found = decided(spec_of(**classes))
    one = under(found)
    times = one.access_time_quantile.sel(quantile=0.5, way=["service", "open_weights", "own_training"])
    np.testing.assert_array_equal(times, [service, weights, own])
    assert float(one.access_probability.sel(way="open_weights")) == float(np.isfinite(weights))
    access = np.nanmin([service, weights])
    assert (float(one.access_no_later), float(one.own_earlier)) == (float(access <= own), float(own < access))
    assert float(one.access_margin) == float(one.access_no_later) - float(one.own_earlier)
    assert float(one.own_years_earlier) == access - own
    assert float(one.service_first) == float(access == service)
    text = verdict(found)
    assert text.startswith(f"One actor of actor in scenario: {advice} ")
    assert f"Access to skill: by a service in {service:.1f}, by open weights" in text
    told = re.search(r"brings it (\S+) (?:\+- \? )?years (\w+) than access", text)
    assert float(told[1]) * (-1 if told[2] == "later" else 1) == access - own


@pytest.mark.known
def test_who_earns_more_than_it_costs_trains_and_buys_access_for_use():
    text = verdict(decided(spec_of(skill={"benefit_rate": 1e12})))
    assert "scenario: train now, with budget x1 and data x1, for skill; for use alone buy access." in text


@pytest.mark.known
def test_a_service_that_is_not_open_to_the_actor_is_no_access():
    """Nor are thefts: a host that nobody may use, and an actor that steals from it thrice a year."""
    apart = {"apart": {"of": ["host"], "to": ["actor"], "serves": False}}
    thief = {"theft_rate": 3.0, "run_duration": 20}
    found = decided(spec_of(relations=apart, actor=thief), worlds=4, futures=4)
    assert float(found.attainment_probability.sel(option="never").min()) == 1.0
    one = under(found)
    assert (one.access_probability == 0.0).all()
    assert (float(one.access_margin), float(one.own_alone)) == (0.0, 0.0)
    text = verdict(found)
    assert "scenario: never train. " in text
    assert "by a service never, by open weights never, by own training never (medians)." in text
    assert "nan" not in decision_in_words(found)


@pytest.mark.known
def test_the_fastest_option_is_told_beside_the_best():
    """A tenth of the budget reaches nothing and costs least; of two that are equally fast the cheaper is named."""
    small, large, late = Option(0.1), Option(10.0), Option(entry_lag=2.0)
    found = decided(spec_of(actor={"run_duration": 1}), small, large, NOW, late)
    one = under(found)
    assert (one["access_plan"].item(), one["fastest_plan"].item()) == (small.name, NOW.name)
    assert (float(one.own_earlier), float(one.fastest_earlier)) == (0.0, 1.0)
    assert np.isnan(one.access_time_quantile.sel(way="own_training")).all()
    np.testing.assert_array_equal(one.access_time_quantile.sel(way="fastest_training"), 2021.0)
    costs = float(one.cost.sel(option=NOW.name)) / 1e9
    words = f"The fastest option tried ({NOW.name}; {costs:.3g} billion US$) is earlier than access in 100% +-?."
    assert words in verdict(found)


# What measures take away.


@pytest.mark.known
def test_a_service_is_withdrawn_for_exactly_the_period_of_the_measure():
    found = decided(spec_of(REFUSING))
    one, free = under(found, "policy"), under(found)
    closed = (one["time"] >= 2024.0) & (one["time"] < 2026.0)
    np.testing.assert_array_equal(one.withdrawn_probability, closed)
    assert (float(one.withdrawn_years), float(one.refused_probability), float(one.access_delay)) == (2.0, 0.0, 0.0)
    assert not free.withdrawn_probability.any()
    text = verdict(found)
    assert (
        "Withdrawal: under policy in at most 100% +-? of futures services are closed again (skill, 2024; 2 +- ?" in text
    )
    assert "how to use each goal stays. No measure withdraws own weights." in text


@pytest.mark.known
def test_a_service_that_never_opens_is_refused_and_own_training_is_what_is_left():
    found = decided(spec_of({**REFUSING, "start": 2021, "end": 2040}))
    one = under(found, "policy")
    assert (float(one.refused_probability), float(one.own_alone), float(one.own_earlier)) == (1.0, 1.0, 1.0)
    assert float(one.access_delay) == 8.5
    assert not one.withdrawn_probability.any()
    text = verdict(found)
    assert text.startswith("One actor of actor in scenario: never train; buy access.")
    assert "under policy in 100% +-? of futures no service opens, though one does without it (skill)" in text
    assert "to use it then: own training for skill." in text


def test_a_measure_on_others_changes_nothing():
    text = verdict(decided(spec_of({**REFUSING, "refuses": ["guest"]}, guest={"run_duration": 20})))
    assert "Withdrawal: policy closes no service to it, and delays none." in text


@pytest.mark.known
def test_withdrawal_with_its_error_is_what_counts_of_users_say():
    """Three hosts obey or not. Of an actor that attains nothing the number of users is whether a service is open."""
    spec = spec_of({**REFUSING, "compliance": 0.7}, host={"count": 3}, actor={"run_duration": 20})
    found = under(decided(spec, worlds=48, futures=4, seed=3), "policy")
    users = engine.simulate(spec, 48, 4, 3).sel(policy="policy", capability="skill")
    at = {"time": 2025.0}
    share = float(found.withdrawn_probability.sel(at))
    assert share == pytest.approx(1.0 - float(users.users_mean.sel(at)), abs=1e-12)
    assert 0.2 < share < 0.5
    assert float(found.withdrawn_probability_se.sel(at)) == pytest.approx(float(users.users_mean_se.sel(at)), rel=1e-9)
    assert float(found.withdrawn_years) == pytest.approx(2.0 * share, rel=1e-12)


@pytest.mark.known
def test_users_of_other_classes_and_other_members_count_for_nothing():
    """The actor is one of three members, beside guests that lose their service for good."""
    parts = {"actor": {"count": 3}, "guest": {"run_duration": 20, "count": 5, "represents": 7}}
    found = decided(spec_of({**REFUSING, "end": 2040, "refuses": ["guest"]}, **parts), worlds=2)
    assert not found.withdrawn_probability.any()
    refused = decided(spec_of({**REFUSING, "end": 2040}, **parts), worlds=2)
    years = refused.withdrawn_years.sel(policy="policy")
    np.testing.assert_array_equal(years, 6.0)


# Pairing, labels and words.

UNCERTAIN = {
    "actor": {
        "run_duration": 1,
        "budget": {"lognormal": {"p5": 3e7, "p95": 3e8}},
        "entry_lag": {"uniform": {"low": 0, "high": 2}},
    },
    "host": {"hosting": 0.6, "count": 2, "openness": 0.2, "deployment_lag": {"lognormal": {"p5": 0.2, "p95": 2}}},
}


@pytest.fixture(scope="module")
def uncertain():
    return spec_of({**REFUSING, "start": 2022, "compliance": 0.7}, **UNCERTAIN)


def test_shares_and_times_are_those_of_single_futures(uncertain):
    """Counted again from samples of a run in which the actor never trains."""
    found = decided(uncertain, NOW, worlds=20, futures=5)
    for policy in ("baseline", "policy"):
        one = under(found, policy)
        total = float(one.access_no_later) + float(one.own_earlier)
        assert 0.0 < float(one.own_earlier) < float(one.access_no_later) < total <= 1.0
        assert float(one.own_alone) <= float(one.own_earlier)
        assert (one.withdrawn_probability >= 0.0).all()
        assert float(one.access_margin_se) > 0.0
    assert float(under(found, "policy").withdrawn_years) > 0.0
    never = spec_of({**REFUSING, "start": 2022, "compliance": 0.7}, **merged(UNCERTAIN, {"actor": {"budget": 1.0}}))
    samples = engine.simulate(never, 20, 5, keep="samples").sel(actor_class="actor", capability="skill")
    for way, times in {"service": samples.use_time, "open_weights": samples.attainment_time}.items():
        known = found.access_probability.sel(way=way).isel(goal=0)
        np.testing.assert_allclose(known, times.notnull().mean(["world", "future"]), atol=1e-12)
        assert (known > 0.0).all()


def test_a_policy_does_not_change_what_is_said_of_another(uncertain):
    both = decided(uncertain, worlds=3)
    alone = decide(uncertain, "actor", [NOW], worlds=3, futures=1)
    names = [name for name in alone.data_vars if str(name).startswith(ACCESS)]
    assert len(names) == 26
    xr.testing.assert_identical(both[names].sel(policy=["baseline"]).drop_attrs(), alone[names].drop_attrs())


def test_labels_files_and_words(uncertain, tmp_path):
    found = decided(uncertain, NOW, Option(10.0, 1.0), worlds=20, futures=5)
    assert_labelled_and_survives(found, tmp_path)
    assert found.access_time_quantile.dims == ("policy", "goal", "way", "quantile")
    text = decision_in_words(found)
    assert "nan" not in text
    assert max(map(len, text.splitlines())) <= 150
    one = under(found)
    share = 100.0 * float(one.access_no_later)
    row = re.search(
        r"^  skill +(\S+)% \+-\S+ +(\S+)% .* (train|never) +(.+)$", text.split("What own training adds")[1], re.M
    )
    assert (float(row[1]), float(row[2])) == pytest.approx((share, 100.0 * float(one.own_earlier)), rel=0.01)
    assert (row[3], row[4]) == ("never", "buy access")
    assert re.search(r"^    service +20\d\d\.\d \+- \S+ +20\d\d\.\d to ", text, re.M)


def test_without_services_nothing_is_said_of_access():
    found = decided(spec_of(host={"hosting": 0.0}))
    assert not {"way", "time", "access_plan"} & {*found.coords, *found.dims}
    assert not [name for name in found.data_vars if str(name).startswith(ACCESS)]
    text = decision_in_words(found)
    assert "Access" not in text
    assert "ithdraw" not in text
