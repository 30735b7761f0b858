"""Relations between classes in closed form: lags of breakthroughs, thefts, and what they leave as it is."""

from __future__ import annotations

import math

import numpy as np
import pytest
from helpers import oom, scenario, within
from one_future import play
from scipy import stats

import engine
from engine.montecarlo.clock import EVERYTHING
from engine.montecarlo.future import Setting, new_future
from engine.montecarlo.tally import log10_thresholds
from engine.scenario import WorldSampler

pytestmark = pytest.mark.known

SEED = 20_231_115
FUTURES = 5_000
THREE_ERRORS = 0.0027
IDLE = {"run_duration": 20, "budget": 1.0}
#: Breakthroughs of the finder alone, half of them secret; a mean lag of 2 years for all, and 3 classes that take it up.
FINDING = {
    "algorithms": {
        "breakthrough_rate": 20,
        "small_gain_mean": oom(0.02),
        "published_lag": 2,
        "secret_lag": 2,
    },
    "actor_classes": {
        "finder": {"research_share": 1.0, "secrecy": 0.5},
        "rival": {"absorption": 0.5},
        "quick": {"absorption": 4.0},
    },
}


def adopted(relations, actor_class, futures=20):
    """Years from each breakthrough to its use by a class."""
    spec = scenario(**FINDING, relations=relations, horizon=2040)
    records, policies = WorldSampler(spec, 1, SEED).draw()
    future, c, lags = new_future(spec, records, policies), spec.class_number(actor_class), []
    for f in range(futures):
        play(Setting((SEED, 0, f), records[0], policies[0, 0], log10_thresholds(spec), 0.25), EVERYTHING, future)
        found = future.exogenous
        events = found.events[0]
        lags.append(found.step_time[c, :events] - found.event_time[found.step_event[c, :events]])
    return np.concatenate(lags)


@pytest.mark.statistics
@pytest.mark.parametrize(
    ("factor", "actor_class", "mean"), [(3.0, "rival", 12.0), (0.5, "rival", 2.0), (3.0, "quick", 1.5)]
)
def test_breakthroughs_cross_with_the_lag_times_its_factor_over_absorption(factor, actor_class, mean):
    """Exponential: Kolmogorov-Smirnov of about 8,000 breakthroughs, p above 0.0027."""
    lags = adopted({"bloc": {"of": ["finder"], "to": [actor_class], "lag_factor": factor}}, actor_class)
    assert len(lags) > 7_000
    assert stats.kstest(lags, stats.expon(scale=mean).cdf).pvalue > THREE_ERRORS


def test_a_factor_of_zero_lets_breakthroughs_cross_at_once():
    lags = adopted({"bloc": {"of": ["finder"], "to": ["rival"], "lag_factor": 0}}, "rival", 2)
    assert len(lags) > 0
    np.testing.assert_array_equal(lags, 0.0)


def test_a_relation_leaves_all_other_pairs_as_they_are():
    """To the bit: other classes, the contrary direction, and the class itself; a factor of 1 changes nothing at all."""
    without = {name: adopted({}, name, 2) for name in ("finder", "rival", "quick")}
    bloc = {"of": ["finder"], "to": ["rival"]}
    back = {"of": ["rival", "quick"], "to": ["finder"]}
    for relations, untouched in (
        ({"bloc": {**bloc, "lag_factor": 3}}, ["finder", "quick"]),
        ({"bloc": {**back, "lag_factor": 3}}, ["finder", "rival", "quick"]),
        ({"bloc": {"of": ["finder"], "to": ["finder"], "lag_factor": 3}}, ["finder", "rival", "quick"]),
        ({"bloc": {**bloc, "lag_factor": 1}}, ["finder", "rival", "quick"]),
        ({"bloc": {**bloc, "theft_factor": 3, "serves": False}}, ["finder", "rival", "quick"]),
    ):
        for name in untouched:
            np.testing.assert_array_equal(adopted(relations, name, 2), without[name])
    assert not np.array_equal(adopted({"bloc": {**bloc, "lag_factor": 3}}, "rival", 2), without["rival"])


def test_attainments_of_other_classes_are_the_same_to_the_bit():
    """Thefts and breakthroughs of a pair change; classes that are not in it attain as before, in every future."""
    classes = {
        **FINDING["actor_classes"],
        "thief": {**IDLE, "theft_rate": 0.2},
        "other_thief": {**IDLE, "theft_rate": 0.2},
    }
    capabilities = {"skill": {"requirement": oom(27.0, "log10 FLOP")}}
    relations = {"bloc": {"of": ["finder"], "to": ["rival", "thief"], "lag_factor": 5, "theft_factor": 4}}
    with_it, without = (
        engine.simulate(
            scenario(
                horizon=2040,
                algorithms=FINDING["algorithms"],
                actor_classes={**classes, "rival": IDLE},
                capabilities=capabilities,
                relations=given,
            ),
            1,
            300,
            SEED,
            keep="samples",
        ).attainment_time
        for given in (relations, {})
    )
    for name in ("finder", "quick", "other_thief"):
        np.testing.assert_array_equal(with_it.sel(actor_class=name), without.sel(actor_class=name))
        assert with_it.sel(actor_class=name).notnull().any()
    later, sooner = (one.sel(actor_class="thief").fillna(2040.0).to_numpy() for one in (without, with_it))
    assert (later >= sooner).all()
    assert (later > sooner).any()


@pytest.mark.statistics
@pytest.mark.parametrize("factor", [0.0, 0.5, 3.0])
def test_thefts_from_a_related_class_have_its_factor(factor):
    """Nine years from 2021 on at 0.25 a year, security of 0.6: 4 standard errors of 5,000 futures."""
    classes = {"holder": {"security": 0.6}, "thief": {**IDLE, "theft_rate": 0.25}}
    relations = {"bloc": {"of": ["holder"], "to": ["thief"], "theft_factor": factor}}
    spec = scenario(actor_classes=classes, relations=relations)
    expected = 1.0 - math.exp(-0.25 * factor * (1.0 - 0.6) * 9.0)
    samples = engine.simulate(spec, 1, FUTURES, SEED, keep="samples").sel(actor_class="thief")
    np.testing.assert_allclose(samples.theft_probability, expected, rtol=1e-6)
    share = float(samples.attainment_time.notnull().mean())
    assert within(share, expected, math.sqrt(expected * (1.0 - expected) / FUTURES))


@pytest.mark.statistics
def test_thieves_choose_holders_by_the_factors_of_their_relations():
    """Only the model of the second can be run. Factors of 0.5 and 2 leave it four fifths of a hazard of 0.5 a year."""
    classes = {
        "large": {"budget": 1e10},
        "small": {},
        "thief": {**IDLE, "theft_rate": 0.2, "runnable_compute": 2e26},
    }
    relations = {
        "far": {"of": ["large"], "to": ["thief"], "theft_factor": 0.5},
        "near": {"of": ["small"], "to": ["thief"], "theft_factor": 2},
    }
    times = engine.simulate(
        scenario(actor_classes=classes, relations=relations), 1, FUTURES, SEED, keep="samples"
    ).attainment_time.sel(actor_class="thief")
    expected = 1.0 - math.exp(-9.0 * 0.2 * 2.5 * 0.8)
    assert within(float(times.notnull().mean()), expected, math.sqrt(expected * (1.0 - expected) / FUTURES))


def test_both_clocks_cross_and_steal_alike():
    classes = {**FINDING["actor_classes"], "thief": {**IDLE, "theft_rate": 0.5}}
    relations = {
        "bloc": {"of": ["finder"], "to": ["rival", "quick"], "lag_factor": 3},
        "spies": {"of": ["finder", "quick"], "to": ["thief"], "theft_factor": 2},
    }
    spec = scenario(
        algorithms=FINDING["algorithms"],
        actor_classes=classes,
        relations=relations,
        capabilities={"skill": {"requirement": oom(27.5, "log10 FLOP")}},
    )
    times = engine.simulate(spec, 1, 10, SEED, keep="samples").attainment_time.squeeze(
        ["policy", "world", "capability"]
    )
    for f in range(10):
        story = engine.replay(spec, 0, f, worlds=1, seed=SEED).attainments.set_index("actor_class").time
        told = [story.get(name, math.nan) for name in spec.class_names]
        np.testing.assert_array_equal(np.array(told, np.float32), times.sel(future=f))
    assert times.notnull().any()


def test_uncertain_factors_are_drawn_with_the_world():
    """A number of a relation has a path, and each world its own value."""
    factor = {"uniform": {"low": 1, "high": 3}}
    spec = scenario(**FINDING, relations={"bloc": {"of": ["finder"], "to": ["rival"], "lag_factor": factor}})
    assert list(spec.uncertain()) == ["relations.bloc.lag_factor"]
    drawn = WorldSampler(spec, 64, SEED).worlds()
    assert (drawn.lag_factor[:, 0] == 1.0).all()
    assert drawn.lag_factor[:, 1].min() < 1.2
    assert drawn.lag_factor[:, 1].max() > 2.8
