"""Diffusion: access, performance, models, routes and leads as drawn and told equal the dataset."""

from __future__ import annotations

import numpy as np
import pytest
from altered import all_of_kind, never_attained, of_quantiles, of_size

from engine.analyses.diffusion.plots import (
    access_figure,
    access_in_words,
    models_figure,
    models_in_words,
    performance_figure,
    performance_in_words,
)
from engine.analyses.leads.plots import lead_figure, lead_in_words
from engine.analyses.routes.plots import routes_figure, routes_in_words
from engine.plotting.style import look
from engine.text.format import format_share


def words_of(legend):
    return [text.get_text() for text in legend.get_texts()]


def band_ends(band, year):
    """(least, most) of a band at a year."""
    corners = band.get_paths()[0].vertices
    there = corners[corners[:, 0] == year, 1]
    return there.min(), there.max()


@pytest.fixture
def base(compared):
    return compared.sel(policy="caution")


def test_access_is_drawn_with_bands_median_and_mean(compared, base):
    figure = access_figure(compared, "caution")
    for axis, capability in zip(figure.axes, ("early", "late"), strict=True):
        counts = base["actors_with_access"].sel(capability=capability)
        for band, (low, high) in zip(axis.collections, ((0.05, 0.95), (0.25, 0.75)), strict=True):
            for year in (2026.0, 2032.0):
                expected = [float(counts.sel(time=year, quantile=q)) for q in (low, high)]
                np.testing.assert_allclose(band_ends(band, year), expected)
        median, mean = axis.get_lines()
        np.testing.assert_array_equal(median.get_ydata(), counts.sel(quantile=0.5))
        np.testing.assert_array_equal(mean.get_ydata(), base["actors_with_access_mean"].sel(capability=capability))
    assert figure.get_supylabel() == "actors with access"
    assert words_of(figure.legends[0]) == ["5% to 95% of futures", "25% to 75% of futures", "median", "mean"]


def test_a_mean_above_all_quantiles_is_not_cut(kept):
    rare = kept.assign(actors_with_access_mean=kept["actors_with_access_mean"] + 400.0)
    axis = access_figure(rare).axes[0]
    assert axis.get_ylim()[1] > float(rare["actors_with_access_mean"].max())
    assert {"0", "1", "100"} <= {tick.get_text() for tick in axis.get_yticklabels()}


def test_access_in_words_tells_the_middle_and_the_end(compared, base):
    told = access_in_words(compared, "caution")
    counts = base["actors_with_access"].sel(capability="late")
    half = len(compared["time"]) // 2
    last = counts.isel(time=-1)
    assert (
        f"late {float(counts.sel(quantile=0.5)[half]):,.0f} in {float(compared['time'][half]):g} and "
        f"{float(last.sel(quantile=0.5)):,.0f} ({float(last[0]):,.0f} to {float(last[-1]):,.0f}) in 2032"
    ) in told
    assert "5% to 95% of futures" in told


def test_performance_has_a_panel_for_each_class_with_the_others_in_grey(compared, base):
    figure = performance_figure(compared, "caution")
    names = [str(name) for name in compared["actor_class"].values]
    medians = {name: base["effective_compute"].sel(actor_class=name, quantile=0.5).values for name in names}
    assert [axis.get_title() for axis in figure.axes if axis.get_visible()] == names
    for n, (axis, name) in enumerate(zip(figure.axes, names, strict=False)):
        drawn = [line for line in axis.get_lines() if len(line.get_xdata())]
        others = [line.get_ydata() for line in drawn if line.get_color() == "#BBBBBB"]
        np.testing.assert_array_equal(others, [medians[other] for other in names if other != name])
        (own,) = (line for line in drawn if line.get_color() == look(n).colour)
        np.testing.assert_array_equal(own.get_ydata(), medians[name])
        one = base["effective_compute"].sel(actor_class=name, time=2032.0)
        np.testing.assert_allclose(band_ends(axis.collections[0], 2032.0), (one[0], one[-1]))
    assert "(log10 FLOP)" in figure.get_supylabel()


def test_a_class_alone_has_no_others(kept):
    (legend,) = performance_figure(of_size(kept, "actor_class", 1)).legends
    assert words_of(legend) == ["5% to 95% of futures", "25% to 75% of futures", "median"]


def test_of_sixteen_classes_twelve_have_a_panel(kept):
    many = of_size(kept, "actor_class", 16)
    figure = performance_figure(many)
    assert sum(axis.get_visible() for axis in figure.axes) == 12
    assert figure.get_supxlabel() == "year; 12 of 16 classes are shown"
    assert "12 of 16 classes are shown" in performance_in_words(many)


def test_performance_in_words_goes_from_the_first_model_to_the_horizon(compared, base):
    told = performance_in_words(compared, "caution")
    for name in compared["actor_class"].values:
        best = base["effective_compute"].sel(actor_class=name)
        known = best.sel(quantile=0.5).dropna("time")
        low, *_, high = best.sel(time=2032.0).values
        assert (
            f"{name} from 10^{float(known[0]):.1f} in {float(known['time'][0]):g} to "
            f"10^{float(known[-1]):.1f} (10^{low:.1f} to 10^{high:.1f}) in 2032"
        ) in told


def test_a_class_without_models_has_none(kept):
    values = kept["effective_compute"].copy()
    values.loc[{"actor_class": "outsider"}] = np.nan
    values.loc[{"actor_class": "follower", "quantile": 0.05}] = np.nan
    without = kept.assign(effective_compute=values)
    performance_figure(without).draw_without_rendering()
    told = performance_in_words(without)
    assert "outsider none" in told
    assert "(none to 10^" in told
    assert "nan" not in told


def test_models_are_counted_above_each_threshold(compared, base):
    figure = models_figure(compared, "caution")
    (axis,) = figure.axes
    for line, band, threshold in zip(axis.get_lines(), axis.collections, compared["threshold"].values, strict=True):
        counts = base["runs_above"].sel(threshold=threshold)
        np.testing.assert_array_equal(line.get_ydata(), counts.sel(quantile=0.5))
        last = counts.sel(time=2032.0)
        np.testing.assert_allclose(band_ends(band, 2032.0), (last[0], last[-1]))
    assert axis.get_ylabel() == "models so far: median, and 5% to 95% of futures"
    assert axis.get_xlabel() == "year"
    (legend,) = figure.legends
    assert legend.get_title().get_text() == "trained with at least"
    assert words_of(legend) == ["1e24 FLOP", "1e26 FLOP", "1e28 FLOP"]
    low, middle, high = (float(base["runs_above"].sel(threshold=1e26, quantile=q)[-1]) for q in (0.05, 0.5, 0.95))
    assert f"{middle:,.0f} ({low:,.0f} to {high:,.0f}) of at least 1e26 FLOP" in models_in_words(compared, "caution")


def test_thresholds_are_told_as_they_are(kept):
    """1.5e25 is not 2e25."""
    odd = kept.assign_coords(threshold=[1.2e25, 1.4e25, 1.5e25])
    (legend,) = models_figure(odd).legends
    assert words_of(legend) == ["1.2e25 FLOP", "1.4e25 FLOP", "1.5e25 FLOP"]
    assert "of at least 1.5e25 FLOP" in models_in_words(odd)


def test_routes_are_stacked_to_one(compared, base):
    figure = routes_figure(compared, "caution")
    for axis, capability in zip(figure.axes, ("early", "late"), strict=True):
        *routes, nobody = axis.containers
        left = np.zeros(3)
        for bars, route in zip(routes, ("trained", "open_weights", "stolen"), strict=True):
            shares = base["attainment_route"].sel(capability=capability, route=route)
            np.testing.assert_allclose([bar.get_width() for bar in bars], shares)
            np.testing.assert_allclose([bar.get_x() for bar in bars], left)
            left += shares.values
        np.testing.assert_allclose([bar.get_width() for bar in nobody], 1.0 - left, atol=1e-12)
    assert words_of(figure.legends[0]) == ["trained", "open weights", "stolen", "not within the horizon"]
    assert figure.get_supxlabel().startswith("share of futures")


def test_routes_in_words_are_of_dangerous_capabilities_if_there_are_any(kept):
    for results, kind in ((kept, "dangerous"), (all_of_kind(kept, "valuable"), "valuable")):
        told = routes_in_words(results)
        of = all_of_kind(kept, kind)["attainment_route"].sel(policy="baseline").mean("capability")
        assert f"the mean over {kind} capabilities" in told
        shares = [format_share(float(of.sel(actor_class="follower", route=route))) for route in of["route"].values]
        assert f"follower {shares[0]} trained, {shares[1]} open weights, {shares[2]} stolen" in told


def test_the_first_and_the_lag_behind_it(compared, base):
    figure = lead_figure(compared, "caution")
    first, lead = figure.axes
    for n, (bars, name) in enumerate(zip(first.containers, compared["actor_class"].values, strict=False)):
        np.testing.assert_allclose(
            [bar.get_width() for bar in bars], base["first_attainer"].sel(actor_class=name).values, err_msg=name
        )
        lags = base["lead_time"].sel(actor_class=name, quantile=0.5).values
        dots = [
            float(line.get_xdata()[0])
            for line in lead.get_lines()
            if line.get_marker() == look(n).marker and line.get_color() == look(n).colour
        ]
        np.testing.assert_allclose(dots, lags[np.isfinite(lags)])
    assert [tick.get_text() for tick in first.get_yticklabels()] == ["early", "late"]
    assert first.get_xlabel() == "probability of being first"
    told = " ".join(lead.get_xlabel().split())
    assert told.startswith("years behind the first: median, and 5% to 95% of futures in which any attains")
    assert words_of(figure.legends[0]) == ["lab", "follower", "outsider", "nobody within the horizon"]


def test_lead_in_words(compared, base):
    told = lead_in_words(compared, "caution")
    chances = base["first_attainer"].sel(capability="early")
    best = str(chances["actor_class"][int(chances.values.argmax())].item())
    lags = base["lead_time"].sel(capability="early")
    last = lags[int(lags.sel(quantile=0.5).values.argmax())]
    name, low = str(last["actor_class"].item()), float(last[0])
    high = f"{float(last[-1]):.1f}" if np.isfinite(last[-1]) else "past the horizon"
    assert f"early: {best} first with {format_share(float(chances.max()))}" in told
    assert f"farthest behind {name}: {float(last.sel(quantile=0.5)):.1f} ({low:.1f} to {high})" in told


def test_nobody_leads_where_nobody_attains(kept):
    nobody = never_attained(kept)
    assert "early: nobody within the horizon; late: nobody within the horizon" in lead_in_words(nobody)
    first, lead = lead_figure(nobody).axes
    assert lead.get_xlim() == (0.0, 12.0)
    assert [bar.get_width() for bar in first.containers[-1]] == [1.0, 1.0]
    assert access_in_words(nobody).count(" 0 ") >= 2


def test_a_class_alone_is_behind_nobody(kept):
    told = lead_in_words(of_size(kept, "actor_class", 1))
    assert "lab first with" in told
    assert "farthest behind lab" not in told


@pytest.mark.parametrize("probabilities", [(0.5,), (0.95,), (0.05, 0.95)])
def test_any_quantiles_are_told_for_what_they_are(kept, probabilities):
    some = of_quantiles(kept, *probabilities)
    told = [words(some) for words in (access_in_words, performance_in_words, models_in_words, lead_in_words)]
    named = "median" if probabilities == (0.5,) else f"{100 * probabilities[0]:g}% quantile"
    for text in told:
        assert named in text
        assert "nan" not in text
        assert ("5% to 95%" in text) == (len(probabilities) > 1)
    for figure in (access_figure, performance_figure):
        assert named in words_of(figure(some).legends[0])
