"""Attainment: curves, bands and whiskers equal the dataset, and so do the words."""

from __future__ import annotations

import numpy as np
import pytest
from altered import never_attained, of_quantiles, of_size, renamed, without_errors

from engine.analyses.attainment.plots import attainment_figure, attainment_in_words, times_figure, times_in_words
from engine.plotting.style import look
from engine.text.report_format import attained_by_the_end


def titles(figure):
    return [axis.get_title() for axis in figure.axes if axis.get_visible()]


@pytest.mark.parametrize("policy", ["baseline", "caution"])
def test_curves_and_bands_are_the_probabilities_and_their_limits(compared, policy):
    figure = attainment_figure(compared, policy)
    assert titles(figure) == ["early\n(dangerous)", "late\n(valuable)"]
    for axis, capability in zip(figure.axes, ("early", "late"), strict=True):
        for n, name in enumerate(compared["actor_class"].values):
            one = compared.sel(policy=policy, capability=capability, actor_class=name)
            line, band = axis.get_lines()[n], axis.collections[n]
            np.testing.assert_array_equal(line.get_xdata(), compared["time"])
            np.testing.assert_array_equal(line.get_ydata(), one["attainment_probability"])
            assert (line.get_color(), line.get_label()) == (look(n).colour, name)
            heights = band.get_paths()[0].vertices[:, 1]
            np.testing.assert_allclose(heights.max(), one["attainment_probability_limits"].max())
        assert axis.get_xlim() == (2020.0, 2032.0)
        assert all(tick == round(tick) for tick in axis.get_xticks())


def test_axes_say_what_they_are_and_the_legend_names_the_classes(kept):
    figure = attainment_figure(kept)
    assert figure.get_supxlabel() == "year"
    told = " ".join(figure.get_supylabel().split())
    assert told == "probability that a member of the class has it (band: 95% limits)"
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["lab", "follower", "outsider"]


def test_curves_differ_in_colour_and_dash_even_for_sixteen_classes(kept):
    lines = attainment_figure(of_size(kept, "actor_class", 16)).axes[0].get_lines()
    assert len({(line.get_color(), str(line.get_linestyle()), str(line._dash_pattern)) for line in lines}) == 16


def test_words_tell_the_highest_and_the_lowest_class(compared):
    told = attainment_in_words(compared, "caution")
    for capability in ("early", "late"):
        last = compared["attainment_probability"].sel(policy="caution", capability=capability).isel(time=-1)
        high, low = (str(last["actor_class"][int(i)].item()) for i in (last.values.argmax(), last.values.argmin()))
        of = compared.sel(policy="caution", capability=capability)
        ends = (f"{name} {attained_by_the_end(of.sel(actor_class=name))}" for name in (high, low))
        assert f"{capability}: {', '.join(ends)}" in told
    assert "from 2020 to 2032" in told


def test_equal_classes_are_told_as_one(kept):
    assert "early: every class < " in attainment_in_words(never_attained(kept))
    assert "early: lab > " in attainment_in_words(of_size(of_size(kept, "actor_class", 1), "capability", 1))


def test_of_many_capabilities_twelve_are_shown_and_said_to_be(kept):
    many = of_size(kept, "capability", 32)
    for figure, words in ((attainment_figure, attainment_in_words), (times_figure, times_in_words)):
        made = figure(many)
        assert len(titles(made)) == 12
        assert "12 of 32 capabilities are shown" in made.get_supxlabel().replace("\n", " ")
        assert "12 of 32 capabilities are shown" in words(many)


def test_one_world_has_no_band(kept):
    figure = attainment_figure(without_errors(kept))
    figure.draw_without_rendering()
    np.testing.assert_array_equal(
        figure.axes[0].get_lines()[0].get_ydata(),
        kept["attainment_probability"].sel(policy="baseline", actor_class="lab", capability="early"),
    )


def test_whiskers_are_the_quantiles_of_times(compared):
    figure = times_figure(compared, "caution")
    for axis, capability in zip(figure.axes, ("early", "late"), strict=True):
        for row, name in enumerate(compared["actor_class"].values):
            low, *_, high = one = compared["attainment_time_quantile"].sel(
                policy="caution", capability=capability, actor_class=name
            )
            mine = [line for line in axis.get_lines() if line.get_ydata()[0] == row]
            assert list(mine[0].get_xdata()) == [low, 2032.0 if np.isnan(high) else high]
            assert (mine[1].get_marker() == ">") == bool(np.isnan(high))
            # Without a median within the horizon the last line is the arrow.
            median = float(one.sel(quantile=0.5))
            np.testing.assert_array_equal(mine[-1].get_xdata(), [2032.0 if np.isnan(median) else median])
    assert [tick.get_text() for tick in figure.axes[0].get_yticklabels()] == ["lab", "follower", "outsider"]
    label = " ".join(figure.get_supxlabel().split())
    assert label == "year of first attainment: median, and 5% to 95% of futures; an arrow goes past 2032"


def test_rows_are_empty_where_nobody_attains(kept):
    assert not any(axis.get_lines() for axis in times_figure(never_attained(kept)).axes)
    assert "early: past 2032 for every class" in times_in_words(never_attained(kept))


def test_words_tell_medians_with_their_intervals(kept):
    told = times_in_words(kept)
    times = kept["attainment_time_quantile"].sel(policy="baseline", capability="early")
    order = times.sel(quantile=0.5).argsort().values
    for i in (order[0], order[-1]):
        low, *_, high = times[i].values
        name = str(times["actor_class"][i].item())
        assert f"{name} {float(times[i].sel(quantile=0.5)):.1f} ({low:.1f} to {high:.1f})" in told
    assert "to past 2032)" in told


@pytest.mark.parametrize("probabilities", [(0.5,), (0.95,), (0.05, 0.25)])
def test_any_quantiles_are_drawn_and_told_for_what_they_are(kept, probabilities):
    some = of_quantiles(kept, *probabilities)
    nearest = probabilities[-1] if len(probabilities) > 1 else probabilities[0]
    name = "median" if nearest == 0.5 else f"{100 * nearest:g}% quantile"
    axis = times_figure(some).axes[0]
    value = kept["attainment_time_quantile"].sel(
        policy="baseline", capability="early", actor_class="lab", quantile=nearest
    )
    assert axis.get_lines()[1].get_xdata()[0] == value
    assert name in times_figure(some).get_supxlabel()
    assert f"lab {float(value):.1f}" in times_in_words(some)
    assert name in times_in_words(some)


def test_words_use_the_names_as_spoken(kept):
    words = attainment_in_words(renamed(kept, "actor_class", ["frontier_ai_lab", "b", "c"]))
    assert "frontier AI lab" in words
    assert "frontier_ai_lab" not in words
