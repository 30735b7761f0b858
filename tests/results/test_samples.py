"""Single futures that are kept: their means are those of the counts, and keeping them changes nothing."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from helpers import run, scenario
from small_run import FUTURES, SEED, WORLDS

import engine
from engine.results.samples import add_samples
from engine.scenario import WorldSampler

OF_FUTURES = ["world", "future"]
#: float32 of years near 2030, and of durations near 10.
ROUNDING, OF_DURATIONS = 2e-4, 2e-6


@pytest.fixture(scope="module")
def followed(governed):
    """The small run under all policies, with samples and paths."""
    return engine.simulate(governed, WORLDS, FUTURES, SEED, keep="prices")


def counted_alone(kept):
    """What a dataset with samples has besides them."""
    return kept.drop_dims(["world", "future", "parameter", "year", "actor", "investment"], errors="ignore").drop_vars(
        "malicious"
    )


# Means.


def test_mean_losses_and_benefits_are_those_of_the_counts(compared):
    """Both are sums of whole thousands of US$, under every policy."""
    mean = compared[["future_loss", "future_benefit"]].mean(OF_FUTURES)
    np.testing.assert_allclose(mean.future_loss, compared.loss_mean.sel(period="total"), rtol=1e-12)
    np.testing.assert_allclose(mean.future_benefit, compared.benefit_mean, rtol=1e-12)
    assert (mean.future_loss > 0.0).all()
    assert (mean.future_benefit > 0.0).all()


def test_mean_exposure_and_incidents_are_those_of_the_counts(compared):
    """Exposure is summed in units of half a minute, rounded down; incidents are whole numbers."""
    dangerous = compared.sel(capability="early")
    exposure = dangerous.future_exposure.astype(float).mean(OF_FUTURES)
    np.testing.assert_allclose(exposure, dangerous.exposure_mean + 2.0**-21, atol=2.0**-21 + OF_DURATIONS)
    incidents = dangerous.future_incidents.astype(float).mean(OF_FUTURES)
    np.testing.assert_allclose(incidents, dangerous.incidents_mean, rtol=1e-12)
    assert (exposure > 0.1).all()
    assert (incidents > 0.1).all()


def test_mean_access_is_that_of_the_counts(followed):
    np.testing.assert_allclose(followed.future_access.mean(OF_FUTURES), followed.actors_with_access_mean, rtol=1e-12)
    assert int(followed.future_access.max()) == 4


def test_models_that_reach_a_capability_and_a_threshold_are_at_most_those_that_reach_either(followed):
    """And more reach the lower requirement, in every future; the threshold tells them apart."""
    reaching, caught = followed.future_runs_reaching, followed.future_runs_caught
    above = followed.runs_above_mean.sel(time=followed.year.values).rename(time="year")
    assert (caught.mean(OF_FUTURES) <= above + 1e-9).all()
    assert (caught <= reaching).all()
    assert (caught.diff("threshold") <= 0).all()
    assert (reaching.sel(capability="late") <= reaching.sel(capability="early")).all()
    assert (followed.future_attaining <= reaching).all()
    assert (followed.future_attaining_caught <= caught).all()
    assert 0 < int(caught.sel(threshold=1e28).max()) < int(reaching.max())


def test_the_best_of_a_class_is_the_best_of_its_actors(followed):
    """Their 5%, 50% and 95% quantiles, whose bins are 0.05 OOM wide; a class without a model is below all."""
    best = followed.future_effective_compute.fillna(-np.inf).groupby("class_of_actor").max("actor")
    quantiles = [0.05, 0.5, 0.95]
    expected = best.quantile(quantiles, OF_FUTURES, method="inverted_cdf").rename(class_of_actor="actor_class")
    expected = expected.where(np.isfinite(expected))
    measured = followed.effective_compute.sel(quantile=quantiles, time=followed.year.values).rename(time="year")
    expected, measured = xr.align(expected, measured)
    np.testing.assert_array_equal(expected.isnull(), measured.transpose(*expected.dims).isnull())
    assert float(abs(expected - measured).max()) <= 0.05
    assert 0.1 < float(expected.notnull().mean()) < 1.0


# What is NaN.


def test_harm_is_nan_for_valuable_capabilities_alone(compared):
    for name in ("future_exposure", "future_incidents"):
        assert compared[name].sel(capability="early").notnull().all()
        assert compared[name].sel(capability="late").isnull().all()
    assert compared.defence_ready.sel(capability="late").isnull().all()


def test_a_time_is_nan_exactly_where_it_is_not_within_the_horizon(compared):
    within = compared.attainment_time.notnull().mean(OF_FUTURES)
    np.testing.assert_allclose(within, compared.attainment_probability.isel(time=-1), rtol=1e-12)
    for name in ("attainment_time", "defence_ready"):
        known = compared[name].values[compared[name].notnull()]
        assert 0 < known.size < compared[name].size
        assert 2020.0 <= known.min() <= known.max() <= 2032.0 + ROUNDING


def test_nothing_else_is_nan(followed):
    """But for actors without a model, and capabilities that no run reaches or that none has reached."""
    for name in (
        *("future_loss", "future_benefit", "theft_probability", "future_access", "future_spending"),
        *("future_runs_reaching", "future_runs_caught", "future_attaining", "future_attaining_caught"),
        *("effective_compute_bought", "capability_cost", "capability_compute"),
    ):
        assert followed[name].notnull().all(), name
    known = followed.future_effective_compute.notnull().astype(int)
    assert (known.diff("year") >= 0).all()
    assert 0.0 < float(known.mean()) < 1.0
    no_one = followed.future_runs_reaching.isel(year=-1) == 0
    late = followed.effective_compute_at_first.isnull().all("actor_class")
    assert not (late & ~no_one).any()


def test_exposure_is_from_malicious_access_until_a_defence(compared):
    """Of the outsider, the one malicious class; from the samples, in every future."""
    assert list(compared.malicious.values) == [0, 0, 1]
    early = compared.sel(capability="early")
    accessed = early.attainment_time.sel(actor_class="outsider").astype(float).fillna(2032.0)
    ready = early.defence_ready.astype(float).fillna(2032.0)
    expected = (ready - accessed).clip(min=0.0)
    assert float(abs(early.future_exposure - expected).max()) < 2.0 * ROUNDING


def test_no_loss_without_an_incident(compared):
    incidents = compared.future_incidents.sel(capability="early")
    np.testing.assert_array_equal(compared.future_loss.where(incidents == 0.0, 0.0), 0.0)
    assert 0.0 < float((incidents == 0.0).mean()) < 1.0


# Keeping changes nothing.


def test_counts_are_the_same_to_the_bit_whatever_is_kept(governed, compared, followed):
    alone = engine.simulate(governed, WORLDS, FUTURES, SEED)
    xr.testing.assert_identical(alone.drop_attrs(), counted_alone(compared).drop_attrs())
    xr.testing.assert_identical(alone.drop_attrs(), counted_alone(followed).drop_attrs())
    shared = list(compared.variables)
    xr.testing.assert_identical(followed[shared].drop_attrs(), compared[shared].drop_attrs())


@pytest.mark.parametrize("chunk", [1, 17, 64, 100_000])
def test_chunks_and_threads_do_not_change_a_bit_of_what_is_kept(governed, chunk):
    """Chunks within a world, of several worlds and of all, over three threads; under four policies of five."""
    names = ["baseline", "brake", "caution", "support"]

    def kept(**how):
        return run(WorldSampler(governed, 9, SEED), 25, names, kept="prices", **how)[1]

    whole, parts = kept(threads=1), kept(threads=3, chunk=chunk)
    for name, expected, found in zip(whole._fields, whole, parts, strict=True):
        assert expected.size, name
        np.testing.assert_array_equal(expected, found, err_msg=name)


def test_a_policy_is_the_same_whichever_are_played_beside_it(governed, followed):
    """Each alone with the baseline, so that what is left of other futures in the arrays does not matter."""
    for name in ("caution", "support", "brake", "idle"):
        pair = engine.simulate(governed, WORLDS, FUTURES, SEED, policies=[name], keep="prices")
        xr.testing.assert_equal(pair, followed.sel(policy=["baseline", name]))


def test_a_policy_that_never_begins_changes_no_path(followed):
    xr.testing.assert_equal(followed.sel(policy="idle", drop=True), followed.sel(policy="baseline", drop=True))


def test_nothing_is_kept_unless_wanted(rich):
    sampler = WorldSampler(rich, 2, SEED)
    _, samples = run(sampler, 3)
    assert all(kept.size == 0 for kept in samples)
    dataset = xr.Dataset({"x": 1.0})
    xr.testing.assert_identical(add_samples(dataset, samples, sampler), dataset)


def test_outcomes_alone_are_kept_without_paths(kept):
    assert not {"year", "actor", "investment"} & set(kept.dims)
    assert "future_access" not in kept


def test_without_prices_all_else_of_paths_is_the_same(governed, followed):
    """To the bit; what money would have bought is left out, with its investments."""
    cheap = engine.simulate(governed, WORLDS, FUTURES, SEED, keep="paths")
    left_out = ["effective_compute_bought", "capability_cost", "capability_compute"]
    xr.testing.assert_equal(cheap, followed.drop_vars([*left_out, "investment"]))


def test_sizes_alone_are_those_of_paths(governed, followed):
    """To the bit, under every policy; runs are recorded one by one under a relative cap, else many at once."""
    sizes = engine.simulate(governed, WORLDS, FUTURES, SEED, keep="sizes")
    xr.testing.assert_identical(sizes, followed[list(sizes.variables)].assign_attrs(sizes.attrs))
    assert "future_access" not in sizes
    assert int(sizes.future_open_models.max()) > 0


def test_paths_have_coordinates_of_the_scenario(followed, governed):
    assert list(followed.actor.values) == ["lab 1", "lab 2", "follower 1", "outsider 1"]
    assert list(followed.class_of_actor.values) == ["lab", "lab", "follower", "outsider"]
    assert list(followed.represents.values) == [1, 1, 1, 1]
    np.testing.assert_array_equal(followed.year, np.arange(2020.0, 2033.0))
    np.testing.assert_array_equal(followed.investment, governed.output.investments)


def test_years_end_with_the_last_whole_one():
    """From 2020.5 to 2023.25 these are 2020.5, 2021.5 and 2022.5."""
    paths = engine.simulate(scenario(start=2020.5, horizon=2023.25), 1, 1, keep="prices")
    np.testing.assert_array_equal(paths.year, [2020.5, 2021.5, 2022.5])
    spent = paths.future_spending.sel(time=paths.year.values).squeeze()
    np.testing.assert_allclose(spent, [1e8, 2e8, 2e8], rtol=1e-12)


@pytest.mark.parametrize("numbers", [{"score_slope": 4.0, "score_ceiling": 80.0}, {}])
def test_paths_hold_the_numbers_of_the_score(numbers):
    paths = engine.simulate(scenario(performance=numbers), 3, 1, keep="prices")
    for name, default in (("score_origin", 26.0), ("score_slope", 10.0), ("score_ceiling", np.inf)):
        np.testing.assert_array_equal(paths[name], [numbers.get(name, default)] * 3)


def test_a_class_is_malicious_that_attempts_misuse_in_some_world():
    rates = {"never": 0.0, "surely": 1e-9, "perhaps": {"uniform": {"low": 0.0, "high": 1.0}}}
    spec = scenario(actor_classes={name: {"attempt_rate": rate} for name, rate in rates.items()})
    assert list(engine.simulate(spec, 1, 1, keep="samples").malicious.values) == [0, 1, 1]
