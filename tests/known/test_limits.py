"""Limits of progress in closed form, under both clocks: a ceiling of algorithms, a least training compute."""

from __future__ import annotations

import math

import numpy as np
import pytest
from helpers import merged, oom, scenario

import engine
from engine.rules.emergence import requirement
from engine.scenario import WorldSampler

pytestmark = pytest.mark.known

SEED = 20_231_115
YEARS = np.arange(11.0)
HEADROOM, TREND = 2.0, 0.5
#: Algorithms that improve by half an OOM a year at first, and by two OOM in the end; chips stay as they are.
CEILING = {"algorithms": {"efficiency_trend": oom(TREND, "OOM/yr"), "efficiency_headroom": oom(HEADROOM)}}


def gained(years):
    return HEADROOM * -np.expm1(-TREND * years / HEADROOM)


def costs(spec):
    """Costs and computes of the cheapest run that reaches the one capability, log10, by year."""
    paths = engine.simulate(spec, 1, 1, SEED, keep="prices").squeeze(["world", "future", "policy", "actor_class"])
    return paths.capability_cost.squeeze().astype(float), paths.capability_compute.squeeze().astype(float)


def first(spec):
    """The time of the first attainment, by both clocks."""
    counted = engine.simulate(spec, 1, 1, SEED, keep="samples").attainment_time.min()
    return float(counted), float(engine.replay(spec, 0, 0, worlds=1, seed=SEED).attainments.time.min())


def test_the_cost_of_a_capability_falls_to_a_floor():
    """1e26 effective FLOP: 1e8 US$ less what algorithms gain, and never below 1e6 US$."""
    cost, compute = costs(scenario(**CEILING))
    np.testing.assert_allclose(cost, 8.0 - gained(YEARS), atol=1e-4)
    np.testing.assert_allclose(compute, 26.0 - gained(YEARS), atol=1e-4)
    assert float(cost.min()) > 6.0


def test_no_run_below_the_least_compute_reaches_a_capability():
    """From the year in which algorithms would need less, its cost is that of the least compute."""
    least = {"capabilities": {"skill": {"least_compute": oom(25.25, "log10 FLOP")}}}
    cost, compute = costs(scenario(**merged(CEILING, least)))
    np.testing.assert_allclose(compute, np.maximum(26.0 - gained(YEARS), 25.25), atol=1e-4)
    np.testing.assert_allclose(cost, compute - 18.0, atol=1e-4)


def test_an_actor_attains_when_algorithms_under_the_ceiling_bring_enough():
    """Runs of a quarter year without pause: the first to begin when 1.5 of 2 OOM are gained, at 4 ln 4 years."""
    capabilities = {"skill": {"requirement": oom(27.5, "log10 FLOP")}}
    spec = scenario(**CEILING, capabilities=capabilities, actor_classes={"actor": {"run_duration": 0.25}})
    begun = math.ceil(4.0 * math.log(4.0) / 0.25) * 0.25
    assert first(spec) == (2020.25 + begun, 2020.25 + begun)
    beyond = scenario(**CEILING, capabilities={"skill": {"requirement": oom(28.001, "log10 FLOP")}})
    assert engine.replay(beyond, 0, 0, worlds=1).attainments.empty


def test_an_actor_attains_when_its_run_is_large_enough():
    """Effective compute would do from the start; the budget grows to the least compute within two years and a half."""
    spec = scenario(
        capabilities={"skill": {"least_compute": oom(26.5, "log10 FLOP")}},
        actor_classes={"actor": {"budget_growth": oom(0.2, "OOM/yr"), "run_duration": 0.25}},
    )
    assert first(spec) == (2022.75, 2022.75)


def test_a_harder_capability_may_come_first():
    """The easier one needs a larger run: an actor does not climb capabilities in order of their requirement."""
    capabilities = {
        "hard": {"requirement": oom(26.0, "log10 FLOP")},
        "easy": {"requirement": oom(25.0, "log10 FLOP"), "least_compute": oom(26.5, "log10 FLOP")},
    }
    spec = scenario(
        capabilities=capabilities,
        actor_classes={"actor": {"budget_growth": oom(0.2, "OOM/yr"), "run_duration": 0.25}},
    )
    found = engine.simulate(spec, 1, 1, SEED, keep="samples").attainment_time.squeeze()
    assert found.sel(capability="hard") == 2020.25
    assert found.sel(capability="easy") == 2022.75


def test_data_efficiency_ends_with_algorithms():
    """Half of the gains reduce the tokens needed, so that at most one OOM of the shortfall is ever made up.

    The run of 1e26 FLOP lacks 1.5 OOM of tokens, at a penalty of 1; reached are 26 + g - max(0, 1.5 - g / 2).
    """
    spec = scenario(
        algorithms={**CEILING["algorithms"], "data_share": 0.5},
        data={
            "optimal_tokens": oom(12.0, "log10 tokens"),
            "token_stock": oom(11.5, "log10 tokens"),
            "shortfall_penalty": 1.0,
        },
    )
    paths = engine.simulate(spec, 1, 1, SEED, keep="paths")
    # The run that would end at the horizon is not played.
    best = paths.future_effective_compute.squeeze().astype(float)[1:-1]
    gains = gained(YEARS[:-2])
    np.testing.assert_allclose(best, 26.0 + gains - np.maximum(0.0, 1.5 - gains / 2.0), atol=4e-6)


def test_a_capability_comes_after_those_without_which_no_model_has_it():
    """Alone it would come in 2021; others need a larger model, by their requirement in 2023, or least compute in 2024.

    One that comes after both comes with the later, also by way of another.
    """
    classes = {"actor": {"budget_growth": oom(0.5, "OOM/yr")}}
    capabilities = {
        "reach": {"requirement": oom(26.8, "log10 FLOP")},
        "size": {"requirement": oom(25.0, "log10 FLOP"), "least_compute": oom(27.3, "log10 FLOP")},
        "after_reach": {"requirement": oom(25.0, "log10 FLOP"), "after": ["reach"]},
        "after_size": {"requirement": oom(25.0, "log10 FLOP"), "after": ["size"]},
        "after_both": {"requirement": oom(25.0, "log10 FLOP"), "after": ["after_size", "reach"]},
        "alone": {"requirement": oom(25.0, "log10 FLOP")},
    }
    spec = scenario(actor_classes=classes, capabilities=capabilities)
    found = engine.simulate(spec, 1, 1, SEED, keep="samples").attainment_time.squeeze()
    story = engine.replay(spec, 0, 0, worlds=1, seed=SEED).attainments.set_index("capability").time
    expected = {"reach": 2023.0, "size": 2024.0, "after_reach": 2023.0, "after_size": 2024.0, "after_both": 2024.0}
    for name, time in {**expected, "alone": 2021.0}.items():
        assert float(found.sel(capability=name)) == story[name] == time
    cost, _ = costs(scenario(capabilities={"skill": {"after": ["other"]}, "other": {"requirement": 1e27}}))
    np.testing.assert_allclose(cost.sel(capability="skill"), 9.0, atol=1e-4)


@pytest.mark.statistics
@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_requirements_are_correlated_by_the_share_that_they_have_in_common(share):
    """Spreads of 0.5 and 0.25 OOM in 2,000 futures: each has its spread, and together their correlation."""
    capabilities = {
        "one": {"requirement_spread": 0.5},
        "other": {"requirement_spread": 0.25},
    }
    spec = scenario(capabilities=capabilities, emergence={"common_deviation_share": share})
    world = WorldSampler(spec, 1, SEED).worlds()[0]
    drawn = np.array([[requirement((SEED, 0, future), world, k) for k in (0, 1)] for future in range(2_000)])
    found = np.corrcoef(drawn.T)[0, 1]
    assert found == pytest.approx(share, abs=4.0 / np.sqrt(2_000) * (1.0 - share**2) + 1e-12)
    assert drawn.std(axis=0) == pytest.approx([0.5, 0.25], rel=0.07)
