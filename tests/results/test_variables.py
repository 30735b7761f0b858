"""The description of results: simulated datasets are as it says, and the page on results is made of it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from helpers import scenario
from small_run import SEED

import engine
from engine.results.netcdf_check import misfit
from engine.results.variables import ALL, ATTRIBUTES, TABLE, held

ROOT = Path(__file__).parents[2]
KEEPING = {
    "counts": {},
    "samples": {"keep": "samples"},
    "sizes": {"keep": "sizes"},
    "paths": {"keep": "paths"},
    "prices": {"keep": "prices"},
}


@pytest.mark.parametrize("kept", KEEPING)
def test_a_simulated_dataset_holds_what_is_described_and_nothing_else(kept, governed):
    results = engine.simulate(governed, 3, 2, SEED, **KEEPING[kept])
    assert set(results.variables) == set(held(kept))
    for name, one in held(kept).items():
        assert results[name].dims == one.dims, name
        assert (name in results.coords) == one.is_coordinate, name
        assert results[name].attrs.get("units") == one.units, name
    assert set(results.attrs) <= set(ATTRIBUTES)
    assert misfit(results) == ""


def test_errors_and_differences_follow_by_rule():
    error, difference = ALL["loss_mean_difference_se"], ALL["loss_mean_difference"]
    assert error.long_name == "Monte Carlo standard error of loss_mean_difference, replicates of worlds as clusters"
    assert difference.long_name == "loss_mean less that of the baseline, in the same futures"
    assert (error.dims, error.units, error.least) == (difference.dims, "US$", 0.0)
    assert difference.least < 0.0 == ALL["loss_mean"].least
    assert not any(name.endswith(("_se", "_difference")) for name in TABLE)


def test_the_page_on_results_is_made_of_the_description():
    """Kind: documentation of variables that is written a second time, and is out of date."""
    script = ROOT / "scripts" / "make_results_reference.py"
    done = subprocess.run([sys.executable, script, "--check"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    page = (ROOT / "docs" / "results.md").read_text(encoding="utf-8")
    assert all(f"* `{name}`" in page for name in (*TABLE, *ATTRIBUTES))


def labelled(name, labels):
    """Gives a coordinate other labels."""

    def change(results):
        old = results[name]
        values = np.array(labels(old.values), dtype=old.dtype)
        return results.assign_coords({name: (old.dims, values, old.attrs)})

    return change


def valued(name, value):
    """Gives a variable this value everywhere."""
    return lambda results: results.assign({name: results[name].copy(data=np.full(results[name].shape, value))})


def turned(name):
    """Gives a variable its dimensions in the reverse order."""
    return lambda results: results.assign({name: results[name].transpose(*reversed(results[name].dims))})


def with_attributes(**attrs):
    return lambda results: results.assign_attrs(attrs)


def in_units(name, units):
    return lambda results: results.assign_coords({name: results[name].assign_attrs(units=units)})


BETWEEN_0_AND_1 = "the variable attainment_route has numbers that are not from 0 to 1"
#: A change of results with samples, and what then is wrong with them, if anything is.
CHANGES = [
    (with_attributes(seed=0, worlds=1, futures=1), ""),
    (with_attributes(seed=-1), "the attribute seed is not a whole number of at least 0"),
    (with_attributes(worlds=0), "the attribute worlds is not a whole number of at least 1"),
    (with_attributes(futures=0), "the attribute futures is not a whole number of at least 1"),
    (with_attributes(futures=2.0), "the attribute futures is not a whole number of at least 1"),
    (with_attributes(summary="two\nlines", scenario_yaml="two\nlines"), ""),
    (with_attributes(summary=2), "the attribute summary is not text"),
    (with_attributes(title="two\nlines"), "the attribute title has more than one line"),
    (with_attributes(title="a\ttab"), "the attribute title has more than one line"),
    (turned("loss_mean"), "the variable loss_mean does not have the dimensions policy, period"),
    (turned("first_attainer_se"), "the variable first_attainer_se does not have the dimensions policy, cap"),
    (lambda r: r.set_coords("benefit_mean"), "the variable benefit_mean does not have the dimensions policy"),
    (lambda r: r.reset_coords("capability_kind"), "the variable capability_kind does not have the dimensions capab"),
    (in_units("capability_kind", "1"), "the variable capability_kind has a unit"),
    (in_units("quantile", "%"), "the variable quantile is not in 1"),
    (lambda r: r.isel(actor_class=slice(0)), "the dimension actor_class has no labels"),
    (lambda r: r.isel(world=slice(0)), "the dimension world has no labels"),
    (labelled("actor_class", lambda old: ["", *old[1:]]), "the labels of actor_class are not different names"),
    (labelled("actor_class", lambda old: ["a\nb", *old[1:]]), "the labels of actor_class are not texts of one line"),
    (labelled("route", lambda old: [f"by_{one}" for one in old]), "the labels of route lack distilled"),
    (labelled("quantile", lambda old: np.linspace(0.0, 1.0, old.size)), ""),
    (labelled("quantile", lambda old: old - 1.0), "the labels of quantile are not numbers from 0 to 1"),
    (labelled("quantile", lambda old: old + 1.0), "the labels of quantile are not numbers from 0 to 1"),
    (labelled("world", lambda old: old - 1), "the labels of world are not numbers from 0 to 1e+30"),
    (valued("attainment_route", 0.0), ""),
    (valued("attainment_route", 1.0), ""),
    (valued("attainment_route", np.nan), ""),
    (valued("attainment_route", -1e-9), BETWEEN_0_AND_1),
    (valued("attainment_route", 1.0 + 1e-9), BETWEEN_0_AND_1),
    (valued("future_loss", -1.0), ""),
]


@pytest.mark.parametrize(("change", "wrong"), CHANGES)
def test_what_is_wrong_with_changed_results(kept, change, wrong):
    """The ends of ranges belong to them; single futures, which may exceed memory, are not looked at."""
    found = misfit(change(kept))
    assert found.startswith(wrong)
    assert bool(found) == bool(wrong)


@pytest.mark.parametrize(
    ("classes", "wrong"), [("lab", ""), ("nobody", "the labels of class_of_actor are not among those of actor_class")]
)
def test_actors_are_members_of_classes_that_there_are(governed, classes, wrong):
    results = engine.simulate(governed, 1, 1, SEED, keep="paths")
    assert misfit(labelled("class_of_actor", lambda old: np.full(old.shape, classes, object))(results)) == wrong


def test_results_of_a_certain_scenario_and_of_a_single_future_are_results():
    """No number is uncertain, so that there are no labels of parameters."""
    assert misfit(engine.simulate(scenario(), 1, 1, 0, keep="prices")) == ""
