"""The figure of a calibration shows the numbers that were moved most, and what was observed last."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from engine.analyses.calibrate.plots import posterior_figure
from engine.analyses.calibrate.summary import most_informed

QUANTILES = [0.05, 0.25, 0.5, 0.75, 0.95]
NUMBERS = 15


@pytest.fixture(scope="module")
def found():
    """Numbers of which the n-th is narrowed the more, the larger n; and three observations, two of them the latest."""
    spread = np.array([-1.645, -0.674, 0.0, 0.674, 1.645])
    narrower = 1.0 / (1.0 + np.arange(NUMBERS))
    expected = np.array([[2.0], [3.0], [4.0]]) + 0.1 * spread
    return xr.Dataset(
        {
            "prior": (("parameter", "quantile"), np.tile(10.0 + 2.0 * spread, (NUMBERS, 1))),
            "posterior": (("parameter", "quantile"), 11.0 + 2.0 * np.outer(narrower, spread)),
            "shift": ("parameter", np.full(NUMBERS, 0.5)),
            "contraction": ("parameter", 1.0 - narrower**2),
            "observed": ("observation", [2.5, 2.5, 0.0]),
            "prior_expected": (("observation", "quantile"), expected + 1.0),
            "posterior_expected": (("observation", "quantile"), expected),
        },
        {
            "parameter": [f"actor_classes.lab.n{n}" for n in range(NUMBERS)],
            "quantile": QUANTILES,
            "label": ("observation", ["early", "late", "none yet"]),
            "time": ("observation", [2020.0, 2022.0, 2022.0]),
        },
        {"scenario_name": "toy", "effective_worlds": 1234.4},
    )


def lines(axis):
    """The data of the lines that have two ends, as ((from, to), height)."""
    data = [(tuple(line.get_xdata()), line.get_ydata()[0]) for line in axis.get_lines() if len(line.get_xdata()) == 2]
    return [(ends, height) for ends, height in data if ends != (0.0, 0.0)]


def test_the_numbers_that_were_moved_or_narrowed_most_come_first(found):
    np.testing.assert_array_equal(most_informed(found, 3), [14, 13, 12])
    moved = found.copy(deep=True)
    moved["shift"][4] = -20.0
    assert most_informed(moved, 1) == [4]


def test_the_figure_shows_them_in_deviations_of_the_prior_and_what_was_observed_last(found):
    figure = posterior_figure(found)
    left, right = figure.axes
    names = [label.get_text() for label in left.get_yticklabels()]
    assert names == [f"lab.n{n}" for n in range(3, 15)]
    prior = [ends for ends, height in lines(left) if height == pytest.approx(11.16)]
    np.testing.assert_allclose(prior, [(-1.645, 1.645), (-0.674, 0.674)], rtol=1e-3)
    posterior = [ends for ends, height in lines(left) if height == pytest.approx(10.84)]
    np.testing.assert_allclose(posterior[0], (0.5 - 1.645 / 15, 0.5 + 1.645 / 15), rtol=1e-3)
    assert [label.get_text() for label in right.get_yticklabels()] == ["late"]
    ends = [ends for ends, height in lines(right) if height == pytest.approx(-0.16)]
    np.testing.assert_allclose(ends[0], (0.5 - 0.1645, 0.5 + 0.1645))
    assert figure.get_suptitle() == "toy: prior and posterior, 1,234 effective worlds"
