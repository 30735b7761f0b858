"""Values of many numbers at once, against those of each number alone."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import betaincinv

import engine
from engine.scenario import library
from engine.scenario.numbers import Quantity
from engine.scenario.quantiles import Quantiles
from engine.scenario.units import FRACTION

PROBABILITIES = np.concatenate([[2.0**-53, 1e-12, 1e-6], np.linspace(0.001, 0.999, 997), [1 - 1e-12, 1 - 2.0**-53]])


def beta(alpha, shape, **cut):
    return Quantity(FRACTION, 0.0, 1.0).parse({"beta": {"alpha": alpha, "beta": shape}, **cut})


@pytest.mark.known
@pytest.mark.parametrize("name", library.names())
def test_all_numbers_of_a_scenario_have_their_own_quantiles(name):
    """To the bit; betas, which are interpolated, to 1e-9."""
    numbers = list(engine.load_scenario(name).uncertain().values())
    if not numbers:
        pytest.skip("no number of this scenario is uncertain")
    found = Quantiles(numbers)(np.repeat(PROBABILITIES[:, np.newaxis], len(numbers), axis=1))
    for column, number in enumerate(numbers):
        alone = number.quantile(PROBABILITIES)
        if number.family == "beta":
            np.testing.assert_allclose(found[:, column], alone, rtol=1e-9, err_msg=str(number))
        else:
            np.testing.assert_array_equal(found[:, column], alone, err_msg=str(number))


@pytest.mark.known
@pytest.mark.parametrize(
    ("alpha", "shape"),
    [(1.0, 1.0), (0.5, 0.5), (0.05, 0.05), (0.1, 30.0), (0.7, 3.0), (2.0, 5.0), (1e4, 1e4), (3e3, 2.0)],
)
def test_a_beta_is_interpolated_or_computed_as_its_skewness_allows(alpha, shape):
    """From 1e-12 on, where a value can be smaller than any number."""
    p = PROBABILITIES[1:-2]
    found = Quantiles([beta(alpha, shape)])(p[:, np.newaxis])[:, 0]
    np.testing.assert_allclose(found, betaincinv(alpha, shape, p), rtol=1e-8, atol=1e-300)
    assert np.all(np.diff(found) >= 0.0)


def test_a_cut_number_stays_within_its_cut():
    """At every probability, and the cut halves its distribution."""
    number = beta(2.0, 2.0, min=0.5)
    found = Quantiles([number])(PROBABILITIES[:, np.newaxis])[:, 0]
    assert found.min() >= 0.5
    np.testing.assert_allclose(found, number.quantile(PROBABILITIES), rtol=1e-8)


def test_a_value_does_not_depend_on_what_is_computed_with_it():
    """Neither on other worlds nor on other numbers."""
    numbers = list(engine.load_scenario("baseline").uncertain().values())
    p = np.random.default_rng(3).random((37, len(numbers)))
    whole = Quantiles(numbers)(p)
    np.testing.assert_array_equal(Quantiles(numbers)(p[5:6]), whole[5:6])
    np.testing.assert_array_equal(Quantiles(numbers[7:9])(p[:, 7:9]), whole[:, 7:9])
