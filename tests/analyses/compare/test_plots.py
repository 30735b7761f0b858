"""What figures of policies show equals the paired differences in the dataset, and every case can be drawn."""

from __future__ import annotations

import numpy as np
import pytest

from engine.analyses.compare.analysis import Change, changes_of
from engine.analyses.compare.delay_plots import delays_figure, delays_in_words
from engine.analyses.compare.plots import (
    _change_in_words,
    differences_figure,
    differences_in_words,
    price_figure,
    price_in_words,
)
from engine.text.uncertain import Verdict

FIGURES = {
    price_figure: price_in_words,
    differences_figure: differences_in_words,
    delays_figure: delays_in_words,
}
SAMPLES = ("future_exposure", "future_incidents")


def dots(axis):
    """(row, value, half of the whisker) of each dot from the top down."""
    lines = axis.get_lines()[1:]
    return [
        (dot.get_ydata()[0], dot.get_xdata()[0], np.ptp(whisker.get_xdata()) / 2)
        for whisker, dot in zip(lines[::2], lines[1::2], strict=True)
    ]


def many(results, count):
    """`results` with `count` policies beside the baseline, the same ones in turn."""
    turns = [0, *(1 + n % (results.sizes["policy"] - 1) for n in range(count))]
    names = ["baseline", *(f"policy_of_a_long_name_{n}" for n in range(count))]
    return results.isel(policy=turns).assign_coords(policy=names)


@pytest.fixture
def cases(compared, kept):
    nothing = compared.assign(
        {
            f"{name}{ending}": 0.0 * compared[f"{name}{ending}"]
            for name in ("exposure_mean", "incidents_mean", "loss_mean")
            for ending in ("", "_difference", "_difference_se")
        }
    ).drop_vars(SAMPLES)
    unknown = compared.assign({n: compared[n] * np.nan for n in compared.data_vars if str(n).endswith("_se")})
    return {
        "compared": compared,
        "baseline only": kept,
        "no harm": nothing,
        "errors unknown": unknown.drop_vars(SAMPLES),
        "one capability": compared.isel(capability=[0]),
        "valuable only": compared.isel(capability=[1]),
        "twelve policies": many(compared, 12),
    }


@pytest.mark.parametrize(
    "case",
    ["compared", "baseline only", "no harm", "errors unknown", "one capability", "valuable only", "twelve policies"],
)
def test_every_case_is_drawn_and_told(cases, case):
    for figure, words in FIGURES.items():
        drawn = figure(cases[case])
        drawn.draw_without_rendering()
        assert drawn.get_figwidth() <= 10.0
        told = words(cases[case])
        assert told.endswith(".")
        assert "nan" not in told


def test_price_is_harm_avoided_and_benefit_lost_in_order_of_exposure(compared):
    exposure, loss, benefit = (axis for axis in price_figure(compared).axes)
    difference = compared["exposure_mean_difference"].sum("capability").isel(policy=slice(1, None))
    order = np.argsort(difference.values, kind="stable")
    assert [tick.get_text() for tick in exposure.get_yticklabels()] == [
        str(difference["policy"].values[i]) for i in order
    ]
    np.testing.assert_allclose([dot[1] for dot in dots(exposure)], -difference.values[order], atol=1e-6)
    units = {"thousand US$": 1e3, "million US$": 1e6, "billion US$": 1e9, "trillion US$": 1e12}
    for axis, name, verb in ((loss, "loss", "avoided"), (benefit, "benefit", "lost")):
        start, _, unit = axis.get_xlabel().partition(", ")
        assert start == f"{name} {verb}"
        paired = compared[[f"{name}_mean_difference", f"{name}_mean_difference_se"]].isel(policy=slice(1, None))
        paired = paired.sel(period="total") if name == "loss" else paired
        rows = np.array(dots(axis))
        np.testing.assert_allclose(rows[:, 1] * units[unit], -paired[f"{name}_mean_difference"].values[order])
        np.testing.assert_allclose(rows[:, 2] * units[unit], 2 * paired[f"{name}_mean_difference_se"].values[order])


def test_per_cent_above_are_of_the_baselines_mean(compared):
    axis = price_figure(compared).axes[0]
    (above,) = axis.child_axes
    figure = axis.figure
    figure.draw_without_rendering()
    base = float(compared["exposure_mean"].sel(policy="baseline").sum("capability"))
    np.testing.assert_allclose(np.array(above.get_xlim()) / 100.0 * base, axis.get_xlim())
    assert above.get_xlabel() == "% of the baseline"


def test_errors_of_sums_come_from_futures_and_else_are_bounds(compared):
    """Twins of one capability go together wholly: the error of their sum is the sum of their errors."""
    twins = compared.isel(capability=[0, 0, 1])
    twins = twins.assign_coords(capability=["one", "two", "late"])
    exact, bound = (changes_of(one, "annual")[0] for one in (twins, twins.drop_vars(SAMPLES)))
    assert (exact.bound, bound.bound) == (False, True)
    worlds = compared["future_exposure"].astype(float).isel(capability=0).mean("future")
    by_world = 2.0 * (worlds - worlds.sel(policy="baseline")).isel(policy=slice(1, None))
    residual = by_world - by_world.mean("world")
    replicates = np.stack([residual.isel(world=slice(r, None, 16)).sum("world") for r in range(16)])
    error = np.sqrt(16.0 / 15.0 * (replicates**2).sum(axis=0)) / by_world.sizes["world"]
    np.testing.assert_allclose(exact.errors, error)
    errors = compared["exposure_mean_difference_se"].isel(capability=0, policy=slice(1, None))
    np.testing.assert_allclose(bound.errors, 2.0 * errors)
    np.testing.assert_allclose(exact.errors, bound.errors, rtol=0.4)
    legends = [figure.legends[0].get_title().get_text() for figure in map(price_figure, (compared, twins))]
    assert "at most" not in "".join(legends)
    (legend,) = price_figure(twins.drop_vars(SAMPLES)).legends
    assert "(for exposure: upper bounds)" in legend.get_title().get_text()


def test_verdicts_are_by_two_standard_errors_and_by_what_is_better():
    found = Change(
        "x", "", tuple("abcde"), np.array([-3.0, 3.0, 1.9, 0.0, 1.0]), np.array([1.0, 1.0, 1.0, 0.0, np.nan]), 1.0
    )
    assert found.verdicts() == [Verdict.BETTER, Verdict.WORSE, Verdict.UNCLEAR, Verdict.UNCHANGED, Verdict.UNCLEAR]
    assert found.in_words(0) == "-3.0 +- 2.0"


def test_markers_say_what_colours_say(compared):
    axes = differences_figure(compared).axes
    changes = changes_of(compared, "annual")
    assert [change.name for change in changes] == ["exposure", "incidents", "loss", "benefit"]
    looks = {Verdict.BETTER: "o", Verdict.WORSE: "s", Verdict.UNCLEAR: "D", Verdict.UNCHANGED: "x"}
    for axis, change in zip(axes, changes, strict=True):
        assert [line.get_marker() for line in axis.get_lines()[2::2]] == [looks[told] for told in change.verdicts()]
        assert axis.get_xlabel().startswith(f"change in {change.name}")
    idle = list(compared["policy"].values).index("idle") - 1
    assert {change.verdicts()[idle] for change in changes} == {Verdict.UNCHANGED}


def test_delays_are_those_of_the_class_that_is_first_and_of_malicious_classes(compared):
    first = str(compared["first_attainer"].sel(policy="baseline").sum("capability").idxmax("actor_class").item())
    panels = delays_figure(compared).axes[:-1]
    titles = [panel.get_title() for panel in panels]
    assert titles == [
        f"{name}: {kind}"
        for name in (first, "outsider")
        for kind in ("dangerous capabilities, later is better", "valuable capabilities, later is the price")
    ]
    for panel, name, k in zip(panels, (first, first, "outsider", "outsider"), (0, 1, 0, 1), strict=True):
        delays = compared["attainment_delay"].sel(actor_class=name).isel(policy=slice(1, None), capability=[k])
        np.testing.assert_allclose(panel.images[0].get_array(), delays)
        assert len(panel.texts) == delays.size


def test_without_samples_or_scenario_the_last_class_is_told(compared):
    bare = compared.drop_vars("malicious").assign_attrs(scenario_yaml="")
    assert "outsider" in delays_figure(bare).axes[2].get_title()


def test_what_is_not_shown_is_said(compared):
    lots = compared.isel(capability=[0] * 10 + [1])
    lots = lots.assign_coords(capability=[f"c{n}" for n in range(11)])
    bar = delays_figure(lots).axes[-1]
    assert "(9 of 11 capabilities are shown)" in bar.get_xlabel()


def test_words_hold_the_numbers(compared):
    change = changes_of(compared, "total")[0]
    best = int(np.argmin(change.differences))
    assert change.in_words(best) in price_in_words(compared)


def test_an_unknown_change_of_losses_has_no_share_either():
    """ "by an unknown amount (too few futures) (-26.4%)" contradicts itself."""
    change = Change("loss", "billion US$", ("one",), np.array([-2.0]), np.array([1.5]), 7.6, heavy_tailed=True)
    assert _change_in_words(change, 0) == "changes loss by an unknown amount (too few futures)"
