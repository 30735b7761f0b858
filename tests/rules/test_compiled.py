"""Kernels that compiled code calls by pointer."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

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
