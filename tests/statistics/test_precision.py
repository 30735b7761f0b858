"""Runs that grow until they are precise enough, of a made-up run whose error is known."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from engine.errors import InputError
from engine.statistics.precision import largest_standard_error, precise_simulation, worlds_needed

pytestmark = pytest.mark.known


class Run:
    """Has the error 0.2 with 250 worlds, which falls as their root rises; remembers of how many it was asked."""

    def __init__(self):
        self.asked = []

    def __call__(self, worlds):
        self.asked.append(worlds)
        largest = 0.2 * np.sqrt(250 / worlds)
        errors = np.array([[0.0, largest / 2.0], [np.nan, largest]])
        coordinates = {"policy": ["baseline", "strict"], "time": [2025.0, 2026.5]}
        found = {
            "attainment_probability": (("policy", "time"), np.array([[0.0, 0.5], [0.5, 0.5]])),
            "attainment_probability_se": (("policy", "time"), errors),
        }
        return xr.Dataset(found, coordinates, {"worlds": worlds})


@pytest.mark.parametrize(
    ("target", "most", "asked"),
    [(0.2, 10_000, [250]), (0.1, 10_000, [250, 1_100]), (0.1, 1_000, [250, 1_000]), (0.2, 250, [250])],
)
def test_as_many_worlds_as_a_target_needs_and_a_tenth_more(target, most, asked):
    """A quarter of the variance needs four times the worlds; no more than are allowed."""
    run = Run()
    found = precise_simulation(run, 250, target, most)
    assert run.asked == asked
    assert found.attrs["worlds"] == asked[-1]
    assert found.attrs["target_standard_error"] == target
    assert found.attrs["largest_standard_error"] == pytest.approx(0.2 * np.sqrt(250 / asked[-1]), rel=1e-12)


@pytest.mark.parametrize(
    ("worlds", "target", "most", "refusal"),
    [
        (
            250,
            0.1,
            999,
            "a standard error of 0.1 needs about 1,000 worlds, more than the 999 allowed; allow more, or as",
        ),
        (500, 0.01, 1_000, "or ask for 0.1$"),
        (250, 0.0, 999, "target_se must be above 0, such as 0.005, not 0"),
        (250, np.nan, 999, "target_se must be above 0, such as 0.005, not nan"),
        (1, 0.1, 999, r"worlds must be 2 to most_worlds \(999\), not 1"),
        (1_000, 0.1, 999, r"worlds must be 2 to most_worlds \(999\), not 1,000"),
    ],
)
def test_what_cannot_be_reached_is_refused(worlds, target, most, refusal):
    with pytest.raises(InputError, match=refusal):
        precise_simulation(Run(), worlds, target, most)


@pytest.mark.parametrize(
    ("worlds", "largest", "needed"), [(100, 0.02, 400), (100, 0.01, 100), (3, 0.011, 4), (100, 1e-9, 2), (7, 0.03, 63)]
)
def test_how_many_worlds_a_target_of_a_hundredth_needs(worlds, largest, needed):
    assert worlds_needed(worlds, largest, 0.01) == needed


def test_the_largest_error_and_where_it_is():
    """What is unknown is not the largest; two worlds are enough to have one, and a single one is not."""
    largest, place = largest_standard_error(Run()(1_000))
    assert largest == pytest.approx(0.1, rel=1e-12)
    assert place == {"policy": "strict", "time": 2026.5}
    assert largest_standard_error(Run()(2))[1] == place
    with pytest.raises(InputError, match="at least 2 worlds"):
        largest_standard_error(Run()(1))


@pytest.mark.statistics
def test_the_largest_error_is_not_the_largest_by_chance():
    """200 probabilities of a half with an error of 0.01, each estimated from 16 replicates: 0.01, not 0.014."""
    rng = np.random.default_rng(3)
    errors = 0.01 * np.sqrt(rng.chisquare(15, (1, 200)) / 15)
    found = {
        "attainment_probability": (("policy", "time"), np.full((1, 200), 0.5)),
        "attainment_probability_se": (("policy", "time"), errors),
    }
    largest, _ = largest_standard_error(xr.Dataset(found, {"policy": ["baseline"]}, {"worlds": 1_024}))
    assert errors.max() > 0.013
    assert largest == pytest.approx(0.01, rel=0.05)
