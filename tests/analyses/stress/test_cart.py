"""Trees that are grown once and cut at each depth, against trees of that depth."""

from __future__ import annotations

import numpy as np
import pytest

from engine.analyses.stress.cart import _chances, _fitted

pytestmark = pytest.mark.known


def test_a_tree_cut_at_a_depth_is_the_tree_of_that_depth():
    """The shares of failing worlds that scikit-learn predicts for trees of depth 1 and 2, and the mean for none."""
    rng = np.random.default_rng(7)
    x = rng.random((400, 6))
    failing = (x[:, 1] > 0.7) & (x[:, 4] < 0.5) | (rng.random(400) < 0.1)
    others = rng.random((50, 6))
    found = _chances(_fitted(x, failing, 2, 0.05), others, 2)
    assert found.shape == (3, 50)
    np.testing.assert_allclose(found[0], failing.mean(), rtol=1e-12)
    for depth in (1, 2):
        expected = _fitted(x, failing, depth, 0.05).predict_proba(others)[:, 1]
        np.testing.assert_allclose(found[depth], expected, rtol=1e-12)
        assert len(set(expected)) == 2**depth
