"""Scores of models: unbounded, and under a ceiling."""

from __future__ import annotations

import math

import numpy as np
import pytest
import xarray as xr

from engine.statistics.performance_score import scores

EFFECTIVE = xr.DataArray([[20.0, 25.0, np.nan], [26.0, 27.0, 40.0]], dims=("world", "model"))


def worlds(origin, slope, ceiling):
    given = {"score_origin": origin, "score_slope": slope, "score_ceiling": ceiling}
    return xr.Dataset({name: ("world", np.array(values, dtype=float)) for name, values in given.items()})


@pytest.mark.known
def test_scores_are_the_plain_formula_with_the_numbers_of_each_world():
    """Linear, and logistic with the same slope at the origin; NaN, for no model, stays NaN."""
    found = scores(EFFECTIVE, worlds([25.0, 26.0], [10.0, 5.0], [80.0, math.inf]), 50.0)
    for world, (origin, slope, ceiling) in enumerate([(25.0, 10.0, 80.0), (26.0, 5.0, 50.0)]):
        distance = slope * (EFFECTIVE[world].values - origin)
        np.testing.assert_allclose(found["score_unbounded"].isel(world=world), distance, rtol=1e-14)
        logistic = ceiling / (1.0 + np.exp(-4.0 * distance / ceiling))
        np.testing.assert_allclose(found["score_with_ceiling"].isel(world=world), logistic, rtol=1e-12)
    assert np.isnan(found["score_with_ceiling"][0, 2])
    assert np.isnan(found["score_unbounded"][0, 2])


@pytest.mark.known
def test_a_scenarios_own_ceiling_is_kept():
    """That of the call stands in only where there is none."""
    own = worlds([26.0], [10.0], [30.0])
    for ceiling in (50.0, 1000.0):
        best = scores(xr.DataArray([[90.0]], dims=("world", "model")), own, ceiling)["score_with_ceiling"]
        assert float(best.squeeze()) == pytest.approx(30.0, rel=1e-6)


@pytest.mark.known
def test_both_scores_have_the_same_slope_at_the_origin():
    step = 1e-4
    near = xr.DataArray([[26.0 - step, 26.0 + step]], dims=("world", "model"))
    for score in scores(near, worlds([26.0], [7.0], [math.inf]), 40.0).values():
        assert float(score.diff("model").squeeze()) == pytest.approx(7.0 * 2.0 * step, rel=1e-6)


def test_scores_keep_dimensions_and_names():
    found = scores(EFFECTIVE.astype(np.float32), worlds([26.0] * 2, [10.0] * 2, [math.inf] * 2), 100.0)
    assert list(found) == ["score_unbounded", "score_with_ceiling"]
    assert {score.dims for score in found.values()} == {("world", "model")}
