"""The dataset: labels, and that counts on grids say what the single futures say."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import xarray as xr
from helpers import error_of_groups, scenario, world
from small_run import FUTURES, SEED, WORLDS

import engine
from engine.montecarlo.tally import COARSE, EFFECTIVE_BINS, EFFECTIVE_LOW, EFFECTIVE_WIDTH, FINE
from engine.results import dataset
from engine.results.standard_errors import confidence_multiple, distribution_spread, quantile_standard_error
from engine.rules.performance import performance_score
from engine.scenario import WorldSampler

#: docs/results.md
DIMENSIONS = {
    "attainment_probability": ("policy", "actor_class", "capability", "time"),
    "attainment_probability_difference": ("policy", "actor_class", "capability", "time"),
    "attainment_delay": ("policy", "actor_class", "capability"),
    "attainment_time_quantile": ("policy", "actor_class", "capability", "quantile"),
    "attainment_route": ("policy", "actor_class", "capability", "route"),
    "first_attainer": ("policy", "capability", "actor_class"),
    "lead_time": ("policy", "capability", "actor_class", "quantile"),
    "actors_with_access": ("policy", "capability", "time", "quantile"),
    "actors_with_access_mean": ("policy", "capability", "time"),
    "effective_compute": ("policy", "actor_class", "time", "quantile"),
    "performance_score": ("policy", "actor_class", "time", "quantile"),
    "runs_above": ("policy", "threshold", "time", "quantile"),
    "runs_above_mean": ("policy", "threshold", "time"),
    "exposure": ("policy", "capability", "quantile"),
    "exposure_mean": ("policy", "capability"),
    "incidents_mean": ("policy", "capability"),
    "loss_mean": ("policy", "period"),
    "loss_quantile": ("policy", "period", "quantile"),
    "loss_largest_share": ("policy", "period"),
    "loss_exceedance": ("policy", "period", "loss"),
    "value_at_risk": ("policy", "period", "level"),
    "expected_shortfall": ("policy", "period", "level"),
    "benefit": ("policy", "quantile"),
    "benefit_mean": ("policy",),
    "use_probability": ("policy", "actor_class", "capability", "time"),
    "use_time_quantile": ("policy", "actor_class", "capability", "quantile"),
    "users_mean": ("policy", "capability", "time"),
    "hosted_incidents_mean": ("policy", "capability"),
    "hosted_loss_mean": ("policy",),
    "hosted_benefit_mean": ("policy",),
}
#: With samples.
OUTCOMES = {
    "attainment_time": ("policy", "world", "future", "actor_class", "capability"),
    "use_time": ("policy", "world", "future", "actor_class", "capability"),
    "future_hosted_incidents": ("policy", "world", "future", "capability"),
    "future_hosted_loss": ("policy", "world", "future"),
    "future_hosted_benefit": ("policy", "world", "future"),
    "future_loss": ("policy", "world", "future"),
    "future_benefit": ("policy", "world", "future"),
    "future_exposure": ("policy", "world", "future", "capability"),
    "future_incidents": ("policy", "world", "future", "capability"),
    "defence_ready": ("policy", "world", "future", "capability"),
    "theft_probability": ("policy", "world", "future", "actor_class", "capability"),
    "dangerous_theft_probability": ("policy", "world", "future", "actor_class"),
    "parameters": ("world", "parameter"),
}
#: With paths.
PATHS = {
    "future_access": ("policy", "world", "future", "capability", "time"),
    "future_effective_compute": ("policy", "world", "future", "actor", "year"),
    "future_spending": ("policy", "world", "future", "actor_class", "time"),
    "future_runs_reaching": ("policy", "world", "future", "capability", "year"),
    "future_runs_caught": ("policy", "world", "future", "capability", "threshold", "year"),
    "future_attaining": ("policy", "world", "future", "capability", "year"),
    "future_attaining_caught": ("policy", "world", "future", "capability", "threshold", "year"),
    "effective_compute_at_first": ("policy", "world", "future", "capability", "actor_class"),
    "future_compute": ("policy", "world", "future", "actor", "year"),
    "future_first_above": ("policy", "world", "future", "actor", "threshold"),
    "future_models": ("policy", "world", "future", "threshold", "time"),
    "future_open_models": ("policy", "world", "future", "threshold", "time"),
    "future_open_compute": ("policy", "world", "future", "year"),
    "future_first_open_above": ("policy", "world", "future", "threshold"),
    "effective_compute_bought": ("policy", "world", "future", "actor_class", "investment", "year"),
    "capability_cost": ("policy", "world", "future", "actor_class", "capability", "year"),
    "capability_compute": ("policy", "world", "future", "actor_class", "capability", "year"),
    "score_origin": ("world",),
    "score_slope": ("world",),
    "score_ceiling": ("world",),
}
#: Coordinates that belong to a dimension, by what is kept.
BESIDE = {
    "capability_kind": ("capability",),
    "malicious": ("actor_class",),
    "parameter_units": ("parameter",),
    "class_of_actor": ("actor",),
    "represents": ("actor",),
}
HOSTED = ("use_probability", "hosted_incidents_mean", "hosted_loss_mean", "hosted_benefit_mean")
DIFFERENT = ("exposure_mean", "incidents_mean", "loss_mean", "benefit_mean", *HOSTED)
DIMENSIONS |= {f"{name}_difference": DIMENSIONS[name] for name in DIFFERENT}
ESTIMATED = (
    *(f"{name}{ending}" for name in ("attainment_probability", *DIFFERENT) for ending in ("", "_difference")),
    "attainment_delay",
    "attainment_time_quantile",
    "attainment_route",
    "use_time_quantile",
    "users_mean",
    "first_attainer",
    "lead_time",
    "actors_with_access_mean",
    "effective_compute",
    "runs_above_mean",
    "loss_exceedance",
    "value_at_risk",
    "expected_shortfall",
)
LIMITED = ("attainment_probability", "use_probability", "loss_mean", "value_at_risk", "expected_shortfall")
DIMENSIONS |= {f"{name}_se": DIMENSIONS[name] for name in ESTIMATED}
DIMENSIONS |= {f"{name}_limits": (*DIMENSIONS[name], "limit") for name in LIMITED}
#: Samples are float32, whose neighbours lie 1.2e-4 years apart at year 2025.
ROUNDING = 2e-4


def times_of(kept):
    """(future of any world, class, capability) years of first attainment, inf for not within the horizon."""
    samples = kept.attainment_time.squeeze("policy").stack(play=["world", "future"])
    years = samples.transpose("play", "actor_class", "capability").to_numpy().astype(float)
    return np.where(np.isnan(years), np.inf, years)


def sample_quantiles(values, probabilities):
    """The least value that enough of `values` (along axis 0) do not exceed."""
    ranks = np.ceil(np.asarray(probabilities) * values.shape[0] - 1e-9).astype(int) - 1
    return np.moveaxis(np.sort(values, axis=0)[ranks], 0, -1)


@pytest.fixture(scope="module")
def followed(rich):
    """A few futures with samples and paths."""
    return engine.simulate(rich, 3, 2, SEED, keep="prices")


@pytest.mark.parametrize("name", list(DIMENSIONS | OUTCOMES | PATHS))
def test_variables_have_their_dimensions_and_describe_themselves(followed, name):
    assert followed[name].dims == (DIMENSIONS | OUTCOMES | PATHS)[name]
    assert followed[name].attrs["long_name"]
    if name != "parameters":
        assert followed[name].attrs["units"] in ("1", "year", "log10(FLOP)", "US$", "log10(US$)", "1/OOM")


def test_every_number_beside_a_dimension_has_a_unit_and_a_name(followed):
    assert set(followed.coords) - set(followed.dims) == set(BESIDE)
    for name, variable in followed.coords.items():
        assert variable.attrs["long_name"], name
        numbers = variable.dtype.kind in "fiu" and name not in ("world", "future")
        assert numbers == ("units" in variable.attrs), name
        assert variable.dims == BESIDE.get(name, (name,))


def test_an_error_and_a_difference_have_the_unit_of_what_they_are_of(kept):
    for name in kept.data_vars:
        of = str(name).removesuffix("_se").removesuffix("_difference").removesuffix("_limits")
        assert kept[name].attrs.get("units") == kept[of].attrs.get("units")
        assert (str(name).endswith("_se")) == kept[name].attrs["long_name"].startswith("Monte Carlo standard error")


def test_there_are_no_other_variables_and_every_dimension_has_a_coordinate(kept, rich):
    assert set(kept.data_vars) == set(DIMENSIONS | OUTCOMES)
    assert set(kept.dims) <= set(kept.coords)
    assert all(kept[name].attrs["long_name"] for name in kept.coords)
    assert list(kept.actor_class.values) == ["lab", "follower", "outsider"]
    assert list(kept.capability_kind.values) == ["dangerous", "valuable"]
    assert list(kept.route.values) == ["trained", "open_weights", "stolen", "distilled"]
    assert list(kept.period.values) == ["annual", "total"]
    assert list(kept.level.values) == [0.8, 0.95]
    assert set(kept.parameter.values) == set(rich.uncertain())
    np.testing.assert_array_equal(kept.time, rich.time_grid)
    assert kept.time.attrs["units"] == "year"


def test_policies_are_a_dimension_with_the_baseline_first(compared, governed):
    """The results of a policy do not depend on which others are played, or in what order they are named."""
    assert list(compared.policy.values) == ["baseline", "caution", "support", "brake", "idle"]
    some = engine.simulate(governed, WORLDS, FUTURES, SEED, policies=["brake", "baseline", "brake"])
    assert list(some.policy.values) == ["baseline", "brake"]
    every = compared.drop_dims(["world", "future", "parameter"]).drop_vars("malicious")
    xr.testing.assert_equal(some.sel(policy="brake"), every.sel(policy="brake"))


def test_the_baseline_is_the_run_without_policies(compared, kept):
    """What is uncertain in measures changes no draw of the rest."""
    alone, together = (
        one.drop_vars("parameters").drop_dims("parameter").sel(policy="baseline") for one in (kept, compared)
    )
    xr.testing.assert_equal(together, alone)


def test_a_policy_that_never_begins_changes_nothing(compared):
    baseline = compared.sel(policy="baseline", drop=True)
    xr.testing.assert_equal(compared.sel(policy="idle", drop=True), baseline)


def test_with_paths_there_are_these_variables_and_without_samples_none(rich, followed):
    assert set(followed.data_vars) == set(DIMENSIONS | OUTCOMES | PATHS)
    assert set(engine.simulate(rich, 3, 2, SEED).data_vars) == set(DIMENSIONS)


def test_without_samples_memory_does_not_grow_with_futures(rich):
    few, many = (engine.simulate(rich, 2, futures, 1) for futures in (1, 50))
    assert dict(few.sizes) == dict(many.sizes)
    assert not {"world", "future"} & set(many.sizes)


def test_probabilities_begin_at_zero_never_fall_and_are_probabilities(kept):
    probability = kept.attainment_probability
    assert (probability.isel(time=0) == 0.0).all()
    assert (probability.diff("time") >= 0.0).all()
    assert float(probability.max()) <= 1.0
    assert 0.0 < float(probability.isel(time=-1).min()) < float(probability.isel(time=-1).max())


def test_probabilities_are_shares_of_the_samples(kept):
    """Between the shares a rounding of the samples earlier and later; at the horizon exactly."""
    years, probability = times_of(kept), kept.attainment_probability.squeeze("policy")
    for t in kept.time.values[1:]:
        at = probability.sel(time=t).to_numpy()
        assert (((years <= t - ROUNDING).mean(axis=0) <= at) & (at <= (years <= t + ROUNDING).mean(axis=0))).all()
    np.testing.assert_array_equal(probability.isel(time=-1), np.isfinite(years).mean(axis=0))


def test_standard_errors_are_those_of_groups_of_worlds(kept):
    """The jackknife by hand: each replicate of worlds left out in turn.

    At the times when no sample lies within its rounding of the grid, which are nearly all.
    """
    samples = kept.attainment_time.squeeze("policy").transpose("world", "future", "actor_class", "capability")
    years = samples.to_numpy().astype(float)
    exact = 0
    for t in kept.time.values:
        expected = error_of_groups((years <= t).mean(axis=1))
        clear = ~(np.abs(years - t) < ROUNDING).any(axis=(0, 1))
        exact += clear.sum()
        measured = kept.attainment_probability_se.squeeze("policy").sel(time=t).to_numpy()
        np.testing.assert_allclose(measured[clear], expected[clear], rtol=1e-9, atol=1e-12)
    assert exact > 0.9 * kept.attainment_probability_se.size


def test_the_standard_error_in_a_single_world_is_that_of_its_futures(rich):
    """About the binomial one, where the event is neither rare nor frequent."""
    results = engine.simulate(rich, 1, 4_000, 5)
    p, error = results.attainment_probability, results.attainment_probability_se
    ratio = (error / np.sqrt(p * (1.0 - p) / 4_000.0)).where((p > 0.1) & (p < 0.9))
    assert float(ratio.count()) > 10
    assert 0.7 < float(ratio.mean()) < 1.3


def test_a_probability_has_limits_that_enclose_it_and_are_never_certain(kept):
    p, limits = kept.attainment_probability, kept.attainment_probability_limits
    assert (limits.sel(limit="lower") <= p + 1e-15).all()
    assert (p <= limits.sel(limit="upper") + 1e-15).all()
    assert (limits.sel(limit="lower") < 1.0).all()
    assert (limits.sel(limit="upper") > 0.0).all()


def test_quantiles_of_time_are_those_of_the_samples(kept, rich):
    """Within a bin, a twelfth of the time step; NaN exactly where too few futures attain within the horizon."""
    expected = sample_quantiles(times_of(kept), rich.output.quantiles)
    measured = kept.attainment_time_quantile.squeeze("policy").to_numpy()
    np.testing.assert_array_equal(np.isnan(measured), np.isinf(expected))
    inside = np.isfinite(expected)
    assert 0.3 < inside.mean() < 1.0
    width = rich.output.time_step / 12.0
    assert np.abs(measured[inside] - expected[inside]).max() <= width + ROUNDING


def test_quantiles_rise_and_are_censored_where_the_probability_is_too_low(kept):
    quantile = kept.attainment_time_quantile
    steps = quantile.diff("quantile")
    assert (steps.isnull() | (steps >= 0.0)).all()
    too_low = kept.attainment_probability.isel(time=-1, drop=True) < quantile["quantile"] - 1e-12
    np.testing.assert_array_equal(np.isnan(quantile), too_low.transpose(*quantile.dims))


def test_lead_times_are_those_of_the_samples(kept, rich):
    """Years behind the first class, given that any attains: within a bin, and 0 for the class that is first."""
    years = times_of(kept)
    width = rich.output.time_step / 12.0
    for k, capability in enumerate(kept.capability.values):
        first = years[:, :, k].min(axis=1)
        lead = years[np.isfinite(first), :, k] - first[np.isfinite(first), np.newaxis]
        expected = sample_quantiles(lead, rich.output.quantiles)
        measured = kept.lead_time.squeeze("policy").sel(capability=capability).to_numpy()
        np.testing.assert_array_equal(np.isnan(measured), np.isinf(expected))
        inside = np.isfinite(expected)
        assert np.abs(measured[inside] - expected[inside]).max() <= width + 2.0 * ROUNDING
        assert (measured[expected == 0.0] == 0.0).all()


def test_first_attainers_are_those_of_the_samples_and_sum_to_the_chance_that_any_attains(kept):
    years = times_of(kept)
    for k, capability in enumerate(kept.capability.values):
        anyone = np.isfinite(years[:, :, k]).any(axis=1)
        expected = np.bincount(years[anyone, :, k].argmin(axis=1), minlength=3) / len(years)
        measured = kept.first_attainer.squeeze("policy").sel(capability=capability)
        np.testing.assert_allclose(measured, expected, atol=1e-12)
        assert float(measured.sum()) == pytest.approx(anyone.mean(), abs=1e-12)


def test_routes_sum_to_the_probability_at_the_horizon(kept):
    by_route = kept.attainment_route
    # Nobody distils here.
    taken = by_route.sum(["actor_class", "capability"]) > 0.0
    np.testing.assert_array_equal(taken.squeeze("policy"), [True, True, True, False])
    np.testing.assert_allclose(by_route.sum("route"), kept.attainment_probability.isel(time=-1), atol=1e-12)


def test_access_counts_actors_between_first_attainments_and_all():
    """Where every class is one actor, the actors with access are the classes that have attained: mean and quantiles."""
    classes = {
        name: {"budget": budget, "run_duration": 0.3, "run_pause": 0.7}
        for name, budget in (("one", 1e8), ("two", 3e7), ("three", 1e7))
    }
    spec = scenario(
        algorithms={"efficiency_trend": 2.0},
        actor_classes=classes,
        output={"quantiles": [0.1, 0.5, 0.9]},
    )
    results = engine.simulate(spec, 1, 300, 3, keep="samples")
    probability = results.attainment_probability.sum("actor_class")
    np.testing.assert_allclose(results.actors_with_access_mean, probability, atol=1e-12)
    years = times_of(results)[:, :, 0]
    for t in results.time.values[1::3]:
        if (np.abs(years - t) < ROUNDING).any():
            continue
        expected = sample_quantiles((years <= t).sum(axis=1), [0.1, 0.5, 0.9])
        np.testing.assert_array_equal(results.actors_with_access.sel(time=t).squeeze(), expected)


@pytest.mark.parametrize("name", ["actors_with_access", "runs_above", "effective_compute", "performance_score"])
def test_levels_rise_with_the_quantile_and_with_time(kept, name):
    """No actor loses access, no model is unmade, and a best model stays the best so far."""
    for dimension in ("quantile", "time"):
        steps = kept[name].diff(dimension)
        assert (steps.isnull() | (steps >= 0.0)).all()


def test_means_lie_where_quantiles_allow(kept):
    """At least the 0.05-quantile times 0.95, at most all actors."""
    assert (kept.actors_with_access_mean >= 0.95 * kept.actors_with_access.isel(quantile=0)).all()
    assert float(kept.actors_with_access_mean.max()) <= 4.0
    above = kept.runs_above_mean
    assert (above.diff("threshold") <= 0.0).all()


def test_effective_compute_is_that_of_the_best_model_within_a_bin():
    """1e26 FLOP from the first finished run, at 2021, and none before: bins are 0.05 OOM wide."""
    effective = engine.simulate(scenario(), 2, 3, 1).effective_compute.squeeze(["policy", "actor_class"])
    assert np.isnan(effective.sel(time=slice(None, 2020.75))).all()
    assert (np.abs(effective.sel(time=slice(2021.0, None)) - 26.0) <= 0.05).all()


def test_the_score_is_the_rule_of_the_effective_compute(kept):
    expected = [performance_score(world(), e) for e in kept.effective_compute.to_numpy().ravel()]
    np.testing.assert_array_equal(kept.performance_score.to_numpy().ravel(), expected)


def test_a_ceiling_on_the_score_leaves_a_class_without_a_model_without_a_score():
    """NaN and no warning, before the first model and for a class that never has one."""
    spec = scenario(actor_classes={"actor": {}, "idle": {"run_duration": 20}}, performance={"score_ceiling": 100})
    score = engine.simulate(spec, 1, 2, 1).performance_score.squeeze("policy")
    np.testing.assert_array_equal(np.isnan(score.sel(actor_class="idle")), True)
    assert float(score.sel(actor_class="actor").isel(time=-1, quantile=0)) == pytest.approx(50.0, abs=0.5)


@pytest.mark.parametrize("duration", [0.2, 0.7, 1.4, 1.9])
def test_an_attainment_at_a_point_of_the_grid_counts_at_that_point(duration):
    """ "By this time" includes this time: an attainment at 2020.2 on a grid of tenths of years is had at 2020.2."""
    spec = scenario(actor_classes={"actor": {"run_duration": duration}}, output={"time_step": 0.1})
    results = engine.simulate(spec, 1, 1, 0)
    at = results.sel(time=2020.0 + duration, method="nearest").squeeze(["policy", "actor_class", "capability"])
    assert float(at.time) == pytest.approx(2020.0 + duration, abs=1e-9)
    assert float(at.attainment_probability) == 1.0
    assert float(at.actors_with_access_mean) == 1.0
    assert float(at.runs_above_mean.sel(threshold=1e26)) == 1.0


# Errors of quantiles of made-up futures in five groups: their shares, and the errors of these by hand, each group left
# out in turn. That a quantile's error follows from them as it should is tested in test_standard_errors.py.

LEVELS = np.array([0.1, 0.5, 0.8])


def made_up(seed, most):
    """Whole numbers from 0 to `most`, of groups of different sizes; those of the highest fifth are beyond all."""
    drawn = [np.random.default_rng((seed, group)).integers(0, most + most // 4, 30 + group) for group in range(5)]
    return [np.where(numbers < most, numbers, 10**9) for numbers in drawn]


def shares(groups, edges):
    """(shares of all numbers at most each edge, their standard errors): the jackknife by hand."""

    def share(some):
        return (np.concatenate(some)[:, np.newaxis] <= edges).mean(axis=0)

    without = np.array([share(groups[:g] + groups[g + 1 :]) for g in range(len(groups))])
    of = len(groups)
    return share(groups), np.sqrt((of - 1) / of * ((without - without.mean(axis=0)) ** 2).sum(axis=0))


def counted(groups, size, of=lambda number: number):
    """Counts (group, bin) of the numbers below 10**9 by their bin."""
    return np.array([np.bincount(of(numbers[numbers < 10**9]), minlength=size)[:size] for numbers in groups])


def expected_error(groups, fine, steps, values):
    """Errors of the quantiles of numbers that lie in bins with upper edges at `fine`, known at every `steps`-th."""
    share, error = shares(groups, fine[::steps])
    spread = distribution_spread(share, error, 0.7, steps)
    distribution = shares(groups, fine)[0]
    return quantile_standard_error(LEVELS, values, distribution, spread)


def test_the_error_of_a_quantile_of_time_is_that_of_the_share_that_attains():
    """In twelve fine bins for each of four steps of a time grid from 2020 to 2022."""
    groups, bins = made_up(1, 4 * FINE), 4 * FINE
    futures = np.array([[len(group) for group in groups]])
    fine = counted(groups, bins)
    steps = np.array([[0, *row.reshape(4, FINE).sum(axis=1)] for row in fine])
    tally = SimpleNamespace(
        futures=futures,
        attained=fine.sum(axis=0)[np.newaxis, np.newaxis, np.newaxis],
        attained_step=steps[np.newaxis, :, np.newaxis, np.newaxis],
        used=0 * fine.sum(axis=0)[np.newaxis, np.newaxis, np.newaxis],
        used_step=0 * steps[np.newaxis, :, np.newaxis, np.newaxis],
        users_sum=0 * steps[np.newaxis, :, np.newaxis],
        route=np.stack([steps.sum(axis=1), 0 * futures[0], 0 * futures[0]], axis=-1)[
            np.newaxis, :, np.newaxis, np.newaxis
        ],
    )
    worlds, in_each = 5, int(futures.sum()) // 5
    spec = SimpleNamespace(start=2020.0, horizon=2022.0, output=SimpleNamespace(quantiles=LEVELS))
    found = dataset._attainment(spec, tally, worlds, in_each)
    times = np.linspace(2020.0, 2022.0, bins + 1)
    share, error = shares(groups, np.arange(-1, bins)[::FINE])
    np.testing.assert_allclose(found["attainment_probability"][1][0, 0, 0], share, rtol=1e-12)
    np.testing.assert_allclose(found["attainment_probability_se"][1][0, 0, 0], error, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(found["attainment_route"][1][0, 0, 0], [share[-1], 0.0, 0.0], rtol=1e-12)
    expected = expected_error(groups, np.arange(-1, bins), FINE, times)
    np.testing.assert_allclose(found["attainment_time_quantile_se"][1][0, 0, 0], expected, rtol=1e-9)
    assert np.isfinite(expected[:2]).all()
    assert (expected[:2] > 0.0).all()


def test_the_error_of_a_lead_is_that_of_the_share_within_it():
    """Of futures in which any class attains: the first has a lead of 0, the other one of 0 or in one of 48 bins."""
    groups, bins = made_up(2, 4 * FINE + 1), 4 * FINE
    futures = np.array([len(group) for group in groups])
    # A number of 0 is no lead at all, which counts in the first bin too; number n lies in bin n - 1.
    fine = counted(groups, bins, lambda number: np.maximum(number - 1, 0))
    at_once = counted(groups, 1, lambda number: np.minimum(number, 1))[:, 0]
    steps = np.array([[0, *row.reshape(4, FINE).sum(axis=1)] for row in fine])
    steps[:, 0] += at_once
    steps[:, 1] -= at_once
    leader = np.zeros_like(steps)
    leader[:, 0] = futures
    leads = np.zeros((2, bins), np.int64)
    leads[0, 0], leads[1] = futures.sum(), fine.sum(axis=0)
    tally = SimpleNamespace(
        futures=futures[np.newaxis] + 10,  # in ten futures of each group nobody attains
        first=np.stack([futures, 0 * futures], axis=-1)[np.newaxis, :, np.newaxis],
        lead=leads[np.newaxis, np.newaxis],
        lead_step=np.stack([leader, steps], axis=1)[np.newaxis, :, np.newaxis],
    )
    spec = SimpleNamespace(start=2020.0, horizon=2022.0)
    found = dataset._leads(spec, tally, LEVELS, 0.7)
    expected = expected_error(groups, np.arange(bins + 1), FINE, np.linspace(0.0, 2.0, bins + 1))
    np.testing.assert_allclose(found["lead_time_se"][1][0, 0, 1], expected, rtol=1e-9)
    assert (expected[:2] > 0.0).all()
    first = futures.sum() / (futures + 10).sum()
    np.testing.assert_allclose(found["first_attainer"][1][0, 0], [first, 0.0], rtol=1e-12)


def test_the_error_of_effective_compute_is_that_of_the_share_with_at_most_so_much():
    """Of 1,200 bins of 0.05 OOM above 1e10 FLOP; twenty futures of each group have no model, which is at most all."""
    groups = made_up(3, 100)
    futures = np.array([len(group) + 20 for group in groups])
    # Number n lies in bin 300 + n, that of the highest in the one above all.
    place = [np.where(group < 10**9, group + 301, EFFECTIVE_BINS + 1) for group in groups]
    fine = np.array([np.bincount(numbers, minlength=EFFECTIVE_BINS + 2) for numbers in place])
    coarse = np.stack([fine[:, 0], *fine[:, 1:-1].reshape(5, -1, COARSE).sum(axis=2).T, fine[:, -1]], axis=-1)
    tally = SimpleNamespace(
        futures=futures[np.newaxis],
        modelled=(futures - 20)[np.newaxis, :, np.newaxis, np.newaxis],
        effective=fine.sum(axis=0)[np.newaxis, np.newaxis, :, np.newaxis],
        effective_coarse=coarse[np.newaxis, :, np.newaxis, :, np.newaxis],
    )
    sampler = WorldSampler(scenario(), 1, 0)
    found = dataset._performance(sampler, tally, LEVELS, float(futures.sum()), 0.7)
    inside = EFFECTIVE_LOW + EFFECTIVE_WIDTH * np.arange(EFFECTIVE_BINS + 1)
    with_none = [np.concatenate([numbers, np.full(20, -1)]) for numbers in place]
    edges = np.arange(EFFECTIVE_BINS + 1)
    share, error = shares(with_none, edges[::COARSE])
    spread = distribution_spread(share, error, 0.7, COARSE)
    expected = quantile_standard_error(LEVELS, inside, shares(with_none, edges)[0], spread)
    assert np.isnan(found["effective_compute"][1][0, 0, 0, 0])
    np.testing.assert_allclose(found["effective_compute_se"][1][0, 0, 0, 1], expected[1], rtol=1e-9)
    assert np.isnan(found["effective_compute_se"][1][0, 0, 0, 0])
    assert 25.0 < float(found["effective_compute"][1][0, 0, 0, 1]) < 30.0


def test_limits_of_two_worlds_have_one_degree_of_freedom():
    """All of one world attain by the end and none of the other: as good as one or two futures, so nothing is known."""
    steps = np.array([[0, 4], [0, 0]])
    tally = SimpleNamespace(
        futures=np.array([[4, 4]]),
        attained=np.full((1, 1, 1, FINE), 0),
        attained_step=steps[np.newaxis, :, np.newaxis, np.newaxis],
        used=np.full((1, 1, 1, FINE), 0),
        used_step=0 * steps[np.newaxis, :, np.newaxis, np.newaxis],
        users_sum=0 * steps[np.newaxis, :, np.newaxis],
        route=np.zeros((1, 2, 1, 1, 4), np.int64),
    )
    found = dataset._attainment(
        SimpleNamespace(start=2020.0, horizon=2021.0, output=SimpleNamespace(quantiles=LEVELS)), tally, 2, 4
    )
    lower, upper = found["attainment_probability_limits"][1][0, 0, 0, 1]
    t2 = confidence_multiple(1) ** 2
    half = np.sqrt(t2 / 2 * 0.25 + t2 * t2 / 16) / (1.0 + t2 / 2)
    np.testing.assert_allclose([lower, upper], [0.5 - half, 0.5 + half], rtol=1e-9)
