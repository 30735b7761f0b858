"""What Pilz, Heim & Brown 2024 (arXiv:2311.15377v2) say of compute efficiency must be true of the model.

Comparisons are paired: the same seed gives two scenarios the same luck.
"""

from __future__ import annotations

import numpy as np
import pytest
from helpers import merged, oom, scenario

import engine

pytestmark = pytest.mark.known

SEED = 20_231_115
HARDWARE = {
    "release_gap_mean": 1.5,
    "release_gap_cv": 0.4,
    "generation_gain_mean": 0.25,
    "generation_gain_sd": 0.1,
}
ALGORITHMS = {
    "breakthrough_rate": 4.0,
    "small_gain_mean": 0.08,
    "major_gain_mean": 0.4,
    "major_probability": 0.1,
    "published_lag": 0.2,
    "secret_lag": 3.0,
}
CLASSES = {
    name: {
        "count": count,
        "budget": budget,
        "budget_spread": 0.3,
        "run_duration": 0.25,
        "run_pause": 0.25,
        "research_share": share,
    }
    for name, count, budget, share in (("large", 3, 1e9, 4.0), ("middle", 5, 1e8, 2.0), ("small", 10, 1e7, 1.0))
}
DATA = {
    "horizon": 2040,
    "hardware": HARDWARE,
    "algorithms": ALGORITHMS,
    "actor_classes": CLASSES,
    "capabilities": {"skill": {"requirement": 1e28, "requirement_spread": 0.3}},
    "output": {"quantiles": [0.1, 0.5, 0.9]},
}


def results(**changes):
    """400 futures of three classes at constant investment, with `changes`."""
    return engine.simulate(scenario(**merged(DATA, changes)), 1, 400, SEED).squeeze(["policy", "capability"])


def median(variable):
    return variable.sel(quantile=0.5)


@pytest.fixture(scope="module")
def base():
    return results()


def test_at_constant_investment_performance_rises_for_every_class(base):
    """The performance effect: the best model of every class gains more than an OOM every five years."""
    effective = median(base.effective_compute).sel(time=[2025.0, 2030.0, 2035.0, 2040.0])
    assert (effective.diff("time") > 1.0).all()


def test_at_constant_investment_access_rises(base):
    """The access effect: year after year more actors are above a fixed requirement, up to all 18."""
    access = base.actors_with_access_mean.sel(time=np.arange(2023.0, 2032.0))
    assert (access.diff("time") > 0.0).all()
    assert float(base.actors_with_access_mean[-1]) > 17.0


def test_with_hardware_and_algorithms_frozen_neither_rises():
    """Without pauses all have trained by 2021; after that nothing changes, here with a sixth of the requirement met."""
    still = {name: {"run_pause": 0.0} for name in CLASSES}
    frozen = results(
        hardware={"release_gap_mean": np.inf},
        algorithms={"breakthrough_rate": 0.0},
        actor_classes=still,
        capabilities={"skill": {"requirement": 1e26}},
    ).sel(time=slice(2021.0, None))
    for variable in (median(frozen.effective_compute), frozen.actors_with_access_mean):
        assert (variable == variable.isel(time=0)).all()
    assert 0.0 < float(frozen.actors_with_access_mean[0]) < 18.0


def test_the_class_with_the_largest_budgets_is_usually_first(base):
    first = base.first_attainer
    assert float(first.sel(actor_class="large")) > 0.9
    assert float(first.sel(actor_class="large")) > float(first.sel(actor_class="middle"))
    assert float(first.sum()) == pytest.approx(float(base.attainment_probability.isel(time=-1).max()), abs=0.01)


def test_secrecy_of_the_leader_lengthens_its_lead(base):
    """Its breakthroughs reach the others after 3 years in place of 0.2."""
    secret = results(actor_classes={"large": {"secrecy": 1.0}})
    for follower in ("middle", "small"):
        longer, shorter = (median(run.lead_time).sel(actor_class=follower) for run in (secret, base))
        assert float(longer) > float(shorter) + 0.2


def test_wider_publication_shortens_lags():
    """The less every class keeps secret, the sooner followers have the capability."""
    waits = [
        median(results(actor_classes={name: {"secrecy": secrecy} for name in CLASSES}).attainment_time_quantile).sel(
            actor_class="small"
        )
        for secrecy in (0.9, 0.5, 0.1)
    ]
    assert waits[0] > waits[1] + 0.1 > waits[2] + 0.2


def test_a_performance_ceiling_shortens_a_lead_in_score_and_not_in_effective_compute(base):
    """A logistic score: past its origin the lead in score falls, at the same lead in effective compute."""
    ceiling = {"score_origin": 1e27, "score_slope": 10.0, "score_ceiling": 40.0}
    bounded = results(performance=ceiling)
    np.testing.assert_array_equal(bounded.effective_compute, base.effective_compute)
    times = [2030.0, 2035.0, 2040.0]

    def lead(variable):
        best = median(variable).sel(time=times)
        return best.sel(actor_class="large") - best.sel(actor_class="small")

    assert (lead(bounded.performance_score).diff("time") < 0.0).all()
    np.testing.assert_allclose(lead(base.performance_score), 10.0 * lead(base.effective_compute), atol=1e-9)
    assert float(lead(base.effective_compute)[-1]) > 0.8 * float(lead(base.effective_compute)[0])


def test_scale_dependent_breakthroughs_widen_the_gap(base):
    """Gains that need large runs leave small budgets behind (Gundlach et al. 2025, arXiv:2511.21622)."""
    scaled = results(
        algorithms={
            "scale_dependent_probability": 0.8,
            "scale_floor": oom(26.5, "log10 FLOP"),
            "below_floor_share": 0.2,
        }
    )
    assert float(median(scaled.lead_time).sel(actor_class="small")) > float(
        median(base.lead_time).sel(actor_class="small")
    )


def test_more_absorption_brings_followers_closer():
    """A class that takes up others' breakthroughs sooner attains sooner, paired."""
    slow, quick = (
        median(results(actor_classes={"small": {"absorption": a}}).attainment_time_quantile).sel(actor_class="small")
        for a in (0.1, 1.0)
    )
    assert float(quick) < float(slow) - 0.1
