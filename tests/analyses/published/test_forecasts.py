"""Forecasts beside the engine's own: each quantity by hand, harm against both clocks, and the prior predictive."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from forecast_rows import BY, YEAR, forecasts
from helpers import NO_POLICY, error_of_groups, merged, oom, scenario, scenario_data
from hypothesis import given
from hypothesis import strategies as st
from shell import call
from small_run import RICH
from written import assert_labelled_and_survives

import engine
from engine.analyses.published.forecast_experiment import replayed_harm, risk_with_access
from engine.analyses.published.forecast_quantities import Sources
from engine.analyses.published.forecast_summary import forecast_rows, forecasts_in_words, share_in_words
from engine.analyses.published.forecasts import forecast_comparison
from engine.analyses.published.prior_predictive import prior_predictive
from engine.rules.harm import incident_hazard, incident_loss
from engine.rules.hosting import unguarded
from engine.rules.world import Actor
from engine.scenario import WorldSampler

NAN, INF = np.nan, np.inf
NAMES, CLASSES, YEARS = ["virus", "worm", "drug"], ["lab", "gang"], [2025.0, 2030.0, 2035.0]
LOSSES = [1e9, 1e11]
#: log10 US$ by class, the same for every capability, and year: the gang is cheaper in 2030 and reaches nothing in 2035.
COSTS = np.array([[[9.0, 8.0, 7.0]], [[10.0, 7.5, NAN]]]).repeat(3, axis=1)
ATTRS = {"scenario_name": "made up", "worlds": 2, "futures": 2, "seed": 1}
YEARLY = {"quantity": "yearly_loss", "loss": "", "unit": "US$", "capabilities": "worm", "high": ""}


def of_futures(values, futures=2, **dims):
    array = np.asarray(values, dtype=float).reshape(2, futures, *(len(places) for places in dims.values()))
    return xr.DataArray(array, {"world": [0, 1], "future": range(futures)} | dims, ("world", "future", *dims))


def sources(incidents=NAN, lost=0.0, rate=0.0, attained=NAN, stolen=NAN, used=NAN):
    """Two worlds of two futures, of which the first is replayed; what is not given is a constant.

    The second class alone is malicious, at the `rate`, and services let a quarter of its attempts through.
    """

    def filled(value, futures=2, **dims):
        shape = (2, futures, *(len(places) for places in dims.values()))
        return of_futures(np.broadcast_to(np.asarray(value, dtype=float), shape), futures, **dims)

    kinds = {"capability_kind": ("capability", ["dangerous", "dangerous", "valuable"])}
    futures = xr.Dataset(
        {
            "attainment_time": filled(attained, actor_class=CLASSES, capability=NAMES).assign_coords(kinds),
            "use_time": filled(used, actor_class=CLASSES, capability=NAMES),
            "future_compute": filled([[25, 27, 28], [24, 28, NAN]], actor=["a", "b"], year=YEARS),
            "capability_cost": filled(COSTS, actor_class=CLASSES, capability=NAMES, year=YEARS),
        },
        {"time": YEARS},
        ATTRS,
    )
    harm = xr.Dataset(
        {
            "first_incident": filled(incidents, 1, capability=NAMES, loss=LOSSES),
            "loss_of_year": filled(lost, 1, capability=NAMES, year=YEARS),
            "first_theft": filled(stolen, 1, actor_class=CLASSES),
        }
    )
    rates = np.zeros((2, 2, 3, 2, 2))
    rates[:, 1] = rate
    risk = xr.Dataset(
        {
            "rate": (("world", "actor_class", "capability", "loss", "defended"), rates),
            "through": (("world", "actor_class"), np.full((2, 2), 0.25)),
        },
        {"world": [0, 1], "actor_class": CLASSES, "capability": NAMES, "loss": LOSSES, "defended": [0, 1]},
    )
    return Sources(futures, harm, risk)


def compared(folder, change, **given):
    return forecast_comparison(forecasts(folder, change), sources(**given)).squeeze("forecast")


# Quantities.


#: First incidents of two replayed futures, by capability and loss: of 1e11 only the second has one, of worm in 2033.
INCIDENTS = [[[[2028, NAN], [2027, NAN], [NAN, NAN]]], [[[2034, NAN], [2029, 2033], [2026, 2026]]]]


@pytest.mark.parametrize(
    ("loss", "time", "capabilities", "ours"),
    [
        ("1e9", "2027.5", "", 0.5),
        ("1e9", "2027", "", 0.5),
        ("1e9", "2026.5", "", 0.0),
        ("1e9", "2031", "virus", 0.5),
        ("1e9", "2031", "", 1.0),
        ("1e11", "2032", "", 0.0),
        ("1e11", "2033", "", 0.5),
        ("1e11", "2051", "", 0.5),
    ],
)
def test_the_probability_of_a_large_incident_is_the_share_of_futures_with_one(tmp_path, loss, time, capabilities, ours):
    """All dangerous capabilities if none is named: the third is valuable, and its incidents do not count."""
    change = {"loss": loss, "time": time, "capabilities": capabilities, "low": "0", "high": "1"}
    found = compared(tmp_path, change, incidents=INCIDENTS)
    assert (found.ours, found.difference, found.counted) == (ours, ours - 0.5, 2)
    assert found.ours_se == pytest.approx(0.5 if ours == 0.5 else 0.0)
    assert found.ours_at == min(float(time), 2035.0)
    assert np.isnan([found.ours_low, found.ours_high, found.ratio]).all()


def test_the_year_of_the_first_incident_is_of_futures_that_have_one(tmp_path):
    change = {"quantity": "incident_year", "unit": "year", "time": "", "central": "2030", "low": "2030", "high": "2032"}
    found = compared(tmp_path, change, incidents=INCIDENTS)
    assert (found.ours, found.ours_low, found.ours_high, found.counted, found.inside) == (2033, 2033, 2033, 1, 0)
    found = compared(tmp_path, change | {"loss": "1e9"}, incidents=INCIDENTS)
    assert (found.ours, found.ours_low, found.ours_high, found.counted) == (2027.0, 2027.0, 2029.0, 2)
    none = compared(tmp_path, change)
    assert np.isnan([none.ours, none.difference, none.inside, none.unknown]).all()


def test_a_yearly_risk_is_a_mean_over_worlds(tmp_path):
    rate = np.zeros((2, 3, 2, 2))
    rate[0, :2, 1] = [[0.1, 0.05], [0.3, 0.15]]
    rate[1, :2, 1, 0] = 0.01
    change = {"quantity": "yearly_risk", "capabilities": "virus worm", "time": "", "low": "", "high": ""}
    found = compared(tmp_path, change, rate=rate)
    each = [1.0 - math.exp(-0.4), 1.0 - math.exp(-0.02)]
    assert float(found.ours) == pytest.approx(sum(each) / 2)
    assert float(found.ours_se) == pytest.approx(abs(each[0] - each[1]) / 2)
    assert [float(found.ours_low), float(found.ours_high)] == pytest.approx(each[::-1])
    behind = compared(tmp_path, change | {"quantity": "defended_yearly_risk"}, rate=rate)
    assert float(behind.ours) == pytest.approx((1.0 - math.exp(-0.2)) / 2)
    assert np.isnan(found.inside)


def test_a_yearly_risk_is_by_use_where_a_service_comes_first(tmp_path):
    """In one future of the first world a service brings both capabilities to the class, in the other only one."""
    rate = np.zeros((2, 3, 2, 2))
    rate[0, :2, 1] = 0.2
    attained, used = np.full((2, 2, 2, 2, 3), NAN)
    used[0, :, 1, 0] = used[0, 0, 1, 1] = 2028.0
    used[0, 1, 1, 1], attained[0, 1, 1, 1] = 2030.0, 2029.0
    attained[0, 0, 1, 0] = 2028.5
    change = {"quantity": "yearly_risk", "capabilities": "virus worm", "time": "", "low": "", "high": ""}
    found = compared(tmp_path, change, rate=rate, attained=attained, used=used)
    each = [1.0 - math.exp(-0.2 * share) for share in (0.25 + 0.25, 0.25 + 1.0)]
    assert float(found.ours) == pytest.approx(sum(each) / 4)


def test_the_loss_of_a_year_is_a_median_with_a_ratio(tmp_path):
    lost = np.zeros((2, 1, 3, 3))
    lost[0, 0, 1, 1], lost[1, 0, 1, 1] = 3e9, 5e9
    lost[:, 0, 0, 1] = 1e12
    change = YEARLY | {"time": "2030", "central": "6e9", "low": "1e9"}
    found = compared(tmp_path, change, lost=lost)
    assert (found.ours, found.ours_low, found.ours_high, found.inside) == (3e9, 3e9, 5e9, 1)
    assert found.ratio == 0.5
    pair = compared(tmp_path, change | {"capabilities": "virus worm"}, lost=lost)
    assert pair.ours == 1.003e12


#: By world, future, class and capability; of drug nobody, both, the lab, the gang.
ATTAINED = [
    [[[2026, 2027, NAN], [2030, 2028, NAN]], [[2026, 2027, 2031], [2025, NAN, 2029.5]]],
    [[[2026, 2032, 2030], [NAN, NAN, NAN]], [[2036, 2027, NAN], [2035, 2030, 2034]]],
]


def test_a_capability_is_first_anyones(tmp_path):
    year = YEAR | {"capabilities": "drug", "central": "2031", "low": "2031", "high": ""}
    found = compared(tmp_path, year, attained=ATTAINED)
    assert (found.ours, found.ours_low, found.unknown, found.inside) == (2030.0, 2029.5, 0.25, 0.0)
    assert np.isnan(found.ours_high)
    assert found.difference == -1.0
    for time, share in (("2029", 0.0), ("2029.5", 0.25), ("2030", 0.5), ("2048", 0.75)):
        by = compared(tmp_path, BY | {"capabilities": "drug", "time": time}, attained=ATTAINED)
        assert (by.ours, by.counted, by.counted_worlds) == (share, 4, 2)
    assert by.ours_at == 2035.0
    assert by.inside == 0.0


# Harm of replayed futures, and risk of worlds.


def test_harm_is_that_of_the_events_and_of_the_monte_carlo_clock():
    """Losses, incidents and thefts of the first future of each world, counted again from the events."""
    thieves = {"outsider": {"count": 4, "theft_rate": 1.0}}
    rich = engine.parse_scenario(scenario_data(**merged(RICH, {"actor_classes": thieves})), "rich")
    losses = [1e7, 1e9]
    found = replayed_harm(rich, 12, 40, 7, losses)
    kept = engine.simulate(rich, 40, 1, 7, keep="samples").squeeze("policy").isel(world=slice(12))
    lost = found.loss_of_year.sum("year").sel(capability="early")
    np.testing.assert_allclose(lost.values, kept.future_loss.values, rtol=1e-4, atol=2e3)
    assert float(found.loss_of_year.sel(capability="late").max()) == 0.0
    assert (lost > 0.0).any()
    for w in range(12):
        events = engine.replay(rich, w, 0, worlds=40, seed=7).events
        for loss in losses:
            times = [e.time for e in events.itertuples() if e.event == "incident" and 10.0**e.log10_usd >= loss]
            one = found.first_incident.sel(capability="early", loss=loss).values[w, 0]
            np.testing.assert_equal(one, min(times, default=NAN))
        for name in ("lab", "follower", "outsider"):
            times = [e.time for e in events.itertuples() if e.event == "theft" and e.actor_class == name]
            np.testing.assert_equal(found.first_theft.sel(actor_class=name).values[w, 0], min(times, default=NAN))
        for year in (2026, 2031):
            of_year = [
                10.0**e.log10_usd for e in events.itertuples() if e.event == "incident" and year - 1 <= e.time < year
            ]
            assert found.loss_of_year.sel(capability="early", year=year).values[w, 0] == pytest.approx(sum(of_year))
    assert found.first_incident.notnull().any()
    assert found.first_theft.notnull().any()
    with pytest.raises(ValueError, match="replays must be 1 to the number of worlds, 6, not 7"):
        replayed_harm(rich, 7, 6, 7, losses)


def test_incidents_by_users_of_services_are_incidents():
    """Nobody but the host has the capability, so that every loss is by its users."""
    classes = {"host": {"hosting": 1.0}, "attackers": {"run_duration": 20, "budget": 1.0, "attempt_rate": 3.0}}
    harmful = {"success_probability": 0.5, "loss_median": 1e6}
    spec = scenario(actor_classes=classes, capabilities={"skill": harmful})
    kept = engine.simulate(spec, 3, 1, 7, keep="samples").squeeze("policy")
    found = replayed_harm(spec, 3, 3, 7, [1e6])
    assert (kept.future_hosted_loss == kept.future_loss).all()
    assert (kept.future_loss > 0.0).all()
    np.testing.assert_allclose(found.loss_of_year.sum(("capability", "year")).values, kept.future_loss.values)
    assert found.first_incident.notnull().all()


@pytest.mark.known
@given(
    median=st.floats(6.0, 13.0), sd=st.floats(0.0, 1.5), start=st.floats(8.0, 13.0), index=st.floats(0.3, 2.0),
    loss=st.floats(7.0, 14.0),
)  # fmt: skip
def test_the_risk_with_access_is_that_of_the_rules(median, sd, start, index, loss):
    """Members x represented x rate x success, times the share of losses that the rule puts above the loss."""
    harm = {
        "success_probability": 0.02,
        "defence_effectiveness": 0.75,
        "defence_duration": 1.0,
        "loss_median": oom(median, "log10 US$"),
        "loss_sd": sd,
        "loss_tail_start": oom(start, "log10 US$"),
        "loss_tail_index": index,
    }
    classes = {"lab": {}, "gang": {"count": 3, "represents": 5, "attempt_rate": 0.4}, "mob": {"attempt_rate": 1.0}}
    spec = scenario(actor_classes=classes, capabilities={"good": {"kind": "valuable"}, "bad": harm})
    rate = risk_with_access(spec, 1, 0, [10.0**loss]).rate.sel(world=0, capability="bad").squeeze("loss")
    assert float(rate.sel(actor_class="lab").max()) == 0.0
    rate = rate.sum("actor_class")
    assert float(risk_with_access(spec, 1, 0, [10.0**loss]).rate.sel(capability="good").max()) == 0.0
    w = np.asarray(WorldSampler(spec, 1, 0).worlds())[0]
    w = w.view(np.dtype((np.record, w.dtype)))
    all_incidents = [
        sum(incident_hazard(w, *NO_POLICY, c, 1, n, 2025.0, ready) for c, n in ((1, 15), (2, 1)))
        for ready in (INF, 2025.0)
    ]
    # The share of losses above: the rule falls in the probability of a greater loss, so halve where it crosses.
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2.0
        low, high = (middle, high) if incident_loss(w, 1, middle) >= loss else (low, middle)
    # At a loss that many incidents have alike, what is above is a step of the rule.
    if min(abs(loss - median), abs(loss - start)) > 1e-6:
        np.testing.assert_allclose(rate.values, np.array(all_incidents) * low, rtol=1e-5, atol=1e-12)


@pytest.mark.known
def test_users_pass_the_least_guarded_host_that_serves_them_as_the_rule_says():
    """The careless host does not serve the mob, and a class that hosts nothing has no guard to pass."""
    guarded = {"hosting": 0.5, "safeguards": 0.6, "detection_rate": 4.0, "account_lag": 0.25}
    spec = scenario(
        actor_classes={
            **{"careful": guarded, "careless": {**guarded, "safeguards": 0.2}},
            **{"gang": {"attempt_rate": 1.0}, "mob": {"attempt_rate": 2.0}},
        },
        relations={"apart": {"of": ["careless"], "to": ["mob"], "serves": False}},
        capabilities={"bad": {"success_probability": 0.1, "loss_median": 1e6}},
    )
    through = risk_with_access(spec, 1, 0, [1e5]).through.squeeze("world")
    w = np.asarray(WorldSampler(spec, 1, 0).worlds())[0]
    w = w.view(np.dtype((np.record, w.dtype)))
    careful, careless = (float(unguarded(w, *NO_POLICY, Actor(c, 0, c), 2025.0)) for c in (0, 1))
    assert (careful, careless) == pytest.approx((0.2, 0.4))
    assert through.sel(actor_class=["gang", "mob"]).values.tolist() == pytest.approx([careless, careful])
    alone = scenario(actor_classes={"gang": {"attempt_rate": 1.0}})
    assert float(risk_with_access(alone, 1, 0, [1e5]).through.max()) == 0.0


def test_nothing_is_lost_beyond_the_ceiling():
    harm = {"success_probability": 0.5, "loss_median": 1e9, "loss_sd": 1.0}
    spec = scenario(
        actor_classes={"gang": {"attempt_rate": 1.0}}, capabilities={"bad": harm}, harm={"loss_ceiling": 1e12}
    )
    found = risk_with_access(spec, 1, 0, [1e9, 0.9e12, 1.1e12]).rate.sel(defended=0).squeeze()
    assert found.values[0] == pytest.approx(0.25)
    assert found.values[1] > 0.0
    assert found.values[2] == 0.0


# The prior predictive.


def test_the_prior_predictive_by_hand():
    stolen = np.array([[[NAN, 2029.0]], [[NAN, 2034.0]]])
    found = prior_predictive(sources(attained=ATTAINED, stolen=stolen))
    assert found["year"].values.tolist() == [2030.0, 2035.0]
    assert found["holder"].values.tolist() == ["anyone", "lab", "gang"]
    virus = found.attained.sel(capability="virus")
    np.testing.assert_array_equal(virus.sel(holder="anyone"), [0.75, 1.0])
    np.testing.assert_array_equal(virus.sel(holder="lab"), [0.75, 0.75])
    np.testing.assert_array_equal(virus.sel(holder="gang"), [0.5, 0.75])
    np.testing.assert_array_equal(found.attained.sel(capability="drug", holder="anyone"), [0.5, 0.75])
    assert found["capability_kind"].values.tolist() == ["dangerous", "dangerous", "valuable"]
    np.testing.assert_array_equal(found.stolen.sel(actor_class="gang"), [0.5, 1.0])
    np.testing.assert_array_equal(found.largest_run.sel(quantile=0.5), [28.0, 28.0])
    np.testing.assert_array_equal(found.cost.sel(quantile=0.95, capability="drug"), [7.5, 7.0])


def test_a_run_that_reaches_nothing_has_no_cost_and_a_short_scenario_its_horizon(tmp_path):
    given = sources(attained=ATTAINED)
    cost = given.futures.capability_cost.where(given.futures["capability"] != "drug")
    cost = cost.where((cost["capability"] != "virus") | (cost["world"] == 0))
    short = given.futures.assign(capability_cost=cost).isel(year=[0])
    found = prior_predictive(given._replace(futures=short))
    assert found["year"].values.tolist() == [2025.0]
    assert np.isnan(found.cost.sel(capability="drug")).all()
    assert found.cost.sel(capability="worm", quantile=0.5) == 9.0
    # Where half of the futures have no such run, the median is that of the dearest other and the 95% unknown.
    np.testing.assert_array_equal(found.cost.sel(capability="virus").squeeze(), [9.0, 9.0, NAN])


@pytest.mark.known
def test_errors_are_those_of_replicates_by_hand(rich):
    futures = engine.simulate(rich, 48, 3, 7, keep="prices").squeeze("policy", drop=True)
    harm = replayed_harm(rich, 16, 48, 7, [1e9])
    given = Sources(futures, harm, risk_with_access(rich, 48, 7, [1e9]))
    found = prior_predictive(given)
    by_world = (futures.attainment_time.sel(capability="early", actor_class="outsider") <= 2030).mean("future").values
    one = {"capability": "early", "holder": "outsider", "year": 2030.0}
    assert float(found.attained.sel(one)) == pytest.approx(by_world.mean())
    assert 0.0 < by_world.mean() < 1.0
    assert float(found.attained_se.sel(one)) == pytest.approx(float(error_of_groups(by_world)), rel=1e-6)


def test_a_scenario_without_danger_has_a_prior_predictive_too(monkeypatch, capsys, tmp_path):
    """Kind: no losses are asked for, no capability is dangerous, nobody steals."""
    forecasts(tmp_path, BY | {"capabilities": "example_capability", "time": "2035"})
    given = ("--forecasts", "--scenario", "minimal", "--figures", tmp_path / "forecasts.csv")
    size = ("--worlds", 4, "--futures", 1, "-o", tmp_path / "f.nc")
    code, out, err = call(monkeypatch, capsys, "published", *given, *size)
    assert (code, err) == (0, "")
    assert "  example_capability  " in out
    assert "who has" not in out
    code, out, err = call(monkeypatch, capsys, "published", "--forecasts", "--scenario", "minimal", *size)
    assert (code, out) == (2, "")
    assert err.endswith("external_forecasts.csv:2: capabilities: minimal has no dangerous capability; remove the row\n")


# What is printed and written.


def all_of(folder):
    given = sources(incidents=INCIDENTS, attained=ATTAINED)
    rows = ({}, {"note": "ours is less"}, BY | {"capabilities": "drug", "time": "2048", "note": "a post", "low": ""})
    return forecast_comparison(forecasts(folder, *rows), given).assign(prior_predictive(given))


def test_the_comparison_is_labelled_told_and_tabled(tmp_path):
    found = all_of(tmp_path)
    assert_labelled_and_survives(found, tmp_path)
    lines = [" ".join(line.split()) for line in forecasts_in_words(found).splitlines()]
    assert lines[0] == "made up: 2 worlds x 2 futures, seed 1; 2 of them replayed for incidents and thefts"
    assert sum(line.startswith("1e11 US$, by 2031 Someone 2026 50% (40% to 60%) <") for line in lines) == 2
    assert any(line.startswith("drug, by 2048 (ours 2035) Someone 2026 <= 50%") for line in lines)
    assert "[1] ours is less." in lines
    assert "[2] a post." in lines
    assert "Ours lies in 0 of 3 published intervals and bounds." in lines
    assert "Ours is lower than 2 of 3 published probabilities, and higher than 1." in lines
    rows = forecast_rows(found)
    assert rows.loc[2, ["quantity", "time", "ours_time", "central", "ours"]].tolist() == [
        "capability_by",
        2048.0,
        2035.0,
        0.5,
        0.75,
    ]
    assert rows.note.tolist() == ["ours is less", "ours is less", "a post"]


def test_a_share_of_none_or_all_has_a_limit():
    assert share_in_words(0.0, 0.0, 1000) == "< 0.5%"
    assert share_in_words(1.0, 0.0, 1000) == "> 99.5%"
    assert share_in_words(0.5, 0.01, 1000) == "50.0% +- 1.0%"
    assert share_in_words(0.5, NAN, 1) == "50.0% +- ?"


def test_the_command_prints_and_writes_what_the_functions_find(monkeypatch, capsys, tmp_path, governed_file):
    read = forecasts(tmp_path, {"loss": "1e8"}, BY | {"capabilities": "late"})
    target = tmp_path / "f.nc"
    given = ("--forecasts", "--scenario", governed_file, "--figures", tmp_path / "forecasts.csv", "--replays", 4)
    size = ("--worlds", 6, "--futures", 2, "--seed", 7, "-o", target)
    code, out, err = call(monkeypatch, capsys, "published", *given, *size)
    assert (code, err) == (0, "")
    spec = engine.load_scenario(governed_file)
    futures = engine.simulate(spec, 6, 2, 7, policies=["baseline"], keep="prices").squeeze("policy", drop=True)
    used = Sources(futures, replayed_harm(spec, 4, 6, 7, [1e8]), risk_with_access(spec, 6, 7, [1e8]))
    found = forecast_comparison(read, used).assign(prior_predictive(used))
    assert out == f"{forecasts_in_words(found)}\n\nWritten to {target} and {target.with_suffix('.csv')}\n"
    with xr.open_dataset(target) as written:
        xr.testing.assert_equal(written.load(), found)
    assert pd.read_csv(target.with_suffix(".csv")).quantity.tolist() == ["incident_probability", "capability_by"]
