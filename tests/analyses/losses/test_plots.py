"""Exposure and losses: every policy's numbers as drawn and told equal the dataset."""

from __future__ import annotations

import numpy as np
import pytest
from altered import all_of_kind, below_a_year, of_size, without_errors, without_harm

from engine.analyses.losses.plots import exposure_figure, exposure_in_words, loss_figure, loss_in_words
from engine.plotting.panels import of_kind
from engine.plotting.style import look
from engine.text.format import format_with_error

POLICIES = ["baseline", "caution", "support", "brake", "idle"]


def spans(axis):
    """Ends of the error bars, in the order in which they were drawn."""
    return np.array([bar.get_segments()[0][:, 0] for bar in axis.collections])


def test_exposure_is_drawn_for_each_policy(compared):
    figure = exposure_figure(compared)
    (axis,) = figure.axes
    assert axis.get_title() == "early\n(dangerous)"
    assert [tick.get_text() for tick in axis.get_yticklabels()] == POLICIES
    one = compared.sel(capability="early")
    for row, policy in enumerate(POLICIES):
        years = one["exposure"].sel(policy=policy)
        mine = [line for line in axis.get_lines() if line.get_ydata()[0] == row]
        whisker, dot, cross = mine
        assert list(whisker.get_xdata()) == [years[0], years[-1]]
        assert (dot.get_xdata()[0], dot.get_marker()) == (years.sel(quantile=0.5), look(row).marker)
        assert (cross.get_xdata()[0], cross.get_marker()) == (one["exposure_mean"].sel(policy=policy), "x")
    mean, error = one["exposure_mean"].values, one["exposure_mean_se"].values
    np.testing.assert_allclose(spans(axis), np.column_stack([mean - 2 * error, mean + 2 * error]))
    label = " ".join(figure.get_supxlabel().split())
    assert label.startswith("years of exposure: median, and 5% to 95% of futures; black cross: mean, and 2 standard")
    assert axis.get_xlim()[0] == 0.0


def test_exposure_in_words_tells_the_baseline_the_least_and_the_most(compared):
    told, one = exposure_in_words(compared), compared.sel(capability="early")
    means, errors = one["exposure_mean"].values, one["exposure_mean_se"].values
    least, most = int(means.argmin()), int(means.argmax())
    assert f"early {format_with_error(means[0], errors[0], 'years')}" in told
    assert f"least {format_with_error(means[least], errors[least])} under {POLICIES[least]}" in told
    assert f"most {format_with_error(means[most], errors[most])} under {POLICIES[most]}" in told
    assert "least" not in exposure_in_words(of_size(compared, "policy", 1))


def test_of_many_dangerous_capabilities_twelve_are_shown_and_said_to_be(compared):
    figure = exposure_figure(of_size(compared, "capability", 32))
    assert sum(axis.get_visible() for axis in figure.axes) == 12
    assert "12 of 16 dangerous capabilities are shown" in figure.get_supxlabel().replace("\n", " ")


def test_no_dangerous_capability_is_said(compared):
    harmless = all_of_kind(compared, "valuable")
    assert of_kind(harmless, "dangerous") == []
    (text,) = exposure_figure(harmless).texts
    assert text.get_text() == "The scenario has no dangerous capability."
    assert "no dangerous capability" in exposure_in_words(harmless)


def test_no_harm_is_said(compared):
    none = without_harm(compared)
    (text,) = loss_figure(none).texts
    assert text.get_text() == loss_in_words(none) == "There are no losses in this scenario."
    assert exposure_in_words(none).endswith("early 0 years.")
    (axis,) = exposure_figure(none).axes
    assert axis.get_xlim() == (0.0, 1.0)


def test_curves_are_the_exceedance_probabilities_with_the_baselines_band(compared):
    annual, total, _ = loss_figure(compared).axes
    for axis, period in ((annual, "annual"), (total, "total")):
        losses = compared.sel(period=period)
        for n, policy in enumerate(POLICIES):
            chance = losses["loss_exceedance"].sel(policy=policy).values
            line = axis.get_lines()[n]
            np.testing.assert_array_equal(line.get_xdata(), compared["loss"])
            np.testing.assert_array_equal(line.get_ydata(), np.where(chance >= 1e-4, chance, np.nan))
            assert line.get_color() == look(n).colour
        chance = losses["loss_exceedance"].sel(policy="baseline").values
        error = losses["loss_exceedance_se"].sel(policy="baseline").values
        top = np.nanmax([path.vertices[:, 1].max() for path in axis.collections[0].get_paths()])
        assert top == pytest.approx((chance + 2.0 * error)[chance >= 1e-4].max())
        assert axis.get_xscale() == axis.get_yscale() == "log"
        assert axis.get_xlabel() == "loss, US$ of 2023"
        assert axis.get_ylabel() == "probability of at least that loss"
    assert [annual.get_title(), total.get_title()] == ["losses in a year", "losses within the horizon"]


def test_the_worst_years_are_drawn_in_billions(compared):
    figure = loss_figure(compared)
    worst = figure.axes[2]
    chosen = compared.sel(period="annual", level=0.95)
    np.testing.assert_allclose(spans(worst), chosen["value_at_risk_limits"].values / 1e9)
    dots = [line for line in worst.get_lines() if line.get_marker() in "osD^v"]
    assert [line.get_marker() for line in dots] == [look(n).marker for n in range(5)]
    assert worst.get_title() == "the worst 5% of years"
    assert "1e9 US$ of 2023" in worst.get_xlabel()
    assert "95% limits" in worst.get_xlabel()
    figure.draw_without_rendering()
    # Losses of less than a billion have a scale, too.
    assert len({tick.get_text() for tick in worst.get_xticklabels()}) > 2
    names = [text.get_text() for text in figure.legends[0].get_texts()]
    assert names == ["baseline (band: 2 standard errors)", *POLICIES[1:]]


def test_of_many_policies_the_baseline_and_the_outermost_are_named(compared):
    many = of_size(compared, "policy", 13)
    named = [text.get_text() for text in loss_figure(many).legends[0].get_texts()]
    # Each policy is there again and again: of several that are equal any may be named.
    named_means = many["loss_mean"].sel(period="total").values
    outermost = {named_means.min(), named_means.max()}
    shown = {
        value
        for value, name in zip(named_means, many["policy"].values, strict=True)
        if str(name).replace("_", " ") in named
    }
    assert len(named) <= 4
    assert "other policies" in named
    assert outermost <= shown
    assert len(loss_figure(many).axes[2].get_yticklabels()) == 13


def test_no_policy_looks_like_the_baseline(compared):
    """The seventh look is black: a baseline in black would be mistaken for it."""
    worst = loss_figure(of_size(compared, "policy", 13)).axes[2]
    looks = [(bar.get_color(), bar.get_marker()) for bar in worst.get_lines() if bar.get_marker() != "None"]
    assert len(set(looks)) == 13


def test_losses_in_words(compared):
    told, annual = loss_in_words(compared), compared.sel(period="annual", level=0.95)
    least = annual["value_at_risk"].values
    for i in {0, int(least.argmin()), int(least.argmax())}:
        low, high = annual["value_at_risk_limits"].values[i] / 1e9
        words = f"{POLICIES[i]} at least {least[i] / 1e9:.3g} ({low:.3g} to {high:.3g}) in the worst 5% of years"
        assert words in told
    assert "Losses a year, billions of US$" in told


def test_a_horizon_below_a_year_has_losses_of_the_whole_time_only(compared):
    short = below_a_year(compared)
    total, worst = loss_figure(short).axes
    assert [total.get_title(), worst.get_title()] == ["losses within the horizon", "the worst 5% of futures"]
    limits = compared["value_at_risk_limits"].sel(period="total", level=0.95, policy="brake") / 1e9
    np.testing.assert_allclose(spans(worst)[3], limits)
    told = loss_in_words(short)
    least = compared["value_at_risk"].sel(period="total", policy="baseline", level=0.95) / 1e9
    assert f"baseline at least {float(least):.3g}" in told
    assert "within the horizon" in told
    assert "unknown" not in told


def test_one_world_has_no_errors(compared):
    one = without_errors(compared)
    for figure in (exposure_figure(one), loss_figure(one)):
        figure.draw_without_rendering()
    np.testing.assert_allclose(np.ptp(spans(loss_figure(one).axes[2]), axis=1), 0.0)
    assert "unknown" in loss_in_words(one)
    assert "+- ?" in exposure_in_words(one)
