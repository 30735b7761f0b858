"""What money buys and what a capability costs: closed forms, and the cheapest run by a fine scan."""

from __future__ import annotations

import math

import numpy as np
import pytest
from helpers import merged, oom, scenario, with_measures, world

import engine
from engine.rules.training import class_tokens, money_buys

#: float32 of 30 OOM, and how finely the cheapest run is found.
ROUNDING, FINE = 4e-6, 1e-4
YEARS = np.arange(11.0)
INVESTMENTS = [1e5, 1e8, 1e10]
CHIPS, ALGORITHMS = 0.2, 0.3
#: Chips and algorithms that improve steadily, a utilisation of 40%, and elicitation of half an OOM.
STEADY = {
    "hardware": {"price_decline": oom(CHIPS, "OOM/yr")},
    "algorithms": {"efficiency_trend": oom(ALGORITHMS, "OOM/yr")},
    "parallelisation": {"utilisation": 0.4},
    "actor_classes": {"actor": {"elicitation_mean": oom(0.5), "budget_growth": oom(0.7, "OOM/yr")}},
    "capabilities": {
        "hard": {"requirement": oom(31.0, "log10 FLOP")},
        "easy": {"requirement": oom(26.0, "log10 FLOP")},
        "middle": {"requirement": oom(28.3, "log10 FLOP")},
    },
    "output": {"investments": INVESTMENTS},
}
#: log10 effective FLOP for one US$ at the start.
AT_START = 18.0 + math.log10(0.4) + 0.5


def probed(spec, policy="baseline", **how):
    """What money buys in the one future of a `spec` of one class."""
    paths = engine.simulate(spec, 1, 1, keep="prices", **how).sel(policy=policy)
    names = ["effective_compute_bought", "capability_cost", "capability_compute"]
    return paths[names].squeeze(["world", "future"], drop=True).astype(float)


def steady(**changes):
    return scenario(**merged(STEADY, changes))


@pytest.mark.known
def test_an_investment_buys_ever_more_at_the_summed_rates():
    """The performance effect in closed form; growing budgets have no part in it."""
    bought = probed(steady()).effective_compute_bought.sel(actor_class="actor")
    for usd in INVESTMENTS:
        expected = math.log10(usd) + AT_START + (CHIPS + ALGORITHMS) * YEARS
        np.testing.assert_allclose(bought.sel(investment=usd), expected, atol=ROUNDING)


@pytest.mark.known
@pytest.mark.parametrize("capability", ["easy", "middle", "hard"])
def test_a_capability_becomes_cheaper_at_the_summed_rates_and_smaller_at_that_of_algorithms(capability):
    """The access effect in closed form, and the threshold of training compute that algorithms erode."""
    found = probed(steady()).sel(actor_class="actor", capability=capability)
    required = STEADY["capabilities"][capability]["requirement"]["value"]
    cost = required - AT_START - (CHIPS + ALGORITHMS) * YEARS
    assert cost.min() > 0.0
    np.testing.assert_allclose(found.capability_cost, cost, atol=FINE)
    np.testing.assert_allclose(found.capability_compute, required - 0.5 - ALGORITHMS * YEARS, atol=FINE)


@pytest.mark.known
def test_the_cheapest_run_is_at_least_large_enough():
    """It is found from above: what it costs buys what the capability requires."""
    found = probed(steady()).sel(actor_class="actor")
    reached = found.capability_cost + AT_START + (CHIPS + ALGORITHMS) * (found.year - 2020.0)
    required = [STEADY["capabilities"][name]["requirement"]["value"] for name in found.capability.values]
    assert (reached.transpose("year", "capability") >= np.array(required) - ROUNDING).all()


@pytest.mark.known
def test_what_not_even_1e15_dollars_reach_has_no_cost():
    """Until chips are cheap enough: 10^33.9 effective FLOP cost 10^15.04 US$ at 2024, and 10^14.84 at 2025."""
    spec = scenario(
        hardware={"price_decline": oom(0.2, "OOM/yr")},
        capabilities={
            "far": {"requirement": oom(33.94, "log10 FLOP")},
            "never": {"requirement": oom(40.0, "log10 FLOP")},
            "skill": {},
        },
    )
    found = probed(spec).sel(actor_class="actor")
    for name in ("capability_cost", "capability_compute"):
        np.testing.assert_array_equal(found[name].sel(capability="far").isnull(), YEARS < 5)
        assert found[name].sel(capability="never").isnull().all()
        assert found[name].sel(capability="skill").notnull().all()
    np.testing.assert_allclose(found.capability_cost.sel(capability="far")[5:], 15.94 - 0.2 * YEARS[5:], atol=FINE)
    np.testing.assert_allclose(found.capability_compute.sel(capability="far")[5:], 33.94, atol=FINE)


@pytest.mark.known
def test_a_capability_costs_at_least_one_dollar():
    """Its compute is then what a dollar buys."""
    spec = scenario(hardware={"price_decline": oom(0.2, "OOM/yr")}, capabilities={"trifle": {"requirement": 1e19}})
    found = probed(spec).squeeze(["actor_class", "capability"])
    np.testing.assert_allclose(found.capability_cost, np.maximum(1.0 - 0.2 * YEARS, 0.0), atol=FINE)
    assert (found.capability_cost[6:] == 0.0).all()
    np.testing.assert_allclose(found.capability_compute, np.maximum(19.0, 18.0 + 0.2 * YEARS), atol=FINE)


@pytest.mark.known
def test_each_class_has_its_own_chips_and_talent():
    """Generations of 0.3 OOM every two years, at once or after a year and a half; what comes at a whole year counts."""
    spec = scenario(
        hardware={"release_gap_mean": 2, "generation_gain_mean": oom(0.3)},
        actor_classes={
            "first": {},
            "later": {"procurement_lag": 1.5, "elicitation_mean": oom(-0.4), "entry_lag": 50},
        },
    )
    found = probed(spec)
    progress = {"first": 0.3 * (YEARS // 2), "later": 0.3 * np.maximum((YEARS - 1.5) // 2, 0)}
    progress["first"][-1] -= 0.3  # that of 2030 comes at the horizon, and is not played
    for name, skill in (("first", 0.0), ("later", -0.4)):
        buys = found.effective_compute_bought.sel(actor_class=name, investment=1e6)
        np.testing.assert_allclose(buys, 24.0 + progress[name] + skill, atol=ROUNDING)
        cost = found.capability_cost.sel(actor_class=name, capability="skill")
        np.testing.assert_allclose(cost, 8.0 - progress[name] - skill, atol=FINE)
        compute = found.capability_compute.sel(actor_class=name, capability="skill")
        np.testing.assert_allclose(compute, 26.0 - skill, atol=FINE)


@pytest.mark.known
def test_requirements_of_a_future_are_its_own():
    """The cost follows the requirement drawn for the future, which replay tells."""
    spec = scenario(capabilities={"skill": {"requirement_spread": 0.6}, "other": {"requirement_spread": 0.9}})
    paths = engine.simulate(spec, 1, 5, seed=3, keep="prices")
    for future in range(5):
        required = engine.replay(spec, 0, future, worlds=1, seed=3).requirements
        for name, value in required.items():
            cost = paths.capability_cost.sel(policy="baseline", world=0, future=future, capability=name)
            np.testing.assert_allclose(cost.squeeze(), value - 18.0, atol=FINE)


# Curves that rise and fall.


#: A scan of investments, log10 US$, much finer than the grid of the engine.
SCAN_STEP = 0.002
SCAN = np.linspace(0.0, 15.0, 7_501)
GRID = np.arange(0.0, 15.01, 0.25)
BENT = {
    "utilisation falls steeply": {
        "parallelisation": {
            "utilisation": 0.4,
            "parallel_limit": oom(27.0, "log10 FLOP"),
            "parallel_limit_growth": oom(0.15, "OOM/yr"),
            "parallel_steepness": 2.0,
        },
    },
    "data missing costs more than compute brings": {
        "data": {"token_stock": 1e14, "token_growth": oom(0.1, "OOM/yr"), "shortfall_penalty": 2.6},
    },
    "algorithms need scale": {
        "algorithms": {
            "efficiency_trend": oom(0.1, "OOM/yr"),
            "breakthrough_rate": 2.0,
            "small_gain_mean": oom(0.3),
            "scale_dependent_probability": 1.0,
            "scale_floor": oom(25.5, "log10 FLOP"),
            "below_floor_share": 0.1,
        },
        "actor_classes": {"actor": {"research_share": 1.0}},
    },
    "all of it": {
        "parallelisation": {"parallel_limit": oom(27.5, "log10 FLOP"), "parallel_steepness": 1.5},
        "data": {"token_stock": 3e12, "shortfall_penalty": 1.2},
    },
}


@pytest.mark.known
@pytest.mark.parametrize("bent", list(BENT))
def test_the_cheapest_run_is_the_least_investment_that_reaches(bent):
    """By a fine scan of rules; among investments near one of the engine's grid, on which each 0.25 OOM is looked at."""
    levels = {f"level_{n}": {"requirement": oom(24.0 + 0.37 * n, "log10 FLOP")} for n in (9, 3, 0, 7, 1, 5, 8, 2, 6, 4)}
    spec = scenario(capabilities=levels, horizon=2024, **BENT[bent])
    found = probed(spec).squeeze("actor_class")
    record = world(spec)
    gained = engine.replay(spec, 0, 0, worlds=1, seed=0).events
    gained = gained[gained.event == "breakthrough"]
    missed = 0
    for year in found.year.values:
        scaled = float(gained[gained.time <= year].gain_oom.sum())
        means = (18.0, 0.0, scaled, class_tokens(record, 0), 0.0)
        scan = [money_buys(record, year, budget, *means) for budget in SCAN]
        coarse = np.array([money_buys(record, year, budget, *means)[1] for budget in GRID])
        reached = np.array([effective for _, effective in scan])
        for name, level in levels.items():
            required = level["requirement"]["value"]
            here = found.sel(year=year, capability=name)
            if not (coarse >= required).any():
                missed += (reached >= required).any()
                assert math.isnan(here.capability_cost)
                assert math.isnan(here.capability_compute)
                continue
            cheapest = int(np.argmax(reached >= required))
            assert float(here.capability_cost) == pytest.approx(SCAN[cheapest], abs=SCAN_STEP + FINE)
            expected = money_buys(record, year, float(here.capability_cost), *means)
            assert float(here.capability_compute) == pytest.approx(expected[0], abs=FINE)
            assert expected[1] >= required - FINE
    assert missed == 0
    assert 0.3 < float(found.capability_cost.notnull().mean()) <= 1.0
    assert float(found.capability_cost.max()) > 6.0


# Governance and counterfactuals.


@pytest.mark.known
@pytest.mark.parametrize(("leakage", "dearer"), [(0.0, 1.0), (0.25, math.log10(0.25 + 0.75 * 10.0))])
def test_dearer_chips_cost_more_and_leave_the_compute(leakage, dearer):
    """From the moment an export control is in force until its end, for the classes it binds."""
    control = {"measure": "export_control", "start": 2023, "end": 2027, "classes": ["bound"]}
    classes = {"bound": {}, "free": {}}
    spec = with_measures({**control, "price_multiplier": 10, "leakage": leakage}, actor_classes=classes)
    before, under = probed(spec), probed(spec, "policy")
    in_force = (YEARS >= 3) & (YEARS < 7)
    for name, price in (("bound", dearer * in_force), ("free", 0.0 * YEARS)):
        buys = under.effective_compute_bought.sel(actor_class=name, investment=1e6)
        np.testing.assert_allclose(buys, 24.0 - price, atol=ROUNDING)
        np.testing.assert_allclose(under.capability_cost.sel(actor_class=name).squeeze(), 8.0 + price, atol=FINE)
    np.testing.assert_allclose(under.capability_compute, 26.0, atol=FINE)
    np.testing.assert_allclose(before.capability_cost, 8.0, atol=FINE)


@pytest.mark.known
@pytest.mark.parametrize(
    "measure",
    [
        {"measure": "compute_cap", "max_compute": 1e20},
        {"measure": "public_compute", "budget_multiplier": 1000},
        {"measure": "licensing", "threshold": 1e20, "licence_delay": 2},
    ],
    ids=lambda measure: measure["measure"],
)
def test_no_measure_on_runs_and_no_support_enters(measure):
    """What is probed is what money buys by itself."""
    spec = with_measures(measure, **STEADY)
    one, other = probed(spec), probed(spec, "policy")
    for name in one.data_vars:
        np.testing.assert_array_equal(one[name], other[name])


@pytest.mark.known
def test_frozen_chips_leave_the_compute_and_frozen_algorithms_hold_it():
    """With chips as at the start the cost falls at the rate of algorithms, and the other way round."""
    spec = steady()

    def freeze(key):
        def change(worlds):
            worlds[key] = 0.0

        return probed(spec, change=change).sel(actor_class="actor", capability="hard")

    chips, algorithms = freeze("price_decline"), freeze("efficiency_trend")
    modelled = probed(spec).sel(actor_class="actor", capability="hard")
    np.testing.assert_allclose(chips.capability_compute, modelled.capability_compute, atol=FINE)
    np.testing.assert_allclose(algorithms.capability_compute, 30.5, atol=FINE)
    np.testing.assert_allclose(chips.capability_cost, 31.0 - AT_START - ALGORITHMS * YEARS, atol=FINE)
    np.testing.assert_allclose(algorithms.capability_cost, 31.0 - AT_START - CHIPS * YEARS, atol=FINE)
    for one, rate in ((chips, ALGORITHMS), (algorithms, CHIPS)):
        buys = one.effective_compute_bought.sel(investment=1e8)
        np.testing.assert_allclose(buys, 8.0 + AT_START + rate * YEARS, atol=ROUNDING)


def test_actors_reach_what_their_budgets_buy():
    """An actor attains with its first run that begins when it can pay: at once, or within the year to a whole year."""
    budgets = {"rich": 3e8, "poor": 2e6, "poorest": 1e3}
    classes = {name: {"budget": budget, "run_duration": 0.5, "run_pause": 0} for name, budget in budgets.items()}
    paths = engine.simulate(steady(actor_classes=classes), 1, 1, keep="prices").squeeze(["policy", "world", "future"])
    attained = 0
    for name, budget in budgets.items():
        for capability in ("easy", "middle", "hard"):
            here = paths.sel(actor_class=name, capability=capability, year=slice(None, 2029.0))
            years = here.year.values[here.capability_cost.values <= math.log10(budget)]
            if not len(years):
                assert not here.attainment_time <= 2029.0
                continue
            expected = [2020.5] if years[0] == 2020.0 else [years[0], years[0] + 0.5]
            assert min(abs(float(here.attainment_time) - time) for time in expected) < 2e-4
            attained += 1
    assert attained == 4
