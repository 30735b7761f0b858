"""The same seed gives the same numbers on every Python, and with every version of the libraries that is allowed.

Guards against a kind of fault: results that change with what happens to be installed, and nobody notices.
"""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from engine.results.provenance import content_id

pytestmark = pytest.mark.quick

#: Whoever changes what happens in a future changes these, and says so in the change log.
FUTURES = "3126380474be4616199d7a0045ac8ca459c09ec949aef5b6401d51974a820701"
PARAMETERS = "245be71f5bf6c056db3d351f0a0b5845d34ea97754e57fe56a36f82c9e5e5829"
_TOLD = ["attainment_time", "future_loss", "future_benefit", "future_exposure", "attainment_time_quantile", "loss_mean"]


def test_the_futures_of_the_small_run_are_known(compared):
    """The id of what came of each, and of some statistics."""
    assert content_id(compared[_TOLD]) == FUTURES


def test_the_worlds_of_the_small_run_are_known(compared):
    """To nine decimals, for the last digits depend on the C library and on NumPy's choice of code by the CPU."""
    rounded = np.round(compared["parameters"].values, 9) + 0.0
    assert hashlib.sha256(rounded.tobytes()).hexdigest() == PARAMETERS
