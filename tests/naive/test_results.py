"""What results hold, against plain Python over the futures or counts of which it is made."""

from __future__ import annotations

import math
import sys

import numpy as np
import pytest
import xarray as xr
from helpers import scenario, with_measures
from hypothesis import given
from hypothesis import strategies as st

import engine
from engine.analyses.attainment.summary import overview
from engine.errors import InputError
from engine.results import dataset, provenance, risk
from engine.results.files import encoding
from engine.results.netcdf_check import misfit
from engine.results.quantiles import binned_quantile, level_quantile
from engine.results.standard_errors import (
    Estimate,
    confidence_multiple,
    distribution_spread,
    estimated,
    per_future,
    quantile_limits,
    quantile_standard_error,
)
from engine.results.variables import ATTRIBUTES
from engine.scenario.samplers import random as random_worlds
from engine.simulation.jobs import new_job, selected_policies

pytestmark = pytest.mark.known


@pytest.mark.parametrize(
    ("worlds", "futures", "widest"),
    [(10, 1, 1 / 3), (2, 50, 1.0), (1, 5, 1 / 2), (1, 2, 1.0), (1, 1, math.nan)],
)
def test_the_widest_error_is_that_of_as_many_coins_less_one(worlds, futures, widest):
    """Of worlds, or of the futures of a single one."""
    assert dataset._widest(worlds, futures) == pytest.approx(widest, nan_ok=True)


@given(st.lists(st.one_of(st.none(), st.integers(0, 4)), min_size=1, max_size=20))
def test_the_share_of_best_models_at_most_each_edge(best):
    """Futures by the bin of their best model, None for no model, which is at most everything."""
    counts = np.array([[[[best.count(edge) for edge in range(5)]]]])
    modelled = np.array([[[len(best) - best.count(None)]]])
    expected = [sum(one is None or one <= edge for one in best) / len(best) for edge in range(4)]
    found = dataset._share_at_most(np.array([len(best)]), modelled, counts)
    assert found.tolist() == [[[expected]]]


def test_quantiles_are_linear_inside_a_bin_and_a_level():
    """Two of the four in the bin from 10 to 20 are half of it; of the level of 1 to 10 too, which ends at 10."""
    counts, edges = np.array([0, 4, 0]), np.array([0.0, 10.0, 20.0, 30.0])
    found = binned_quantile(counts, edges, np.array([0.125, 0.25, 0.5, 0.51]), np.array(8.0))
    np.testing.assert_allclose(found, [12.5, 15.0, 20.0, np.nan], rtol=1e-11)
    levels, least = np.array([2, 4, 2]), np.array([0.0, 1.0, 11.0, 12.0])
    found = level_quantile(levels, least, np.array([0.25, 0.5, 0.75, 0.9]), 8.0)
    np.testing.assert_allclose(found, [0.0, 5.5, 10.0, 11.0], rtol=1e-11)


def test_limits_of_a_mean_of_amounts():
    """None below 0; where nothing was lost in any group, it is not known how much might have been."""
    found = Estimate(np.array([1.0, 0.0]), np.array([[-10.0, 0.0], [4.0, 0.0], [6.0, 0.0]]))
    (low, high), (least, most) = risk._limits(found)
    assert (low, least) == (0.0, 0.0)
    assert high > 1.0
    assert math.isnan(most)


def test_quantiles_of_several_classes_are_those_of_each():
    counts = np.array([[0, 0, 0, 0, 4], [4, 0, 0, 0, 0]])
    found = binned_quantile(counts, np.arange(6.0), np.array([0.5]), np.array([4.0, 4.0]))
    np.testing.assert_allclose(found, [[4.5], [0.5]], rtol=1e-11)
    assert level_quantile(counts, np.arange(6.0), np.array([0.5]), 4.0).tolist() == [[4.0], [0.0]]


def test_a_quantile_that_the_first_value_already_reaches_is_that_value():
    found = quantile_limits(np.array([0.1]), np.array([5.0, 6.0, 7.0]), np.array([0.2, 0.6, 1.0]), np.zeros(3), 1.0)
    assert found.tolist() == [[5.0, 5.0]]


def test_without_counts_a_whole_number_is_its_least():
    assert level_quantile(np.zeros(3, np.int64), np.arange(4.0), np.array([0.5]), 0.0).tolist() == [0.0]


@pytest.mark.parametrize(
    ("kind", "size", "coordinate", "missing", "packed"),
    [
        ("f4", 1000, False, True, False),
        ("f4", 1001, False, True, True),
        ("f8", 1001, True, False, True),
        ("i8", 1001, False, False, True),
        ("i8", 1000, False, False, False),
        ("O", 1001, False, False, False),
    ],
)
def test_how_a_variable_is_written(kind, size, coordinate, missing, packed):
    """Numbers are packed if there are more than 1,000; floating numbers may be missing, but not on an axis."""
    found = encoding(np.dtype(kind), size, is_coordinate=coordinate)
    keys = ("zlib", "complevel", "shuffle")
    assert tuple(map(found.get, keys)) == ((True, 4, True) if packed else (None, None, None))
    assert ("_FillValue" in found and found["_FillValue"] is not None) == missing


def test_the_limits_of_quantiles_are_those_of_each_policy_and_class_alone():
    values, levels = np.linspace(2020.0, 2030.0, 11), np.array([0.25, 0.5])
    steps = np.random.default_rng(1).uniform(0.01, 1.0, (2, 3, 11)).cumsum(axis=-1)
    distribution = steps / steps[..., -1:] * 0.9
    spread = np.full_like(distribution, 0.1)
    found = quantile_limits(levels, values, distribution, spread, 1.0)
    for policy in range(2):
        for c in range(3):
            alone = quantile_limits(levels, values, distribution[policy, c], spread[policy, c], 1.0)
            np.testing.assert_array_equal(found[policy, c], alone)


def test_a_value_at_risk_has_its_error_at_one_and_its_limits_at_more_standard_errors():
    """Counts of amounts of 16 groups of 40 futures, between 1e6 and 1e9 US$."""
    rng, bins = np.random.default_rng(3), len(risk._HIGH)
    counts = np.zeros((16, 1, bins), np.int64)
    for group in range(16):
        np.add.at(counts[group, 0], rng.integers(bins // 5, bins * 2 // 5, 40), 1)
    futures, levels = np.full((16, 1), 40), np.array([0.5, 0.9])
    found = risk._value_at_risk(("policy", "level"), levels, futures, counts)
    share = estimated(risk._share_at_most, futures, counts)
    spread = distribution_spread(share.value, share.error, np.nan, 1)
    error = quantile_standard_error(levels, risk._HIGH, share.value, spread)
    np.testing.assert_array_equal(found["value_at_risk_se"][1], error)
    limits = quantile_limits(levels, risk._HIGH, share.value, spread, confidence_multiple(15))
    np.testing.assert_array_equal(found["value_at_risk_limits"][1], limits)
    assert (error > 0.0).all()
    assert (limits[..., 1] - limits[..., 0] > 2.0 * error).all()


def test_more_futures_than_can_be_counted_and_unknown_policies_are_refused():
    with pytest.raises(InputError, match="more than can be counted"):
        new_job(scenario(), 2**31, 2**31 + 1, 1)
    spec = with_measures({"measure": "compute_cap", "max_compute": 1e26})
    with pytest.raises(InputError, match="no policy is called 'nope'"):
        selected_policies(spec, ["nope"])


@pytest.mark.parametrize(
    ("loss", "least", "benefit", "told"),
    [
        (0.0, 0.0, 0.0, []),
        (4e9, 0.0, 0.0, ["median 3; 46.00% +- 0.90% of futures lose nothing, and 5% more than 9."]),
        (4e9, 1e9, 0.0, ["median 3; 5% of futures lose less than 1, and 5% more than 9."]),
        (0.0, 0.0, 0.5, ["Benefit to 2030: 5e-10 +- 1e-10 billion US$ on average."]),
        (4e9, 0.0, 2e9, ["median 3;", "Benefit to 2030: 2 +- 0.4 billion US$ on average."]),
    ],
)
def test_money_is_summarised_where_there_is_any(loss, least, benefit, told):
    of = ("policy", "actor_class", "capability")
    results = xr.Dataset(
        {
            "attainment_time_quantile": ((*of, "quantile"), [[[[2026.0, 2028.0, 2029.0]]]]),
            "attainment_time_quantile_se": ((*of, "quantile"), [[[[0.1, 0.1, 0.1]]]]),
            "attainment_probability": ((*of, "time"), [[[[0.0, 0.74]]]]),
            "attainment_probability_se": ((*of, "time"), [[[[0.0, 0.01]]]]),
            "attainment_probability_limits": ((*of, "time", "limit"), [[[[[0.0, 0.1], [0.7, 0.8]]]]]),
            "use_probability": ((*of, "time"), [[[[0.0, 0.0]]]]),
            "incidents_mean": (("policy", "capability"), [[0.0]]),
            "loss_mean": (("policy", "period"), [[loss]]),
            "loss_mean_se": (("policy", "period"), [[0.1 * loss]]),
            "loss_mean_limits": (("policy", "period", "limit"), [[[0.8 * loss, 1.2 * loss]]]),
            "loss_largest_share": (("policy", "period"), [[0.2]]),
            "loss_quantile": (("policy", "period", "quantile"), [[[least, 3e9, 9e9]]]),
            "loss_exceedance": (("policy", "period", "loss"), [[[0.54, 0.53]]]),
            "loss_exceedance_se": (("policy", "period", "loss"), [[[0.009, 0.008]]]),
            "benefit_mean": (("policy",), [benefit]),
            "benefit_mean_se": (("policy",), [0.2 * benefit]),
            "hosted_benefit_mean": (("policy",), [0.0]),
        },
        {
            "policy": ["baseline"],
            "actor_class": ["actor"],
            "capability": ["skill"],
            "capability_kind": ("capability", ["dangerous"]),
            "quantile": [0.05, 0.5, 0.95],
            "time": [2025.0, 2030.0],
            "period": ["total"],
            "loss": [1e3, 2e3],
            "limit": ["lower", "upper"],
        },
        {"scenario_name": "fake", "worlds": 10, "futures": 10, "seed": 1, "sampling": "random"},
    )
    text = overview(results)
    assert ("Losses" in text) == (loss > 0.0)
    assert ("Benefit" in text) == (benefit > 0.0)
    assert "incidents" not in text
    for words in told:
        assert words in text


def test_limits_of_a_probability_are_those_of_as_many_independent_futures_as_its_error_is_worth(kept):
    """n = p(1 - p) / error^2, from the number of worlds to that of futures: all x with (x - p)^2 = t^2 x(1 - x) / n."""
    t, looked_at = confidence_multiple(15), 0
    for place in np.ndindex(*kept.attainment_probability.shape):
        p, error = (float(kept[f"attainment_probability{name}"].values[place]) for name in ("", "_se"))
        if 0.01 < p < 0.99:
            n = min(max(p * (1.0 - p) / error**2, 40.0), 1000.0)
            expected = sorted(np.roots([1.0 + t * t / n, -2.0 * p - t * t / n, p * p]).real)
            np.testing.assert_allclose(kept.attainment_probability_limits.values[place], expected, rtol=1e-6)
            looked_at += 1
    assert looked_at > 20


def test_what_must_be_said_of_a_run_and_what_may(kept):
    """Without one of these a file is refused, but for those that ordinary runs do not have or that only describe."""
    may = {"summary", "scenario_text", "scenario_yaml", "worlds_from", "worlds_changed", "date_created"}
    may |= {"Conventions", "source", "references", "license", "keywords", "processing_level"}
    assert not {"worlds_from", "worlds_changed"} & set(kept.attrs)
    for name in ATTRIBUTES:
        without = kept.copy()
        without.attrs.pop(name, None)
        assert misfit(without) == ("" if name in may else f"the attribute {name} is missing")


@pytest.mark.parametrize("slab", [8, 40, 100, 1_000, 2_000, 10_000])
@pytest.mark.parametrize("chunks", [{}, {"preferred_chunks": {"row": 4}}])
def test_a_variable_is_read_in_parts_that_together_are_the_whole(monkeypatch, slab, chunks):
    """None is larger than may be, rows are whole chunks where that many fit, and the id is that of one part."""
    values = np.random.default_rng(2).random((12, 2, 5))
    variable = xr.Variable(("row", "side", "column"), values, encoding=chunks)
    whole = provenance.content_id(xr.Dataset({"x": variable}))
    monkeypatch.setattr(provenance, "_SLAB", slab)
    parts = list(provenance._slabs(variable))
    np.testing.assert_array_equal(np.concatenate([part.values.ravel() for part in parts]), values.ravel())
    assert all(part.nbytes <= slab for part in parts)
    assert len(parts) == {8: 120, 40: 24, 100: 12, 1_000: 1, 2_000: 1, 10_000: 1}[slab]
    assert provenance.content_id(xr.Dataset({"x": variable})) == whole


def test_parts_are_of_whole_chunks(monkeypatch):
    """Rows of 80 bytes: five fit into 400, four of them are a chunk."""
    variable = xr.Variable(("row", "column"), np.zeros((12, 10)), encoding={"preferred_chunks": {"row": 4}})
    monkeypatch.setattr(provenance, "_SLAB", 400)
    assert [len(part) for part in provenance._slabs(variable)] == [4, 4, 4]
    monkeypatch.setattr(provenance, "_SLAB", 240)
    assert [len(part) for part in provenance._slabs(variable)] == [3, 3, 3, 3]


def test_errors_of_a_distribution_function_as_multiples_of_a_coin_s():
    """0.05 at 0.2 is an eighth of sqrt(0.16), 0.15 at 0.5 three tenths; linear between, level outside."""
    distribution, error = np.array([0.0, 0.2, 0.5, 1.0]), np.array([0.0, 0.05, 0.15, 0.0])
    found = distribution_spread(distribution, error, 9.0, 2)
    np.testing.assert_allclose(found, [0.125, 0.125, 0.125, 0.2125, 0.3, 0.3, 0.3], rtol=1e-12)
    certain = distribution_spread(np.array([0.0, 1.0, 1.0]), np.zeros(3), 9.0, 1)
    assert certain.tolist() == [9.0, 9.0, 9.0]


def test_limits_of_a_quantile_in_the_last_interval():
    """0.7 lies in the middle between 0.4 and 1, where a coin's error counts 0.2 times; its values are 1 apart."""
    distribution, spread = np.array([0.2, 0.4, 1.0]), np.array([0.1, 0.1, 0.3])
    found = quantile_limits(np.array([0.7]), np.array([5.0, 6.0, 7.0]), distribution, spread, 1.0)
    away = 0.2 * math.sqrt(0.7 * 0.3) / 0.6
    np.testing.assert_allclose(found, [[6.5 - away, 6.5 + away]], rtol=1e-12)


def test_a_quantile_that_is_reached_exactly_at_the_last_value_is_known():
    values, distribution = np.array([5.0, 6.0]), np.array([0.0, 0.5])
    found = quantile_limits(np.array([0.5]), values, distribution, np.zeros(2), 1.0)
    np.testing.assert_allclose(found, [[6.0, 6.0]], rtol=1e-12)


@pytest.mark.parametrize(
    ("kinds", "wrong"),
    [
        (["dangerous", "dangerous"], ""),
        (["dangerous", "valuable"], ""),
        (["odd", "valuable"], "the labels of capability_kind are not among dangerous, valuable"),
    ],
)
def test_capabilities_are_of_two_kinds_or_of_one(kept, kinds, wrong):
    attrs = kept["capability_kind"].attrs
    changed = kept.assign_coords(capability_kind=("capability", np.array(kinds, dtype=object), attrs))
    assert misfit(changed) == wrong


@pytest.mark.parametrize("sampling", ["random", "lhs", "qmc", "of_another_package"])
def test_errors_of_worlds_that_another_package_draws_name_their_assumption_and_no_others_do(sampling, monkeypatch):
    module = sys.modules[random_worlds.__module__]  # `engine.scenario.samplers` is also the name of a function
    monkeypatch.setattr(module, "registered", lambda *_: {"of_another_package": random_worlds})
    results = engine.simulate(scenario(), 4, 2, 1, sampling=sampling)
    assuming = {
        str(name) for name, variable in results.data_vars.items() if "independent" in variable.attrs.get("comment", "")
    }
    errors = {str(name) for name in results.data_vars if str(name).endswith("_se")}
    assert assuming == (errors if sampling == "of_another_package" else set())


@given(st.lists(st.integers(-50, 200), min_size=3, max_size=16).filter(lambda drawn: len(set(drawn)) > 1))
def test_limits_allow_for_skewness_by_halls_cubic(drawn):
    """Limits lie t errors away, t + s t^2 / (3 r) + s^2 t^3 / (27 n) + s / (6 r) being Student's t (Hall 1992).

    s is the skewness of the influences of n groups, r the root of n; the cubic rises, so that one t solves it.
    """
    influence = np.array(drawn, float) - np.mean(drawn)
    n, root = len(drawn), math.sqrt(len(drawn))
    s = float(np.mean(influence**3) / np.mean(influence**2) ** 1.5)

    def cubic(t):
        return t + s * t**2 / (3.0 * root) + s**2 * t**3 / (27.0 * n) + s / (6.0 * root)

    found = Estimate(np.array(10.0), influence)
    t = (10.0 - found.limits()) / found.error
    student = confidence_multiple(n - 1)
    np.testing.assert_allclose([cubic(one) for one in t], [student, -student], rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize(
    ("dropped", "refusal"),
    [
        ("attainment_time_quantile_se", "written by an older version of this engine"),
        ("attainment_probability", "not a results file of this engine"),
        ("attainment_route", "the variable attainment_route is missing"),
    ],
)
def test_what_is_not_quite_a_results_file_is_refused_for_what_it_lacks(kept, tmp_path, dropped, refusal):
    engine.write_results(kept.drop_vars(dropped), tmp_path / "lacking.nc")
    with pytest.raises(engine.ResultsError, match=refusal):
        engine.open_results(tmp_path / "lacking.nc")


def test_means_are_of_each_policy_by_its_own_futures():
    found = per_future(np.array([4, 5]), np.array([[8, 4], [10, 20]]))
    assert found.tolist() == [[2.0, 1.0], [2.0, 4.0]]
