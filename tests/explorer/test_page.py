"""What a reader of the page sees are the numbers of the dataset, and the stories of `engine.replay`."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from dash import html

import engine
from engine.explorer import ids, layout, tables
from engine.explorer.figures import DOTS, access_figure, attainment_figure, compute_figure, dots_figure
from engine.explorer.sides import SIDES, loaded
from engine.explorer.simulator import Simulated, difference
from engine.explorer.timeline import timeline_of
from engine.explorer.words import format_assumption, headlines, status, summary


def lines(figure):
    """The curves of a figure, in order."""
    return [one for one in figure["data"] if one.get("mode") == "lines+markers"]


def bands(figure):
    return [one for one in figure["data"] if one.get("fill") == "toself"]


def texts(part):
    """All text in a part of the page."""
    if isinstance(part, str):
        return [part]
    children = part if isinstance(part, list | tuple) else getattr(part, "children", None)
    if children is None:
        return []
    return [text for child in (children if isinstance(children, list | tuple) else [children]) for text in texts(child)]


def everything(part):
    """All components in a part of the page."""
    children = part if isinstance(part, list | tuple) else getattr(part, "children", None)
    inner = children if isinstance(children, list | tuple) else [children]
    found = [] if isinstance(part, list | tuple) else [part]
    return found + [one for child in inner if hasattr(child, "to_plotly_json") for one in everything(child)]


@pytest.mark.quick
def test_curves_are_probabilities_with_bands_of_their_limits(simulated):
    results = simulated.results
    figure = attainment_figure(results, "early", "follower")
    names = [(name, side) for name in ("lab", "follower", "outsider") for side in SIDES]
    assert len(lines(figure)) == len(bands(figure)) == len(names)
    for (name, side), line, band in zip(names, lines(figure), bands(figure), strict=True):
        there = results.sel(actor_class=name, capability="early", policy=side)
        wanted = there.sel(time=np.array(line["x"]), method="nearest")
        np.testing.assert_allclose(line["y"], wanted["attainment_probability"], atol=1e-5)
        low = wanted["attainment_probability_limits"].sel(limit="lower").values
        np.testing.assert_allclose(band["y"][: -len(low) - 1 : -1], low, atol=1e-5)
        assert line["line"]["dash"] == ("solid" if side == "side_a" else "dash")
        assert line["line"]["width"] == (3.0 if name == "follower" else 1.6)
        assert line["x"][-1] == results["time"].values[-1]
    assert figure["layout"]["yaxis"]["title"]["text"] == "probability of attainment"
    keys = [one["name"] for one in figure["data"] if one.get("showlegend", True)]
    assert keys == ["lab", "follower", "outsider", "side A", "side B"]


def test_access_and_compute_are_those_of_the_dataset(simulated):
    results = simulated.results
    access = access_figure(results, "early")
    assert [line["name"] for line in lines(access)] == ["side A", "side B"]
    for line, side in zip(lines(access), SIDES, strict=True):
        mean = results["actors_with_access_mean"].sel(policy=side, capability="early")
        np.testing.assert_allclose(line["y"], mean.sel(time=np.array(line["x"]), method="nearest"), rtol=1e-5)
    compute = compute_figure(results, "lab")
    assert len(bands(compute)) == 2
    median = results["effective_compute"].sel(policy="side_b", actor_class="outsider", quantile=0.5)
    line = lines(compute)[-1]
    known = [(x, y) for x, y in zip(line["x"], line["y"], strict=True) if y is not None]
    for x, y in known:
        assert y == pytest.approx(float(median.sel(time=x, method="nearest")), rel=1e-4)
    assert known


def test_dots_are_futures(simulated):
    results = simulated.results
    figure = dots_figure(results, "early", "outsider", (3, 2))
    (left, ring), (right, _) = figure["data"][:2], figure["data"][2:]
    assert left["customdata"] == right["customdata"]
    assert left["customdata"][-1] == [3, 2]
    assert len(left["customdata"]) == results.sizes["world"] * results.sizes["future"]
    times = results["attainment_time"].sel(policy="side_a", actor_class="outsider", capability="early").values
    for (world, future), year in zip(left["customdata"], left["x"], strict=True):
        time = times[world, future]
        assert year == pytest.approx(time if np.isfinite(time) else figure["layout"]["xaxis"]["tickvals"][-1], abs=0.01)
    loss = results["future_loss"].sel(policy="side_a").values
    none = figure["layout"]["yaxis"]["tickvals"][0]
    for (world, future), height in zip(left["customdata"], left["y"], strict=True):
        usd = loss[world, future]
        assert height == pytest.approx(np.log10(usd) if usd > 0.0 else none, abs=0.6 if usd > 0.0 else 1e-4)
    assert (ring["x"][0], ring["y"][0]) == (
        pytest.approx(left["x"][-1], rel=1e-5),
        pytest.approx(left["y"][-1], rel=1e-4),
    )
    assert figure["layout"]["yaxis"]["title"]["text"] == "loss, all capabilities to 2032, US$"
    assert figure["layout"]["xaxis"]["ticktext"][-1] == "later"


def test_a_valuable_capability_stands_by_benefit_and_one_without_money_by_its_share(simulated):
    benefit = dots_figure(simulated.results, "late", "lab")
    assert benefit["layout"]["yaxis"]["title"]["text"] == "benefit, all capabilities to 2032, US$"
    poor = simulated.results.assign(future_benefit=0.0 * simulated.results["future_benefit"])
    share = dots_figure(poor, "late", "lab")
    assert share["layout"]["yaxis"]["title"]["text"] == "share of futures that are sooner"
    heights = np.array(share["data"][0]["y"])
    assert (heights >= 0.0).all()
    assert (heights < 1.0).all()


def test_of_many_futures_some_are_drawn(simulated):
    many = simulated.results.isel(world=np.arange(1200) % 12)
    figure = dots_figure(many, "early", "lab")
    drawn = figure["data"][0]["customdata"]
    assert len(drawn) == DOTS
    assert len({tuple(one) for one in drawn}) == DOTS
    assert {future for _, future in drawn} == set(range(5))


def test_figures_are_sent_as_json_without_nan(simulated):
    for figure in (
        attainment_figure(simulated.results, "late", "lab"),
        access_figure(simulated.results, "late"),
        compute_figure(simulated.results, "lab"),
        dots_figure(simulated.results, "early", "lab", (0, 0)),
    ):
        assert json.loads(json.dumps(figure, allow_nan=False))["data"]


def test_headlines_are_the_numbers_of_the_dataset(simulated, state):
    rows = {row.what: row for row in headlines(simulated)}
    assert list(rows) == [
        *("lab, median year", "follower, median year", "outsider, median year", "lab, probability by 2032"),
        *(
            "exposure to early",
            "incidents",
            "mean loss to 2032, all capabilities",
            "mean benefit to 2032, all capabilities",
        ),
    ]
    results = simulated.results
    median = results["attainment_time_quantile"].sel(actor_class="lab", capability="early", quantile=0.5)
    assert rows["lab, median year"].side_a.startswith(f"{float(median.sel(policy='side_a')):.1f} ± ")
    more, error = difference(results["future_incidents"].sel(capability="early"))
    delay, _ = difference(results["attainment_time"].sel(actor_class="lab", capability="early").fillna(2032.0))
    said = rows["lab, median year"].more.replace("\N{MINUS SIGN}", "-")
    assert float(said.removeprefix("mean delay ").partition(" ")[0]) == pytest.approx(delay, abs=0.06)
    value, spread = rows["incidents"].more.replace("\N{MINUS SIGN}", "-").split(" ± ")
    assert float(value) == pytest.approx(more, abs=0.51 * 10 ** -len(value.partition(".")[2]))
    assert float(spread) == pytest.approx(error, rel=0.06)
    cells = texts(tables.table(rows.values()))
    assert cells[:4] == ["", "Side A", "Side B", "B minus A"]
    assert cells[4:8] == list(rows["lab, median year"])


def test_what_lies_past_the_horizon_is_said(simulated):
    never = simulated.results.copy(deep=True)
    never["attainment_time_quantile"][:] = np.nan
    rows = headlines(Simulated(never, simulated.state, 1.0))
    assert rows[0].side_a == "after 2032"
    assert " of futures by 2032." in summary(Simulated(never, simulated.state, 1.0))


def test_one_sentence_says_what_one_sees(simulated, state):
    text = summary(simulated)
    assert text.startswith("With support (A), some lab has early in half of all futures by ")
    assert "With caution and brake (B) it attains it " in text
    same = replace(state, side_b=state.side_a)
    assert summary(Simulated(simulated.results, same, 1.0)).endswith("Side B is the same.")
    assert status(Simulated(simulated.results, state, 0.84), state) == "60 futures, 0.8 s"
    assert status(Simulated(simulated.results, state, 0.0), state) == "60 futures, simulated before"
    wanted = replace(state, worlds=1000)
    assert (
        status(Simulated(simulated.results, state, 0.84), wanted) == "60 futures, 0.8 s. All 5,000 are being simulated"
    )
    assert status(simulated, wanted, slow=True).endswith("licences and relative caps take longer than other measures")


def test_a_slider_says_where_it_stands_and_where_it_stood(offer):
    trend = offer.by_path["algorithms.efficiency_trend"]
    assert format_assumption(trend, trend.median) == "0.3 OOM/yr (90%: 0.137 to 0.465)"
    assert format_assumption(trend, 0.4) == "0.4 OOM/yr (90%: 0.236 to 0.564); was 0.3"


def test_a_story_is_that_of_replay(offer, state):
    found = timeline_of(state, offer)
    scenario = loaded(state, offer)
    left, right = (engine.replay(scenario, 3, 2, policy=side, worlds=state.worlds, seed=state.seed) for side in SIDES)
    assert [line.side_a for line in found.lines if line.side_a] == [text for _, text in left.lines()]
    assert [line.side_b for line in found.lines if line.side_b] == [text for _, text in right.lines()]
    assert found.endings == (left.ending(), right.ending())
    different = [not line.same for line in found.lines]
    assert [line.first_difference for line in found.lines].index(True) == different.index(True)
    assert sum(line.first_difference for line in found.lines) == 1
    shown = texts(tables.timeline(found, ("support", "caution and brake")))
    assert [text for text in shown if text in {line.side_a for line in found.lines if line.side_a}]
    assert f"First difference, {next(line.date for line in found.lines if line.first_difference)}" in shown


def test_a_story_without_a_difference_says_so(offer, state):
    found = timeline_of(replace(state, side_a=(), side_b=("idle",)), offer)
    assert not any(line.first_difference for line in found.lines)
    assert "No difference." in texts(tables.timeline(found, ("no measures", "idle")))


def test_names_in_a_story_are_spoken(offer, state):
    found = timeline_of(state, offer)
    line = replace(found.lines[0], side_a="every open_lab trains x_1 at 10^25.3", side_b="In force: ai_brake")
    cells = texts(tables.timeline(replace(found, lines=(line,), endings=("not far_off", "")), ("a", "b")))
    for words in ("every open lab trains x 1 at 10^25.3", "In force: AI brake", "not far off"):
        assert words in cells


def test_nothing_is_told_unless_asked(offer, state):
    assert timeline_of(replace(state, timeline=None), offer) is None


def test_every_part_of_the_page_has_its_own_name_and_every_field_a_label(offer):
    parts = everything(layout.page(offer))
    names = [part.id for part in parts if getattr(part, "id", None)]
    assert len(names) == len(set(names))
    constants = {value for key, value in vars(ids).items() if key.isupper()}
    assert constants <= set(names)
    assert {ids.slider(path) for path in offer.by_path} <= set(names)
    labels = {part.htmlFor for part in parts if isinstance(part, html.Label)}
    fields = {part.id for part in parts if type(part).__name__ in ("Input", "Dropdown")}
    assert fields <= labels


def test_two_pages_have_two_names(offer):
    pages = [next(part for part in everything(layout.page(offer)) if getattr(part, "id", "") == ids.PAGE) for _ in "ab"]
    assert pages[0].data != pages[1].data
