"""Figures of a hindcast: every kind of observation alone and together, and what they say."""

from __future__ import annotations

import numpy as np
import pytest
from observed import judged_by_hand, series

from engine.analyses.hindcast.plots import scores_figure, series_figure

FOLLOWERS = [("follower", 1e22, 2, 2016.0, 2018.5), ("open_follower", 1e22, 0, 2016.0, 2019.25)]
FEW = series(ranks=(2,), levels=(1e22,))
CASES = {
    "all": [*series(), *FOLLOWERS],
    "counts": [row for row in FEW if row[0] in ("organisations", "models")],
    "open weights": [row for row in FEW if row[0].startswith("open")],
    "one series": [row for row in FEW if row[0] == "compute"],
    "one observation": [("models", 3e22, 0, 2019.0, 40.0)],
    "nothing known": [row for row in FEW if row[3] > 2018.0],
    "counts that stay at none": [(*row[:4], 0.0) for row in FEW if row[0] == "models"],
    "followers": FOLLOWERS,
}


@pytest.fixture(scope="module")
def whole():
    return judged_by_hand(CASES["all"])


def seen(figure):
    """The axes that can be seen."""
    return [axis for axis in figure.axes if axis.get_visible()]


@pytest.mark.parametrize("case", CASES)
def test_every_case_is_drawn(case):
    found = judged_by_hand(CASES[case])
    figures = series_figure(found), scores_figure(found)
    for figure in figures:
        figure.draw_without_rendering()
    # By name, for NaN, the level of ranks, is not equal to itself.
    panels = {(kind, str(level), rank) for kind, level, rank, *_ in CASES[case] if "follower" not in kind}
    groups = int((found["observations"].sel(group=["counts", "ranks", "open weights"]) > 0).sum())
    assert [len(seen(figure)) for figure in figures] == [len(panels), 1 + max(groups, 1)]


def test_a_panel_shows_what_was_known_foretold_and_observed(whole):
    """Counts as log10(1 + count), the end of a year is the next; bands and the median begin at what was last known."""
    (panel,) = (
        axis
        for axis in seen(series_figure(whole))
        if axis.get_title() == "above 1e22 FLOP"
        and len(axis.get_lines()) == 3
        and axis.get_yticklabels()
        and axis.get_ylabel().startswith("models")
    )
    median, known, crosses = panel.get_lines()
    mine = whole.isel(observation=np.flatnonzero((whole["kind"] == "models") & (whole["level"] == 1e22)))
    np.testing.assert_array_equal(known.get_xdata(), [2016.0, 2017.0, 2018.0])
    np.testing.assert_allclose(known.get_ydata(), np.log10(1.0 + np.array([2.0, 4.0, 8.0])))
    np.testing.assert_array_equal(crosses.get_xdata(), [2019.0, 2020.0, 2021.0, 2022.0, 2023.0])
    np.testing.assert_allclose(crosses.get_ydata(), np.log10(1.0 + mine["observed"].values))
    np.testing.assert_array_equal(median.get_xdata(), [2018.0, *crosses.get_xdata()])
    middle = np.log10(1.0 + mine["predicted"].sel(quantile=0.5).values)
    np.testing.assert_allclose(median.get_ydata(), [np.log10(9.0), *middle])
    assert {tick.get_text() for tick in panel.get_yticklabels()} >= {"0", "10", "100"}


def test_forecasts_begin_with_themselves_where_nothing_was_known():
    found = judged_by_hand(CASES["nothing known"])
    for axis in seen(series_figure(found)):
        median, known, crosses = axis.get_lines()
        assert len(known.get_xdata()) == 0
        np.testing.assert_array_equal(median.get_xdata(), crosses.get_xdata())


def test_series_are_named_and_rows_labelled(whole):
    figure = series_figure(whole)
    axes = seen(figure)
    assert figure.get_suptitle() == "made up: forecast and observed (2018 is the start of that year)"
    labels = [axis.get_ylabel() for axis in axes if axis.get_ylabel()]
    assert labels == [
        "log10 FLOP of the\norganisation's best so far",
        "organisations so far",
        "models so far",
        "open-weights models so far",
    ]
    titles = [axis.get_title() for axis in axes]
    levels = ["above 1e22 FLOP", "above 1e24 FLOP"]
    assert titles == ["rank 1", "rank 2", *levels, *levels, *levels, "log10 FLOP of the best"]
    (legend,) = figure.legends
    words = [text.get_text() for text in legend.get_texts()]
    assert words == ["forecast, 90%", "forecast, 50%", "forecast, median", "known", "observed"]


def test_a_threshold_that_is_no_power_of_ten_is_named():
    (axis,) = seen(series_figure(judged_by_hand(CASES["one observation"])))
    assert axis.get_title() == "above 3e22 FLOP"


def test_bars_are_the_mean_scores_and_the_shares(whole):
    bars, *histograms = seen(scores_figure(whole))
    groups = ["counts", "ranks", "open weights"]
    assert [tick.get_text() for tick in bars.get_xticklabels()] == groups
    assert bars.get_ylabel() == "OOM (counts: log10(1 + n))"
    means = whole["mean_crps"].sel(scale="oom", group=groups)
    assert [text.get_text() for text in bars.get_legend().get_texts()] == [
        name.replace("_", " ") for name in means["forecaster"].values
    ]
    for container, forecaster in zip(bars.containers, means["forecaster"].values, strict=True):
        heights = [bar.get_height() for bar in container]
        np.testing.assert_allclose(heights, means.sel(forecaster=forecaster))
    for axis, group in zip(histograms, groups, strict=True):
        heights = [bar.get_height() for bar in axis.containers[0]]
        np.testing.assert_allclose(heights, whole["pit_histogram"].sel(group=group))
        fifty, ninety = whole["coverage"].sel(group=group).values
        assert axis.get_title() == f"{group}\n50% bands contain {fifty:.0%}\n90% bands contain {ninety:.0%}"
        assert axis.get_xlabel() == "probability integral transform"
    assert histograms[0].get_ylabel() == "share of observations"


def test_nothing_to_draw_is_said():
    figure = series_figure(judged_by_hand(FOLLOWERS))
    assert [text.get_text() for text in figure.texts] == ["no series of counts or compute was scored"]
