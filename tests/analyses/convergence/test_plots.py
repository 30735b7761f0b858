"""Monte Carlo errors that are drawn and told equal those in the dataset."""

from __future__ import annotations

import numpy as np
import pytest

from engine.analyses.convergence.plots import precision_figure, precision_in_words


def spans(axis):
    """(least, largest, median, marker) of each line from the top down."""
    lines = axis.get_lines()
    return [
        (*line.get_xdata(), dot.get_xdata()[0], dot.get_marker())
        for line, dot in zip(lines[::2], lines[1::2], strict=True)
    ]


def test_left_are_errors_of_probabilities_by_class_in_points(compared):
    left, _ = precision_figure(compared).axes
    drawn = spans(left)
    expected = []
    for name in compared["actor_class"].values:
        level = compared["attainment_probability_se"].sel(actor_class=name, policy="baseline").values
        paired = (
            compared["attainment_probability_difference_se"].sel(actor_class=name).isel(policy=slice(1, None)).values
        )
        for errors, marker in ((level, "o"), (paired, "D")):
            known = 100.0 * errors[errors > 0.0]
            expected.append((known.min(), known.max(), np.median(known), marker))
    for one, other in zip(drawn, expected, strict=True):
        np.testing.assert_allclose(one[:3], other[:3])
        assert one[3] == other[3]
    assert left.get_xlabel() == "standard error, percentage points"
    assert [tick.get_text() for tick in left.get_yticklabels()] == ["lab", "follower", "outsider"]


def test_right_are_errors_of_means_in_per_cent_of_these(compared):
    _, right = precision_figure(compared).axes
    assert [tick.get_text() for tick in right.get_yticklabels()] == ["exposure", "incidents", "loss", "benefit"]
    base = compared.sel(policy="baseline", period="total")
    level = 100.0 * float(base["loss_mean_se"]) / float(base["loss_mean"])
    np.testing.assert_allclose(spans(right)[4][:3], level)
    errors = compared["benefit_mean_difference_se"].values[1:]
    known = 100.0 * errors[errors > 0.0] / float(base["benefit_mean"])
    np.testing.assert_allclose(spans(right)[7][:3], (known.min(), known.max(), np.median(known)))
    assert "%" in right.get_xlabel()


def test_words_tell_the_largest_error_and_what_halves_it(compared):
    told = precision_in_words(compared)
    largest = 100.0 * float(compared["attainment_probability_se"].sel(policy="baseline").max())
    assert f"at most {largest:.2g} percentage points" in told
    paired = 200.0 * float(compared["attainment_probability_difference_se"].max())
    assert f"beyond {paired:.2g} points" in told
    assert "160 worlds, or 4,000 futures" in told


@pytest.mark.parametrize("case", ["baseline only", "no harm", "one world", "unknown"])
def test_every_case_is_drawn_and_told(kept, case):
    results = kept
    if case == "no harm":
        results = kept.assign(
            {f"{n}_mean": 0.0 * kept[f"{n}_mean"] for n in ("exposure", "incidents", "loss", "benefit")}
        )
    elif case == "one world":
        results = kept.assign_attrs(worlds=1)
    elif case == "unknown":
        results = kept.assign({n: kept[n] * np.nan for n in kept.data_vars if str(n).endswith("_se")})
    figure = precision_figure(results)
    figure.draw_without_rendering()
    assert len(figure.legends[0].get_texts()) == 1
    told = precision_in_words(results)
    assert told.endswith(".")
    assert "nan" not in told
    assert ("for a single world" in told) == (case == "one world")
    assert ("does not show" in told) == (case == "unknown")
