"""What figures of sensitivity show equals what the analyses found, whatever they could not find."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from engine.analyses.sensitivity.experiment import pawn_of, together, variance_of
from engine.analyses.sensitivity.plots import sensitivity_figure, sensitivity_in_words
from engine.analyses.sensitivity.sobol_tornado import CHANCE, sobol_design, sobol_indices
from engine.text.format import number_in_words

METRICS = ["exposure", "loss_oom"]


@pytest.fixture(scope="module")
def given(compared):
    """PAWN indices and shares of variance of the small run."""
    return together(variance_of(compared, METRICS), pawn_of(compared, METRICS))


@pytest.fixture(scope="module")
def by_design():
    """Sobol' indices of a sum in which the first number matters most and chance least."""
    names = ["actor_classes.lab.budget", "hardware.price_decline", CHANCE]
    rows = sobol_design(len(names), 64, 1)
    total = xr.DataArray(rows @ [3.0, 2.0, 1.0], dims="row", attrs={"long_name": "a sum", "units": "years"})
    return sobol_indices(xr.Dataset({"exposure": total}), names, resamples=50, seed=1)


def panels(figure):
    """Visible axes by title; the shares of variance have none."""
    figure.draw_without_rendering()
    return {axis.get_title(): axis for axis in figure.axes if axis.get_visible()}


def rows(axis):
    """The names of the rows from the top down."""
    return [tick.get_text().replace("\n", " ") for tick in axis.get_yticklabels()]


def bars(axis):
    """The width of each bar by its row."""
    return {
        round(bar.get_y() + bar.get_height() / 2): bar.get_width()
        for container in axis.containers
        if hasattr(container, "patches")
        for bar in container.patches
    }


def test_each_outcome_is_split_into_numbers_and_chance(given):
    axis = panels(sensitivity_figure(given))[""]
    assert rows(axis) == ["exposure", "log10 of loss"]
    assert axis.get_xlabel() == "share of the variance of single futures; whiskers: 2 standard errors"
    chance = {round(bar.get_y() + bar.get_height() / 2): bar for bar in axis.patches if bar.get_hatch()}
    for row, (share, error) in enumerate(zip(given["aleatory_share"], given["aleatory_share_se"], strict=True)):
        assert chance[row].get_width() == pytest.approx(float(share))
        assert chance[row].get_x() + chance[row].get_width() == pytest.approx(1.0)
        (whisker,) = axis.collections[row].get_segments()
        np.testing.assert_allclose(whisker[:, 0], 1.0 - float(share) + np.array([-2.0, 2.0]) * float(error))


def test_bars_are_the_largest_pawn_indices_beside_what_noise_gives(given):
    axes = panels(sensitivity_figure(given))
    for number, title in enumerate(("exposure", "log10 of loss")):
        axis, one = axes[title], given.isel(outcome=number)
        order = np.argsort(-one["pawn_median"].values, kind="stable")[:10]
        assert rows(axis) == [number_in_words(str(name)) for name in one["parameter"].values[order]]
        drawn = bars(axis)
        np.testing.assert_allclose([drawn[row] for row in range(len(order))], one["pawn_median"].values[order])
        levels = [line.get_xdata()[0] for line in axis.get_lines()]
        assert levels == [float(one["noise_level"]), float(one["dummy_median"])]
        unsure = sum(bool(bar.get_hatch()) for bar in axis.patches)
        assert unsure == int((one["above_noise"].values[order] == 0).sum())


def test_sobol_indices_have_whiskers_and_chance_is_none_of_the_numbers(by_design):
    axes = panels(sensitivity_figure(by_design))
    axis, one = axes["exposure"], by_design.isel(outcome=0)
    assert rows(axis) == ["budget of lab", "price decline of hardware"]
    total, first = axis.containers
    np.testing.assert_allclose(total.lines[0].get_xdata(), one["total"].values[:2])
    np.testing.assert_allclose(first.lines[0].get_xdata(), one["first_order"].values[:2])
    ends = np.array([segment[:, 0] for segment in total.lines[2][0].get_segments()])
    np.testing.assert_allclose((ends[:, 1] - ends[:, 0]) / 4.0, one["total_se"].values[:2])
    (chance,) = (bar for bar in axes[""].patches if bar.get_hatch())
    assert chance.get_width() == pytest.approx(float(one["total"].sel(factor=CHANCE)))


@pytest.mark.parametrize("analyse", [variance_of, pawn_of])
def test_either_half_stands_alone(compared, analyse):
    found = analyse(compared, METRICS)
    titles = set(panels(sensitivity_figure(found)))
    assert titles == ({""} if analyse is variance_of else {"exposure", "log10 of loss"})
    assert ("chance explains" in sensitivity_in_words(found)) == (analyse is variance_of)


def test_one_future_does_not_tell_chance_from_the_numbers(compared):
    """The shares are NaN, and no bar is drawn for them."""
    one = compared.isel(future=[0])
    axis = panels(sensitivity_figure(together(variance_of(one, METRICS), pawn_of(one, METRICS))))[""]
    assert not axis.patches
    assert len(axis.texts) == len(METRICS)


def test_words_have_the_share_of_chance_and_the_most_influential(given, by_design):
    text = sensitivity_in_words(given)
    one = given.isel(outcome=0)
    most = str(one["parameter"].values[int(np.argmax(one["pawn_median"].values))])
    assert f"chance explains {float(one['aleatory_share']):.0%}" in text
    assert f"most influential {number_in_words(most)} {float(one['pawn_median'].max()):.2f}" in text
    assert "most influential budget of lab" in sensitivity_in_words(by_design)
    assert "chance" not in sensitivity_in_words(by_design).split("most influential")[1].split(".")[0]


def test_numbers_are_named_from_the_inside_out():
    assert number_in_words("capabilities.drug_discovery.benefit_rate") == "benefit rate of drug discovery"
    assert number_in_words("hardware.price_decline") == "price decline of hardware"


def test_another_dataset_is_refused(kept):
    for show in (sensitivity_figure, sensitivity_in_words):
        with pytest.raises(ValueError, match="no sensitivity analysis"):
            show(kept)
