"""What a capability is worth and what its runs cost, by hand and in closed form."""

from __future__ import annotations

import numpy as np
import pytest
from helpers import merged, oom, scenario

from engine.analyses.decide.experiment import decide
from engine.analyses.decide.options import Option
from engine.analyses.decide.value import ValueCurve

#: US$ a year of each actor with access, and discounting by the middle of steps of a quarter of a year.
BENEFIT, RATE, STEPS = 1e6, 0.08, 2e-5
VALUABLE = {"kind": "valuable", "benefit_rate": BENEFIT}


def discounted(begin, end, rate=RATE):
    """Years from `begin` to `end` (years from the start), discounted at every moment: closed form."""
    return (end - begin) if rate == 0.0 else ((1 + rate) ** -begin - (1 + rate) ** -end) / np.log(1 + rate)


def alone(**parts):
    """One actor that is its class, and with its first run, by 2021, has a valuable skill."""
    return merged({"actor_classes": {"actor": {}}, "capabilities": {"skill": VALUABLE}}, parts)


def decided(options=(Option(),), actor="actor", curve=ValueCurve(), policies=(), **parts):  # noqa: B008
    """One future, with the only goal."""
    found = decide(scenario(**parts), actor, options, curve=curve, policies=policies, worlds=1, futures=1)
    return found.sel(policy="baseline")


# Value.


@pytest.mark.known
@pytest.mark.parametrize("curve", [ValueCurve(), ValueCurve(0.5, 0.0, 0.2), ValueCurve(1.0, 2.0, 0.0)])
def test_value_of_an_actor_alone_is_capture_times_gain_times_discounted_years(curve):
    """From the end of its first run, in 2021, to the horizon of 2030; all of it is earned in the lead."""
    found = decided(curve=curve, **alone()).isel(option=1, goal=0)
    expected = curve.capture * BENEFIT * discounted(1.0, 10.0, curve.discount_rate)
    assert float(found.value) == pytest.approx(expected, rel=2e-4 if curve.discount_rate > 0.1 else STEPS)
    assert float(found.lead_value) == float(found.value)
    assert float(found.first_probability.item()) == 1.0
    assert float(found.expected_lead.item()) == pytest.approx(9.0, abs=3e-4)


@pytest.mark.known
@pytest.mark.parametrize("duration", [1.1, 1.37])
def test_value_begins_within_a_step_at_attainment(duration):
    """The step in which it attains counts by its part, discounted from the middle of the step."""
    found = decided(**alone(actor_classes={"actor": {"run_duration": duration}})).isel(option=1, goal=0)
    expected = 0.022 * BENEFIT * discounted(duration, 10.0)
    assert float(found.value) == pytest.approx(expected, abs=0.022 * BENEFIT * 0.25 * RATE * 0.25)
    assert float(found.value) != pytest.approx(0.022 * BENEFIT * discounted(1.25, 10.0), rel=1e-3)


@pytest.mark.known
@pytest.mark.parametrize(("rivalry", "divided"), [(0.0, 1.0), (1.0, 4.0), (2.0, 16.0)])
def test_rivals_divide_the_value_and_without_rivalry_they_do_not(rivalry, divided):
    """Four real actors have it from 2021 on; the world's gain is that of all four."""
    parts = alone(actor_classes={"others": {"represents": 3}})
    found = decided(curve=ValueCurve(0.1, rivalry), **parts).isel(option=1, goal=0)
    expected = 0.1 * 4.0 * BENEFIT / divided * discounted(1.0, 10.0)
    assert float(found.value) == pytest.approx(expected, rel=STEPS)
    assert float(found.lead_value) == 0.0
    assert float(found.first_probability.item()) == 0.0


@pytest.mark.known
def test_the_lead_is_what_is_earned_alone_and_ends_when_the_next_attains():
    """Three rivals begin two years later, and have it by 2023: alone from 2021 on, then a quarter."""
    parts = alone(actor_classes={"others": {"represents": 3, "entry_lag": 2.0}})
    found = decided([Option(), Option(entry_lag=3.0)], **parts).isel(goal=0)
    earns = 0.022 * 4.0 * BENEFIT
    first, late = found.isel(option=1), found.isel(option=2)
    # At the end of the step before 2023 the actor is alone; from the point of 2023 on a step has four.
    assert float(first.lead_value) == pytest.approx(earns * discounted(1.0, 3.0), rel=0.1)
    lone = earns * (discounted(1.0, 2.75) + discounted(2.75, 3.0) / 4.0)
    assert float(first.lead_value) == pytest.approx(lone, rel=STEPS)
    assert float(first.value) == pytest.approx(lone + earns / 4.0 * discounted(3.0, 10.0), rel=STEPS)
    assert (float(first.first_probability.item()), float(first.expected_lead.item())) == (1.0, 2.0)
    assert float(late.value) == pytest.approx(earns / 4.0 * discounted(4.0, 10.0), rel=STEPS)
    for name in ("lead_value", "first_probability", "expected_lead"):
        assert late[name].item() == 0.0


@pytest.mark.known
def test_never_to_train_costs_nothing_and_earns_by_open_weights_alone():
    """Others train it by 2021, release it half a year later, and the actor runs it another year after that."""
    parts = alone(actor_classes={"actor": {"uptake_lag": 1.0}, "others": {"openness": 1.0, "release_lag": 0.5}})
    never, trains = (decided(**parts).isel(option=n, goal=0) for n in (0, 1))
    earns = 0.022 * 2.0 * BENEFIT / 2.0
    assert float(never.cost) == 0.0
    assert float(never.value) == pytest.approx(earns * discounted(2.5, 10.0), rel=STEPS)
    assert float(trains.value) == pytest.approx(earns * discounted(1.0, 10.0), rel=STEPS)
    closed = decided(**alone(actor_classes={"others": {}})).isel(option=0, goal=0)
    for name in ("value", "cost", "net_present_value", "gain_over_never"):
        assert float(closed[name]) == 0.0


# Cost.

#: Runs begin at 0, 0.4, 0.8, ... years; that of 2.4 is the first to reach it, at 2.8 years, at half an OOM a year.
SHORT = {
    "actor_classes": {"actor": {"run_duration": 0.4}},
    "algorithms": {"efficiency_trend": oom(0.5, "OOM/yr")},
    "capabilities": {"skill": {"requirement": oom(26.0 + 0.5 * 2.3, "log10 FLOP")}},
}


@pytest.mark.known
@pytest.mark.parametrize("factor", [1.0, 0.1])
def test_cost_is_the_discounted_sum_of_budgets_until_it_has_the_goal(factor):
    """The seven budgets spent until then, each from its own moment but for the quarter of a year of a step."""
    parts = merged(alone(), SHORT)
    if factor < 1.0:
        # An OOM less budget, and a requirement an OOM lower.
        parts = merged(parts, {"capabilities": {"skill": {"requirement": oom(25.0 + 0.5 * 2.3, "log10 FLOP")}}})
    found = decided([Option(factor)], **parts).isel(option=1, goal=0)
    budget = factor * 1e8
    exact = budget * (1.08 ** -(0.4 * np.arange(7.0))).sum()
    assert float(found.cost) == pytest.approx(exact, rel=0.04)
    assert float(found.net_present_value) == pytest.approx(float(found.value) - float(found.cost), rel=1e-12)


@pytest.mark.known
def test_an_actor_that_never_reaches_the_goal_pays_to_the_end():
    """Nine runs of a year, from the start on, finish before the horizon."""
    found = decided(**alone(capabilities={"skill": {"requirement": oom(30.0, "log10 FLOP")}})).isel(option=1, goal=0)
    assert float(found.cost) == pytest.approx(1e8 * (1.08 ** -np.arange(9.0)).sum(), rel=0.02)
    assert float(found.value) == 0.0
    assert float(found.gain_over_never) == -float(found.cost)


@pytest.mark.known
def test_what_starts_later_costs_less():
    """By the discount of two years, for the same run."""
    now, later = (decided([Option(entry_lag=lag)], **alone()).isel(option=1, goal=0) for lag in (0.5, 2.5))
    assert float(later.cost) / float(now.cost) == pytest.approx(1.08**-2, rel=1e-5)


# Goals.


@pytest.mark.known
def test_beyond_its_goal_an_actor_has_what_it_would_have_without_training():
    """Of an easy skill of 2021 and a harder one of 2026 that others release in 2023, for the actor from 2024 on."""
    skills = {
        "hard": {**VALUABLE, "requirement": oom(28.0, "log10 FLOP")},
        "easy": {**VALUABLE, "requirement": oom(26.0, "log10 FLOP")},
        "bad": {"requirement": oom(25.0, "log10 FLOP")},
    }
    parts = {
        "algorithms": {"efficiency_trend": oom(0.5, "OOM/yr")},
        "actor_classes": {
            "actor": {"uptake_lag": 1.0, "runnable_compute": 1e28},
            # Its model of 1e28 FLOP is of the hard skill and the easy one, by 2023.
            "others": {"budget": 1e10, "entry_lag": 2.0, "openness": 1.0},
        },
        "capabilities": skills,
    }
    found = decided(**parts)
    assert list(found["goal"].values) == ["easy", "hard"]
    assert list(found["capability"].values) == ["easy", "hard"]
    shared = 0.022 * 2.0 * BENEFIT / 2.0
    never = shared * discounted(4.0, 10.0)
    np.testing.assert_allclose(found.value.sel(option="never"), 2.0 * never, rtol=STEPS)
    trains = found.isel(option=1)
    # Alone from 2021 on, then shared from the step on that ends in 2023.
    easy = 2.0 * shared * discounted(1.0, 2.75) + shared * discounted(2.75, 10.0)
    assert float(trains.value.sel(goal="easy")) == pytest.approx(easy + never, rel=STEPS)
    # Open weights bring the hard skill before its own run would, in 2025.
    assert float(trains.value.sel(goal="hard")) == pytest.approx(easy + never, rel=STEPS)
    assert float(trains.cost.sel(goal="hard")) > float(trains.cost.sel(goal="easy")) > 0.0


# Errors.


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ({"capture": -0.1}, "capture must be 0 to 1, not -0.1"),
        ({"capture": 1.5}, "capture must be 0 to 1"),
        ({"rivalry": -1.0}, "rivalry must be 0 to 10"),
        ({"rivalry": np.nan}, "rivalry must be 0 to 10"),
        ({"discount_rate": 8.0}, r"discount_rate \(--discount\) must be 0 to 1 a year, not 8"),
    ],
)
def test_numbers_out_of_range_are_refused(numbers, words):
    with pytest.raises(ValueError, match=words):
        ValueCurve(**numbers)
