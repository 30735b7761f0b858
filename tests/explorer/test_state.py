"""States go into an address and come back; what an address may ask is limited, and refused in words."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.explorer.state import (
    MOST_FUTURES,
    MOST_LETTERS,
    MOST_SEED,
    State,
    checked,
    first_state,
    query_of,
    state_of,
    union,
    whole,
    with_timeline,
)


@st.composite
def states(draw, offer):
    """Any state that the page can come to."""
    moved = [
        (one.path, one.at(one.place(one.low) + draw(st.floats(0.0, 1.0)) * (one.place(one.high) - one.place(one.low))))
        for one in offer.assumptions
        if draw(st.booleans())
    ]
    worlds = draw(st.integers(1, MOST_FUTURES))
    futures = draw(st.integers(1, MOST_FUTURES // worlds))
    timeline = st.tuples(st.integers(0, worlds - 1), st.integers(0, futures - 1))
    sides = st.lists(st.sampled_from(list(offer.by_name)), unique=True).map(tuple)
    return checked(
        State(
            tuple(moved),
            draw(sides),
            draw(sides),
            draw(st.sampled_from(offer.scenario.capability_names)),
            draw(st.sampled_from(offer.scenario.class_names)),
            draw(st.integers(0, MOST_SEED)),
            worlds,
            futures,
            draw(st.none() | timeline),
        ),
        offer,
    )


@pytest.mark.property
@given(st.data())
def test_an_address_brings_the_state_back(offer, data):
    state = data.draw(states(offer))
    query = query_of(state, offer)
    assert state_of(query, offer) == state
    assert state_of(f"?{query}", offer) == state
    assert query_of(state_of(query, offer), offer) == query


def test_the_first_state_needs_no_address(offer):
    first = first_state(offer)
    assert query_of(first, offer) == ""
    assert state_of("", offer) == first
    assert (first.side_a, first.side_b, first.worlds * first.futures) == ((), ("caution",), 2_048)


def test_an_address_says_what_it_asks(offer, state):
    pairs = dict(parse_qsl(query_of(state, offer), keep_blank_values=True))
    assert pairs["a"] == "support"
    assert pairs["b"] == "caution,brake"
    assert (pairs["seed"], pairs["worlds"], pairs["futures"], pairs["timeline"]) == ("7", "12", "5", "3,2")
    assert [path for path in pairs if "." in path] == [path for path, _ in state.moved]


def test_sides_are_unions(offer):
    """What policies share is taken once."""
    licensing, security = offer.by_name["caution"].measures
    both = union(("caution", "brake"), offer)
    assert both[:2] == [licensing, security]
    assert [measure["measure"] for measure in both] == [
        *("licensing", "security_standard", "compute_cap", "defence_programme")
    ]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("x=1", "'x' in this address is unknown"),
        ("hardware.price_performance.x=1", "is unknown"),
        ("seed=-1", "seed takes a whole number of at most 9,007,199,254,740,992, not '-1'"),
        ("seed=9007199254740993", "seed"),
        ("worlds=1e3", "worlds takes a whole number"),
        ("worlds=0", "worlds must be 1 to"),
        ("worlds=100000&futures=2", "more than the 100,000 that a page simulates"),
        ("worlds=999999999999999999999999", "worlds takes a whole number"),
        ("algorithms.efficiency_trend=x", "takes a number, not 'x'"),
        ("algorithms.efficiency_trend=nan", "can be set between"),
        ("algorithms.efficiency_trend=inf", "can be set between"),
        ("algorithms.efficiency_trend=99", "can be set between"),
        ("a=cautious", "no measures are called 'cautious'; did you mean 'caution'?"),
        ("capability=x", "no capability is called 'x'"),
        ("class=<script>alert(1)</script>", "no actor class is called"),
        ("timeline=1", "timeline takes a whole number"),
        ("timeline=1024,0", "worlds are 0 to 1023, and their futures 0 to 1"),
        ("seed=1&seed=2", "occurs twice"),
        ("a=%00%ff", "no measures are called"),
        ("x" * (MOST_LETTERS + 1), "at most 8,000 are read"),
        ("&".join(f"k{n}=1" for n in range(300)), "has 300 fields; at most 100 are read"),
        ("seed=%D9%A1", "whole number"),
    ],
)
def test_hostile_addresses_are_refused_in_words(offer, query, words):
    with pytest.raises(ValueError, match=re.escape(words)) as raised:
        state_of(query, offer)
    assert len(str(raised.value)) < 1000


@pytest.mark.parametrize("written", [None, True, 1.5, -1, "1 ", "", [1], 2**60])
def test_what_a_field_cannot_hold(written):
    with pytest.raises(ValueError, match="worlds takes a whole number of at most 100,000"):
        whole("worlds", written)


def test_an_empty_field_is_called_empty():
    for written in (None, ""):
        with pytest.raises(ValueError, match="of at most 100,000, and the field is empty"):
            whole("worlds", written)


def test_a_side_with_too_many_measures_is_named(offer, state):
    """Each of many policies holds measures of its own."""
    brake = offer.by_name["brake"]
    many = []
    for number in range(17):
        one = replace(brake, name=f"brake_{number}", measures=({**brake.measures[0], "start": 2025.0 + number},))
        many.append(one)
    large = replace(offer, measures=(*offer.measures, *many))
    asked = replace(state, side_b=tuple(one.name for one in many))
    with pytest.raises(ValueError, match="on side B, 17 policies have 17 measures, and a side takes 16; untick one"):
        checked(asked, large)


def test_a_measure_that_changes_at_dates_counts_once_for_each_part(offer, state):
    brake = offer.by_name["brake"]
    two = []
    for last in (8, 9):
        dated = {str(2025 + n): 0.5 for n in range(last)}
        two.append(replace(brake, name=f"dated_{last}", measures=({**brake.measures[0], "compliance": dated},)))
    with pytest.raises(ValueError, match="on side B, 2 policies have 17 measures, and a side takes 16; untick one"):
        checked(replace(state, side_b=("dated_8", "dated_9")), replace(offer, measures=(*offer.measures, *two)))


def test_a_story_is_of_the_futures_shown(offer, state):
    assert with_timeline(state, [4, 1], offer).timeline == (4, 1)
    assert with_timeline(state, None, offer).timeline is None
    with pytest.raises(ValueError, match="give a world from 0 to 11 and a future from 0 to 4"):
        with_timeline(state, [3, None], offer)
    with pytest.raises(ValueError, match="worlds are 0 to 11, and their futures 0 to 4"):
        with_timeline(state, [12, 0], offer)


def test_a_median_as_in_the_scenario_is_not_moved(offer, state):
    one = offer.assumptions[0]
    assert checked(replace(state, moved=((one.path, one.median),)), offer).moved == ()
