"""Chips: generations, number formats, price decline, the ceiling."""

from __future__ import annotations

import math

import numpy as np
import pytest
from helpers import NO_POLICY, oom, scenario, within, world
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from engine.rules.hardware import (
    class_can_buy,
    class_trains_with,
    generation_gain,
    price_performance,
    release_gap,
    ships_format,
)

DRAWS = 5_000
LUCK = (20_231_115, 0, 0)
THREE_ERRORS = 0.0027
PROGRESS = st.floats(0.0, 20.0)
YEARS = st.floats(0.0, 40.0)


@given(progress=PROGRESS, years=YEARS)
def test_without_a_ceiling_price_performance_is_linear(progress, years):
    """p = p0 + generations and formats + decline x years, in OOM."""
    w = world(price_performance=18.0, price_decline=0.1, start=2020.0)
    assert price_performance(w, 2020.0 + years, progress) == pytest.approx(18.0 + progress + 0.1 * years, rel=1e-12)


@pytest.mark.known
@given(progress=PROGRESS, years=YEARS, headroom=st.floats(0.1, 6.0))
def test_under_a_ceiling_the_headroom_falls_exponentially(progress, years, headroom):
    """dp = dx (H - p) / H gives p = p0 + H (1 - exp(-x / H)), x the gains before the ceiling; never above p0 + H."""
    w = world(price_performance=18.0, price_decline=0.1, price_performance_ceiling=18.0 + headroom)
    unbounded = progress + 0.1 * years
    p = price_performance(w, 2020.0 + years, progress)
    assert p == pytest.approx(18.0 - headroom * math.expm1(-unbounded / headroom), rel=1e-12)
    assert p <= 18.0 + headroom
    assert p <= 18.0 + unbounded + 1e-12


@pytest.mark.known
def test_the_ceiling_shrinks_each_small_gain_in_proportion_to_the_headroom_left():
    """Euler's method on dp = dx (ceiling - p) / (ceiling - p0), 20,000 steps, against the closed form."""
    ceiling, p, steps = 20.0, 18.0, 20_000
    for _ in range(steps):
        p += 3.0 / steps * (ceiling - p) / 2.0
    assert price_performance(world(price_performance_ceiling=ceiling), 2020.0, 3.0) == pytest.approx(p, abs=1e-4)


@given(first=st.floats(0.0, 3.0), second=st.floats(0.0, 3.0))
def test_under_a_ceiling_the_order_of_gains_does_not_matter(first, second):
    """Each gain leaves a share of the headroom, and shares multiply, be it a generation or a price decline."""

    def left(progress, years):
        w = world(price_performance=18.0, price_performance_ceiling=20.0, price_decline=1.0)
        return (20.0 - price_performance(w, 2020.0 + years, progress)) / 2.0

    assert left(first, second) == pytest.approx(left(second, first), rel=1e-9)
    assert left(first, second) == pytest.approx(left(first, 0.0) * left(0.0, second), rel=1e-9)


@given(progress=PROGRESS, ceiling=st.floats(15.0, 18.0))
def test_at_or_above_the_ceiling_nothing_is_gained(progress, ceiling):
    w = world(price_performance=18.0, price_performance_ceiling=ceiling, price_decline=0.5)
    assert price_performance(w, 2030.0, progress) == 18.0


@given(progress=st.floats(0.0, 10.0))
def test_a_far_ceiling_is_no_ceiling(progress):
    near_infinite = world(price_performance=18.0, price_performance_ceiling=18.0 + 1e7)
    assert price_performance(near_infinite, 2020.0, progress) == pytest.approx(18.0 + progress, abs=1e-5)


@pytest.mark.parametrize("generation", [0, 1, 17])
def test_without_variation_gaps_are_regular(generation):
    assert release_gap(LUCK, world(release_gap_mean=2.5, release_gap_cv=0.0), generation) == 2.5


def test_an_infinite_gap_is_no_release():
    """The default: no generation ever comes, whatever the variation."""
    assert scenario().hardware.release_gap_mean.quantile(np.array([0.5]))[0] == math.inf
    assert release_gap(LUCK, world(release_gap_cv=0.5), 0) == math.inf


@pytest.mark.statistics
@pytest.mark.parametrize("cv", [0.3, 1.0, 2.0])
def test_gaps_are_gamma_distributed(cv):
    """Gamma of shape 1 / cv^2 and the given mean: Kolmogorov-Smirnov, 5,000 gaps, p above 0.0027."""
    w = world(release_gap_mean=1.7, release_gap_cv=cv)
    gaps = [release_gap(LUCK, w, n) for n in range(DRAWS)]
    assert stats.kstest(gaps, stats.gamma(1 / cv**2, scale=1.7 * cv**2).cdf).pvalue > THREE_ERRORS


@pytest.mark.statistics
@pytest.mark.parametrize(("mean", "sd"), [(0.25, 0.1), (0.1, 0.2), (0.0, 0.3)])
def test_gains_are_normal_truncated_at_zero(mean, sd):
    """Kolmogorov-Smirnov, 5,000 gains, p above 0.0027 (3 standard errors)."""
    w = world(generation_gain_mean=mean, generation_gain_sd=sd)
    gains = [generation_gain(LUCK, w, n) for n in range(DRAWS)]
    assert min(gains) >= 0.0
    assert stats.kstest(gains, stats.truncnorm(-mean / sd, np.inf, mean, sd).cdf).pvalue > THREE_ERRORS


@pytest.mark.statistics
@pytest.mark.parametrize("probability", [0.0, 0.3, 1.0])
def test_generations_ship_a_format_with_their_probability(probability):
    """5,000 generations; within 4 standard errors, so always or never at the ends."""
    w = world(format_probability=probability)
    share = np.mean([ships_format(LUCK, w, n) for n in range(DRAWS)])
    assert within(share, probability, math.sqrt(probability * (1.0 - probability) / DRAWS))


@pytest.mark.parametrize(("procurement", "adoption", "expected"), [(0.5, 0.25, 0.5), (0.5, 2.0, 2.0), (0.0, 0.0, 0.0)])
def test_a_format_waits_for_the_chip_and_for_training_to_adopt_it(procurement, adoption, expected):
    """The later of the class's procurement lag and the format's adoption lag."""
    spec = scenario(
        hardware={"formats": [{"name": "FP4", "format_gain": 2.0, "format_adoption_lag": adoption}]},
        actor_classes={"first": {}, "actor": {"procurement_lag": procurement}},
    )
    assert class_trains_with(world(spec), *NO_POLICY, 1, 0, 2025.0) == 2025.0 + expected
    assert class_can_buy(world(spec), *NO_POLICY, 1, 2025.0) == 2025.0 + procurement


def test_the_world_carries_gains_in_oom():
    """A price decline of 10x a year is 1 OOM; a start of 1e18 FLOP/US$ is 18."""
    spec = scenario(hardware={"price_decline": 10.0, "price_performance_ceiling": oom(21, "log10 FLOP/US$")})
    assert price_performance(world(spec), 2021.0, 0.0) == pytest.approx(18.0 + 3.0 * (1.0 - math.exp(-1.0 / 3.0)))
