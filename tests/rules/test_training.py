"""Training runs: pauses, utilisation, data, effective compute, requirements."""

from __future__ import annotations

import math

import numpy as np
import pytest
from helpers import NO_POLICY, policy, regime, scenario, with_measures, world
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from engine.rules.emergence import requirement
from engine.rules.training import (
    class_tokens,
    effective_compute,
    enters,
    money_buys,
    planned_run,
    run_compute,
    run_cost,
    run_pause,
    run_reaches,
    token_shortfall,
    unrestricted_run,
    utilisation,
)

LUCK = (20_231_115, 0, 0)
DRAWS = 5_000
THREE_ERRORS = 0.0027
COMPUTE = st.floats(15.0, 40.0)


@pytest.mark.statistics
def test_pauses_are_exponential():
    """5,000 pauses of two members: Kolmogorov-Smirnov, p above 0.0027 (3 standard errors)."""
    w = world(run_pause=[0.7])
    pauses = [run_pause(LUCK, w, 0, member, run) for member in (0, 1) for run in range(DRAWS // 2)]
    assert stats.kstest(pauses, stats.expon(scale=0.7).cdf).pvalue > THREE_ERRORS


def test_pauses_of_members_differ_and_no_pause_is_none():
    assert run_pause(LUCK, world(run_pause=[0.7]), 0, 0, 1) != run_pause(LUCK, world(run_pause=[0.7]), 0, 1, 1)
    assert run_pause(LUCK, world(run_pause=[0.0]), 0, 0, 0) == 0.0


@pytest.mark.known
@given(ideal=COMPUTE, steepness=st.floats(0.1, 4.0), years=st.floats(0.0, 20.0))
def test_utilisation_is_the_plain_formula(ideal, steepness, years):
    """u0 / (1 + (C / limit)^k), the limit rising (Erdil & Schneider-Joseph 2024, arXiv:2411.01137)."""
    u0, limit, growth = 0.4, 28.0, 0.3
    w = world(
        utilisation=math.log10(u0), parallel_limit=limit, parallel_limit_growth=growth, parallel_steepness=steepness
    )
    ratio = 10.0 ** (ideal - limit - growth * years)
    expected = math.log10(u0 / (1.0 + ratio**steepness))
    assert utilisation(w, 2020.0 + years, ideal) == pytest.approx(expected, abs=1e-9)
    assert run_compute(w, 2020.0 + years, ideal - 18.0, 18.0) == pytest.approx(ideal + expected, abs=1e-9)


def test_utilisation_is_halved_at_the_limit_and_whole_without_one():
    assert utilisation(world(parallel_limit=27.0), 2020.0, 27.0) == pytest.approx(math.log10(0.5), rel=1e-12)
    assert utilisation(world(utilisation=-0.3), 2025.0, 60.0) == -0.3


@given(ideal=COMPUTE, more=st.floats(0.0, 10.0), steepness=st.floats(0.01, 1.0))
def test_with_a_steepness_up_to_one_a_larger_cluster_never_computes_less(ideal, more, steepness):
    """C / (1 + (C / L)^k) does not fall in C for k <= 1."""
    w = world(parallel_limit=25.0, parallel_steepness=steepness)
    assert run_compute(w, 2020.0, ideal + more, 0.0) >= run_compute(w, 2020.0, ideal, 0.0) - 1e-9


@pytest.mark.known
@given(public=st.floats(5.0, 16.0), own=st.floats(5.0, 16.0))
def test_public_and_proprietary_tokens_add(public, own):
    expected = math.log10(10.0**public + 10.0**own)
    assert class_tokens(world(token_stock=public, proprietary_tokens=[own]), 0) == pytest.approx(expected, rel=1e-12)


def test_tokens_without_a_stock_of_ones_own_or_without_a_limit():
    assert class_tokens(world(token_stock=14.0), 0) == 14.0
    assert class_tokens(world(proprietary_tokens=[14.0]), 0) == math.inf


@pytest.mark.known
@given(compute=COMPUTE, stock=st.floats(8.0, 20.0), efficiency=st.floats(0.0, 6.0), years=st.floats(0.0, 20.0))
def test_the_token_shortfall_is_that_of_a_chinchilla_optimal_run(compute, stock, efficiency, years):
    """C = 6 N D and D = 20 N (Hoffmann et al. 2022) need D = sqrt(20 C / 6) tokens: sqrt(10 / 3) 1e12 at 1e24 FLOP.

    Short by log10(D / stock), the stock grown and stretched by the data share of algorithmic efficiency. The
    default of 1.8e12 tokens at 1e24 FLOP is rounded, hence 0.005 OOM.
    """
    w = world(scenario(), token_growth=0.05, data_share=0.25)
    needed = 0.5 * (math.log10(20.0 / 6.0) + compute)
    expected = max(0.0, needed - (stock + 0.05 * years + 0.25 * efficiency))
    assert token_shortfall(w, 2020.0 + years, compute, stock, efficiency) == pytest.approx(expected, abs=0.005)


def test_endless_tokens_are_never_short():
    assert token_shortfall(world(), 2020.0, 60.0, math.inf, 0.0) == 0.0


@pytest.mark.known
@given(compute=COMPUTE, efficiency=st.floats(0.0, 6.0), shortfall=st.floats(0.0, 5.0), penalty=st.floats(0.0, 2.0))
def test_effective_compute_is_compute_and_algorithms_less_the_penalty(compute, efficiency, shortfall, penalty):
    expected = compute + efficiency - penalty * shortfall
    w = world(shortfall_penalty=penalty)
    assert effective_compute(w, compute, efficiency, shortfall, 0.0) == pytest.approx(expected, rel=1e-12)
    assert effective_compute(w, compute, efficiency, shortfall, -0.3) == pytest.approx(expected - 0.3, rel=1e-12)


@pytest.mark.statistics
def test_requirements_are_normal_between_futures():
    """Centre + spread x Normal, one draw a future: 5,000 futures, Kolmogorov-Smirnov."""
    w = world(requirement=[27.0], requirement_spread=[0.5])
    drawn = [requirement((1, 0, future), w, 0) for future in range(DRAWS)]
    assert stats.kstest(drawn, stats.norm(27.0, 0.5).cdf).pvalue > THREE_ERRORS


@pytest.mark.statistics
def test_requirements_of_two_capabilities_are_uncorrelated():
    """5,000 futures; within 4 standard errors of 0."""
    w = world(scenario(capabilities={"one": {}, "other": {}}), requirement=[27.0, 27.0], requirement_spread=[0.5, 0.5])
    drawn = np.array([[requirement((1, 0, future), w, k) for k in (0, 1)] for future in range(DRAWS)])
    assert abs(np.corrcoef(drawn.T)[0, 1]) < 4.0 / math.sqrt(DRAWS)


def test_without_spread_a_requirement_is_its_centre():
    assert requirement(LUCK, world(requirement=[27.25]), 0) == 27.25


@pytest.mark.known
def test_the_first_pause_begins_after_the_entry_lag():
    assert enters(world(entry_lag=[3.25]), 0) == 2023.25
    assert enters(world(), 0) == 2020.0


CAP = {"measure": "compute_cap", "max_compute": 1e25, "start": 2022}
SUPPORT = {"measure": "public_compute", "budget_multiplier": 1000, "start": 2023}
PRICE = {"measure": "export_control", "price_multiplier": 10, "start": 2023}


@pytest.mark.known
@pytest.mark.parametrize(
    ("measures", "unrestricted", "cost"),
    [
        ([], 26.0, 8.0),
        ([CAP], 26.0, 7.0),
        ([SUPPORT], 29.0, 8.0),
        ([PRICE], 25.0, 8.0),
        ([CAP, SUPPORT], 29.0, 4.0),
        ([CAP, PRICE], 25.0, 8.0),
        ([SUPPORT, PRICE], 28.0, 8.0),
        ([CAP, SUPPORT, PRICE], 28.0, 5.0),
    ],
)
def test_a_run_costs_its_budget_or_less_in_proportion_to_what_a_cap_leaves(measures, unrestricted, cost):
    """Chips of 1e18 FLOP/US$ and a budget of 1e8 US$, with all measures in force at 2024, and none before."""
    if measures:
        spec = with_measures(*measures)
        record, rules = policy(spec), regime(spec, policy(spec))
    else:
        record, rules = NO_POLICY
    w = world()
    assert unrestricted_run(w, record, rules, 0, 2024.0, 2024.0, 8.0, 0.0) == pytest.approx(unrestricted, abs=1e-12)
    planned = planned_run(w, record, rules, 0, 2024.0, 2024.0, 8.0, 0.0, -math.inf)
    assert planned == pytest.approx(min(unrestricted, 25.0 if CAP in measures else math.inf), abs=1e-12)
    assert run_cost(w, record, rules, 0, 2024.0, 2024.0, 8.0, 0.0, planned) == pytest.approx(cost, abs=1e-12)
    assert run_cost(w, record, rules, 0, 2021.0, 2021.0, 8.0, 0.0, 26.0) == 8.0
    assert planned_run(w, record, rules, 0, 2021.0, 2021.0, 8.0, 0.0, -math.inf) == 26.0


@given(budget=st.floats(0.0, 15.0), chips=st.floats(15.0, 22.0), t=st.floats(2020.0, 2030.0))
def test_money_buys_the_run_that_a_budget_without_measures_makes(budget, chips, t):
    """Run compute by chips and utilisation, and what it reaches; chips as their price-performance."""
    w = world(
        price_performance=chips, parallel_limit=26.0, parallel_steepness=1.2, token_stock=12.0, shortfall_penalty=0.8
    )
    compute, reached = money_buys(w, t, budget, chips, 0.7, 0.2, 12.0, -0.3)
    assert compute == planned_run(w, *NO_POLICY, 0, t, t, budget, 0.0, -math.inf)
    assert reached == run_reaches(w, t, compute, 0.7, 0.2, 12.0, -0.3)
    assert compute <= budget + chips
