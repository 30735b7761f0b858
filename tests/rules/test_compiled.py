"""Kernels that compiled code calls by pointer."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
from numba import njit
from numba.core import errors

from engine.rules.compiled import standalone


class Steps(NamedTuple):
    """A group of kernels."""

    double: object


@standalone
def double(values: np.ndarray, n: int) -> float:
    values[n] *= 2.0
    return values[n]


@standalone
def twice(values: np.ndarray, steps: Steps) -> float:
    return steps.double(values, 0) + steps.double(values, 0)


@njit
def call(kernel, values, steps):
    return kernel(values, steps)


def test_a_kernel_is_an_argument_of_its_caller_and_so_are_those_that_it_calls():
    values = np.array([1.0, 5.0])
    given = {"values": values, "steps": Steps(double)}
    found = call(twice.pointer(given), values, Steps(double.pointer(given)))
    assert found == 6.0
    np.testing.assert_array_equal(values, [4.0, 5.0])


def test_a_kernel_is_compiled_once_for_each_type_of_its_arguments():
    first = double.pointer({"values": np.zeros(2)})
    assert double.pointer({"values": np.ones(3)}) is first
    assert double.pointer({"values": np.zeros(2, np.float32)}) is not first


def test_types_are_looked_at_once():
    """Afterwards values are not asked for; another type in a call is an error, not another result."""

    @standalone
    def first(values: np.ndarray) -> float:
        return values[0]

    pointer = first.once(lambda: {"values": np.ones(2)})
    assert first.once(lambda: 1 / 0) is pointer

    @njit
    def call_first(kernel, values):
        return kernel(values)

    assert call_first(pointer, np.ones(2)) == 1.0
    with pytest.raises((errors.TypingError, ValueError), match="mismatch of argument types"):
        call_first(pointer, np.ones((2, 2)))
