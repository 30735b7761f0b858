"""The probability of theft given all else in a future: closed forms, and the share of futures with a theft."""

from __future__ import annotations

import math

import numpy as np
import pytest
from helpers import scenario, with_measures
from small_run import SEED

import engine

#: A class that trains nothing, and steals.
THIEF = {"budget": 1.0, "run_duration": 20, "theft_rate": 0.1}
#: A class that has the capability from 2021 on, nine years before the horizon.
HOLDER = {"security": 0.6}
#: float32.
SHARE = 1e-6


def probability(spec, policy="baseline", actor_class="thief"):
    """The probability that a class steals the one capability, in a single future."""
    samples = engine.simulate(spec, 1, 1, SEED, keep="samples")
    return float(samples.theft_probability.sel(policy=policy, actor_class=actor_class).squeeze())


def theft(integrated):
    return pytest.approx(1.0 - math.exp(-integrated), rel=SHARE)


@pytest.mark.known
@pytest.mark.parametrize("rate", [0.01, 0.1, 2.0])
def test_one_holder_and_one_thief(rate):
    """1 - exp(-rate (1 - security) years), from the holder's first model until the horizon."""
    spec = scenario(actor_classes={"holder": HOLDER, "thief": {**THIEF, "theft_rate": rate}})
    assert probability(spec) == theft(rate * 0.4 * 9.0)


@pytest.mark.known
def test_who_does_not_steal_or_already_has_it_does_not():
    """Exactly 0: no rate, the holder that would steal from itself, and a holder that is fully secured."""
    classes = {"holder": {**HOLDER, "theft_rate": 5.0}, "thief": {**THIEF, "theft_rate": 0.0}}
    spec = scenario(actor_classes=classes)
    assert probability(spec) == 0.0
    assert probability(spec, actor_class="holder") == 0.0
    assert probability(scenario(actor_classes={"holder": {"security": 1.0}, "thief": THIEF})) == 0.0


@pytest.mark.known
def test_what_nobody_holds_by_training_is_not_stolen():
    """Not a capability that none reaches, nor one that only another thief has."""
    classes = {"thief": {**THIEF, "theft_rate": 50.0}, "other": {**THIEF, "theft_rate": 50.0}, "holder": HOLDER}
    capabilities = {"skill": {}, "far": {"requirement": 1e40}}
    samples = engine.simulate(scenario(actor_classes=classes, capabilities=capabilities), 1, 1, SEED, keep="samples")
    found = samples.theft_probability.squeeze()
    np.testing.assert_array_equal(found.sel(capability="far"), 0.0)
    assert (found.sel(capability="skill", actor_class=["thief", "other"]) > 0.999).all()


@pytest.mark.known
def test_holders_add_up_from_when_each_trains():
    """The second enters 3.25 years after the start, and has the capability at 2024.25."""
    classes = {"holder": HOLDER, "second": {"security": 0.2, "entry_lag": 3.25}, "thief": THIEF}
    assert probability(scenario(actor_classes=classes)) == theft(0.1 * (0.4 * 9.0 + 0.8 * 5.75))


@pytest.mark.known
@pytest.mark.parametrize(
    ("own", "years"),
    [
        ({"entry_lag": 2.5, "budget": 1e8, "run_duration": 1.0}, 2.5),
        ({"runnable_compute": 1e30, "uptake_lag": 0.75}, 0.75),
        ({"runnable_compute": 1e20, "uptake_lag": 0.75}, 0.0),
    ],
    ids=["trains it at 2023.5", "takes up open weights", "could not use what it steals"],
)
def test_a_class_steals_until_it_has_access_of_its_own(own, years):
    openness = 1.0 if "uptake_lag" in own else 0.0
    classes = {"holder": {**HOLDER, "openness": openness}, "thief": {**THIEF, **own}}
    assert probability(scenario(actor_classes=classes)) == theft(0.1 * 0.4 * years)


STANDARD = {"measure": "security_standard", "least_security": 0.9, "start": 2025}


@pytest.mark.known
@pytest.mark.parametrize(
    ("measures", "integrated"),
    [
        ([STANDARD], 0.4 * 4.0 + 0.1 * 5.0),
        ([{**STANDARD, "duration": 2.0}], 0.4 * 4.0 + 0.1 * 2.0 + 0.4 * 3.0),
        ([{**STANDARD, "classes": ["thief"]}], 0.4 * 9.0),
        ([{**STANDARD, "least_security": 0.3}], 0.4 * 9.0),
        ([{**STANDARD, "end": 2027}, {**STANDARD, "start": 2026, "least_security": 1.0}], 0.4 * 4.0 + 0.1),
        ([{**STANDARD, "start": 2020.5, "end": 2020.75}], 0.4 * 9.0),
        ([{"measure": "security_standard", "least_security": 1.0, "trigger": "emergence", "delay": 1.5}], 0.4 * 1.5),
    ],
    ids=["dated", "ends", "binds others", "lower", "two", "over before", "triggered"],
)
def test_a_standard_changes_the_hazard_while_it_is_in_force(measures, integrated):
    """Piecewise; the baseline beside it stays as it is."""
    spec = with_measures(*measures, actor_classes={"holder": HOLDER, "thief": THIEF})
    assert probability(spec, "policy") == theft(0.1 * integrated)
    assert probability(spec) == theft(0.1 * 0.4 * 9.0)


@pytest.mark.known
def test_half_of_the_holders_obey():
    """Security is that of the class's members on average."""
    spec = with_measures(
        {**STANDARD, "compliance": 0.5}, actor_classes={"holder": {**HOLDER, "count": 40}, "thief": THIEF}
    )
    obeying = probability(spec, "policy")
    share = (-math.log(1.0 - obeying) / 0.1 - 0.4 * 4.0) / 5.0
    members = (0.4 - share) / 0.3 * 40.0
    assert members == pytest.approx(round(members), abs=1e-3)
    assert 8 <= round(members) <= 32


@pytest.mark.statistics
def test_its_mean_is_the_share_of_futures_with_a_theft(governed):
    """Under every policy, by class and capability: 5,000 futures of 200 worlds, within 4 standard errors of worlds.

    Given all else, theft and its probability differ by what has mean 0.
    """
    worlds, futures = 200, 25
    results = engine.simulate(governed, worlds, futures, SEED, keep="samples")
    probability = results.theft_probability.astype(float).mean("future")
    stolen = results.attainment_route.sel(route="stolen")
    thieves = ["follower", "outsider"]
    assert (stolen.sel(actor_class=thieves) > 0.002).all()
    np.testing.assert_array_equal(results.theft_probability.sel(actor_class="lab"), 0.0)
    # A Bernoulli of that probability in each future.
    variance = (results.theft_probability.astype(float) * (1.0 - results.theft_probability)).mean(["world", "future"])
    error = np.sqrt(variance / (worlds * futures))
    deviation = (probability.mean("world") - stolen).sel(actor_class=thieves) / error.sel(actor_class=thieves)
    assert float(abs(deviation).max()) < 4.0
    assert float(abs(deviation).mean()) > 0.1
