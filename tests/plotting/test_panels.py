"""What figures of many panels share: what is shown, how it is named, and where whiskers end."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from altered import HOSTILE, all_of_kind, hostile, of_quantiles, of_size

from engine.analyses.attainment.plots import attainment_figure, times_figure
from engine.analyses.diffusion.plots import access_figure, models_figure, performance_figure
from engine.analyses.leads.plots import lead_figure
from engine.analyses.losses.plots import exposure_figure, loss_figure
from engine.analyses.routes.plots import routes_figure
from engine.plotting.panels import (
    capabilities_of,
    format_missing,
    interval_name,
    median_name,
    middle,
    panels,
    spread_name,
    whiskers,
)
from engine.plotting.style import PAGE_WIDTH, as_svg, drawn, look, new_figure

FIGURES = (
    attainment_figure,
    times_figure,
    access_figure,
    performance_figure,
    models_figure,
    routes_figure,
    lead_figure,
    exposure_figure,
    loss_figure,
)


def of_quantile(*values: float, at: tuple[float, ...] = (0.05, 0.5, 0.95)) -> xr.DataArray:
    return xr.DataArray(np.array(values), coords={"quantile": list(at)}, dims="quantile")


@pytest.fixture
def axis():
    return new_figure(3.0, 2.0).subplots()


def test_dangerous_capabilities_come_first_else_in_the_order_of_the_scenario(kept):
    four = of_size(kept, "capability", 4)
    assert capabilities_of(four) == ["early", "early_2", "late", "late_2"]
    assert capabilities_of(all_of_kind(four, "valuable")) == ["late", "late_2"]


@pytest.mark.parametrize(("count", "shown"), [(1, 1), (2, 2), (4, 4), (5, 5), (12, 12), (32, 12)])
def test_at_most_twelve_panels_on_a_page(count, shown):
    figure, axes = panels(count)
    assert len(axes) == shown == sum(axis.get_visible() for axis in figure.axes)
    assert figure.get_figwidth() <= PAGE_WIDTH
    assert format_missing(count, "things") == ("; 12 of 32 things are shown" if count == 32 else "")


def test_a_whisker_goes_from_the_lowest_to_the_highest_quantile(axis):
    whiskers(axis, 3.0, of_quantile(1.0, 2.0, 4.0), 9.0, 1)
    line, dot = axis.get_lines()
    assert list(line.get_xdata()) == [1.0, 4.0]
    assert set(line.get_ydata()) == set(dot.get_ydata()) == {3.0}
    assert (list(dot.get_xdata()), dot.get_marker()) == ([2.0], look(1).marker)


def test_an_arrow_stands_at_the_end_where_the_highest_lies_past_it(axis):
    whiskers(axis, 0.0, of_quantile(1.0, 2.0, np.nan), 9.0, 0)
    line, arrow, dot = axis.get_lines()
    assert list(line.get_xdata()) == [1.0, 9.0]
    assert (list(arrow.get_xdata()), arrow.get_marker()) == ([9.0], ">")
    assert list(dot.get_xdata()) == [2.0]


def test_a_median_past_the_end_is_not_drawn(axis):
    whiskers(axis, 0.0, of_quantile(1.0, np.nan, np.nan), 9.0, 0)
    assert [line.get_marker() for line in axis.get_lines()] == ["None", ">"]


def test_nothing_is_drawn_of_what_never_happens(axis):
    whiskers(axis, 0.0, of_quantile(np.nan, np.nan, np.nan), 9.0, 0)
    assert not axis.get_lines()


@pytest.mark.parametrize(
    ("probabilities", "named", "spread"),
    [
        ((0.05, 0.25, 0.5, 0.75, 0.95), "median", "median, and 5% to 95% of futures"),
        ((0.05, 0.25, 0.95), "25% quantile", "25% quantile, and 5% to 95% of futures"),
        ((0.75, 0.95), "75% quantile", "75% quantile, and 75% to 95% of futures"),
        ((0.5,), "median", "median of futures"),
        ((0.95,), "95% quantile", "95% quantile of futures"),
    ],
)
def test_what_is_no_median_is_not_called_one(kept, probabilities, named, spread):
    some = of_quantiles(kept, *probabilities)
    assert (median_name(some), spread_name(some)) == (named, spread)
    assert interval_name(some) == f"{100 * probabilities[0]:g}% to {100 * probabilities[-1]:g}% of futures"
    value = float(middle(some["quantile"]))
    assert named == ("median" if value == 0.5 else f"{100 * value:g}% quantile")


@pytest.mark.parametrize("figure", FIGURES)
def test_odd_names_are_drawn_as_they_are_written(compared, figure):
    """Such names come from a file of a stranger; `$` would be typeset, or break the figure."""
    results = hostile(of_size(of_size(compared, "capability", 4), "actor_class", 4))
    svg = as_svg(figure(results))
    if figure is not models_figure:
        assert "$x^2$ &lt;b&gt;&amp;" in svg
        assert "$\\frac" in svg
        assert "hidden" in svg


def test_an_escaped_name_is_no_mathematics():
    assert [drawn(name) for name in HOSTILE] == [r"\$x^2\$ <b>&", "\\$\\frac", " hidden"]
    assert drawn("a\nb_ai") == "a b AI"


@pytest.mark.parametrize(
    ("figure", "capabilities"),
    [*((figure, 1) for figure in FIGURES), (attainment_figure, 32), (lead_figure, 32), (exposure_figure, 32)],
)
def test_every_size_is_drawn_within_the_page(compared, figure, capabilities):
    """Everything that is written lies within the figure, for 16 classes and 13 policies: nothing is cut."""
    results = compared
    for name, count in (("capability", capabilities), ("actor_class", 16), ("policy", 13)):
        results = of_size(results, name, count)
    made = figure(results)
    assert made.get_figwidth() <= PAGE_WIDTH
    made.draw_without_rendering()
    box, page = made.get_tightbbox(), made.get_size_inches()
    assert box.x0 > -0.05
    assert box.y0 > -0.05
    assert box.x1 < page[0] + 0.05
    assert box.y1 < page[1] + 0.05


@pytest.mark.parametrize("figure", [access_figure, lead_figure, loss_figure])
def test_the_same_results_give_the_same_bytes(kept, figure):
    assert as_svg(figure(kept)) == as_svg(figure(kept))
