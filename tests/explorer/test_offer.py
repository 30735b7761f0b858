"""What is offered: sliders that can be moved to both ends, and the measures that fit."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from helpers import merged, scenario_data
from small_run import POLICIES, RICH

import engine
from engine.explorer.offer import MOST, offer_of
from engine.scenario import scenario_hash
from engine.scenario.shift_median import median_of, shift_median


def loaded(tmp_path, **changes):
    path = tmp_path / "changed.yaml"
    path.write_text(json.dumps(scenario_data(**merged(RICH, changes))))
    return engine.load_scenario(path)


def test_what_matters_comes_first_and_can_be_moved_to_both_ends(offer):
    paths = [one.path for one in offer.assumptions]
    assert paths[0] == "algorithms.efficiency_trend"
    assert "actor_classes.outsider.attempt_rate" in paths
    assert "actor_classes.outsider.theft_rate" in paths  # the larger of two
    assert len(paths) <= MOST
    for one in offer.assumptions:
        assert one.low < one.median < one.high
        for end in (one.low, one.high):
            assert median_of(shift_median(one.number, end)) == pytest.approx(end)
        assert one.about.endswith(".")


def test_places_of_a_slider_are_short_medians_and_its_own(offer):
    for one in offer.assumptions:
        places = np.linspace(one.place(one.low), one.place(one.high), 101)
        medians = [one.at(place) for place in places]
        assert medians == sorted(medians)
        assert (medians[0], medians[-1]) == (one.low, one.high)
        assert one.at(one.place(one.median)) == one.median
        # Read back from an address they stand where they stood.
        assert [one.at(one.place(median)) for median in medians] == medians
        assert max(len(repr(median)) for median in medians if median != one.median) <= 10


def test_what_is_off_is_not_offered(tmp_path):
    offer = offer_of(loaded(tmp_path, actor_classes={"outsider": {"attempt_rate": 0, "theft_rate": 0}}))
    paths = [one.path for one in offer.assumptions]
    assert not [path for path in paths if path.endswith("attempt_rate")]
    assert "actor_classes.follower.theft_rate" in paths


def test_the_dangerous_capability_is_looked_at_first(offer):
    assert (offer.capability, offer.actor_class) == ("early", "lab")


SHIPPED = Path(__file__).parents[2] / "scenarios"


def test_the_measures_of_the_scenario_come_before_those_of_the_library(offer, scenario_file):
    assert list(offer.by_name) == list(POLICIES)
    library = engine.load_scenario(SHIPPED / "policies.yaml")
    own = offer_of(engine.load_scenario(scenario_file), library)
    assert (list(own.by_name), own.from_library) == (list(POLICIES), False)
    none = offer_of(engine.load_scenario(SHIPPED / "minimal.yaml"), library)
    assert (none.measures, none.from_library) == ((), False)


def test_of_the_library_what_fits(tmp_path, scenario_file):
    """A policy that names another class is left out, and so is one that the scenario's checks refuse."""
    library = engine.load_scenario(scenario_file)
    fits = offer_of(loaded(tmp_path), library)
    assert (list(fits.by_name), fits.from_library) == (list(POLICIES), True)
    harmless = {"kind": "valuable", "success_probability": 0, "benefit_rate": 1e6}
    valuable = offer_of(loaded(tmp_path, capabilities={"early": harmless}), library)
    assert list(valuable.by_name) == ["caution", "support", "idle"]
    alone = scenario_data(actor_classes={"lab": {}}, capabilities={"early": {}})
    (tmp_path / "alone.yaml").write_text(json.dumps(alone))
    assert "support" not in offer_of(engine.load_scenario(tmp_path / "alone.yaml"), library).by_name


def test_the_data_read_already_is_the_same_scenario(offer):
    again = engine.parse_scenario(offer.read, offer.scenario.name)
    assert scenario_hash(again) == scenario_hash(offer.scenario)


def test_a_scenario_without_a_file_cannot_be_explored(governed):
    with pytest.raises(ValueError, match="read from a file"):
        offer_of(governed)
