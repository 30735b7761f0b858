"""Attainments at one and the same moment: who trains is first, whatever the order of classes in the file."""

import numpy as np
import pytest
from helpers import oom, scenario

import engine


def followers_take_up_at_once(order):
    trainer = {"count": 1, "budget": 1e9, "run_duration": 0.5, "run_pause": 0, "openness": 1}
    taker = {"count": 3, "budget": 1e3, "run_duration": 0.5, "run_pause": 0}
    classes = {"trainer": trainer, "taker": taker}
    return {name: classes[name] for name in order}


@pytest.mark.known
@pytest.mark.parametrize("order", [("trainer", "taker"), ("taker", "trainer")])
def test_who_trains_is_before_who_takes_up(order):
    data = {
        "start": 2025,
        "horizon": 2030,
        "hardware": {"price_performance": 1e18},
        "actor_classes": followers_take_up_at_once(order),
        "capabilities": {"x": {"kind": "valuable", "requirement": {"value": 26.5, "unit": "log10 FLOP"}}},
    }
    results = engine.simulate(engine.parse_scenario(data), 3, 2, seed=1).sel(policy="baseline", capability="x")
    assert float(results.first_attainer.sel(actor_class="trainer")) == 1.0
    assert float(results.first_attainer.sel(actor_class="taker")) == 0.0
    assert float(results.attainment_route.sel(actor_class="taker", route="open_weights")) == 1.0
    assert (results.lead_time == 0.0).all(), "at the same moment nobody leads"


@pytest.mark.known
def test_counts_past_the_largest_level_do_not_spill():
    """5,000 members that stand for 100,000 each train for a century: counts of 1e11 stay with their threshold."""
    many = {"count": 5_000, "represents": 100_000, "budget": 1e8, "run_duration": 0.5, "run_pause": 0}
    data = {
        "start": 2000,
        "horizon": 2100,
        "hardware": {"price_performance": 1e18},
        "actor_classes": {"many": many},
        "capabilities": {"x": {"kind": "valuable", "requirement": {"value": 50, "unit": "log10 FLOP"}}},
        "output": {"flop_thresholds": [1, 1e20, 1e55], "time_step": 5},
    }
    results = engine.simulate(engine.parse_scenario(data), 1, 1, seed=1).isel(policy=0, time=-1)
    assert float(results.runs_above_mean.sel(threshold=1e20)) == 9.95e10
    assert (results.runs_above.sel(threshold=1e20) > 3e10).all()
    assert (results.runs_above.sel(threshold=1e55) == 0).all()


@pytest.mark.known
def test_effective_compute_outside_its_range_is_not_invented():
    fast = scenario(algorithms={"efficiency_trend": oom(3, "OOM/yr")}, horizon=2060)
    results = engine.simulate(fast, 1, 2, seed=1)
    kept = results.effective_compute.values
    assert np.nanmax(kept) <= 70.0
    assert np.isnan(results.effective_compute.isel(time=-1)).all()
