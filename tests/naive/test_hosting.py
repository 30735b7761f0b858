"""Hosted access as docs/model.md states it, in plain Python: each host under the measures that it obeys."""

from __future__ import annotations

import math

import pytest
from helpers import world
from hypothesis import given
from hypothesis import strategies as st
from plain_measures import YEARS, policies, records

from engine.rules import hosting as rules
from engine.rules.luck import Stream, uniform
from engine.rules.world import Actor

pytestmark = [pytest.mark.known, pytest.mark.quick]

SHARES = st.sampled_from([0.0, 0.25, 0.5, 1.0])
RATES, LAGS = st.sampled_from([0.0, 0.5, 4.0]), st.sampled_from([0.0, 0.25, 1.0])


def hosts(measures):
    """(class, member, place among all actors) of each actor."""
    each = [(c, member) for c, of_class in enumerate(measures[0].obeying) for member in range(len(of_class))]
    return [(c, member, a) for a, (c, member) in enumerate(each)]


@given(
    st.integers(0, 1000), st.integers(0, 1), st.integers(0, 3), st.sampled_from([0, 1, 65_535]), st.booleans(), SHARES
)
def test_who_offers_a_service(future, c, member, run, dangerous, part):
    """A draw of the member and its run, against the share of its class, which a danger makes smaller."""
    w = world(class_address=[3, 7], hosting=[0.3, 1.0], hosting_dangerous=[part, part])
    drawn = uniform((1, 0, future), Stream.HOSTING, [3, 7][c], member * 65_536 + run)
    share = [0.3, 1.0][c] * (part if dangerous else 1.0)
    luck = rules.offer_luck((1, 0, future), w, c, member, run)
    assert luck == drawn
    assert rules.offers_service(w, c, luck, dangerous) == (drawn < share)


@given(YEARS, LAGS)
def test_deployment(finished, lag):
    assert rules.deployed(world(deployment_lag=[9.0, lag]), 1, finished) == finished + lag


@given(st.lists(st.sampled_from([0, 1, 2]), min_size=4, max_size=4), st.booleans(), st.booleans())
def test_whom_a_class_serves(places, first, second):
    """As the relation of the two classes says, in this direction; anyone without a relation."""
    w = world()
    w["relation"][:2, :2] = [places[:2], places[2:]]
    w["serves"][:3] = [1, first, second]
    for host in range(2):
        for user in range(2):
            assert rules.serves(w, host, user) == [True, first, second][places[2 * host + user]]


@given(
    policies(
        licenses_use=st.just(1),
        threshold=st.sampled_from([25.0, 26.0]),
        detection_probability=st.sampled_from([0.0, 0.5, 1.0]),
    ),
    st.integers(0, 1000),
    st.booleans(),
    YEARS,
    st.sampled_from([24.0, 25.0, 27.0]),
)
def test_licences_that_are_refused(measures, future, dangerous, offered, compute):
    """A service waits for the end of every licence whose evaluation finds its danger: one draw a model for all."""
    w, policy, regime = records(measures, class_address=[3, 5, 7])
    for c, member, a in hosts(measures):
        drawn = uniform((1, 0, future), Stream.MODEL_EVALUATION, [3, 5, 7][c], member * 65_536 + 2)

        def refused(t, c=c, member=member, drawn=drawn):
            asked = [one for one in measures if one["licenses_use"] and one["threshold"] <= compute]
            found = [one for one in asked if drawn < one["detection_probability"]]
            return dangerous and any(one.binds(c, member, t) for one in found)

        moments = sorted({offered, *(one.end for one in measures if one.end > offered)} - {math.inf})
        expected = next((moment for moment in moments if not refused(moment)), math.inf)
        who = Actor(c, member, a)
        found = rules.service_allowed((1, 0, future), w, policy, regime, who, 2, dangerous, offered, compute)
        assert found == expected


@given(policies(withdraws=st.just(1)), st.lists(st.sampled_from([0, 1, 2]), max_size=4), st.booleans(), YEARS)
def test_what_is_closed_to_a_class(measures, refused, dangerous, t):
    """While a measure that the host obeys refuses the class, or withdraws dangers; the service is there after its end.

    The first measures refuse a class each.
    """
    _, policy, regime = records(measures)
    refused = dict(enumerate(refused[: len(measures)]))
    for m, user in refused.items():
        policy["refuses"][m, user] = 1

    def closed(c, member, user, t):
        closing = ((dangerous and one["withdraws"] == 1) or refused.get(m) == user for m, one in enumerate(measures))
        return any(closes and one.binds(c, member, t) for closes, one in zip(closing, measures, strict=True))

    moments = sorted({t, *(one.end for one in measures if one.end > t)} - {math.inf})
    for c, member, a in hosts(measures):
        for user in range(3):
            assert rules.is_withdrawn(policy, regime, a, user, dangerous, t) == closed(c, member, user, t)
            expected = next((moment for moment in moments if not closed(c, member, user, moment)), math.inf)
            assert rules.in_service(policy, regime, a, user, dangerous, t) == expected


@given(
    policies(least_safeguards=SHARES, least_detection_rate=RATES, least_account_lag=LAGS, refusal=SHARES),
    SHARES,
    RATES,
    LAGS,
    YEARS,
)
def test_what_passes_a_host(measures, safeguards, rate, lag, t):
    """An account is open for 1 / rate years on average, and then missing for the lag; the strictest measure counts."""
    same = {"safeguards": [safeguards] * 3, "detection_rate": [rate] * 3, "account_lag": [lag] * 3}
    w, policy, regime = records(measures, **same)
    for c, member, a in hosts(measures):
        bound = [one for one in measures if one.binds(c, member, t)]
        stopped = max([safeguards, *(one["least_safeguards"] for one in bound)])
        closed = max([rate, *(one["least_detection_rate"] for one in bound)])
        missing = max([lag, *(one["least_account_lag"] for one in bound)])
        refused = max([0.0, *(one["refusal"] for one in bound)])
        open_share = (1.0 / closed) / (1.0 / closed + missing) if closed > 0.0 else 1.0
        expected = (1.0 - stopped) * (1.0 - refused) * open_share
        found = rules.unguarded(w, policy, regime, Actor(c, member, a), t)
        assert found == pytest.approx(expected, rel=1e-12, abs=1e-15)
