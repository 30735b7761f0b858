"""Policies against the baseline: the table of paired differences, and the text."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from helpers import error_of_groups, scenario
from small_run import POLICIES

import engine
from engine.analyses.compare.summary import comparison
from engine.text.uncertain import TOO_FEW

COLUMNS = [
    "policy",
    "quantity",
    "actor_class",
    "capability",
    "period",
    "unit",
    "baseline",
    "value",
    "difference",
    "standard_error",
]
CLASSES, CAPABILITIES = ["lab", "follower", "outsider"], ["early", "late"]
UNITS = {
    "attainment_delay": "year",
    "attainment_probability": "1",
    "exposure_mean": "year",
    "incidents_mean": "1",
    "loss_mean": "US$",
    "benefit_mean": "US$",
}


@pytest.fixture(scope="module")
def table(compared):
    return engine.paired_table(compared)


def times(compared, policy):
    """(world, future, class, capability) years of first attainment, the horizon in place of later ones."""
    kept = compared.attainment_time.sel(policy=policy).transpose("world", "future", "actor_class", "capability")
    return kept.fillna(float(compared.time[-1])).to_numpy().astype(float)


def rows_of(table, policy, quantity):
    """(class, capability) values of a quantity, by column."""
    rows = table[(table.policy == policy) & (table.quantity == quantity)]
    return rows.pivot(index="actor_class", columns="capability").reindex(CLASSES)


def test_there_is_one_row_for_each_difference(table):
    """Every policy but the baseline; exposure and incidents of the dangerous capability alone."""
    assert list(table.columns) == COLUMNS
    of_class = [(c, k, "") for c in CLASSES for k in CAPABILITIES]
    expected = {
        "attainment_delay": of_class,
        "attainment_probability": of_class,
        "exposure_mean": [("", "early", "")],
        "incidents_mean": [("", "early", "")],
        "loss_mean": [("", "", "annual"), ("", "", "total")],
        "benefit_mean": [("", "", "")],
    }
    rows = [(policy, quantity, *keys) for policy in POLICIES for quantity in expected for keys in expected[quantity]]
    assert list(table[["policy", "quantity", "actor_class", "capability", "period"]].itertuples(index=False)) == rows
    assert dict(zip(table.quantity, table.unit, strict=True)) == UNITS


def test_a_difference_is_value_less_baseline(table, compared):
    """A delay has no value; every other row has all four numbers, and the baseline's is the same for all policies."""
    delay = table.quantity == "attainment_delay"
    assert table[delay][["baseline", "value"]].isna().all(axis=None)
    assert table[["difference", "standard_error"]].notna().all(axis=None)
    rest = table[~delay]
    np.testing.assert_allclose(rest.value - rest.baseline, rest.difference, rtol=1e-9, atol=1e-9)
    assert (rest.groupby(COLUMNS[1:5]).baseline.nunique() == 1).all()
    assert (table[table.policy == "idle"][["difference", "standard_error"]] == 0.0).all(axis=None)


@pytest.mark.parametrize("policy", ["caution", "support", "brake"])
def test_delays_are_those_of_the_single_futures(table, compared, policy):
    """The mean of (time under the policy - time under the baseline), times cut at the horizon.

    Its error is that of 16 groups of 40 worlds. Samples are float32, 1.2e-4 years apart.
    """
    by_world = (times(compared, policy) - times(compared, "baseline")).mean(axis=1)
    found = rows_of(table, policy, "attainment_delay")
    np.testing.assert_allclose(found.difference[CAPABILITIES], by_world.mean(axis=0), atol=2e-4)
    np.testing.assert_allclose(found.standard_error[CAPABILITIES], error_of_groups(by_world), atol=2e-4)
    assert np.abs(by_world.mean(axis=0)).max() > 0.05


@pytest.mark.parametrize("policy", ["caution", "support", "brake"])
def test_changes_of_probability_are_those_of_the_single_futures(table, compared, policy):
    """Exactly: the share of futures within the horizon, less that under the baseline, worlds as clusters."""
    attained = {name: compared.attainment_time.sel(policy=name).notnull() for name in ("baseline", policy)}
    by_world = {
        name: one.mean("future").transpose("world", "actor_class", "capability") for name, one in attained.items()
    }
    change = (by_world[policy] - by_world["baseline"]).to_numpy()
    found = rows_of(table, policy, "attainment_probability")
    np.testing.assert_allclose(found.value[CAPABILITIES], by_world[policy].mean("world"), atol=1e-12)
    np.testing.assert_allclose(found.baseline[CAPABILITIES], by_world["baseline"].mean("world"), atol=1e-12)
    np.testing.assert_allclose(found.difference[CAPABILITIES], change.mean(axis=0), atol=1e-12)
    np.testing.assert_allclose(found.standard_error[CAPABILITIES], error_of_groups(change), atol=1e-9)


def test_a_paired_difference_is_surer_than_that_of_two_samples(table, compared):
    """The same luck pays: the error of the change in exposure is less than that of two independent runs."""
    change = table[(table.policy == "caution") & (table.quantity == "exposure_mean")].standard_error.item()
    two = compared.exposure_mean_se.sel(capability="early", policy=["baseline", "caution"]).to_numpy()
    assert 0.0 < change < 0.5 * np.hypot(*two)


def test_the_table_comes_back_from_a_file(table, tmp_path):
    table.to_csv(tmp_path / "t.csv", index=False)
    back = pd.read_csv(tmp_path / "t.csv", keep_default_na=False, na_values={"baseline": [""], "value": [""]})
    pd.testing.assert_frame_equal(back, table)


def test_the_table_does_not_depend_on_samples(compared, table):
    alone = compared.drop_dims(["world", "future", "parameter"])
    pd.testing.assert_frame_equal(engine.paired_table(alone), table)


def test_a_run_of_the_baseline_alone_has_an_empty_table(kept):
    empty = engine.paired_table(kept)
    assert list(empty.columns) == COLUMNS
    assert len(empty) == 0
    assert "baseline" in comparison(kept)


def told_classes(text):
    return set(re.findall(r"years later: (\w+)", text))


def test_a_comparison_tells_of_every_policy_and_capability(compared):
    """Policies in the summary and as headings; delays of the class most often first and of the last."""
    text = comparison(compared)
    for policy in POLICIES:
        assert len(re.findall(rf"^{policy}\b", text, re.MULTILINE)) == 2
    assert len(re.findall(r"^baseline\b", text, re.MULTILINE)) == 1
    assert text.count("early (dangerous)") == text.count("late (valuable)") == len(POLICIES)
    assert told_classes(text) == {"lab", "outsider"}
    assert "nan" not in text


def test_a_comparison_tells_of_the_classes_that_are_asked_for(compared):
    assert told_classes(comparison(compared, ["follower"])) == {"follower"}
    assert told_classes(comparison(compared, CLASSES)) == set(CLASSES)


def test_the_text_has_the_numbers_of_the_table(compared, table):
    """Delays and exposure to three places, with sign and error."""
    text = comparison(compared, ["lab"])
    (part,) = re.findall(r"^caution$(.*?)(?=^\w|\Z)", text, re.DOTALL | re.MULTILINE)
    (row,) = (line for line in part.splitlines() if "early (dangerous)" in line)
    for quantity, actor_class in (("attainment_delay", "lab"), ("exposure_mean", ""), ("incidents_mean", "")):
        of = table[(table.policy == "caution") & (table.quantity == quantity) & (table.capability == "early")]
        number = of[of.actor_class == actor_class].iloc[0]
        assert f"{number.difference:+.3f} +- {number.standard_error:.3f}" in row


def test_a_certain_delay_is_told():
    """Every run half a year later, in every future: no error, but a difference."""
    licence = {"measure": "licensing", "threshold": 1e24, "licence_delay": 0.5}
    results = engine.simulate(scenario(policies={"licences": {"measures": [licence]}}), 2, 2, 1)
    delays = engine.paired_table(results).set_index("quantity").loc["attainment_delay"]
    assert (delays.difference, delays.standard_error) == (pytest.approx(0.5, abs=1e-5), 0.0)
    assert "+0.5" in comparison(results)


def test_a_mean_loss_of_unknown_error_is_not_given(compared):
    """One rule in text and tables: an error that is not known does not suffice for a heavy tail."""
    unknown = compared.assign({name: compared[name] * np.nan for name in ("loss_mean_se", "loss_mean_difference_se")})
    lines = comparison(unknown).splitlines()
    (row,) = [line for line in lines if line.startswith("baseline ")]
    assert TOO_FEW in row
    assert "?" not in row
