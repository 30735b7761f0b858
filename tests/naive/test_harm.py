"""Defence, harm and benefit as docs/model.md states them, in plain Python."""

from __future__ import annotations

import math
from statistics import NormalDist

import pytest
from helpers import world
from hypothesis import given
from hypothesis import strategies as st
from plain_gamma import gamma
from plain_measures import Measure, records
from scipy import optimize

from engine.rules import harm as rules
from engine.rules.luck import Stream, uniform, uniform_pair

pytestmark = [pytest.mark.known, pytest.mark.quick]

FUTURES, CAPABILITIES = st.integers(0, 1000), st.integers(0, 1)


@given(FUTURES, CAPABILITIES, st.sampled_from([0.0, 2.0, math.inf]), st.sampled_from([0.0, 1e-7, 1e-3, 0.5, 1.0, 2.0]))
def test_learning_and_building(future, k, mean, cv):
    """An Exponential; a Gamma of the mean and the coefficient of variation, or the mean itself."""
    w = world(capability_address=[5, 6], learning_lag=[0.5, 1.5])
    w["defence_duration"][:2], w["defence_duration_cv"][:2] = mean, cv
    luck, address = (1, 0, future), [5, 6][k]
    learnt = -math.log(uniform(luck, Stream.LEARNING, address, 0)) * [0.5, 1.5][k]
    assert rules.learning_work(luck, w, k) == pytest.approx(learnt, rel=1e-12)
    built = mean
    if cv >= 1e-6 and mean < math.inf:
        built = gamma(luck, Stream.DEFENCE, address, 0, 1.0 / cv**2) * mean * cv**2
    assert rules.defence_work(luck, w, k) == pytest.approx(built, rel=1e-10)


@given(st.sampled_from([0.0, 0.5, 2.0]), st.sampled_from([-math.inf, -1.0, 0.0, 0.25, 2.0]))
def test_speed_by_a_lead(speed, lead):
    """Faster by a share for each OOM beyond the requirement, and never slower."""
    expected = 1.0 + speed * (lead if lead > 0.0 else 0.0)
    assert rules.lead_speed(world(defence_lead_speed=[9.0, speed]), 1, lead) == pytest.approx(expected, rel=1e-15)


@given(st.integers(0, 9), st.sampled_from([0.0, 0.5, 1.0]), st.sampled_from([2020.0, 2021.0, 2022.0, 2025.0]))
def test_hazard_of_incidents(actors, programme, t):
    """Attempts that succeed; of them, from the ready defence on, those that it and a programme let through."""
    measure = Measure(2022.0, 2024.0, [[True], [True]], {"added_effectiveness": programme})
    numbers = {"attempt_rate": [9.0, 0.2], "success_probability": [9.0, 0.1], "defence_effectiveness": [9.0, 0.75]}
    w, policy, regime = records([measure], **numbers)
    expected = 0.2 * actors * 0.1
    if t >= 2021.0:
        expected *= 0.25
    if 2022.0 <= t < 2024.0:
        expected *= 1.0 - programme
    assert rules.incident_hazard(w, policy, regime, 1, 1, actors, t, 2021.0) == pytest.approx(expected, rel=1e-12)


@given(
    FUTURES,
    st.sampled_from([Stream.INCIDENT, Stream.HOSTED_INCIDENT]),
    CAPABILITIES,
    st.sampled_from([0, 1, 65_535, 65_536, 2**26 - 1]),
)
def test_luck_of_incidents(future, stream, k, n):
    w = world(class_address=[3, 7], capability_address=[5, 6])
    batch, within = divmod(n, 65_536)
    gap, loss = uniform_pair((1, 0, future), stream, 7 + 65_536 * batch, [5, 6][k] * 65_536 + within)
    found = rules.incident_luck((1, 0, future), w, stream.value, 1, k, n)
    assert found == pytest.approx((-math.log(gap), loss), rel=1e-12)


def test_no_two_incidents_share_a_draw():
    """The number of an incident has 26 bits of its address. Amounts are counted up to 1e18 US$."""
    assert rules.MOST_INCIDENTS == 2**26
    assert rules.MOST_THOUSANDS * 1000 == 10**18


def exceeded(loss, median, sd, tail, index):
    """The share of incidents that lose more than `loss` (log10 US$)."""

    def by_lognormal(x):
        if sd > 0.0:
            return NormalDist(median, sd).cdf(2.0 * median - x)
        return 1.0 if x < median else 0.0

    if loss < tail:
        return by_lognormal(loss)
    at_start = by_lognormal(tail) if sd > 0.0 else float(median >= tail)
    return at_start * 10.0 ** (-index * (loss - tail))


@given(
    st.floats(1e-6, 1.0 - 1e-6),
    st.sampled_from([7.0, 8.0, 9.0]),
    st.sampled_from([0.0, 0.5, 1.5]),
    st.sampled_from([8.0, 8.5, math.inf]),
    st.sampled_from([0.5, 2.0]),
)
def test_losses(greater, median, sd, tail, index):
    """The loss that such a share exceeds, sought by bisection; a constant loss has its tail from its start up alone."""
    w = world(loss_median=[0.0, median], loss_sd=[9.0, sd], loss_tail_start=[0.0, tail], loss_tail_index=[9.0, index])
    w["loss_ceiling"] = 40.0
    found = rules.incident_loss(w, 1, greater)
    if sd == 0.0 and median < tail:
        assert found == median
    else:
        sought = optimize.brentq(lambda x: exceeded(x, median, sd, tail, index) - greater, -20.0, 60.0, xtol=1e-13)
        assert found == pytest.approx(min(sought, 40.0), abs=1e-9)


@pytest.mark.parametrize(("median", "loss"), [(math.nextafter(8.0, 0.0), math.nextafter(8.0, 0.0)), (8.0, 10.0)])
def test_a_constant_loss_exactly_at_the_start_of_the_tail_is_in_the_tail(median, loss):
    """Guards: all incidents exceed what begins at the median; one in a hundred at index 1 loses 100 times as much."""
    w = world(loss_median=[median], loss_sd=[0.0], loss_tail_start=[8.0], loss_tail_index=[1.0], loss_ceiling=15.0)
    assert rules.incident_loss(w, 0, 0.01) == pytest.approx(loss, rel=1e-15)


@given(st.sampled_from([-math.inf, 0.0, 6.5]), st.floats(0.0, 1e4))
def test_benefit(rate, actor_years):
    expected = 10.0**rate * actor_years
    assert rules.benefit(world(benefit_rate=[0.0, rate]), 1, actor_years) == pytest.approx(expected, rel=1e-12)


@given(st.one_of(st.integers(0, 10**9), st.sampled_from([0.4, 0.6, 1.4, 1.6])))
def test_amounts_in_thousands(thousands):
    log10_usd = math.log10(thousands * 1000.0) if thousands else -math.inf
    assert rules.whole_thousands(log10_usd) == round(thousands)
