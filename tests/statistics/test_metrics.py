"""Metrics of single futures: what they are made of, which direction is better, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from stress_data import assert_labels

import engine
from engine.statistics.metrics import LEAST_MONEY, USUAL, metric_names, outcomes


def test_usual_metrics_have_the_means_of_the_results(compared):
    """Means over all futures are those that the results give from their counts."""
    means = outcomes(compared).mean(("world", "future"))
    assert list(means) == list(USUAL)
    dangerous = compared.sel(capability=compared.capability_kind == "dangerous")
    for name, expected in {
        "exposure": dangerous.exposure_mean.sum("capability"),
        "incidents": dangerous.incidents_mean.sum("capability"),
        "loss": compared.loss_mean.sel(period="total"),
        "benefit": compared.benefit_mean,
    }.items():
        np.testing.assert_allclose(means[name], expected, rtol=1e-6, err_msg=name)


def test_metrics_are_what_their_names_say(compared):
    """Money less money, logarithms with a floor, one capability, and years with the horizon for none."""
    horizon = float(compared.time[-1])
    names = ["net_benefit", "loss_oom", "benefit_oom", "exposure.early", "attainment.follower.late"]
    made = outcomes(compared, names)
    loss, benefit = compared.future_loss.values, compared.future_benefit.values
    np.testing.assert_array_equal(made["net_benefit"], benefit - loss)
    np.testing.assert_allclose(10.0 ** made["loss_oom"], np.where(loss > LEAST_MONEY, loss, LEAST_MONEY))
    np.testing.assert_allclose(10.0 ** made["benefit_oom"], np.maximum(benefit, LEAST_MONEY))
    np.testing.assert_array_equal(made["exposure.early"], compared.future_exposure.sel(capability="early"))
    years = compared.attainment_time.sel(actor_class="follower", capability="late").values
    assert np.isnan(years).any()
    np.testing.assert_array_equal(made["attainment.follower.late"], np.where(np.isnan(years), horizon, years))


def test_every_metric_is_finite_and_says_which_direction_is_better(compared, tmp_path):
    """All there are; they survive netCDF with long names and units."""
    made = outcomes(compared, metric_names(compared))
    better = {name: values.attrs["better"] for name, values in made.items()}
    assert better["attainment.lab.early"] == "more"
    assert better["attainment.lab.late"] == "less"
    assert better["loss"] == better["exposure"] == "less"
    assert better["net_benefit"] == "more"
    assert all(np.isfinite(values).all() for values in made.values())
    assert all(values.dims == ("policy", "world", "future") for values in made.values())
    assert_labels(made)
    made.to_netcdf(tmp_path / "outcomes.nc")


def test_a_scenario_without_harm_has_no_metrics_of_it():
    results = engine.simulate(engine.load_scenario("minimal"), 3, 2, keep="samples")
    known = metric_names(results)
    assert "benefit" in known
    assert not {"loss", "exposure", "incidents"} & set(known)
    assert list(outcomes(results)) == ["benefit"]


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["exposre"], "there is no metric 'exposre'; did you mean 'exposure'?"),
        (["attainment.lab.erly"], "did you mean 'attainment.lab.early'?"),
        ([], "no metric is named; use one of: loss"),
    ],
)
def test_unknown_metrics_are_refused_with_the_nearest(compared, names, words):
    with pytest.raises(ValueError, match="metric") as error:
        outcomes(compared, names)
    assert words in str(error.value)


def test_results_without_single_futures_are_refused(governed):
    with pytest.raises(ValueError, match="contain no single futures; simulate with keep='samples'"):
        outcomes(engine.simulate(governed, 2, 2))
