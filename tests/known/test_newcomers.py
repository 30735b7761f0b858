"""Members of a class that enter later: a Poisson process in closed form, and what newcomers have under both clocks."""

from __future__ import annotations

import math

import numpy as np
import pytest
from helpers import oom, scenario, within, world
from hypothesis import given
from hypothesis import strategies as st
from two_clocks import assert_clocks_agree

import engine
from engine.rules.entry import entry_time
from engine.scenario import parse_scenario
from engine.scenario.errors import ScenarioError

pytestmark = pytest.mark.known

SEED, FUTURES = 20_231_115, 4_000


def growing(newcomers: int = 60, rate: float = 0.8, growth: float = 0.0, **more):
    """Labs that release their first model at once, and a class that newcomers enter, which never trains."""
    late = {"count": 2, "run_duration": 20, "newcomers": newcomers, "newcomer_rate": rate, **more}
    return scenario(
        actor_classes={
            "lab": {"openness": 1.0},
            "late": {**late, "newcomer_growth": oom(growth, "OOM/yr")},
        }
    )


def access(spec):
    """Actors with access by the end of each year, (future, year)."""
    results = engine.simulate(spec, 1, FUTURES, SEED, keep="paths")
    return results.future_access.isel(policy=0, world=0, capability=0).sel(time=spec.years).values


@pytest.mark.statistics
@pytest.mark.parametrize("growth", [0.0, 0.1, -0.1])
def test_entries_are_a_poisson_process(growth):
    """After t years r t have entered, or r (10^(g t) - 1) / (g ln 10), with that variance; all have open weights."""
    entered = access(growing(growth=growth)) - 3.0
    for years in (3, 6, 10):
        grown = growth * math.log(10.0)
        mean = 0.8 * (math.expm1(grown * years) / grown if growth else years)
        number = entered[:, years]
        assert within(number.mean(), mean, math.sqrt(mean / FUTURES))
        assert within(number.var(), mean, math.sqrt((2.0 * mean**2 + mean) / FUTURES))


def test_no_more_enter_than_the_most():
    entered = access(growing(newcomers=3, rate=5.0)) - 3.0
    assert entered[:, -1].max() == 3.0
    assert (np.diff(entered[:, 1:], axis=1) >= 0.0).all()


def test_newcomers_train_and_misuse_only_once_they_are_there():
    """Under both clocks."""
    spec = growing(newcomers=4, rate=0.3, run_duration=1, attempt_rate=2.0, theft_rate=0.5)
    assert assert_clocks_agree(spec, 1, 40, seed=SEED) > 0
    for future in range(5):
        events = engine.replay(spec, 0, future, worlds=1, seed=SEED).events
        entry = events[events.event == "entry"].set_index("actor").time
        begun = events[events.event == "run_start"].groupby("actor").time.min()
        for actor, time in entry.items():
            assert begun.get(actor, math.inf) >= time
        assert not set(begun.index) - set(entry.index) - {"lab 1", "late 1", "late 2"}


@given(st.floats(0.01, 5), st.floats(-0.3, 0.5), st.floats(0.001, 50))
def test_the_entry_time_is_when_so_many_are_expected(rate, growth, expected):
    """By adding up the rate in small steps, in plain Python."""
    spec = growing(rate=rate, growth=growth)
    time = float(entry_time(world(spec), 1, expected)) - 2020.0
    steps = np.linspace(0.0, 10.0, 20_001)
    rates = rate * 10.0 ** (growth * steps)
    upto = np.concatenate([[0.0], np.cumsum(0.5 * (rates[1:] + rates[:-1]) * np.diff(steps))])
    if upto[-1] < expected * (1.0 - 1e-6):
        assert time == math.inf
    elif upto[-1] > expected * (1.0 + 1e-6):
        assert time == pytest.approx(np.interp(expected, upto, steps), abs=1e-4)


@pytest.mark.parametrize(
    ("late", "said"),
    [({"newcomers": 3}, "give `newcomer_rate:`"), ({"newcomer_rate": 1.0}, "give `newcomers:`")],
)
def test_a_number_of_newcomers_needs_a_rate_and_a_rate_a_number(late, said):
    data = {"count": 1, "budget": 1e8, "run_duration": 1, "run_pause": 0, **late}
    with pytest.raises(ScenarioError, match=said):
        parse_scenario(
            {
                "start": 2020,
                "horizon": 2030,
                "hardware": {"price_performance": 1e18},
                "actor_classes": {"late": data},
                "capabilities": {"skill": {"kind": "dangerous", "requirement": 1e26}},
            }
        )
