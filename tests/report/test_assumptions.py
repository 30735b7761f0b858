"""Every number of a scenario stands in the report, with its source."""

from __future__ import annotations

from pathlib import Path

import pytest

import engine
from engine.document.page import LeftOut
from engine.document.run import Run
from engine.report.assumptions import appendix, assumed, shown
from engine.scenario.origins import KINDS, counts, kind_of, parts
from engine.scenario.quantities import FRACTION, LONG, MONEY, RATIO, YEARS

SCENARIOS = Path(__file__).parents[2] / "scenarios"


@pytest.fixture(scope="module")
def library() -> engine.Scenario:
    return engine.load_scenario(SCENARIOS / "policies.yaml")


def test_parts_hold_every_number_in_the_order_of_the_scenario(library):
    mine = [(key, number) for part in parts(library) for key, number in part.section.numbers()]
    assert mine == [(field, number) for _, field, _, number in library.number_paths()]


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("Ho et al. 2024", "source"),
        ("Assumption", "assumption"),
        ("  assumption: states agree", "assumption"),
        ("H100 rental prices; that they hold is an assumption", "source and assumption"),
        (" ", "none stated"),
    ],
)
def test_sources_are_told_from_assumptions(source, kind):
    assert kind_of(source) == kind


def test_every_number_given_is_counted_once(library):
    found = counts(library)
    assert sum(sum(of_group.values()) for of_group in found.values()) == sum(len(part.given) for part in parts(library))
    assert found["policies"]["none stated"] == 0


def test_uncertain_numbers_are_all_given(library):
    given = sum(1 for part in parts(library) for _, number in part.given if not number.is_constant)
    assert given == len(library.uncertain())


@pytest.mark.parametrize(
    ("quantity", "written", "words"),
    [
        (YEARS, 1.5, "1.5 years"),
        (RATIO, 2, "2"),
        (MONEY, 2.5e9, "2.5e9 US$"),
        (LONG, float("inf"), "infinite years"),
        (FRACTION, {"uniform": {"low": 0, "high": 1}}, "0.5 (0.05 to 0.95) fraction; uniform"),
        (
            YEARS,
            {"normal": {"p5": 1, "p95": 4}, "min": 0, "max": 1000, "unit": "months"},
            "2.5 (1.03 to 4) months; normal, at least 0, at most 1000",
        ),
    ],
)
def test_numbers_are_shown_with_interval_unit_and_family(quantity, written, words):
    assert shown(quantity.parse(written)) == words


def test_the_appendix_has_a_row_for_every_number_of_what_was_played(library):
    results = engine.simulate(library, 2, 1, policies=["compute_cap"])
    run = Run(results)
    section = appendix(run)
    rows = [row for part in section.parts for table in part.tables if len(table.columns) == 3 for row in table.rows]
    wanted = [
        (key, shown(number))
        for part in parts(library)
        if part.group != "policies" or part.name.startswith("compute_cap")
        for key, number in part.given
    ]
    assert [(key, value) for key, value, _ in rows] == wanted
    assert all(source for *_, source in rows)
    summary, policies, *_ = assumed(run).tables
    assert summary.rows[-1][1:] == tuple(
        f"{n:,}" for n in [*(sum(c[kind] for c in counts(library).values()) for kind in KINDS), len(_given(library))]
    )
    assert [row[0] for row in policies.rows] == ["compute cap"]


def _given(scenario):
    return [key for part in parts(scenario) for key, _ in part.given]


def test_without_a_scenario_both_sections_are_left_out(kept):
    for make in (assumed, appendix):
        assert isinstance(make(Run(kept)), LeftOut)
