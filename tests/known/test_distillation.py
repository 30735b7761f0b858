"""Distillation in closed form, under both clocks: who attains when, by what route, and what limits leave.

A leader trains models of 1e26 FLOP, one a year from the start, and has the capability in 2021. Runs of a follower are
smaller, and reach the capability only if distillation makes up for what they lack.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from helpers import oom, with_measures

import engine

pytestmark = pytest.mark.known

SEED = 20_231_115
UNCHANGED = {"measure": "distillation_limits", "distillation_limit": 0.0}
LEADER = {"hosting": 1.0}
IDLE = {"run_duration": 20, "budget": 1.0}
NEVER = math.nan


def lacking(missing, **changes):
    """A class whose runs lack some OOM of 1e26 FLOP, and which cannot run the models of others."""
    return {"budget": oom(8.0 - missing, "log10 US$"), "runnable_compute": 1e20, **changes}


def distilling(*measures, hosted=0.0, opened=0.0, lag=0.0, **changes):
    """The scenario of some gains (OOM) and a lag, with a policy `policy`."""
    gains = {"distillation_gain_hosted": oom(hosted), "distillation_gain_open": oom(opened), "distillation_lag": lag}
    return with_measures(*(measures or [UNCHANGED]), distillation=gains, **changes)


def attained(spec, actor_class, capability="skill"):
    """(time of the first attainment, NaN for never, and its route, "" for none) by both clocks."""
    results = engine.simulate(spec, 1, 1, SEED, keep="samples", policies=["policy"])
    found = results.sel(policy="policy", actor_class=actor_class, capability=capability)
    routes = [str(one.route.values) for one in found.attainment_route if float(one) > 0.0]
    story = engine.replay(spec, 0, 0, worlds=1, seed=SEED, policy="policy").attainments
    told = story[(story.actor_class == actor_class) & (story.capability == capability)]
    time = float(found.attainment_time.squeeze())
    assert told.route.tolist() == routes
    # Samples have the precision of float32.
    assert [float(np.float32(one)) for one in told.time] == ([] if math.isnan(time) else [time])
    return time, "".join(routes)


def followed(follower, *measures, leader=None, **gains):
    return attained(
        distilling(*measures, actor_classes={"leader": leader or LEADER, "follower": follower}, **gains), "follower"
    )


@pytest.mark.parametrize("missing", [0.25, 0.5, 1.5])
@pytest.mark.parametrize("gain", [0.0, 0.25, 0.5, 2.0])
def test_a_follower_attains_if_what_it_gains_is_at_least_what_it_lacks(missing, gain):
    """Its first run after the service of 2021 ends in 2022."""
    expected = (2022.0, "distilled") if gain >= missing else (NEVER, "")
    np.testing.assert_equal(followed(lacking(missing), hosted=gain), expected)


@pytest.mark.parametrize(
    ("deployment", "lag", "duration", "time"),
    [
        (0.0, 0.0, 1.0, 2022.0),
        (0.25, 0.0, 1.0, 2023.0),
        (0.25, 0.75, 1.0, 2023.0),
        (0.25, 1.0, 1.0, 2024.0),
        (0.0, 0.5, 0.5, 2022.0),
        (0.125, 0.5, 0.5, 2022.5),
        (0.5, 3.0, 2.0, 2028.0),
        (8.0, 0.0, 1.0, NEVER),
        (9.0, 0.0, 0.25, NEVER),
    ],
)
def test_it_attains_with_the_first_run_begun_after_the_service_and_the_lag(deployment, lag, duration, time):
    """A run begun at that very moment counts; one that would end at the horizon is not played."""
    leader = {**LEADER, "deployment_lag": deployment}
    found = followed(lacking(0.5, run_duration=duration), leader=leader, hosted=0.5, lag=lag)
    np.testing.assert_equal(found, (time, "" if math.isnan(time) else "distilled"))


@pytest.mark.parametrize(
    ("openness", "hosting", "opened", "hosted", "time"),
    [
        (1.0, 0.0, 0.75, 0.0, 2023.0),
        (1.0, 0.0, 0.5, 2.0, NEVER),
        (0.0, 1.0, 2.0, 0.5, NEVER),
        (1.0, 1.0, 0.75, 0.5, 2023.0),
        (1.0, 1.0, 0.5, 0.75, 2022.0),
        (1.0, 1.0, 0.5, 0.5, NEVER),
    ],
    ids=["open", "not served", "not open", "the open one", "the hosted one", "they are not added"],
)
def test_of_weights_and_services_the_larger_gain_counts(openness, hosting, opened, hosted, time):
    """0.75 OOM are missing; weights are released half a year after the service."""
    leader = {"openness": openness, "hosting": hosting, "release_lag": 0.5}
    found = followed(lacking(0.75), leader=leader, opened=opened, hosted=hosted)
    np.testing.assert_equal(found, (time, "" if math.isnan(time) else "distilled"))


def test_open_weights_that_can_be_run_come_first():
    """A class that takes the weights up in 2021.25 has no need to distil."""
    follower = {**lacking(0.5), "runnable_compute": 1e27, "uptake_lag": 0.25}
    found = followed(follower, leader={"openness": 1.0}, opened=0.5)
    assert found == (2021.25, "open_weights")


@pytest.mark.parametrize(("least", "time"), [(25.5, 2022.0), (25.75, NEVER)])
def test_the_least_compute_is_not_lowered(least, time):
    """Runs of 1e25.5 FLOP, whatever is gained."""
    capabilities = {"skill": {"least_compute": oom(least, "log10 FLOP")}}
    classes = {"leader": LEADER, "follower": lacking(0.5)}
    spec = distilling(hosted=3.0, actor_classes=classes, capabilities=capabilities)
    np.testing.assert_equal(attained(spec, "follower"), (time, "" if math.isnan(time) else "distilled"))


def test_the_route_is_distilled_only_if_the_run_would_lack_it_otherwise():
    """Runs reach 0.5 OOM more a year: 26.0 with the run of 2022 to 2023, or a year sooner if they learn."""
    growing = {"efficiency_trend": oom(0.5, "OOM/yr")}
    classes = {"leader": LEADER, "follower": lacking(1.0)}
    for gain, lag, expected in (
        (0.5, 0.0, (2022.0, "distilled")),
        (0.25, 0.0, (2023.0, "trained")),
        (0.5, 1.0, (2023.0, "trained")),
    ):
        spec = distilling(hosted=gain, lag=lag, algorithms=growing, actor_classes=classes)
        assert attained(spec, "follower") == expected


def test_at_the_same_moment_who_trains_goes_before_who_distils():
    """Runs of two members end in 2022. One needs no help from the weaker class from which the other learns."""
    classes = {
        "leader": {**LEADER, "run_duration": 1},
        "able": {"run_duration": 2},
        "follower": {**lacking(0.5), "count": 40, "budget_spread": 0.5},
    }
    spec = distilling(hosted=0.5, actor_classes=classes)
    # The luckiest of 40 members train it in 2021; without them the class distils it in 2022.
    assert attained(spec, "follower") == (2021.0, "trained")
    alike = {**classes, "follower": {**lacking(0.25), "count": 40, "budget_spread": 0.25, "entry_lag": 1.0}}
    spec = distilling(hosted=1.0, actor_classes=alike)
    assert attained(spec, "follower") == (2022.0, "trained")


# --- limits and withdrawal ---------------------------------------------------------------------------------------

LIMIT = {"measure": "distillation_limits", "distillation_limit": 0.5}
WITHDRAWAL = {"measure": "hosting_safeguards", "withdraws_dangerous": True}


@pytest.mark.parametrize(
    ("measures", "missing", "time"),
    [
        ([LIMIT], 0.5, 2022.0),
        ([LIMIT], 0.75, NEVER),
        ([{**LIMIT, "start": 2021.0}], 0.75, NEVER),
        ([{**LIMIT, "start": 2021.25}], 0.75, 2022.0),
        ([{**LIMIT, "end": 2025.25}], 0.75, 2027.0),
        ([{**LIMIT, "end": 2021.0}], 0.75, 2022.0),
        ([LIMIT, {**LIMIT, "distillation_limit": 0.25}], 0.5, 2022.0),
        ([LIMIT, {**LIMIT, "distillation_limit": 0.75}], 0.5, NEVER),
        ([{**LIMIT, "classes": ["follower"]}], 0.75, 2022.0),
        ([{**LIMIT, "compliance": 0.0}], 0.75, 2022.0),
        ([{**WITHDRAWAL, "end": 2024.5}], 0.75, 2026.0),
        ([{**WITHDRAWAL, "start": 2021.25}], 0.75, 2022.0),
        ([WITHDRAWAL], 0.75, NEVER),
        ([{**WITHDRAWAL, "end": 2023.0}, {**LIMIT, "end": 2022.5}], 0.75, 2024.0),
        ([{**WITHDRAWAL, "end": 2023.0}, {**LIMIT, "start": 2023.0}], 0.75, NEVER),
    ],
)
def test_what_limits_and_withdrawal_leave(measures, missing, time):
    """Services from 2021, a gain of one OOM. What could be learnt before a limit began, or after it, counts later."""
    found = followed(lacking(missing), *measures, hosted=1.0)
    np.testing.assert_equal(found, (time, "" if math.isnan(time) else "distilled"))


@pytest.mark.parametrize(("start", "time"), [(2021.75, 2023.5), (2021.0, NEVER)])
def test_what_was_learnt_before_a_limit_counts_after_the_lag(start, time):
    """Runs of half a year begin to gain 1.75 years after the service, when the limit is long in force."""
    found = followed(lacking(0.75, run_duration=0.5), {**LIMIT, "start": start}, hosted=1.0, lag=1.75)
    np.testing.assert_equal(found, (time, "" if math.isnan(time) else "distilled"))


def test_limits_leave_what_is_gained_from_open_weights():
    leader = {"openness": 1.0, "hosting": 1.0}
    found = followed(lacking(0.75), {**LIMIT, "distillation_limit": 1.0}, leader=leader, opened=0.75, hosted=1.0)
    assert found == (2022.0, "distilled")


def test_a_host_that_is_not_limited_is_enough():
    """Two hosts serve from 2021 and 2023; the limit binds the first."""
    classes = {"leader": LEADER, "second": {**LEADER, "run_duration": 3}, "follower": lacking(0.75)}
    spec = distilling({**LIMIT, "classes": ["leader"]}, hosted=1.0, actor_classes=classes)
    assert attained(spec, "follower") == (2024.0, "distilled")


@pytest.mark.parametrize(("deployment", "lag", "entry"), [(0.01, 7.13, 8.14), (0.01, 7.21, 8.22), (0.5, 7.0, 8.5)])
def test_a_limit_that_is_not_in_force_yet_changes_nothing(deployment, lag, entry):
    """The run begins to the bit at the service plus the lag, although that less the lag may be before the service.

    It is so for times that are no binary fractions, on both sides of 2048.
    """
    leader, follower = {**LEADER, "deployment_lag": deployment}, lacking(0.75, entry_lag=entry)
    classes = {"leader": leader, "follower": follower}
    years = {"start": 2040, "horizon": 2050}
    spec = distilling({**LIMIT, "start": 2049.9}, hosted=1.0, lag=lag, actor_classes=classes, **years)
    time, route = attained(spec, "follower")
    assert route == "distilled"
    assert time == pytest.approx(2041.0 + entry, abs=2e-4)


# --- chains, and what follows from a distilled danger ------------------------------------------------------------


@pytest.mark.parametrize(
    ("closed", "times"),
    [
        ({}, (2022.0, 2022.0)),
        ({"far": {"of": ["a"], "to": ["c"], "serves": False}}, (2022.0, 2023.0)),
        (
            {
                "far": {"of": ["a"], "to": ["c"], "serves": False},
                "next": {"of": ["b"], "to": ["a", "c"], "serves": False},
            },
            (2022.0, NEVER),
        ),
    ],
    ids=["all are served by a", "c by b alone", "c by none"],
)
def test_a_chain_of_distillation(closed, times):
    """Class b learns from a in time for its run of 2021; c from a too, or from b in time for its run of 2022."""
    classes = {"a": LEADER, "b": lacking(0.5, hosting=1.0), "c": lacking(1.0)}
    spec = distilling(hosted=1.0, relations=closed, actor_classes=classes)
    found = [attained(spec, name) for name in ("b", "c")]
    np.testing.assert_equal(found, [(time, "" if math.isnan(time) else "distilled") for time in times])


@pytest.mark.parametrize(("gain", "released"), [(0.5, NEVER), (0.25, 2022.0)])
def test_a_model_with_a_distilled_danger_is_a_dangerous_one(gain, released):
    """A follower from 2021 on reaches a valuable capability; it releases its models unless they have the danger too."""
    classes = {
        "leader": LEADER,
        "follower": lacking(0.5, entry_lag=1, openness=1.0, openness_dangerous=0.0),
        "user": IDLE,
    }
    capabilities = {"skill": {}, "good": {"kind": "valuable", "requirement": oom(25.5, "log10 FLOP")}}
    spec = distilling(hosted=gain, actor_classes=classes, capabilities=capabilities)
    expected = (released, "" if math.isnan(released) else "open_weights")
    np.testing.assert_equal(attained(spec, "user", "good"), expected)


@pytest.mark.parametrize(("foresight", "time"), [(0.25, 2023.0), (0.5, 2022.0), (0.75, 2022.0)])
def test_evaluations_show_what_a_model_has_by_distillation(foresight, time):
    """The follower lacks 0.5 OOM in 2021 and has the capability in 2022; from then on the defence takes a year."""
    programme = {"measure": "capability_reporting", "classes": ["follower"], "foresight_probability": 1.0}
    spec = distilling(
        {**programme, "foresight": oom(foresight)},
        hosted=0.5,
        actor_classes={"leader": LEADER, "follower": lacking(0.5)},
        capabilities={"skill": {"learning_lag": 100, "defence_duration": 1}},
    )
    samples = engine.simulate(spec, 1, 1, SEED, keep="samples", policies=["policy"])
    assert float(samples.defence_ready.sel(policy="policy").squeeze()) == time
    told = engine.replay(spec, 0, 0, worlds=1, seed=SEED, policy="policy").events
    assert told[told.event == "defence_ready"].time.tolist() == [time]


def test_a_distilled_model_is_stolen_released_and_served_like_any_other():
    """The leader serves the follower alone; a thief, a user and a class with services have it from the follower."""
    alone = {"alone": {"of": ["leader"], "to": ["user", "guest", "thief"], "serves": False, "theft_factor": 0}}
    classes = {
        "leader": LEADER,
        "follower": lacking(0.5, openness=1.0, hosting=1.0, release_lag=0.5, deployment_lag=0.25),
        "user": {**IDLE, "uptake_lag": 0.25},
        "guest": {**IDLE, "runnable_compute": 1e20},
        "thief": {**IDLE, "theft_rate": 1000.0, "runnable_compute": 1e26, "uptake_lag": 9},
    }
    spec = distilling(hosted=0.5, relations=alone, actor_classes=classes)
    assert attained(spec, "user") == (2022.75, "open_weights")
    samples = engine.simulate(spec, 1, 1, SEED, keep="samples", policies=["policy"])
    assert float(samples.use_time.sel(actor_class="guest", policy="policy").squeeze()) == 2022.25
    time, route = attained(spec, "thief")
    assert route == "stolen"
    assert 2022.0 < time < 2022.1
