"""What figures of a stress test show equals what it found: requirements met, and what breaks a policy."""

from __future__ import annotations

import numpy as np
import pytest

from engine.analyses.stress.analysis import stress_test
from engine.analyses.stress.failing_boxes import failure_boxes
from engine.analyses.stress.failing_worlds import IN_WORDS
from engine.analyses.stress.failure_plots import failures_figure, failures_in_words
from engine.analyses.stress.plots import robustness_figure, robustness_in_words

REQUIRED = ("exposure <= 95%", "benefit >= 90%")


@pytest.fixture(scope="module")
def found(compared):
    """The stress test of the small run."""
    return stress_test(compared, requirements=REQUIRED)


@pytest.fixture(scope="module")
def broken(found):
    """The same worlds six times over, in which `caution` fails where the first number is above its median."""
    worlds = np.tile(np.arange(found.sizes["world"]), 6)
    whole = found.isel(world=worlds).assign_coords(world=np.arange(worlds.size))
    number = whole["parameters"].isel(parameter=0).values
    fails = whole["fails"].copy(deep=True)
    fails.loc[{"policy": "caution"}] = (number > np.median(number)).astype(np.int8)
    boxes = failure_boxes(whole["parameters"], fails)
    names = {name: name if name.startswith("box_") else f"box_{name}" for name in boxes if name != "failing_worlds"}
    return whole.assign({"fails": fails, **boxes.rename(names).data_vars})


def drawn(figure):
    figure.draw_without_rendering()
    return [axis for axis in figure.axes if axis.get_visible()]


def texts(figure):
    return " ".join(text.get_text().replace("\n", " ") for text in figure.texts)


def test_shares_of_worlds_that_meet_requirements_are_drawn_with_two_errors(found):
    axis = drawn(robustness_figure(found))[0]
    names = [tick.get_text() for tick in axis.get_yticklabels()]
    shares = found["all_met_share"].sel(policy=names)
    assert names[0] == "baseline"
    assert list(shares.values[1:]) == sorted(shares.values[1:], reverse=True)
    (all_met, *each) = axis.containers
    np.testing.assert_allclose(all_met.lines[0].get_xdata(), 100.0 * shares.values[1:])
    ends = np.array([segment[:, 0] for segment in all_met.lines[2][0].get_segments()])
    np.testing.assert_allclose(
        (ends[:, 1] - ends[:, 0]) / 400.0, found["all_met_share_se"].sel(policy=names).values[1:], atol=1e-12
    )
    for container, requirement in zip(each, found["requirement"].values, strict=True):
        one = found["requirement_met_share"].sel(requirement=requirement, policy=names[1:])
        np.testing.assert_allclose(container.lines[0].get_xdata(), 100.0 * one.values)
    assert "share of worlds, %" in axis.get_xlabel()
    assert [text.get_text() for text in axis.texts] == ["(compared with itself)"]


def test_metrics_are_drawn_in_their_units(found):
    figure = robustness_figure(found)
    _, *axes = drawn(figure)
    names = [tick.get_text() for tick in figure.axes[0].get_yticklabels()]
    units = dict(zip(found["metric"].values, [axis.get_xlabel() for axis in axes], strict=True))
    assert units["exposure"] == "years"
    exposure = axes[list(units).index("exposure")]
    (means,) = exposure.containers
    expected = found["expected_value"].sel(metric="exposure", policy=names)
    np.testing.assert_allclose(means.lines[0].get_xdata(), expected)
    for metric, axis in zip(found["metric"].values, axes, strict=True):
        assert axis.get_title() == f"{metric}\n({found['better'].sel(metric=metric).item()} is better)"


def test_without_requirements_metrics_alone_are_drawn(kept):
    alone = stress_test(kept)
    axes = drawn(robustness_figure(alone))
    assert len(axes) == alone.sizes["metric"]
    assert "Share of worlds" not in robustness_in_words(alone)


@pytest.mark.parametrize("count", [1, 13])
def test_any_number_of_policies_is_a_row_each(found, count):
    chosen = found.isel(policy=np.arange(count) % found.sizes["policy"])
    names = ["baseline", *(f"policy_number_{n}" for n in range(1, count))]
    chosen = chosen.assign_coords(policy=np.array(names, dtype=object))
    axis = drawn(robustness_figure(chosen))[0]
    assert {tick.get_text() for tick in axis.get_yticklabels()} == {name.replace("_", " ") for name in names}


def test_words_have_the_most_and_the_least_often_enough(found):
    others = found.sel(policy=found["policy"] != "baseline")["all_met_share"]
    text = robustness_in_words(found)
    assert f" in {100.0 * float(others.max()):.1f}% +- " in text
    # What no world of the run does is not told as certain.
    assert float(others.min()) == 0.0
    assert " in < " in text
    assert " 0.0% +-" not in text
    assert "exposure at most 95% of the baseline's and benefit at least 90% of the baseline's" in text


def test_a_box_is_shaded_where_its_worlds_are_by_value(broken):
    one = broken.sel(policy="caution").isel(box=0)
    assert int(one["box_count"]) >= 1
    axis = drawn(failures_figure(broken, "caution"))[0]
    values = broken["parameters"].isel(parameter=0).values
    lower, upper = float(one["box_lower"][0]), float(one["box_upper"][0])
    (shaded,) = (patch for patch in axis.patches if patch.get_label() == "within the limits")
    assert shaded.get_x() == pytest.approx(0.0 if np.isnan(lower) else 100.0 * np.mean(values < lower))
    end = 100.0 if np.isnan(upper) else 100.0 * np.mean(values <= upper)
    assert shaded.get_x() + shaded.get_width() == pytest.approx(end)
    told = [float(tick.get_text().rstrip("%").replace(",", "")) for tick in axis.get_xticklabels()]
    np.testing.assert_allclose(told, np.quantile(values, [0.05, 0.5, 0.95]), rtol=0.01)


def test_bars_are_shares_of_failing_worlds(broken):
    """All groups together hold all worlds and all failures."""
    axis = drawn(failures_figure(broken, "caution"))[0]
    bars = [patch for patch in axis.patches if patch.get_label() != "within the limits"]
    heights, widths = (np.array([getattr(bar, f"get_{side}")() for bar in bars]) for side in ("height", "width"))
    assert widths.sum() == pytest.approx(100.0)
    share = 100.0 * float(broken["fails"].sel(policy="caution").mean())
    assert heights @ widths / 100.0 == pytest.approx(share)
    (line,) = (line for line in axis.get_lines() if line.get_linestyle() == "--")
    assert line.get_ydata()[0] == pytest.approx(share)


def test_density_and_coverage_stand_above_and_in_words(broken):
    one = broken.sel(policy="caution").isel(box=0)
    figure = failures_figure(broken, "caution")
    (part, *_) = figure.subfigs
    heading, words = part.get_suptitle(), failures_in_words(broken, "caution")
    density, coverage = (f"{float(one[f'box_{name}']):.0%}" for name in ("density", "coverage"))
    assert f"{density} (density)" in heading
    assert f"{coverage} of all its failures (coverage)" in heading
    assert f"there {density} of worlds fail" in words
    assert f"which are {coverage} of all its failures" in words


@pytest.mark.parametrize("verdict", IN_WORDS)
def test_a_policy_without_a_box_is_told_of(broken, verdict):
    verdicts = broken["box_verdict"].where(broken["policy"] != "caution", verdict)
    none = broken.assign(box_verdict=verdicts, box_count=0 * broken["box_count"])
    figure = failures_figure(none, "caution")
    assert not drawn(figure)
    assert texts(figure) == failures_in_words(none, "caution")
    assert IN_WORDS[verdict] in texts(figure)


def test_the_baseline_is_not_compared_with_itself(broken):
    """Not even where its failures, as in worlds without exposure, have a box."""
    boxed = broken.sel(policy=["caution"]).assign_coords(policy=np.array(["baseline"], dtype=object))
    assert int(boxed["box_count"].item()) >= 1
    figure = failures_figure(boxed, "baseline")
    assert not drawn(figure)
    assert texts(figure) == failures_in_words(boxed, "baseline")
    assert "compared with itself" in texts(figure)


def test_what_cannot_be_shown_is_refused(found, kept):
    with pytest.raises(ValueError, match="no policy 'cuation' was tested; there are baseline, caution"):
        failures_figure(found, "cuation")
    with pytest.raises(ValueError, match="has no requirements"):
        failures_in_words(stress_test(kept), "baseline")


def test_an_unknown_error_is_told_as_unknown(found):
    """ "4.19 +- nan years" stood in the words of a run of one world."""
    errors = {"expected_value_se": found["expected_value_se"] * np.nan}
    text = robustness_in_words(found.assign(errors))
    assert "+- ?" in text
    assert "nan" not in text
