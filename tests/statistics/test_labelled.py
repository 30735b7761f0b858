"""Labelled datasets: outcomes as one array, and the parameters that can matter to policies."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from stress_data import parameters_of

from engine.errors import InputError
from engine.statistics.labelled import constant, factor_coordinate, outcome_coordinates, own_parameters, stacked

OUTCOMES = xr.Dataset(
    {
        "loss": (("world", "future"), [[1.0, 2.0], [3.0, 4.0]], {"long_name": "a loss", "units": "US$"}),
        "late": (("future", "world"), np.array([[5, 6], [7, 8]])),
    }
)


def test_outcomes_are_stacked_whatever_the_order_of_their_dimensions():
    found = stacked(OUTCOMES, "world", "future")
    np.testing.assert_array_equal(found, [[[1.0, 2.0], [3.0, 4.0]], [[5.0, 7.0], [6.0, 8.0]]])
    assert found.dtype == np.float64


@pytest.mark.parametrize(
    ("outcomes", "refusal"),
    [
        (xr.Dataset(), "there are no outcomes"),
        (OUTCOMES.isel(future=0), r"outcome 'loss' has the dimensions \(world\); it must have \(world, future\)"),
        (OUTCOMES.where(OUTCOMES.loss < 4.0), "outcome 'loss' has values that are not finite"),
        (OUTCOMES[["late"]] / 0.0, "outcome 'late' has values that are not finite"),
    ],
)
def test_outcomes_that_cannot_be_stacked_are_refused(outcomes, refusal):
    with pytest.raises(InputError, match=refusal):
        stacked(outcomes, "world", "future")


def test_outcomes_have_their_names_and_units():
    found = {name: list(values) for name, (_, values, _, _) in outcome_coordinates(OUTCOMES).items()}
    assert found == {
        "outcome": ["loss", "late"],
        "outcome_long_name": ["a loss", "late"],
        "outcome_units": ["US$", "1"],
    }


def test_names_of_factors_differ():
    assert list(factor_coordinate(["a", "b"])["factor"][1]) == ["a", "b"]
    with pytest.raises(InputError, match="names of factors must differ, not be a, b, a"):
        factor_coordinate(["a", "b", "a"])


@pytest.mark.parametrize(
    ("values", "same"),
    [
        ([2.0, 2.0], True),
        ([2.0, 2.0 * (1.0 + 5e-13)], True),
        ([2.0, 2.0 * (1.0 + 2e-12)], False),
        ([-2.0, 2.0], False),
        ([-1e6, -1e6 - 1e-7], True),
        ([0.0, 0.0], True),
        ([0.0, 1e-300], False),
    ],
)
def test_what_is_the_same_but_for_rounding(values, same):
    """By a millionth of a millionth of the largest."""
    assert constant(np.array(values)) is same


def test_parameters_of_other_policies_and_those_that_never_vary_are_left_out():
    names = ["a.first", "policies.one.cap", "policies.two.cap", "a.same", "policies.one.same"]
    parameters = parameters_of([[1, 2, 3, 4, 5], [1, 3, 4, 4, 5], [2, 2, 3, 4, 5]], names)
    for policies, kept in (
        ([], ["a.first"]),
        (["baseline", "one"], ["a.first", "policies.one.cap"]),
        (["one", "two"], names[:3]),
        (["on"], ["a.first"]),
    ):
        assert list(own_parameters(parameters, policies).parameter.values) == kept
        np.testing.assert_array_equal(own_parameters(parameters, policies)[:, 0], [1, 1, 2])
