"""Bounds of plausibility: each has a source, and what lies beyond them is found and said."""

from __future__ import annotations

import re

import numpy as np
import pytest
import xarray as xr

from engine.analyses import overviews
from engine.data import BOUNDS
from engine.document.run import Run
from engine.record import ObservationsError, plausibility
from engine.record.bounds import Bound, read_bounds
from engine.record.plausibility import (
    NAMES,
    bounds,
    checked,
    departure_in_words,
    departures,
    none_in_words,
)
from engine.report import findings
from engine.report.assumptions import assumed

YEARS = [2030.0, 2031.0, 2032.0]
#: The figures of the table; a changed one must be changed here too, with its source.
FIGURES = {
    "effective_compute": ("above", 2e47, "FLOP"),
    "runs_above": ("above", 2e31, "FLOP"),
    "future_compute": ("above", 2e31, "FLOP"),
    "capability_compute": ("below", 1e22, "FLOP"),
    "capability_cost": ("below", 30.0, "US$"),
}


def counted(values, policies=("baseline",), quantiles=(0.05, 0.5, 0.95)) -> xr.Dataset:
    """Results with the effective compute (policy, class, time, quantile), log10 FLOP, of one or two classes."""
    values = np.asarray(values, dtype=np.float64)
    of = ("policy", "actor_class", "time", "quantile")
    where = {"policy": list(policies), "actor_class": ["lab", "group"][: values.shape[1]], "quantile": list(quantiles)}
    return xr.Dataset({"effective_compute": (of, values)}, {**where, "time": YEARS})


def futures(name: str, values, quantiles=(0.25, 0.5, 0.75)) -> xr.Dataset:
    """Results with a variable (world, year) of single futures, one in each world, of one class and capability."""
    values = np.asarray(values, dtype=np.float32)[np.newaxis, :, np.newaxis, np.newaxis, np.newaxis, :]
    where = {"policy": ["baseline"], "actor_class": ["lab"], "capability": ["skill"], "year": YEARS}
    of = ("policy", "world", "future", "actor_class", "capability", "year")
    return xr.Dataset({name: (of, values)}, {**where, "quantile": list(quantiles)})


def test_every_bound_has_a_reason_and_a_source_with_its_year():
    with BOUNDS.open(encoding="utf-8") as file:
        assert file.readline().strip() == "variable,side,bound,unit,reason,source"
        lines = sum(1 for line in file if line.strip())
    found = read_bounds()
    assert {one.variable: (one.side, one.value, one.unit) for one in found} == FIGURES
    assert lines == len(found) == len(FIGURES)
    for bound in found:
        assert len(bound.reason) > 20
        assert re.search(r"[A-Z]\w+ .*\b20\d\d\b", bound.source), bound.source
    assert set(NAMES) == set(FIGURES)


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("effective_compute,above,2e47,FLOP,why,", "source: is empty"),
        ("effective_compute,above,2e47,FLOP,,who", "reason: is empty"),
        ("effective_compute,over,2e47,FLOP,why,who", "side: must be above or below"),
        ("effective_compute,above,2e47,US$,why,who", "unit: is not that of the results, log10(FLOP)"),
        ("runs_above,above,2e31,1,why,who", "unit: is not that of the results, FLOP"),
        ("effective,above,2e47,FLOP,why,who", "variable: is no variable of results"),
        ("effective_compute,above,0,FLOP,why,who", "bound: must be a number above 0"),
    ],
)
def test_a_bound_that_is_not_whole_is_refused_with_its_line(tmp_path, line, complaint):
    path = tmp_path / "bounds.csv"
    path.write_text(f"variable,side,bound,unit,reason,source\n{line}\n")
    with pytest.raises(ObservationsError, match=re.escape(f"bounds.csv:2: {complaint}")):
        read_bounds(path)


def test_the_median_is_said_where_it_passes_even_if_another_quantile_passes_earlier():
    (found,) = departures(counted([[[[30, 40, 48], [31, 47.5, 49], [32, 48, 50]]]]))
    assert (found.quantile, found.year, found.actor_class, found.policy) == (0.5, 2031.0, "lab", "baseline")
    assert found.value == pytest.approx(10.0**47.5)
    assert departure_in_words(found) == (
        "Beyond any estimate: the median effective compute of lab passes 2e47 FLOP in 2031 (3.2e47 FLOP); the bound is "
        f"{found.bound.reason} ({found.bound.source})."
    )


def test_without_the_median_it_is_the_nearest_quantile_that_passes():
    (found,) = departures(
        counted([[[[30, 40, 41, 50], [31, 41, 49, 50], [32, 42, 50, 51]]]], quantiles=(0.05, 0.5, 0.9, 0.99))
    )
    assert (found.quantile, found.year) == (0.9, 2031.0)
    assert "the 90% quantile of the effective compute of lab passes" in departure_in_words(found)


def test_the_earliest_year_decides_then_the_first_policy_and_class():
    low, late, early = (
        [[30, 40, 41]] * 3,
        [[30, 40, 41], [30, 40, 41], [30, 48, 49]],
        [[30, 40, 41], [30, 48, 49], [30, 49, 50]],
    )
    (found,) = departures(counted([[low, late], [early, early]], policies=("baseline", "push")))
    assert (found.policy, found.actor_class, found.year) == ("push", "lab", 2031.0)
    assert " in 2031 under the push (" in departure_in_words(found, lambda name: f"the {name}")
    (found,) = departures(counted([[low, early], [early, early]], policies=("baseline", "push")))
    assert (found.policy, found.actor_class, found.year) == ("baseline", "group", 2031.0)
    assert "under" not in departure_in_words(found)


@pytest.mark.parametrize("value", [np.log10(2e47), 47.0, np.nan])
def test_what_meets_the_bound_or_is_unknown_does_not_pass_it(value):
    results = counted(np.full((1, 1, 3, 3), value))
    assert departures(results) == []
    assert none_in_words(results) == (
        "No quantile between 5% and 95% lies beyond the estimates known to us (bounds: effective compute above 2e47 "
        "FLOP)."
    )


def test_absurd_numbers_of_a_file_are_said_without_a_fault():
    (found,) = departures(counted(np.full((1, 1, 3, 3), 1e29)))
    assert "(1e300 FLOP)" in departure_in_words(found)


def test_costs_of_single_futures_have_the_quantiles_of_the_results():
    """Four futures; at the last year two of them cost 10 US$, so the median does, but not the upper quartile."""
    values = np.log10([[1e6, 10, 10], [1e6, 1e6, 10], [1e6, 1e6, 100], [1e6, 1e6, 1e6]])
    results = futures("capability_cost", values)
    (found,) = departures(results)
    assert (found.quantile, found.year, found.capability, found.actor_class) == (0.5, 2032.0, "skill", "lab")
    assert found.value == pytest.approx(10.0, rel=1e-5)
    assert "the median cost of reaching skill for lab falls below 30 US$ in 2032 (10 US$);" in departure_in_words(found)
    values[1, 2] = 6.0
    (found,) = departures(futures("capability_cost", values))
    assert (found.quantile, found.year) == (0.25, 2031.0)


def test_a_future_in_which_nobody_reaches_a_capability_counts_as_the_dearest():
    values = np.full((5, 3), np.nan)
    values[:2] = 20.0
    (found,) = departures(futures("capability_compute", values))
    assert (found.quantile, found.year) == (0.25, 2030.0)
    assert found.value == pytest.approx(1e20, rel=1e-4)
    assert departures(futures("capability_compute", np.full((5, 3), np.nan))) == []


def test_the_largest_model_is_that_of_any_actor():
    values = np.array([[[30, 30, 32], [30, 32, 33]], [[30, 30, 30], [30, 30, 32]], [[30] * 3] * 2, [[np.nan] * 3] * 2])
    of, where = ("policy", "world", "future", "actor", "year"), {"policy": ["baseline"], "year": YEARS}
    where |= {"actor": ["lab 1", "lab 2"], "quantile": [0.5, 0.75, 0.95]}
    results = xr.Dataset({"future_compute": (of, values[np.newaxis, :, np.newaxis])}, where)
    (found,) = departures(results)
    # Of four futures, one passes in 2031 (95%) and two in 2032 (75%; the median is the second of them from below).
    assert (found.quantile, found.year, found.value) == (0.75, 2032.0, pytest.approx(1e32))


def test_models_are_counted_above_thresholds_that_are_high_enough():
    of = ("policy", "threshold", "time", "quantile")
    values = np.array([[[9, 9], [9, 9], [9, 9]], [[0, 0], [0, 1], [0, 3]], [[0, 0], [0, 0], [0, 1]]])[np.newaxis]
    where = {"policy": ["baseline"], "threshold": [1e31, 2e31, 1e32], "time": YEARS, "quantile": [0.5, 0.95]}
    results = xr.Dataset({"runs_above": (of, values)}, where)
    (found,) = departures(results)
    assert (found.threshold, found.quantile, found.year, found.value) == (2e31, 0.95, 2031.0, 1.0)
    assert (
        "the 95% quantile of the number of models of at least 2e31 FLOP reaches 1 in 2031; beyond 2e31 FLOP lies a run "
        "that data movement puts out of reach (Erdil"
    ) in departure_in_words(found)
    assert checked(results.isel(threshold=[0])) == []
    assert departures(results.isel(threshold=[0])) == []


@pytest.mark.parametrize("most", [1, 3, 7, 50])
def test_futures_read_in_blocks_give_the_same(monkeypatch, most):
    random = np.random.default_rng(1)
    values = random.normal(2.0, 1.0, (1, 7, 5, 2, 2, 3)).astype(np.float32)
    of = ("policy", "world", "future", "actor_class", "capability", "year")
    where = {"policy": ["baseline"], "actor_class": ["a", "b"], "capability": ["c", "d"], "year": YEARS}
    results = xr.Dataset({"capability_cost": (of, values)}, {**where, "quantile": [0.05, 0.25, 0.75]})
    whole = departures(results)
    # The same by sorting all futures.
    quantiles = results["capability_cost"].quantile([0.25, 0.75], ("world", "future"), method="inverted_cdf")
    assert bool((quantiles < np.log10(30.0)).any())
    monkeypatch.setattr(plausibility, "_MOST_VALUES", most)
    assert departures(results) == whole
    (found,) = whole
    there = {"actor_class": found.actor_class, "capability": found.capability, "year": found.year}
    expected = float(quantiles.sel(quantile=found.quantile, policy="baseline", **there))
    assert found.value == pytest.approx(10.0**expected)


def test_bounds_of_ones_own_are_compared_in_their_place():
    own = (Bound("effective_compute", "below", 1e31, "FLOP", "why", "who 2026"),)
    (found,) = departures(counted([[[[30, 40, 41]] * 3]]), own)
    assert (found.quantile, found.year) == (0.05, 2030.0)
    assert departure_in_words(found).endswith("falls below 1e31 FLOP in 2030 (1e30 FLOP); the bound is why (who 2026).")


def raised(results: xr.Dataset) -> xr.Dataset:
    return results.assign(effective_compute=results["effective_compute"] + 20.0)


def test_the_summary_of_a_run_ends_with_what_lies_beyond_any_estimate(compared):
    *_, last = overviews(raised(compared))
    words = last.split("\n")
    assert words[:1] == [""]
    assert words[1].startswith("Beyond any estimate: ")
    assert max(map(len, words)) <= 120
    (found,) = departures(raised(compared))
    assert " ".join(last.split()) == departure_in_words(found)
    assert not any("Beyond any estimate" in text for text in overviews(compared))


def test_the_report_says_it_among_the_limits_and_lists_the_bounds(compared, scenario_file):
    results = compared.assign_attrs(scenario_yaml=scenario_file.read_text())
    far, near = Run(raised(results)), Run(results)
    (limits,), (quiet,) = (findings.section(run).parts for run in (far, near))
    (found,) = departures(far.results)
    assert departure_in_words(found) in limits.words
    assert none_in_words(near.results) in quiet.words
    cells = {}
    for run in (far, near):
        (table,) = (one for one in assumed(run).tables if one.caption.startswith("Bounds"))
        assert [row[1] for row in table.rows] == [
            f"{one.side} {one.value:g} {one.unit}".replace("e+", "e") for one in bounds()
        ]
        assert all(row[-1] for row in table.rows)
        cells[run is far] = [row[2] for row in table.rows]
        assert "--paths" in table.note
    missing = ["no threshold so high", *["not in the file"] * 3]
    assert cells[False] == ["none", *missing]
    assert cells[True] == [
        f"{found.quantile:.0%} quantile, from {int(found.year)}".replace("50% quantile", "median"),
        *missing,
    ]
