"""Futures told as examples are as near to the medians, and as bad, as is said of them."""

from __future__ import annotations

import numpy as np
import pytest

from engine.analyses.timelines.representative_futures import bad_future, from_median, typical_future


def test_distance_from_the_median_is_a_share_of_values():
    np.testing.assert_allclose(from_median([1.0, 2.0, 3.0, 4.0, 5.0]), [0.3, 0.1, 0.0, 0.1, 0.3])


def test_what_equals_the_median_is_at_no_distance_however_many_are_alike():
    np.testing.assert_array_equal(from_median([0.0, 0.0, 0.0, 7.0]), [0.0, 0.0, 0.0, 0.25])


def test_a_bad_future_stands_at_the_percentile_of_loss(kept):
    bad = bad_future(kept, level=0.9)
    losses = kept["future_loss"].sel(policy="baseline")
    assert (bad.metric, bad.units) == ("loss", "US$")
    assert bad.value == float(losses.sel(world=bad.world, future=bad.future))
    assert bad.value == float(np.quantile(losses.values, 0.9, method="inverted_cdf"))


def test_where_nothing_is_lost_a_bad_future_is_long_exposed(kept):
    lossless = kept.assign(future_loss=0.0 * kept["future_loss"])
    bad = bad_future(lossless)
    exposed = kept["future_exposure"].sel(policy="baseline").sum("capability")
    assert (bad.metric, bad.units) == ("exposure", "years")
    assert bad.value == pytest.approx(float(np.quantile(exposed.values, 0.99, method="inverted_cdf")))


def test_there_is_no_bad_future_where_all_are_alike(kept):
    names = ("future_loss", "future_exposure", "future_incidents", "future_benefit")
    assert bad_future(kept.assign({name: 0.0 * kept[name] for name in names})) is None


def test_a_typical_future_is_nearer_to_the_medians_than_most(kept):
    typical = typical_future(kept)
    one = kept.sel(policy="baseline")
    for name in ("future_loss", "future_benefit"):
        values = one[name]
        here = float(values.sel(world=typical.world, future=typical.future))
        assert np.quantile(values, 0.25) <= here <= np.quantile(values, 0.75), name


def test_the_future_that_has_every_median_is_the_typical_one(kept):
    planted = kept.copy(deep=True)
    where = {"world": 17, "future": 3, "policy": 0}
    for name in ("future_loss", "future_benefit", "future_exposure", "future_incidents"):
        planted[name][where] = planted[name].isel(policy=0).quantile(0.5, ("world", "future"), skipna=False).values
    horizon = float(kept["time"][-1])
    first = planted["attainment_time"].isel(policy=0).fillna(horizon).min("actor_class")
    planted["attainment_time"][where] = first.quantile(0.5, ("world", "future"), skipna=False).values
    typical = typical_future(planted)
    assert (typical.world, typical.future) == (17, 3)


def test_addresses_are_labels_not_places(kept):
    part = kept.isel(world=slice(20, None), future=slice(5, None))
    for example in (typical_future(part), bad_future(part)):
        assert example.world in part["world"].values
        assert example.future in part["future"].values


def test_results_without_single_futures_are_refused(kept):
    names = [name for name in kept.data_vars if "world" in kept[name].dims]
    with pytest.raises(ValueError, match=r"keep=.samples"):
        typical_future(kept.drop_vars(names))
