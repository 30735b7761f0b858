"""Numbers of measures that change at dates: how they are written, drawn, counted, shown and refused."""

from __future__ import annotations

import math

import numpy as np
import pytest
from helpers import policy, scenario_data

import engine
from engine.analyses.compare.surprising_signs import expected_sign
from engine.analyses.sensitivity.experiment import factors
from engine.scenario import ScenarioError, WorldSampler, scenario_hash
from engine.scenario.origins import parts, without_source
from engine.text.format import number_in_words

STANDARD = {"measure": "security_standard"}
BETA, LATER = {"beta": {"alpha": 2, "beta": 6}}, {"beta": {"alpha": 6, "beta": 2}}


def written(*measures, **changes):
    return {**scenario_data(**changes), "policies": {"p": {"measures": list(measures)}}}


def refused(*measures, **changes):
    with pytest.raises(ScenarioError) as error:
        engine.parse_scenario(written(*measures, **changes))
    return str(error.value)


@pytest.mark.parametrize(
    ("dated", "said"),
    [
        ({2027: 0.5}, "least_security: a single date changes nothing; write the number alone, or a second date"),
        ({2030: 0.5, 2027: 0.2}, "least_security.2027: is not after 2030; write the dates in rising order"),
        ({2027: 0.5, "2027.0": 0.2}, "least_security: a date is given twice; remove one"),
        ({2027: 2, 2030: 0.5}, "least_security.2027: 2 is out of range; use 0 to 1"),
        ({2027: 0.5, 2030: None}, "least_security.2030: must be a number, or a distribution such as"),
        ({2027: 0.5, 2030: {"uniform": {"low": 1}}}, "least_security.2030.uniform: "),
        ({202: 0.5, 2030: 0.6}, "least_security.202: 202 year is out of range; use 1950 to 2400"),
        ({"2027-06-01": 0.5, 2030: 0.6}, "least_security.2027-06-01: '2027-06-01' is not a date; write 2027.414"),
        ({2027: 0.5, "later": 0.6}, "least_security.later: 'later' is not a date; write years, such as {2027: 0.5"),
        ({2027: 50, "unit": "%"}, "least_security.unit: 'unit' is not a date; each value has its own, such as `2027:"),
        ({2027: 0, "5": None}, "least_security.2027: a comma ends the number here; write 2027: 0.5"),
        ({2027: {2028: 0.5, 2029: 0.6}, 2030: 0.7}, "least_security.2027: a value of a schedule has no dates"),
        ({"value": 0.5, 2027: 0.6}, "least_security.2027: unknown key next to value"),
    ],
)
def test_the_place_and_the_right_form_of_a_wrong_one(dated, said):
    assert f"policies.p.measures.0.{said}" in refused({**STANDARD, "least_security": dated})


@pytest.mark.parametrize("key", ["start", "delay", "end", "duration", "exit_rate", "trigger_compute"])
def test_only_levers_and_compliance_change(key):
    said = refused({**STANDARD, "least_security": 0.5, key: {2027: 1, 2030: 2}})
    assert f"{key}.2027: only levers and `compliance` of a measure change at dates; write one number" in said


def test_no_other_number_changes_at_dates():
    changes = {"actor_classes": {"actor": {"security": {2027: 0.1, 2030: 0.2}}}}
    assert "actor_classes.actor.security.2027: only levers" in refused({**STANDARD, "least_security": 0.5}, **changes)


def test_a_policy_has_so_many_parts_at_most():
    def dated(values):
        return {**STANDARD, "least_security": {2020 + n: n / 100 for n in range(values)}}

    assert policy(engine.parse_scenario(written(dated(8), dated(8))), "p")["n_measures"] == 16
    said = refused(dated(8), dated(9))
    assert "policies.p.measures: with their dates these are 17 measures, more than 16; give fewer dates" in said


def test_a_file_names_the_line_and_is_kept_as_one(tmp_path):
    """As YAML, whose keys are text; written out and read again it is the same scenario."""
    text = "extends: baseline\npolicies:\n  p:\n    measures:\n      - measure: security_standard\n"
    file = tmp_path / "dated.yaml"
    file.write_text(
        f"{text}        least_security:\n          2027: 0.5\n          2030.5: {{value: 190, unit: '%'}}\n"
    )
    with pytest.raises(ScenarioError, match=r"dated.yaml:8: policies.p.measures.0.least_security.2030.5: 190 % is out"):
        engine.load_scenario(file)
    file.write_text(file.read_text().replace("190", "90"))
    loaded = engine.load_scenario(file)
    (tmp_path / "again.yaml").write_text(loaded.yaml)
    assert scenario_hash(engine.load_scenario(tmp_path / "again.yaml")) == scenario_hash(loaded)
    assert str(loaded.policies["p"].measures[0].least_security) == "0.5 fraction from 2027, 90 % from 2030.5"
    assert policy(loaded, "p")["least_security"][:2].tolist() == pytest.approx([0.5, 0.9])


def test_all_dates_share_one_draw_and_so_do_policies():
    """What rises in distribution rises in every world; the number of the undated measure has the same draw."""
    measure = {**STANDARD, "least_security": {2027: BETA, 2030.5: LATER}, "compliance": {2027: 0.2, 2029: 0.4}}
    data = written(measure, {"measure": "compute_cap", "max_compute": 1e27})
    data["policies"]["plain"] = {"measures": [{**STANDARD, "least_security": BETA}]}
    spec = engine.parse_scenario(data)
    sampler = WorldSampler(spec, 200, 1)
    drawn = np.asarray(sampler.draw(0, 200)[1]["least_security"])
    assert list(spec.uncertain()) == [
        "policies.p.security_standard.least_security.2027",
        "policies.p.security_standard.least_security.2030.5",
        "policies.plain.security_standard.least_security",
    ]
    assert sampler.drawn == factors(spec, "p") == ["measures.security_standard.least_security"]
    first, between, last = drawn[:, 1, :3].T
    assert (first < last).all()
    np.testing.assert_array_equal(first, between)
    np.testing.assert_array_equal(first, drawn[:, 2, 0])
    assert not drawn[:, 1, 3].any()


def test_the_hash_has_every_date_and_value():
    def hashed(dated):
        return scenario_hash(engine.parse_scenario(written({**STANDARD, "least_security": dated})))

    dated = [0.5, {2027: 0.5, 2030: 0.9}, {2027: 0.5, 2030.25: 0.9}, {2027: 0.5, 2030: 0.8}, {2026: 0.5, 2030: 0.9}]
    hashes = [hashed(one) for one in [*dated, {2027: 0.5, 2028: 0.5, 2030: 0.9}]]
    assert len(set(hashes)) == len(hashes)
    assert hashed({"2027": 0.5, "2030.0": 0.9}) == hashes[1]


def test_each_value_has_a_source_of_its_own():
    sourced = {2027: {"value": 0.5, "source": "One 2020"}, 2030: {"value": 0.9}}
    spec = engine.parse_scenario(written({**STANDARD, "least_security": sourced}))
    found = [one for one in without_source(spec) if one.startswith("policies")]
    assert found == ["policies.p.security_standard.least_security.2030"]
    *_, part = parts(spec)
    assert [(key, str(number)) for key, number in part.given] == [
        ("least_security.2027", "0.5 fraction"),
        ("least_security.2030", "0.9 fraction"),
    ]
    assert "compliance" in part.left
    assert "0.5 fraction from 2027, 0.9 fraction from 2030" in spec.policies["p"].measures[0]._repr_html_()


def test_dates_in_words():
    said = "least security of security standard of p"
    assert number_in_words("policies.p.security_standard.least_security") == said
    assert number_in_words("policies.p.security_standard.least_security.2030.5") == f"{said} from 2030.5"


@pytest.mark.parametrize(("later", "sign"), [(3, -1), (0.5, 0)])
def test_funding_that_becomes_a_cut_is_no_support(later, sign):
    funding = {"measure": "research_funding", "research_multiplier": {2020: 2, 2025: later}}
    assert expected_sign(engine.parse_scenario(written(funding)).policies["p"]) == sign


def test_the_most_breakthroughs_are_those_of_the_largest_factor():
    funding = {"measure": "research_funding", "research_multiplier": {2020: 1, 2025: 50}}
    changes = {"algorithms": {"breakthrough_rate": 1000}, "actor_classes": {"actor": {"research_share": 1}}}
    assert "policies.p: up to 5e+05 breakthroughs per future are more than 20000" in refused(funding, **changes)


def test_an_unchanged_measure_has_one_part():
    spec = engine.parse_scenario(written({**STANDARD, "least_security": 0.5}))
    assert spec.policies["p"].measures[0].stretches() == [(-math.inf, math.inf)]
