"""Counts of releases, breakthroughs and runs have the distributions of their processes."""

from __future__ import annotations

import numpy as np
import pytest
from helpers import scenario, within
from scipy import stats

import engine

pytestmark = [pytest.mark.known, pytest.mark.statistics]

YEARS = 10.0
FUTURES = 400
SEED = 20_231_115


def played_counts(spec, kind):
    """Events of a `kind` in `FUTURES` futures, by the SimPy clock."""
    return np.array([engine.replay(spec, 0, future, worlds=1, seed=SEED).counts()[kind] for future in range(FUTURES)])


def moments(at_least):
    """(mean, variance, fourth central moment) of a count from P(N >= n), n = 1, 2, ..."""
    mass = -np.diff([1.0, *at_least, 0.0])
    n = np.arange(mass.size)
    mean = float(mass @ n)
    return mean, float(mass @ (n - mean) ** 2), float(mass @ (n - mean) ** 4)


def has_moments(counts, at_least):
    """Mean and variance of `counts` within 4 standard errors of those of the distribution."""
    mean, variance, fourth = moments(at_least)
    size = counts.size
    return within(counts.mean(), mean, np.sqrt(variance / size)) and within(
        counts.var(ddof=1), variance, np.sqrt((fourth - variance**2) / size)
    )


@pytest.mark.parametrize("share", [1.0, 0.25])
def test_breakthroughs_are_poisson(share):
    """Mean and variance rate x share x years; a class with a quarter of the talent finds a quarter."""
    spec = scenario(
        algorithms={"breakthrough_rate": 3.0, "small_gain_mean": 0.1},
        actor_classes={
            "finder": {"research_share": share, "run_duration": 20},
            "other": {"research_share": 1.0 - share, "run_duration": 20},
        },
    )
    found = np.zeros(FUTURES)
    for future in range(FUTURES):
        events = engine.replay(spec, 0, future, worlds=1, seed=SEED).events
        found[future] = ((events.event == "breakthrough") & (events.actor_class == "finder")).sum()
    assert has_moments(found, stats.poisson(3.0 * share * YEARS).sf(np.arange(100)))


@pytest.mark.parametrize("cv", [0.3, 1.0, 1.8])
def test_releases_are_a_gamma_renewal_process(cv):
    """P(N >= n) = P(Gamma(n / cv^2) <= T cv^-2 / mean): sums of n gaps; for cv = 1 a Poisson process."""
    mean, shape = 0.8, 1.0 / cv**2
    spec = scenario(
        hardware={"release_gap_mean": mean, "release_gap_cv": cv, "generation_gain_mean": 0.2},
        actor_classes={"actor": {"run_duration": 20}},
    )
    at_least = stats.gamma(shape * np.arange(1, 120)).cdf(YEARS * shape / mean)
    counts = played_counts(spec, "releases")
    assert has_moments(counts, at_least)
    if cv == 1.0:
        assert moments(at_least)[:2] == pytest.approx((YEARS / mean, YEARS / mean))


def test_without_variation_releases_are_regular():
    """Gaps of 0.75 years: 13 generations in ten years, in every future."""
    spec = scenario(hardware={"release_gap_mean": 0.75}, actor_classes={"actor": {"run_duration": 20}})
    assert [engine.replay(spec, 0, f, worlds=1).counts()["releases"] for f in range(3)] == [13, 13, 13]


@pytest.mark.parametrize(("count", "represents"), [(1, 1), (2, 1), (1, 7)])
def test_models_are_a_renewal_process_of_pauses_and_runs(count, represents):
    """n runs are finished by t when n pauses fit beside them: P(N >= n) = P(Gamma(n) <= (t - n duration) / pause).

    The Monte Carlo clock, 20,000 futures; means within 4 standard errors at five times.
    """
    duration, pause, futures = 0.3, 0.5, 20_000
    spec = scenario(
        actor_classes={
            "actor": {"count": count, "represents": represents, "run_duration": duration, "run_pause": pause}
        },
        output={"flop_thresholds": [1e25, 1e27]},
    )
    # A member that stands for n has the luckiest's models and n - 1 times those of another.
    squares = 1 if represents == 1 else 1 + (represents - 1) ** 2
    models = engine.simulate(spec, 1, futures, SEED).runs_above_mean.squeeze("policy")
    assert (models.sel(threshold=1e27) == 0.0).all()
    n = np.arange(1, 60)
    for t in (1.0, 2.5, 5.0, 7.25, 10.0):
        mean, variance, _ = moments(stats.gamma(n).cdf((t - n * duration) / pause))
        error = np.sqrt(count * squares * variance / futures)
        measured = float(models.sel(threshold=1e25, time=2020.0 + t))
        assert within(measured, represents * count * mean, error)
