"""Metrics of single futures: what they are made of, which direction is better, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from stress_data import assert_labels

import engine
from engine.errors import InputError
from engine.registry import ExtensionError
from engine.statistics import metrics
from engine.statistics.metrics import (
    LEAST_MONEY,
    USUAL,
    Metric,
    is_heavy_tailed,
    metric_differences,
    metric_names,
    outcomes,
)


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
    with pytest.raises(ValueError, match=r"contain no single futures \(future_loss\); simulate with keep='samples'"):
        outcomes(engine.simulate(governed, 2, 2))


def test_differences_from_the_baseline_are_those_of_the_results(compared):
    """Means over all futures, and paired differences; the baseline does not differ from itself."""
    found = metric_differences(compared, ["loss", "benefit"])
    assert metric_differences(compared, []) == {}
    total = compared.sel(period="total")
    for name, results in (("loss", total), ("benefit", compared)):
        np.testing.assert_allclose(found[name]["mean"], results[f"{name}_mean"], rtol=1e-9)
        np.testing.assert_allclose(found[name]["difference"], results[f"{name}_mean_difference"], rtol=1e-9, atol=1e-3)
        assert float(found[name]["difference_se"].sel(policy="baseline")) == 0.0
        assert float(found[name]["difference_se"].sel(policy="brake")) > 0.0
        assert {part.attrs["units"] for part in found[name].values()} == {"US$"}
    by_world = compared.future_loss.sel(policy="brake").mean("future").astype(float)
    by_replicate = np.array([by_world[r::16].sum() - by_world.mean() * by_world[r::16].size for r in range(16)])
    error = np.sqrt(16.0 / 15.0 * (by_replicate**2).sum()) / by_world.size
    assert float(found["loss"]["mean_se"].sel(policy="brake")) == pytest.approx(error, rel=1e-6)


def added(monkeypatch, **values):
    """Metrics of another package that give these values."""
    made = {name: Metric(value, name, "1", "more", heavy_tailed=True) for name, value in values.items()}
    monkeypatch.setattr(metrics, "registered", lambda *_: made)


def test_a_few_futures_may_dominate_losses_and_what_says_so_of_itself(monkeypatch):
    own = {name: is_heavy_tailed(name) for name in ("loss", "net_benefit", "loss_oom", "benefit", "incidents")}
    assert own == {"loss": True, "net_benefit": True, "loss_oom": False, "benefit": False, "incidents": False}
    added(monkeypatch, mine=lambda results: results.future_loss)
    assert is_heavy_tailed("mine")
    assert not Metric(lambda results: results.future_loss, "", "1", "less").heavy_tailed


@pytest.mark.parametrize(
    ("name", "value", "refusal"),
    [
        ("mine", lambda results: results.future_loss.mean("future"), "not values over {'policy': 5, 'world': 40}"),
        ("mine", lambda results: results.future_loss * np.nan, "must give a finite number for every"),
        ("mine", lambda results: 3.0, "as an xarray.DataArray, not a float"),
        ("mine", lambda results: results.future_loss.astype(str), "some values are not"),
        (
            "mine",
            lambda results: results.future_loss.isel(world=[0, 1]),
            "not values over {'policy': 5, 'world': 2, 'future': 25}",
        ),
    ],
)
def test_a_metric_of_another_package_that_does_not_fit_is_refused(compared, monkeypatch, name, value, refusal):
    added(monkeypatch, **{name: value})
    with pytest.raises(ExtensionError, match=refusal):
        outcomes(compared, [name])


def test_a_metric_says_whether_less_or_more_of_it_is_better():
    with pytest.raises(InputError, match="must say whether 'less' or 'more' of it is better, not 'odd'"):
        Metric(lambda results: results.future_loss, "", "1", "odd")


def test_names_of_metrics_are_taken_and_others_must_be_functions_of_results(monkeypatch):
    given = []
    monkeypatch.setattr(metrics, "registered", lambda *all_of_it: given.append(all_of_it) or {})
    assert metrics.added_metrics() == {}
    [(group, reserved, wrong)] = given
    assert group == "engine.metrics"
    assert {"loss", "loss_oom", "benefit", "net_benefit", "benefit_oom", "exposure", "incidents"} == reserved
    assert wrong("mine", len).startswith("must be an engine.statistics.metrics.Metric, not ")
    assert "function of (results)" in wrong("mine", Metric(lambda: 1.0, "", "1", "less"))
    assert wrong("mine", Metric(lambda results: results.future_loss, "", "1", "less")) == ""
