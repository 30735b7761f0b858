"""Addressed randomness."""

from __future__ import annotations

import numpy as np
import pytest
from helpers import within
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from engine.rules.luck import (
    Stream,
    exponential,
    exponential_from,
    gamma,
    normal,
    philox,
    uniform,
    uniform_pair,
)

DRAWS = 20_000
SEED = 20_231_115
ADDRESS = {"seed": SEED, "world": 7, "future": 3, "stream": 5, "entity": 11, "index": 100}
#: A p-value that chance undercuts as seldom as it leaves 3 standard errors.
THREE_ERRORS = 0.0027


def uniform_at(**changed):
    at = ADDRESS | changed
    return uniform((at["seed"], at["world"], at["future"]), at["stream"], at["entity"], at["index"])


def draws(sample, *more, count=DRAWS):
    luck = (SEED, 0, 0)
    return np.array([sample(luck, 1, 2, index, *more) for index in range(count)])


def words(text):
    return tuple(np.uint64(int(word, 16)) for word in text.split())


@pytest.mark.known
@pytest.mark.parametrize(
    ("counter", "key", "expected"),
    [
        ("0 0 0 0", "0 0", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
        ("ffffffff " * 4, "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd"),
        ("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"),
    ],
    ids=["zeros", "ones", "digits of pi"],
)
def test_philox_gives_the_published_words(counter, key, expected):
    """Philox4x32-10, known-answer vectors of Random123 1.14 (Salmon et al. 2011), file kat_vectors."""
    assert philox(words(key), words(counter)) == words(expected)


def test_an_address_is_the_counter_and_the_key_of_philox():
    """key = seed; counter = (world, future, stream and entity, block); two uniforms of 52 bits a block."""
    seed, w, f, stream, entity, block = 0x299F31D0A4093822, 5, 6, 7, 8, 9
    counter = tuple(np.uint64(word) for word in (w, f, stream << 26 | entity, block))
    w0, w1, w2, w3 = map(int, philox(words("a4093822 299f31d0"), counter))
    expected = [((high << 20 | low >> 12) + 0.5) / 2**52 for high, low in ((w0, w1), (w2, w3))]
    assert list(uniform_pair((seed, w, f), stream, entity, block)) == expected


@given(block=st.integers(0, 2**31 - 1), entity=st.integers(0, 2**26 - 1), seed=st.integers(0, 2**63 - 1))
def test_a_block_holds_the_draws_at_two_neighbouring_indices(block, entity, seed):
    """Indices 2 b and 2 b + 1 share block b."""
    luck = (seed, 1, 2)
    pair = uniform_pair(luck, 3, entity, block)
    assert pair == (uniform(luck, 3, entity, 2 * block), uniform(luck, 3, entity, 2 * block + 1))
    assert all(0.0 < u < 1.0 for u in pair)


@pytest.mark.parametrize("part", list(ADDRESS))
@pytest.mark.parametrize("step", [1, 2, 64, 1 << 16])
def test_every_part_of_an_address_changes_the_draw(part, step):
    assert uniform_at(**{part: ADDRESS[part] + (step if part != "stream" else step % 50)}) != uniform_at()


def test_the_high_bits_of_the_seed_count():
    assert uniform_at(seed=SEED + (1 << 62)) != uniform_at()


@pytest.mark.statistics
@pytest.mark.parametrize("part", ["seed", "world", "future", "entity", "index"])
def test_draws_at_neighbouring_addresses_are_uncorrelated(part):
    """Correlation of 20,000 draws with the next ones along each part of the address: within 4 standard errors of 0."""
    u = np.array([uniform_at(**{part: n}) for n in range(DRAWS + 2)])
    for lag in (1, 2):
        assert within(np.corrcoef(u[:-lag], u[lag:])[0, 1], 0.0, 1.0 / np.sqrt(u.size - lag))


@pytest.mark.statistics
def test_draws_of_two_streams_are_uncorrelated():
    """Within 4 standard errors of 0, for every pair of streams."""
    count = 2_000
    u = np.array([[uniform_at(stream=int(stream), index=n) for n in range(count)] for stream in Stream])
    off_diagonal = np.corrcoef(u)[np.triu_indices(len(Stream), 1)]
    assert np.abs(off_diagonal).max() < 4.0 / np.sqrt(count)


@pytest.mark.statistics
@pytest.mark.parametrize(
    ("sample", "distribution"),
    [(uniform, stats.uniform()), (normal, stats.norm()), (exponential, stats.expon())],
    ids=["uniform", "normal", "exponential"],
)
def test_draws_have_their_distribution(sample, distribution):
    """Kolmogorov-Smirnov, 20,000 draws at a fixed seed: not beyond 3 standard errors (p above 0.0027)."""
    assert stats.kstest(draws(sample), distribution.cdf).pvalue > THREE_ERRORS


@pytest.mark.statistics
@pytest.mark.parametrize("shape", [0.05, 0.3, 1.0, 1.5, 7.0, 400.0])
def test_gamma_draws_have_their_distribution(shape):
    """Marsaglia & Tsang 2000, with their boost below shape 1: Kolmogorov-Smirnov as above."""
    assert stats.kstest(draws(gamma, shape), stats.gamma(shape).cdf).pvalue > THREE_ERRORS


@pytest.mark.statistics
def test_neighbouring_gamma_draws_are_uncorrelated():
    """Draw n uses blocks of its own: correlation with draw n + 1 within 4 standard errors of 0."""
    x = draws(gamma, 2.0)
    assert within(np.corrcoef(x[:-1], x[1:])[0, 1], 0.0, 1.0 / np.sqrt(DRAWS))


@pytest.mark.known
@given(u=st.floats(2.0**-53, 1.0 - 2.0**-53))
def test_an_exponential_is_survived_with_the_probability_it_is_made_from(u):
    """P(X > x) = exp(-x)."""
    assert np.exp(-exponential_from(u)) == pytest.approx(u, rel=1e-14)


def test_streams_keep_their_numbers():
    """A stream's number is part of every address: changing one changes all results ever published."""
    assert {stream.name: stream.value for stream in Stream} == {
        "PARAMETER": 0,
        "RELEASE_GAP": 1,
        "GENERATION_GAIN": 2,
        "FORMAT": 3,
        "BREAKTHROUGH_GAP": 4,
        "BREAKTHROUGH_KIND": 5,
        "BREAKTHROUGH_REACH": 6,
        "ADOPTION": 7,
        "COMMON_SHOCK": 8,
        "CLASS_SHOCK": 9,
        "ACTOR": 10,
        "RUN_PAUSE": 11,
        "REQUIREMENT": 12,
        "COMPLIANCE": 15,
        "LEARNING": 17,
        "DEFENCE": 18,
        "INCIDENT": 19,
        "PUBLICATION": 20,
        "SCRAMBLE": 21,
        "MODEL_THEFT": 22,
        "MODEL_EVALUATION": 23,
        "FORESIGHT": 24,
        "COMMON_REQUIREMENT": 25,
        "HOSTING": 26,
        "HOSTED_INCIDENT": 27,
        "EXIT": 28,
        "ENTRY": 29,
    }
