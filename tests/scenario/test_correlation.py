"""Rank correlations between uncertain numbers."""

from __future__ import annotations

import numpy as np
import pytest
from helpers import scenario, within
from scipy import stats

from engine.scenario import WorldSampler, samplers
from engine.scenario.correlation import gaussian_correlation

SEED = 20_231_115
WORLDS = 4_000
EVEN = {"uniform": {"low": 0, "high": 1}}
GROWTH = "actor_classes.lab.budget_growth"
OPENNESS = "actor_classes.lab.openness"
SECRECY = "actor_classes.lab.secrecy"
BUDGET = "actor_classes.lab.budget"


def correlated(*pairs, **lab):
    """A scenario with four uncertain numbers of different families, and some `pairs` of (one, other, rank)."""
    numbers = {
        "budget": {"lognormal": {"p5": 1e6, "p95": 1e9}},
        "budget_growth": {"normal": {"p5": 0.1, "p95": 0.4}, "min": 0, "unit": "OOM/yr"},
        "openness": EVEN,
        "secrecy": {"beta": {"alpha": 0.5, "beta": 2}},
    }
    return scenario(
        actor_classes={"lab": {**numbers, **lab}},
        correlations=[{"between": [one, other], "rank": rank} for one, other, rank in pairs],
    )


def draws(spec, sampling="random", worlds=WORLDS):
    """Uncertain numbers by path, as worlds carry them."""
    values = WorldSampler(spec, worlds, SEED, sampling).parameters(0, worlds)
    return dict(zip(spec.uncertain(), values.T, strict=True))


def rank_correlation_is(one, other, rank):
    """Whether Spearman's correlation of two samples is within 4 standard errors of `rank`.

    Fisher's z of it has a standard error of sqrt((1 + rank^2 / 2) / (n - 3)) (Bonett & Wright 2000).
    """
    measured = stats.spearmanr(one, other).statistic
    return within(np.arctanh(measured), np.arctanh(rank), np.sqrt((1.0 + rank**2 / 2.0) / (len(one) - 3)))


@pytest.mark.known
@pytest.mark.parametrize("rank", [-0.9, -0.3, 0.0, 0.5])
def test_the_normal_correlation_of_a_rank_correlation(rank):
    """2 sin(pi r / 6) (Pearson 1907)."""
    paths, factor = gaussian_correlation(correlated((OPENNESS, SECRECY, rank)))
    assert paths == [SECRECY, OPENNESS]
    normal = 2.0 * np.sin(np.pi * rank / 6.0)
    assert factor @ factor.T == pytest.approx(np.array([[1.0, normal], [normal, 1.0]]), abs=1e-15)


@pytest.mark.statistics
@pytest.mark.parametrize("sampling", samplers())
@pytest.mark.parametrize("rank", [-0.9, -0.5, 0.2, 0.7])
def test_a_rank_correlation_is_met(sampling, rank):
    values = draws(correlated((OPENNESS, SECRECY, rank)), sampling)
    assert rank_correlation_is(values[OPENNESS], values[SECRECY], rank)
    assert rank_correlation_is(values[OPENNESS], values[BUDGET], 0.0)


@pytest.mark.statistics
def test_several_rank_correlations_are_met_together():
    """Also that of a pair of which nothing is said: in a Gaussian copula it is independent."""
    pairs = [(BUDGET, GROWTH, 0.6), (BUDGET, OPENNESS, -0.5), (GROWTH, SECRECY, 0.3)]
    values = draws(correlated(*pairs))
    for one, other, rank in [*pairs, (OPENNESS, SECRECY, 0.0), (BUDGET, SECRECY, 0.0), (GROWTH, OPENNESS, 0.0)]:
        assert rank_correlation_is(values[one], values[other], rank), (one, other)


@pytest.mark.statistics
@pytest.mark.parametrize("sampling", samplers())
def test_a_correlated_number_keeps_its_distribution(sampling):
    """The share below each quantile is within 4 standard errors of its probability."""
    spec = correlated((BUDGET, SECRECY, 0.8), (BUDGET, GROWTH, -0.4))
    for path, values in draws(spec, sampling).items():
        for probability in (0.05, 0.5, 0.95):
            share = np.mean(values < spec.uncertain()[path].quantile(np.array([probability]))[0])
            assert within(share, probability, np.sqrt(probability * (1.0 - probability) / WORLDS)), path


def test_what_is_not_correlated_is_drawn_as_before():
    alone, joined = draws(correlated()), draws(correlated((OPENNESS, SECRECY, 0.9)))
    np.testing.assert_array_equal(joined[BUDGET], alone[BUDGET])
    np.testing.assert_array_equal(joined[GROWTH], alone[GROWTH])


@pytest.mark.parametrize("pair", [(SECRECY, OPENNESS), (OPENNESS, SECRECY)])
def test_the_first_of_a_pair_is_drawn_as_before(pair):
    """The second follows it. The first is that which the schema has first, however the pair is written."""
    alone, joined = draws(correlated()), draws(correlated((*pair, 0.9)))
    assert joined[SECRECY] == pytest.approx(alone[SECRECY], rel=1e-9)
    assert np.abs(joined[OPENNESS] - alone[OPENNESS]).max() > 0.1


@pytest.mark.statistics
def test_numbers_are_correlated_as_written():
    """A doubling time that rises with openness is a growth that falls with it."""
    doubling = {"lognormal": {"p5": 0.5, "p95": 2}, "unit": "doubling years"}
    values = draws(correlated((OPENNESS, GROWTH, 0.6), budget_growth=doubling))
    assert rank_correlation_is(values[OPENNESS], values[GROWTH], -0.6)


def test_correlations_that_exclude_one_another_have_no_factor():
    """Three numbers cannot each run against the two others."""
    pairs = [(BUDGET, GROWTH, -0.6), (GROWTH, OPENNESS, -0.6), (BUDGET, OPENNESS, -0.6)]
    spec = correlated(*pairs[:2])
    together = correlated((*pairs[0][:2], -0.4), (*pairs[1][:2], -0.4), (*pairs[2][:2], -0.4))
    assert gaussian_correlation(together)[1] is not None
    impossible = spec.model_copy(update={"correlations": [*spec.correlations, *correlated(pairs[2]).correlations]})
    assert gaussian_correlation(impossible)[1] is None


def shared(*pairs):
    """Two policies with the same uncertain number of a measure, and some `pairs` of (one, other, rank)."""
    measure = {"measure": "security_standard", "least_security": EVEN}
    return scenario(
        actor_classes={"lab": {"openness": EVEN}},
        policies={name: {"measures": [measure]} for name in ("weak", "strong")},
        correlations=[{"between": [one, other], "rank": rank} for one, other, rank in pairs],
    )


WEAK, STRONG = (f"policies.{name}.security_standard.least_security" for name in ("weak", "strong"))


def test_a_number_of_a_measure_has_the_same_draw_in_every_policy():
    values = draws(shared())
    np.testing.assert_array_equal(values[WEAK], values[STRONG])


@pytest.mark.parametrize("one", [WEAK, STRONG])
def test_a_correlated_number_of_a_measure_has_the_same_draw_in_every_policy(one):
    """What correlates with it under one policy does so under all, or policies would see different luck."""
    values = draws(shared((OPENNESS, one, 0.6)))
    assert rank_correlation_is(values[OPENNESS], values[one], 0.6)
    np.testing.assert_array_equal(values[WEAK], values[STRONG])
