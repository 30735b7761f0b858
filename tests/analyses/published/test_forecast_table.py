"""The table of forecasts: the package's own, and every cell that can be wrong."""

from __future__ import annotations

import numpy as np
import pytest
from forecast_rows import BY, GOOD, YEAR, forecasts

from engine.analyses.published.forecast_quantities import COUNTERPARTS, check_forecasts, losses_of
from engine.analyses.published.forecast_table import EXTERNAL, FORMS, read_forecasts
from engine.record.files import open_table
from engine.scenario import load_scenario

ANY = {"quantity": "yearly_risk", "time": ""}


def test_every_forecast_of_the_package_has_its_source_and_a_counterpart_in_the_baseline():
    read = read_forecasts()
    check_forecasts(read, load_scenario("baseline"))
    assert {forecast.quantity for forecast in read} == set(FORMS) == set(COUNTERPARTS)
    assert all(forecast.note for forecast in read)
    assert losses_of(read) == [3.5e8, 1e11, 7e11]
    # What was published: LEAP wave 9, the added risk of Williams et al. 2025, the survey of Grace et al.
    found = [(f.quantity, f.loss, f.time, f.central, f.low, f.high) for f in read]
    assert ("incident_probability", 1e11, 2051.0, 0.62, 0.35, 0.70) in found
    added = [f.central for f in read if f.quantity.endswith("yearly_risk")]
    assert added == pytest.approx([0.015 - 0.003, 0.004 - 0.003])
    surveyed = {(f.time, f.central) for f in read if f.source.startswith("Grace")}
    assert surveyed == {(2028.0, 0.1), (2048.0, 0.5)}


def test_a_row_is_read_cell_by_cell(tmp_path):
    bound = {"low": "", "high": "0.5"}
    first, second, third = forecasts(tmp_path, {}, bound, YEAR | {"central": "2035", "low": "", "high": ""})
    assert (first.loss, first.time, first.central, first.low, first.high) == (1e11, 2031.0, 0.5, 0.4, 0.6)
    assert (first.capabilities, first.definition, first.asked) == ((), "narrower", "2026-05")
    assert (np.isnan(second.low), second.high) == (True, 0.5)
    assert third.capabilities == ("skill",)
    assert np.isnan([third.loss, third.time]).all()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"quantity": ""}, "quantity: is empty; every forecast needs one"),
        ({"url": ""}, "url: is empty; every forecast needs one"),
        ({"quantity": "incident_probabilit"}, "'incident_probabilit' is unknown; did you mean 'incident_probability'?"),
        ({"quantity": "zzz"}, "quantity: 'zzz' is unknown; use one of incident_probability, incident_year"),
        ({"unit": "year"}, "unit: must be '1', not 'year'"),
        ({"definition": "similar"}, "definition: must be one of same, narrower, wider, other, not 'similar'"),
        ({"note": ""}, "note: is empty; say how the definitions differ, or that they are the same"),
        ({"asked": "May 2026"}, "asked: must be a date such as 2026-05, or two with ' to ', not 'May 2026'"),
        ({"asked": "2026 to"}, "asked: must be a date"),
        ({"url": "a.b"}, "url: must begin with https:// or http://, not be 'a.b'"),
        ({"loss": ""}, "loss: is empty; give a loss in US$ above 0"),
        ({"loss": "0"}, "loss: must be a loss in US$ above 0, not '0'"),
        ({"time": ""}, "time: is empty; give a decimal year"),
        ({"central": ""}, "central: is empty; give a probability from 0 to 1"),
        ({"central": "62"}, "central: must be a probability from 0 to 1, not '62'"),
        ({"central": "62%"}, "central: '62%' is not a number"),
        ({"high": "2"}, "high: must be a probability from 0 to 1, or nothing, not '2'"),
        ({"low": "0.55"}, "low: must be at most the central value, 0.5, not 0.55"),
        ({"high": "0.45"}, "high: must be at least the central value, 0.5, not 0.45"),
        (BY | {"loss": "1e9"}, "loss: must be empty for capability_by"),
        (BY | {"capabilities": ""}, "capabilities: is empty; name the capability"),
        (BY | {"capabilities": "a b"}, "capabilities: must be one capability, not 2; give a row for each"),
        (ANY | {"capabilities": ""}, "capabilities: is empty; name the capability"),
        (ANY | {"capabilities": "a b a"}, "capabilities: names 'a' twice; remove one"),
        (YEAR | {"time": "2031"}, "time: must be empty for capability_year"),
    ],
)
def test_a_wrong_cell_is_refused_in_a_line_that_names_it(tmp_path, change, words):
    with pytest.raises(ValueError, match=r"forecasts\.csv:3: ") as refused:
        forecasts(tmp_path, {}, change)
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)


def test_the_same_definition_needs_no_note(tmp_path):
    (read,) = forecasts(tmp_path, {"definition": "same", "note": ""})
    assert read.note == ""


def test_a_table_without_a_column_or_without_rows_is_refused(tmp_path):
    path = tmp_path / "forecasts.csv"
    path.write_text(",".join(name for name in GOOD if name != "asked") + "\n")
    with pytest.raises(ValueError, match=r"forecasts.csv:1: asked: is not among the columns; they are quantity, cap"):
        read_forecasts(path)
    with pytest.raises(ValueError, match=r"forecasts.csv: contains no row; give one"):
        forecasts(tmp_path)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"time": "2020"}, "time: must come after the start of the scenario, 2020"),
        ({"capabilities": "late"}, "capabilities: must be of the scenario's dangerous ones (early), not 'late'"),
        (BY | {"capabilities": "lat"}, "capabilities: must be of the scenario's ones (early, late), not 'lat'"),
        (
            {"quantity": "yearly_loss", "capabilities": "early", "loss": "", "time": "2030.5", "unit": "US$"},
            "time: must be the end of a year of the scenario, 2021 to 2032, not 2030.5",
        ),
    ],
)
def test_what_the_scenario_cannot_say_is_refused_before_anything_is_simulated(tmp_path, rich, change, words):
    with pytest.raises(ValueError, match=r"forecasts\.csv:2: ") as refused:
        check_forecasts(forecasts(tmp_path, change), rich)
    assert words in str(refused.value)


def test_the_package_table_has_the_columns_that_its_readme_describes():
    readme = EXTERNAL.with_name("README.md").read_text(encoding="utf-8")
    for column in open_table(EXTERNAL).columns:
        assert f"`{column}`" in readme, column
    for quantity in FORMS:
        assert f"`{quantity}`" in readme, quantity
