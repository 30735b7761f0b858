"""Training runs as docs/model.md states them, in plain Python: in FLOP, US$ and tokens rather than in OOM."""

from __future__ import annotations

import math
from statistics import NormalDist

import pytest
from helpers import world
from hypothesis import given
from hypothesis import strategies as st
from plain_measures import YEARS, policies, records

from engine.rules import training as rules
from engine.rules.emergence import dangerous_capabilities, has, has_capability, is_near, own_requirement, requirement
from engine.rules.governance import size_fixed
from engine.rules.luck import Stream, uniform

pytestmark = pytest.mark.known

FUTURES, CLASSES = st.integers(0, 1000), st.integers(0, 1)


@given(FUTURES, CLASSES, st.integers(0, 3), st.sampled_from([0, 1, 65_535]))
def test_entry_pauses_and_requirements(future, c, member, run):
    w = world(class_address=[3, 7], capability_address=[5, 6], run_pause=[0.5, 2.0], entry_lag=[0.0, 1.5])
    w["requirement"][:2], w["requirement_spread"][:2] = (25.0, 27.0), (0.5, 0.0)
    luck = (1, 0, future)
    drawn = -math.log(uniform(luck, Stream.RUN_PAUSE, [3, 7][c], member * 65_536 + run))
    assert rules.run_pause(luck, w, c, member, run) == pytest.approx([0.5, 2.0][c] * drawn, rel=1e-12)
    even = run - run % 2
    two = rules.run_pause(luck, w, c, member, even), rules.run_pause(luck, w, c, member, even + 1)
    assert rules.run_pauses(luck, w, c, member, even) == two
    assert rules.enters(w, c) == 2020.0 + [0.0, 1.5][c]
    normal = NormalDist().inv_cdf(uniform(luck, Stream.REQUIREMENT, 5, 0))
    assert requirement(luck, w, 0) == pytest.approx(25.0 + 0.5 * normal, rel=1e-12)
    assert requirement(luck, w, 1) == 27.0


@given(FUTURES, st.sampled_from([0.0, 0.3, 1.0]), st.integers(0, 7))
def test_requirements_that_have_something_in_common(future, share, basis):
    """A common draw beside each own one; a capability requires what those do without which no model has it."""
    w = world(capability_address=[5, 6, 7], basis=[1, 2, 4 | basis], common_deviation_share=share)
    w["n_capabilities"] = 3
    w["requirement"][:3], w["requirement_spread"][:3] = (25.0, 26.0, 25.5), (0.5, 0.7, 0.0)
    luck = (1, 0, future)
    draws = [NormalDist().inv_cdf(uniform(luck, Stream.REQUIREMENT, address, 0)) for address in (5, 6, 7)]
    common = NormalDist().inv_cdf(uniform(luck, Stream.COMMON_REQUIREMENT, 0, 0))
    mixed = [share**0.5 * common + (1.0 - share) ** 0.5 * own for own in draws]
    own = [25.0 + 0.5 * mixed[0], 26.0 + 0.7 * mixed[1], 25.5]
    for k in range(3):
        assert own_requirement(luck, w, k) == pytest.approx(own[k], rel=1e-12)
    expected = max([own[2], *(own[j] for j in range(2) if basis >> j & 1)])
    assert requirement(luck, w, 2) == pytest.approx(expected, rel=1e-12)


@given(*[st.sampled_from([24.0, 25.0, 26.0])] * 4)
def test_which_capabilities_a_model_has(required, least, compute, reached):
    """What it reached is enough, and so is its training compute: neither makes up for the other."""
    enough = 10.0**reached >= 10.0**required and 10.0**compute >= 10.0**least
    assert has_capability(required, least, compute, reached) == enough


@given(*[st.sampled_from([24.0, 25.0, 26.0])] * 4, st.sampled_from([0.0, 1.0]))
def test_which_capabilities_a_model_is_near_to(required, least, compute, reached, within):
    """With ten times the effective compute and ten times the training compute, for one OOM."""
    more = 10.0**within
    just = 1.0 + 1e-9
    enough = more * 10.0**reached * just >= 10.0**required and more * 10.0**compute * just >= 10.0**least
    assert is_near(required, least, compute, reached, within) == enough


@given(st.sets(st.integers(0, 31)), st.sets(st.integers(0, 31)))
def test_the_capabilities_of_a_model_are_bits(own, danger):
    w = world()
    w["n_capabilities"], w["dangerous"] = 32, [int(k in danger) for k in range(32)]
    model = sum(2**k for k in own)
    assert {k for k in range(32) if has(model, k)} == own
    assert {k for k in range(32) if has(model & dangerous_capabilities(w), k)} == own & danger


def used(w, t, ideal):
    """FLOP of a run that could have had `ideal` FLOP: clusters beyond the limit are used less well."""
    limit = 10.0 ** (w["parallel_limit"] + w["parallel_limit_growth"] * (t - w["start"]))
    return ideal * 10.0 ** w["utilisation"] / (1.0 + (ideal / limit) ** w["parallel_steepness"])


CLUSTERS = {"utilisation": -0.4, "parallel_limit": 26.0, "parallel_limit_growth": 0.1, "parallel_steepness": 1.5}


@given(YEARS, st.sampled_from([6.0, 7.5, 8.0, 11.0]))
def test_runs(t, budget):
    w = world(**CLUSTERS)
    found = rules.run_compute(w, t, budget, 18.0)
    assert 10.0**found == pytest.approx(used(w, t, 10.0 ** (budget + 18.0)), rel=1e-10)


@given(st.sampled_from([11.0, 13.0, math.inf]), st.sampled_from([-math.inf, 0.0, 1e-9, 11.0, 13.0]))
def test_tokens_of_a_class(public, own):
    """What is public and what is its own; a class without tokens of its own has log10 of none, or one alone."""
    found = rules.class_tokens(world(token_stock=public, proprietary_tokens=[9.0, own]), 1)
    assert 10.0**found == pytest.approx(10.0**public + (10.0**own if own > 0.0 else 0.0), rel=1e-12)


@given(YEARS, st.sampled_from([22.0, 24.0, 27.0]), st.sampled_from([11.0, 12.2, 15.0]), st.sampled_from([0.0, 1.0]))
def test_shortfall_of_tokens(t, compute, tokens, efficiency):
    """A run of n times 1e24 FLOP needs the tokens of one of 1e24, times n to the exponent."""
    w = world(optimal_tokens=12.0, token_exponent=0.5, token_growth=0.05, data_share=0.25)
    needed = 10.0**12 * (10.0 ** (compute - 24.0)) ** 0.5
    stock = 10.0**tokens * (10.0**0.05) ** (t - 2020.0) * (10.0**efficiency) ** 0.25
    expected = math.log10(needed / stock) if needed > stock else 0.0
    assert rules.token_shortfall(w, t, compute, tokens, efficiency) == pytest.approx(expected, abs=1e-12)


@given(YEARS, st.sampled_from([23.0, 24.0, 27.0]), st.sampled_from([11.0, 15.0]), st.sampled_from([-0.3, 0.2]))
def test_what_a_run_reaches(t, compute, tokens, elicitation):
    """Compute, algorithms and elicitation, less the penalty for each OOM of missing tokens."""
    w = world(efficiency_trend=0.3, scale_floor=24.0, below_floor_share=0.5, shortfall_penalty=0.6, data_share=0.25)
    w["optimal_tokens"], w["token_exponent"] = 12.0, 0.5
    algorithms = 0.3 * (t - 2020.0) + 0.7 + (0.4 if compute >= 24.0 else 0.2)
    short = max(0.0, 12.0 + 0.5 * (compute - 24.0) - tokens - 0.25 * algorithms)
    expected = compute + algorithms - 0.6 * short + elicitation
    assert rules.run_reaches(w, t, compute, 0.7, 0.4, tokens, elicitation) == pytest.approx(expected, rel=1e-12)
    bought = rules.money_buys(w, t, compute - 18.0, 18.0, 0.7, 0.4, tokens, elicitation)
    assert bought == pytest.approx((compute, expected), rel=1e-12)


RUNS = policies(
    max_compute=st.sampled_from([24.0, 26.0]),
    relative_cap=st.sampled_from([-1.0, 0.0, 0.5]),
    price_multiplier=st.sampled_from([0.0, 1.0]),
    leakage=st.sampled_from([0.0, 0.5]),
    budget_multiplier=st.sampled_from([0.0, 0.5, 2.0]),
)


@given(RUNS, YEARS, st.sampled_from([-math.inf, 24.0, 25.5]))
def test_planned_runs_and_their_costs(measures, t, largest):
    """US$ and FLOP of each actor: support, dearer chips, then the smallest of the caps that bind it.

    A run that a cap makes smaller costs less in proportion; support costs the actor nothing.
    """
    w, policy, regime = records(measures, **CLUSTERS, price_performance=18.0)
    actors = [(c, member) for c, of_class in enumerate(measures[0].obeying) for member in range(len(of_class))]
    for a, (c, member) in enumerate(actors):
        usd, caps = 10.0**8, [math.inf]
        for measure in (measure for measure in measures if measure.binds(c, member, t)):
            dearer = measure["leakage"] + (1.0 - measure["leakage"]) * 10.0 ** measure["price_multiplier"]
            usd *= 10.0 ** measure["budget_multiplier"] / dearer
            caps.append(10.0 ** measure["max_compute"])
            if largest > -math.inf:
                caps.append(10.0 ** (largest + measure["relative_cap"]))
        buys = used(w, t, usd * 10.0**18.5)
        planned = min(buys, *caps) if len(caps) > 1 else buys
        assert 10.0 ** rules.unrestricted_run(w, policy, regime, a, t, t, 8.0, 0.5) == pytest.approx(buys, rel=1e-9)
        found = rules.planned_run(w, policy, regime, a, t, t, 8.0, 0.5, largest)
        assert 10.0**found == pytest.approx(planned, rel=1e-9)
        cost = rules.run_cost(w, policy, regime, a, t, t, 8.0, 0.5, found)
        assert 10.0**cost == pytest.approx(10.0**8 * planned / buys, rel=1e-9)
        larger = math.log10(buys) + 1.0
        assert rules.run_cost(w, policy, regime, a, t, t, 8.0, 0.5, larger) == 8.0


@given(YEARS, *[st.sampled_from([0.0, 0.25, 1.0])] * 2, st.sampled_from([0.0, 0.5, 2.0]))
def test_when_the_next_run_is_planned(filed, wait, duration, pause):
    """A run that waited is followed as if it had not, but never before it is finished."""
    w = world(run_duration=[9.0, duration])
    finished = filed + wait + duration
    as_if = filed + duration + pause
    assert rules.next_plan(w, 1, finished, filed, pause) == sorted([finished, as_if])[1]


@given(
    policies(
        threshold=st.sampled_from([25.0, 26.0]),
        licence_delay=st.sampled_from([0.0, 0.5]),
        sized_at_start=st.sampled_from([0, 1]),
    ),
    YEARS,
    st.sampled_from([24.0, 25.5, 27.0]),
)
def test_when_what_a_run_uses_is_fixed(measures, filed, compute):
    """At its filing, unless a measure that binds it then, and whose threshold it reaches, says at its start."""
    _, policy, regime = records(measures)
    a = 0
    for c, obeying in enumerate(measures[0].obeying):
        for member in range(len(obeying)):
            asked = [one for one in measures if one.binds(c, member, filed) and one["threshold"] <= compute]
            at_start = any(one["sized_at_start"] == 1 for one in asked)
            assert size_fixed(policy, regime, a, filed, compute) == (math.inf if at_start else filed)
            a += 1
