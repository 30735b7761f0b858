"""Access effect and performance effect: closed forms, causes that sum to the whole, and labels."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from helpers import merged, oom, scenario
from small_run import SEED

import engine
from engine.analyses.effects.analysis import CAUSES, COUNTERFACTUALS, counterfactuals, effects
from engine.execution import Execution

#: float32 of 30 OOM.
ROUNDING = 4e-6
CHIPS, ALGORITHMS = 0.2, 0.3
YEARS = np.arange(11.0)
#: Constant budgets of three classes without luck: at the start 10^26, 10^25 and 10^24 FLOP.
STILL = {
    "actor_classes": {
        name: {"budget": budget, "represents": number}
        for name, budget, number in (("large", 1e8, 1), ("middle", 1e7, 10), ("small", 1e6, 100))
    },
    "capabilities": {
        "now": {"requirement": oom(24.95, "log10 FLOP")},
        "soon": {"requirement": oom(27.05, "log10 FLOP")},
        "far": {"requirement": oom(40.0, "log10 FLOP")},
    },
    "output": {"investments": [1e6, 1e8]},
}
HARDWARE = {"hardware": {"price_decline": oom(CHIPS, "OOM/yr")}}
SOFTWARE = {"algorithms": {"efficiency_trend": oom(ALGORITHMS, "OOM/yr")}}


def effects_of(*parts):
    """Effects in the one future of the still scenario with further `parts`."""
    data = {}
    for part in (STILL, *parts):
        data = merged(data, part)
    return effects(counterfactuals(scenario(**data), 1, 1))


@pytest.fixture(scope="module")
def both():
    return effects_of(HARDWARE, SOFTWARE)


@pytest.fixture(scope="module")
def paths(rich):
    """Counterfactuals of the small scenario of every mechanism."""
    return counterfactuals(rich, 12, 3, SEED, execution=Execution(threads=2))


@pytest.fixture(scope="module")
def every(paths):
    return effects(paths, 60.0)


# Closed forms.


@pytest.mark.known
@pytest.mark.parametrize(
    ("frozen", "rate"),
    [
        ("as_modelled", CHIPS + ALGORITHMS),
        ("hardware_frozen", ALGORITHMS),
        ("algorithms_frozen", CHIPS),
        ("both_frozen", 0.0),
    ],
)
def test_at_a_constant_investment_performance_rises_at_the_summed_rates(both, frozen, rate):
    """The performance effect: rates times years, for every class alike; exactly 0 with both frozen."""
    performance = both.performance.sel(counterfactual=frozen)
    for usd in (1e6, 1e8):
        for name in STILL["actor_classes"]:
            found = performance.sel(investment=usd, actor_class=name)
            np.testing.assert_allclose(found, np.log10(usd) + 18.0 + rate * YEARS, atol=ROUNDING)
            assert rate > 0.0 or (found == found.isel(year=0)).all()


@pytest.mark.known
def test_the_rise_of_performance_is_that_of_its_causes(both):
    for cause, rate in zip(CAUSES, (CHIPS, ALGORITHMS, 0.0), strict=True):
        rise = both.performance_cause.sel(cause=cause)
        np.testing.assert_allclose(
            rise.transpose(..., "year"), np.broadcast_to(rate * YEARS, (3, 2, 11)), atol=ROUNDING
        )
    assert (both.performance_cause.sel(cause="all_else") == 0.0).all()


@pytest.mark.known
def test_ever_more_actors_reach_the_same_capability_at_constant_budgets(both):
    """The access effect: 10^27.05 FLOP are reached by a run begun 2.1, 4.1 and 6.1 years after the start, or later.

    By then a run of the large, middle and small budget has gained 1.05, 2.05 and 3.05 OOM at half an OOM a year.
    """
    access = both.access.sel(counterfactual="as_modelled", capability="soon")
    # The next run begins at the next whole year, and takes a year.
    for after, actors in ((3.75, 0), (4.0, 1), (5.75, 1), (6.0, 11), (7.75, 11), (8.0, 111), (10.0, 111)):
        assert float(access.sel(time=2020.0 + after)) == actors


@pytest.mark.known
def test_with_both_frozen_no_actor_more_reaches_anything(both):
    """After the first runs, of 2021: large and middle have the lowest requirement, and nobody the others."""
    frozen = both.access.sel(counterfactual="both_frozen", time=slice(2021.0, 2029.99))
    for name, actors in (("now", 11.0), ("soon", 0.0), ("far", 0.0)):
        assert (frozen.sel(capability=name) == actors).all()
    left = both.access_cause.sel(cause="all_else", time=slice(2021.0, 2029.99))
    xr.testing.assert_allclose(left.drop_vars("cause"), frozen.drop_vars("counterfactual"))


@pytest.mark.known
def test_nothing_brings_access_to_what_nobody_reaches(both):
    assert (both.access_cause.sel(capability="far") == 0.0).all()


@pytest.mark.known
@pytest.mark.parametrize(
    ("grows", "cause", "other"), [(HARDWARE, "hardware", "algorithms"), (SOFTWARE, "algorithms", "hardware")]
)
def test_where_one_thing_grows_all_is_attributed_to_it(grows, cause, other):
    """Performance and access, to the bit; without uncertain numbers."""
    found = effects_of(grows)
    assert (found.performance_cause.sel(cause=other) == 0.0).all()
    assert (found.access_cause.sel(cause=other) == 0.0).all()
    rise = found.performance - found.performance.isel(year=0)
    modelled = rise.sel(counterfactual="as_modelled", drop=True)
    np.testing.assert_array_equal(found.performance_cause.sel(cause=cause), modelled)
    gained = found.access.sel(counterfactual="as_modelled") - found.access.sel(counterfactual="both_frozen")
    np.testing.assert_array_equal(found.access_cause.sel(cause=cause), gained)
    assert float(gained.max()) > 0.0


@pytest.mark.known
def test_cheaper_inference_brings_access_by_algorithms_and_no_performance():
    """The small run released weights of 10^26 FLOP, ten times too large for them, once that costs half an OOM less."""
    open_weights = {"actor_classes": {"large": {"openness": 1.0}, "small": {"runnable_compute": 1e25}}}
    found = effects_of(open_weights, {"algorithms": {"inference_trend": oom(0.1, "OOM/yr")}}).sel(capability="now")
    for time, actors in ((2021.0, 11.0), (2024.75, 11.0), (2025.25, 111.0)):
        assert float(found.access.sel(counterfactual="as_modelled", time=time)) == actors
        assert float(found.access.sel(counterfactual="algorithms_frozen", time=time)) == 11.0
        assert found.access_cause.sel(time=time).values.tolist() == [0.0, actors - 11.0, 11.0]
    assert (found.performance_cause == 0.0).all()


@pytest.mark.known
def test_where_only_budgets_grow_all_access_is_theirs_and_performance_stays():
    growing = {"actor_classes": {name: {"budget_growth": oom(0.5, "OOM/yr")} for name in STILL["actor_classes"]}}
    found = effects_of(growing)
    assert (found.performance == found.performance.isel(year=0)).all()
    assert (found.performance_cause == 0.0).all()
    assert (found.access_cause.sel(cause=["hardware", "algorithms"]) == 0.0).all()
    brought = found.access_cause.sel(cause="all_else", drop=True)
    np.testing.assert_array_equal(brought, found.access.sel(counterfactual="as_modelled"))
    assert float(brought.sel(capability="soon").max()) == 111.0


@pytest.mark.known
def test_what_only_both_bring_is_shared_equally():
    """At 2.1 OOM in 5 years neither 1 nor 1.5 OOM is enough: the access of one actor is half of each cause."""
    need = {"capabilities": {"soon": {"requirement": oom(28.1, "log10 FLOP")}}}
    found = effects_of(HARDWARE, SOFTWARE, need).sel(capability="soon", time=2026.0)
    assert found.access.sel(counterfactual="as_modelled").item() == 1.0
    assert found.access_cause.values.tolist() == [0.5, 0.5, 0.0]


@pytest.mark.known
def test_a_ceiling_on_the_score_shrinks_its_rise_while_the_unbounded_goes_on(both):
    """Past the origin of 10^26 FLOP a constant investment gains ever less in score."""
    rise = both.sel(counterfactual="as_modelled", investment=1e8, actor_class="large")
    np.testing.assert_allclose(rise.score_unbounded, 10.0 * (CHIPS + ALGORITHMS) * YEARS, atol=1e-4)
    assert (rise.score_with_ceiling.diff("year").diff("year") < 0.0).all()
    expected = 100.0 / (1.0 + np.exp(-4.0 * 10.0 * (CHIPS + ALGORITHMS) * YEARS / 100.0))
    np.testing.assert_allclose(rise.score_with_ceiling, expected, atol=1e-4)


@pytest.mark.known
def test_a_leader_keeps_its_lead_in_compute_and_loses_it_in_score_under_a_ceiling():
    """Pilz, Heim & Brown 2024: two labs an OOM apart, at the same rates."""
    classes = {"first": {"budget": 1e9}, "second": {"budget": 1e8, "count": 2}}
    spec = scenario(actor_classes=classes, **HARDWARE, **SOFTWARE)
    found = effects(counterfactuals(spec, 1, 1), 40.0).sel(counterfactual="as_modelled", year=slice(2021.0, 2029.0))
    np.testing.assert_allclose(found.score_lead_unbounded, 10.0, atol=1e-3)
    assert (found.score_lead_with_ceiling.diff("year") < 0.0).all()
    assert float(found.score_lead_with_ceiling[-1]) < 0.5 < 5.0 < float(found.score_lead_with_ceiling[0])
    share = 1.0 / 1.2
    np.testing.assert_allclose(found.leader_share, share, rtol=1e-5)
    np.testing.assert_allclose(found.concentration, share**2 + 2.0 * (0.1 * share) ** 2, rtol=1e-5)
    np.testing.assert_array_equal(found.actors_within_oom, 3.0)


# Every mechanism.


def test_causes_sum_to_the_whole(every):
    """Also under breakthroughs, luck and open weights, as means over futures."""
    modelled = every.sel(counterfactual="as_modelled")
    np.testing.assert_allclose(every.access_cause.sum("cause"), modelled.access, rtol=1e-12, atol=1e-12)
    rise = modelled.performance - modelled.performance.isel(year=0)
    np.testing.assert_allclose(every.performance_cause.sum("cause"), rise, atol=1e-5)
    assert (every.performance_cause.sel(cause=["hardware", "algorithms"]).isel(year=-1) > 0.1).all()
    assert (every.access_cause.sel(cause=["hardware", "algorithms"]).sum("time") > 0.1).all()


def test_means_errors_and_quantiles_are_those_of_the_futures(every, paths):
    """By NumPy: means over all futures, errors from means of worlds."""
    for name, source in (("access", "future_access"), ("performance", "effective_compute_bought")):
        of = ("counterfactual", "world", "future", ...)
        values = paths[source].transpose(*of).values.astype(float)
        np.testing.assert_allclose(every[name], values.mean(axis=(1, 2)), rtol=1e-6)
        error = values.mean(axis=2).std(axis=1, ddof=1) / np.sqrt(12.0)
        np.testing.assert_allclose(every[f"{name}_se"], error, rtol=1e-3, atol=ROUNDING)
        assert float(every[f"{name}_se"].max()) > 0.01
        found = every[f"{name}_quantile"].transpose("quantile", *every[name].dims)
        flat = values.reshape(len(COUNTERFACTUALS), -1, *values.shape[3:])
        np.testing.assert_allclose(found, np.quantile(flat, [0.05, 0.5, 0.95], axis=1), rtol=1e-6)


def test_counterfactuals_are_paired_and_the_first_is_the_run_as_modelled(rich, paths):
    """The same futures with the same luck: what is frozen holds nobody back before anything has changed."""
    plain = engine.simulate(rich, 12, 3, SEED, policies=(), keep="prices").sel(policy="baseline")
    modelled = paths.sel(counterfactual="as_modelled")
    for name in ("future_access", "future_effective_compute", "effective_compute_bought"):
        np.testing.assert_array_equal(modelled[name], plain[name])
    at_start = paths.effective_compute_bought.isel(year=0)
    np.testing.assert_array_equal(at_start, np.broadcast_to(at_start[:1], at_start.shape))
    frozen = paths.effective_compute_bought.sel(counterfactual="both_frozen")
    assert (frozen == frozen.isel(year=0)).all()


def test_freezing_never_helps(paths):
    """In no future does a class buy more, or do more actors have access, with less progress."""
    for name in ("effective_compute_bought", "future_access"):
        for frozen in ("hardware_frozen", "algorithms_frozen"):
            by_one = paths[name].sel(counterfactual=frozen)
            assert (by_one <= paths[name].sel(counterfactual="as_modelled")).all()
            assert (paths[name].sel(counterfactual="both_frozen") <= by_one).all()


# Labels.


def test_everything_has_a_name_and_every_number_a_unit(every):
    for name, variable in every.variables.items():
        assert variable.attrs["long_name"], name
        assert (variable.dtype.kind in "fiu") == ("units" in variable.attrs), name
    assert list(every.cause.values) == list(CAUSES)
    assert list(every.counterfactual.values) == list(COUNTERFACTUALS)
    for name in every.data_vars:
        if str(name).endswith("_se"):
            assert every[name].attrs["units"] == every[str(name).removesuffix("_se")].attrs["units"]


def test_effects_say_where_they_come_from(every, rich):
    assert every.attrs["scenario_name"] == "rich"
    assert every.attrs["seed"] == SEED
    assert (every.attrs["worlds"], every.attrs["futures"]) == (12, 3)
    assert every.attrs["score_ceiling_where_none"] == 60.0
    assert every.attrs["title"].startswith("Access effect")


def test_effects_come_back_identical_from_a_file(every, tmp_path):
    """netCDF: every value, name and attribute."""
    engine.write_results(every, tmp_path / "effects.nc")
    with xr.open_dataset(tmp_path / "effects.nc") as dataset:
        back = dataset.load()
    del back.attrs["date_created"]
    xr.testing.assert_identical(back, every)
