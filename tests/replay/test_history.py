"""The story of one future: its table, its first attainments, its text."""

import re
from html import escape

import numpy as np
import pytest
from helpers import scenario_data

import engine
from engine.replay.history import COLUMNS

pytestmark = pytest.mark.quick

BASELINE = engine.load_scenario("baseline")


@pytest.fixture(scope="module")
def history():
    return engine.replay(BASELINE, world=17, future=3, worlds=1000, seed=2026)


def test_events_are_in_order_within_the_horizon(history):
    events = history.events
    assert list(events.columns) == list(COLUMNS)
    assert events.time.is_monotonic_increasing
    assert events.time.between(2025, 2045, inclusive="left").all()


def test_every_run_that_finishes_began_a_duration_before(history):
    runs = history.events[history.events.event.isin(["run_start", "run_finish"])]
    for (_, _), pair in runs.groupby(["actor", "subject"]):
        if len(pair) == 2:
            begun, finished = pair.sort_values("time").itertuples()
            assert (begun.event, finished.event) == ("run_start", "run_finish")
            assert begun.log10_effective_flop == finished.log10_effective_flop, "what a run uses is fixed at its start"
        else:
            assert pair.event.item() == "run_start", "only the last run of an actor may be cut by the horizon"


def test_trained_attainments_reach_their_requirement(history):
    trained = history.events[history.events.route == "trained"]
    required = trained.subject.map(history.requirements)
    assert len(trained) > 0
    assert (trained.log10_effective_flop >= required).all()


def test_nobody_steals_or_takes_up_what_nobody_trained(history):
    events = history.events[history.events.event == "attainment"]
    for _, attained in events.groupby("subject"):
        assert attained.iloc[0].route == "trained"


def test_first_attainments(history):
    first = history.attainments
    assert list(first.columns) == ["actor_class", "capability", "time", "route"]
    assert not first.duplicated(["actor_class", "capability"]).any()
    every = history.events[history.events.event == "attainment"]
    earliest = every.groupby(["actor_class", "subject"]).time.min()
    for row in first.itertuples():
        assert row.time == earliest[row.actor_class, row.capability]


def test_the_same_address_is_the_same_story(history):
    again = engine.replay(BASELINE, world=17, future=3, worlds=1000, seed=2026)
    assert again.narrative(everything=True) == history.narrative(everything=True)
    other = engine.replay(BASELINE, world=17, future=4, worlds=1000, seed=2026)
    assert other.narrative() != history.narrative()


def test_the_narrative_tells_every_first_attainment_under_its_year(history):
    lines = history.narrative().splitlines()
    years = [int(line) for line in lines if line.isdigit()]
    assert years == sorted(set(years))
    ways = (" trains ", " takes up ", " runs a stolen model ")
    told = [line for line in lines if any(way in line for way in ways)]
    assert len(told) == len(history.attainments)
    assert len(history.narrative(everything=True).splitlines()) > 10 * len(told)


def test_the_heading_says_what_each_capability_needs():
    """Its effective compute, and its least training compute where there is one."""
    capabilities = {"free": {}, "large": {"least_compute": 1e25}}
    heading = engine.replay(engine.parse_scenario(scenario_data(capabilities=capabilities)), 0, 0).heading()
    assert "  free emerges at 10^26.0 effective FLOP" in heading
    assert "  large emerges at 10^26.0 effective FLOP, and at 10^25.0 FLOP of training compute" in heading


@pytest.mark.parametrize(("world", "future"), [(1000, 0), (-1, 0), (0, -1), (0, 2**32)])
def test_addresses_outside_the_run_are_refused(world, future):
    with pytest.raises(ValueError, match=r"world|future"):
        engine.replay(BASELINE, world=world, future=future, worlds=1000)


def test_a_future_of_each_sampling_can_be_replayed():
    for sampling in ("lhs", "qmc"):
        kept = engine.simulate(BASELINE, 8, 2, seed=5, sampling=sampling, keep="samples").attainment_time
        history = engine.replay(BASELINE, 6, 1, worlds=8, seed=5, sampling=sampling)
        seen = kept.sel(policy="baseline", world=6, future=1)
        times = np.sort(seen.values[np.isfinite(seen.values)])
        np.testing.assert_allclose(times, np.sort(history.attainments.time), atol=1.3e-4)


def test_a_notebook_shows_the_narrative_by_year(history):
    shown = history._repr_html_()
    lines = [line.strip() for line in history.narrative().splitlines()]
    for line in filter(None, lines):
        assert escape(" ".join(line.split())) in shown
    years = re.findall(r"<th scope=\"row\"[^>]*>(\d+)</th>", shown)
    assert years == [line for line in lines if line.isdigit()]
    assert shown.count("<br>") < len(lines)


def test_a_notebook_shows_a_future_in_which_nothing_happens():
    data = scenario_data(name="<b>", actor_classes={"actor": {"budget": 1.0, "entry_lag": 50}})
    shown = engine.replay(engine.parse_scenario(data), world=0, future=0)._repr_html_()
    assert "&lt;b&gt;: world 0, future 0" in shown
    assert "0 of 1 capabilities emerged" in shown
    assert "<tbody></tbody>" in shown
