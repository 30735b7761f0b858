"""Known answers of the deterministic limit: no spread, no lag, continuous trends.

Actors train without pause, a run every hundredth of a year, so that times are resolved to `RUN` years. What a run
uses is fixed at its start, so an attainment comes at most one run, and not before one run, after its trend has
reached the requirement.
"""

from __future__ import annotations

import numpy as np
import pytest
from helpers import oom, scenario
from hypothesis import given, settings
from hypothesis import strategies as st

import engine

pytestmark = pytest.mark.known

RUN = 0.01
#: Prices 1.37x and algorithms 2.8x a year (MODEL, What must be true of it; Epoch AI, Ho et al. 2024).
PRICE, ALGORITHMS = 1.37, 2.8


def attainment_times(spec, capability="skill"):
    """Year of first attainment of each class, by the SimPy clock."""
    attained = engine.replay(spec, 0, 0, worlds=1).attainments
    return attained[attained.capability == capability].set_index("actor_class").time.to_dict()


def times_of_both_clocks(spec):
    """The same from both clocks: (SimPy, Monte Carlo), each a mapping from class to year."""
    samples = engine.simulate(spec, 1, 1, keep="samples").attainment_time.squeeze(["policy", "world", "future"])
    simulated = {name: float(samples.sel(actor_class=name, capability="skill")) for name in spec.class_names}
    return attainment_times(spec), {name: time for name, time in simulated.items() if not np.isnan(time)}


def race(gaps, *, price=0.0, algorithms=0.0, budgets=0.0, leader_growth=None, horizon=2034, hardware=None):
    """A leader of 1e26 FLOP today and followers a number of OOM of budget behind; growth in OOM a year."""
    growth = [budgets if leader_growth is None else leader_growth] + [budgets] * len(gaps)
    return scenario(
        horizon=horizon,
        hardware={"price_decline": oom(price, "OOM/yr"), **(hardware or {})},
        algorithms={"efficiency_trend": oom(algorithms, "OOM/yr")},
        actor_classes={
            name: {
                "budget": oom(8.0 - gap, "log10 US$"),
                "budget_growth": oom(grows, "OOM/yr"),
                "run_duration": RUN,
            }
            for name, gap, grows in zip(("leader", "second", "third", "fourth"), (0.0, *gaps), growth, strict=False)
        },
        capabilities={"skill": {"requirement": oom(27.0, "log10 FLOP")}},
    )


@settings(max_examples=8)
@given(
    gap=st.floats(0.2, 1.5),
    price=st.floats(0.1, 0.3),
    algorithms=st.floats(0.1, 0.6),
    budgets=st.floats(0.0, 0.4),
)
def test_the_lag_is_the_budget_gap_over_the_growth_of_effective_compute(gap, price, algorithms, budgets):
    """lag = gap / (budget + price-performance + algorithms), OOM / (OOM/yr), in both clocks, within one run."""
    growth = price + algorithms + budgets
    spec = race([gap], price=price, algorithms=algorithms, budgets=budgets)
    for clock in times_of_both_clocks(spec):
        assert clock["second"] - clock["leader"] == pytest.approx(gap / growth, abs=RUN + 1e-3)
        assert 0.0 <= clock["leader"] - (2020.0 + 1.0 / growth) - RUN <= RUN + 1e-3


@pytest.mark.parametrize(
    ("fraction", "budget_growth", "months"),
    [(10, 1.0, 20.5), (10, 2.4, 12.4), (100, 1.0, 41.0), (100, 2.4, 24.9)],
)
def test_followers_with_a_tenth_and_a_hundredth_of_the_budget(fraction, budget_growth, months):
    """12 log10(fraction) / log10(1.37 x 2.8 x budget growth) months: 20.55, 12.45, 41.10 and 24.89.

    At 1.37x price-performance and 2.8x algorithms a year (MODEL, What must be true of it), within one run.
    """
    spec = race(
        [np.log10(fraction)],
        price=np.log10(PRICE),
        algorithms=np.log10(ALGORITHMS),
        budgets=np.log10(budget_growth),
    )
    closed_form = 12.0 * np.log10(fraction) / np.log10(PRICE * ALGORITHMS * budget_growth)
    assert closed_form == pytest.approx(months, abs=0.11)
    for clock in times_of_both_clocks(spec):
        assert 12.0 * (clock["second"] - clock["leader"]) == pytest.approx(closed_form, abs=12.0 * RUN + 0.01)


def test_the_compute_needed_for_a_fixed_capability_falls_at_the_rate_of_algorithms():
    """Classes attain one after another, each with less compute: log10 C = requirement - algorithms x years.

    So a static compute threshold erodes at that rate. Each run has the compute of its start, within what a run adds.
    """
    price, algorithms = 0.1, 0.4
    history = engine.replay(race([0.7, 1.4, 2.1], price=price, algorithms=algorithms), 0, 0, worlds=1)
    attained = history.events[(history.events.event == "attainment") & history.events.first_of_class.eq(True)]
    begun = attained.time.to_numpy(float) - RUN
    compute = attained.log10_flop.to_numpy(float)
    assert len(compute) == 4
    np.testing.assert_allclose(compute, 27.0 - algorithms * (begun - 2020.0), atol=(price + algorithms) * RUN + 1e-9)
    assert np.polyfit(begun, compute, 1)[0] == pytest.approx(-algorithms, abs=0.005)


def lead_and_discovery(spec):
    times = attainment_times(spec)
    return times["second"] - times["leader"], times["leader"]


def test_growth_of_the_leader_s_budget_alone_brings_discovery_forward_and_lengthens_the_lag():
    """Restricting investment in the leader is not the same as slowing everybody (Pilz, Heim & Brown 2024)."""
    same = {"price": 0.14, "algorithms": 0.45, "budgets": 0.1}
    lag, discovery = lead_and_discovery(race([1.0], **same))
    faster_lag, earlier = lead_and_discovery(race([1.0], **same, leader_growth=0.4))
    assert earlier < discovery - RUN
    assert faster_lag > lag + RUN


@pytest.mark.parametrize("faster", [{"price": 0.28}, {"algorithms": 0.9}])
def test_progress_shared_by_all_brings_discovery_forward_and_shortens_the_lag(faster):
    """Faster hardware or algorithms for all (Pilz, Heim & Brown 2024)."""
    same = {"price": 0.14, "algorithms": 0.45, "budgets": 0.1}
    lag, discovery = lead_and_discovery(race([1.0], **same))
    shorter_lag, earlier = lead_and_discovery(race([1.0], **(same | faster)))
    assert earlier < discovery - RUN
    assert shorter_lag < lag - RUN


def test_a_price_ceiling_lengthens_the_lag():
    """Once price-performance is at its ceiling only algorithms close a gap: lag = gap / their growth, within a run.

    Headroom 0.2 OOM, used up at 0.3 OOM a year: by the first attainment, 12 e-foldings later, nothing of it is left.
    """
    free = race([1.0], price=0.3, algorithms=0.1)
    ceiling = {"price_performance_ceiling": oom(18.2, "log10 FLOP/US$")}
    bounded = race([1.0], price=0.3, algorithms=0.1, horizon=2040, hardware=ceiling)
    assert lead_and_discovery(free)[0] == pytest.approx(1.0 / 0.4, abs=RUN)
    assert lead_and_discovery(bounded)[0] == pytest.approx(1.0 / 0.1, abs=RUN)
