"""What can be proved to go one way does so in every one of 3,000 paired futures; all else is a sign of a mean.

Each claim has its conditions. A run is never smaller, and reaches never less, with more money, better chips or better
algorithms, where utilisation and data let it (in the baseline they do). A model that spreads later, or that can be run
later, gives access later. What may go either way is left out: a smaller model is runnable sooner, and a run that waits
is a later one.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import engine
from engine.scenario import Scenario, quantities
from engine.scenario.measures import Policy

pytestmark = pytest.mark.known

SEED, WORLDS, FUTURES = 20_231_115, 1_500, 2
POLICIES = engine.load_scenario("policies")
#: float32 of a year.
ROUNDING = 2e-4


def changed(spec: Scenario, section: str, **values: float) -> Scenario:
    """`spec` with constants, in carried units, for numbers of a section or of each of its entries."""
    numbers = {key: quantities.HEADROOM.constant(value) for key, value in values.items()}
    before = getattr(spec, section)
    if isinstance(before, dict):
        after: Any = {name: entry.model_copy(update=numbers) for name, entry in before.items()}
    else:
        after = before.model_copy(update=numbers)
    return spec.model_copy(update={section: after})


def only(spec: Scenario, policy: str, *kinds: str) -> Scenario:
    """`spec` with no more of a policy than its measures of some `kinds`."""
    whole = spec.policies[policy]
    part = whole.model_copy(update={"measures": [one for one in whole.measures if one.measure in kinds]})
    return spec.model_copy(update={"policies": {**spec.policies, policy: part}})


#: Capabilities spread by training alone: nobody releases weights, nobody steals. What is secret spreads more slowly
#: than what is published, which is not so in every world of the baseline.
ALONE = changed(
    changed(POLICIES, "actor_classes", openness=0.0, theft_rate=0.0), "algorithms", published_lag=0.5, secret_lag=1.0
)
#: Whether a model is dangerous does not change whether it is released.
CARELESS = changed(POLICIES, "actor_classes", openness_dangerous=1.0)


def played(spec: Scenario, *policies: str) -> Any:
    return engine.simulate(spec, WORLDS, FUTURES, SEED, policies=list(policies), keep="samples")


def times(results: Any, policy: str = "baseline") -> Any:
    """Attainment times of all futures, infinite for never."""
    return np.nan_to_num(results.attainment_time.sel(policy=policy).values, nan=np.inf)


def assert_never_earlier(later: Any, earlier: Any) -> None:
    """No time of `later` is before that of `earlier`, and some are after."""
    assert later.shape[:2] == (WORLDS, FUTURES)
    violations = int((later < earlier - ROUNDING).sum())
    assert violations == 0, f"{violations} of {later.size}"
    assert (later > earlier + ROUNDING).any()


@pytest.mark.parametrize("policy", ["compute_cap", "export_control", "publication_restraint"])
def test_where_each_trains_for_itself_a_restriction_brings_nothing_forward(policy):
    """Absolute caps, dearer and later chips, more secrecy and slower spread of breakthroughs."""
    results = played(ALONE, policy)
    assert_never_earlier(times(results, policy), times(results))


def test_where_each_trains_for_itself_public_compute_delays_nothing():
    """Without the grants of the policy, which draw talent from other classes."""
    results = played(only(ALONE, "national_research_cloud", "public_compute"), "national_research_cloud")
    assert_never_earlier(times(results), times(results, "national_research_cloud"))


def test_a_limit_to_open_weights_brings_nothing_forward():
    """By any route: releases are later or never, and thefts take the same models at the same times."""
    results = played(POLICIES, "open_weights_limit")
    assert_never_earlier(times(results, "open_weights_limit"), times(results))


def test_defence_and_foresight_delay_no_defence_and_add_no_incident():
    """Nor any loss: incidents come later or not at all, each with its own loss. Attainments stay to the bit."""
    results = played(POLICIES, "defence_first")
    np.testing.assert_array_equal(times(results, "defence_first"), times(results))
    ready = np.nan_to_num(results.defence_ready.values, nan=np.inf)
    place = list(results.policy.values).index("defence_first")
    assert_never_earlier(ready[1 - place], ready[place])
    for name in ("future_incidents", "future_exposure", "future_loss"):
        with_it, without = (
            np.nan_to_num(results[name].sel(policy=policy).values) for policy in ("defence_first", "baseline")
        )
        assert (with_it <= without + ROUNDING).all(), name
        assert (with_it < without - ROUNDING).any(), name


@pytest.mark.parametrize(
    ("section", "low", "high"),
    [
        ("algorithms", {"efficiency_headroom": 3.0}, {"efficiency_headroom": 6.0}),
        ("capabilities", {"least_compute": 25.5}, {"least_compute": 24.0}),
    ],
    ids=["a lower ceiling of algorithms", "a larger least compute"],
)
def test_where_each_trains_for_itself_a_limit_brings_nothing_forward(section, low, high):
    assert_never_earlier(times(played(changed(ALONE, section, **low))), times(played(changed(ALONE, section, **high))))


def test_a_larger_least_compute_brings_nothing_forward_by_any_route():
    """Without thefts, and if danger does not change openness: the same models are released, and have no more."""
    alone = changed(CARELESS, "actor_classes", theft_rate=0.0)
    later, earlier = (played(changed(alone, "capabilities", least_compute=least)) for least in (25.0, 0.0))
    assert_never_earlier(times(later), times(earlier))


def test_more_efficient_inference_delays_nothing():
    """By any route: it changes only from when on a model can be run."""
    slow, fast = (played(changed(POLICIES, "algorithms", inference_trend=trend)) for trend in (0.0, 0.3))
    assert_never_earlier(times(slow), times(fast))


# --- hosted access and distillation ------------------------------------------------------------------------------

#: Every class of the baseline serves its models to all, half guarded.
HOSTED = changed(POLICIES, "actor_classes", hosting=1.0, deployment_lag=0.25, safeguards=0.5)
HOSTED = changed(HOSTED, "distillation", distillation_gain_hosted=0.0, distillation_gain_open=0.0)


def harms(results: Any, policy: str = "baseline") -> dict[str, Any]:
    """Incidents and losses of all futures, those by users of services apart."""
    names = ("future_hosted_incidents", "future_incidents", "future_hosted_loss", "future_loss")
    return {name: results[name].sel(policy=policy).values.astype(float) for name in names}


def assert_no_harm_is_added(more: Any, less: Any, policy: str = "baseline") -> None:
    """No future of `less` has more incidents or more loss, some have less, and nobody attains at another time."""
    np.testing.assert_array_equal(times(less, policy), times(more))
    without, with_it = harms(more), harms(less, policy)
    for name in without:
        violations = int((with_it[name] > without[name]).sum())
        assert violations == 0, f"{name}: {violations} of {with_it[name].size}"
        assert (with_it[name] < without[name]).any(), name


@pytest.mark.parametrize(
    ("weak", "strong"),
    [
        ({"safeguards": 0.0}, {"safeguards": 0.9}),
        ({"detection_rate": 0.5, "account_lag": 0.25}, {"detection_rate": 12.0, "account_lag": 0.25}),
        ({"detection_rate": 4.0, "account_lag": 0.0}, {"detection_rate": 4.0, "account_lag": 1.0}),
    ],
    ids=["safeguards", "detection", "account lag"],
)
def test_stronger_safeguards_add_no_incident_and_no_loss(weak, strong):
    """No event starts a measure in the baseline. Incidents by use come later or not at all, each with its own loss."""
    more, less = (played(changed(HOSTED, "actor_classes", **how)) for how in (weak, strong))
    assert_no_harm_is_added(more, less)


def with_policy(spec: Scenario, **measure: Any) -> Scenario:
    """`spec` with one policy, `safer`, of one measure on hosts from 2027 on."""
    given = {"measures": [{"measure": "hosting_safeguards", "start": 2027, **measure}]}
    return spec.model_copy(update={"policies": {"safer": Policy.model_validate(given)}})


@pytest.mark.parametrize(
    "measure",
    [{"refusal": 0.9}, {"withdraws_dangerous": True}, {"least_safeguards": 0.9, "compliance": 0.5}],
    ids=["refusal", "withdrawal", "safeguards of half of all hosts"],
)
def test_measures_on_hosts_add_no_incident_and_no_loss(measure):
    """Nobody distils, so that what is withdrawn teaches nobody."""
    results = played(with_policy(HOSTED, **measure), "safer")
    assert_no_harm_is_added(results, results, "safer")


#: Nobody steals, because a thief takes the best model of its holder alone. Whether a model is dangerous changes neither
#: whether it is released nor whether it is served.
LEARNING = changed(HOSTED, "actor_classes", openness_dangerous=1.0, hosting_dangerous=1.0, theft_rate=0.0)


@pytest.mark.parametrize("gain", ["distillation_gain_hosted", "distillation_gain_open"])
def test_a_larger_gain_by_distillation_delays_nothing(gain):
    """By any route: the same models are released and served, and have no less.

    The first to have a capability can have learnt it from nobody, and all serve after the same lag: so the first use
    stays to the bit.
    """
    small, large = (played(changed(LEARNING, "distillation", **{gain: oom})) for oom in (0.2, 1.0))
    assert_never_earlier(times(small), times(large))
    np.testing.assert_array_equal(used(small), used(large))


def used(results: Any) -> Any:
    """Times of first use of a service in all futures, infinite for never."""
    return np.nan_to_num(results.use_time.sel(policy="baseline").values, nan=np.inf)


def test_a_limit_to_distillation_brings_nothing_forward():
    spec = changed(LEARNING, "distillation", distillation_gain_hosted=1.0)
    given = {"measures": [{"measure": "distillation_limits", "start": 2027, "distillation_limit": 0.75}]}
    limited = spec.model_copy(update={"policies": {"limits": Policy.model_validate(given)}})
    results = played(limited, "limits")
    assert_never_earlier(times(results, "limits"), times(results))
