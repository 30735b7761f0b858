"""What a future shows of observations: against a slow account, of made-up paths and of a small run."""

from __future__ import annotations

import re

import numpy as np
import pytest
import xarray as xr
from helpers import merged, scenario_data
from observed import NAN, observed
from small_run import RICH, SEED

import engine
from engine.execution import Execution
from engine.record.observables import (
    NO_MODEL,
    check_observable,
    observables,
    observables_of,
    with_thresholds,
)
from engine.scenario.sections import MAX_THRESHOLDS
from engine.simulation.jobs import new_job

SHOWN = [
    "future_first_above",
    "future_compute",
    "future_open_compute",
    "future_first_open_above",
    "future_models",
    "future_open_models",
]


def made_up(seed=1):
    """Paths of 3 worlds with 2 futures: four organisations, that stand for seven, over five years.

    Some organisations cross a threshold at the same time, and some never.
    """
    rng = np.random.default_rng(seed)
    times, years, size = np.arange(2018.0, 2022.01, 0.25), np.arange(2018.0, 2023.0), (3, 2)
    first = rng.choice([NAN, *times], (*size, 4, 2), p=[0.3, *[0.7 / len(times)] * len(times)])
    compute = np.sort(rng.uniform(20.0, 25.0, (*size, 4, len(years))))
    compute[rng.random(compute.shape) < 0.3] = NAN
    dims = ("world", "future")
    numbers = {
        name: ((*dims, "threshold", "time"), rng.poisson(3.0, (*size, 2, len(times))).cumsum(axis=-1))
        for name in ("future_models", "future_open_models")
    }
    return xr.Dataset(
        {
            "future_first_above": ((*dims, "actor", "threshold"), first),
            "future_compute": ((*dims, "actor", "year"), compute),
            "future_open_compute": ((*dims, "year"), compute[..., 0, :]),
            "future_first_open_above": ((*dims, "threshold"), first[..., 0, :]),
            **numbers,
        },
        {
            "world": np.arange(3),
            "future": np.arange(2),
            "threshold": [1e22, 1e24],
            "time": times,
            "year": years,
            "represents": ("actor", [1, 3, 1, 2]),
        },
    )


@pytest.fixture(scope="module")
def spec():
    """The small scenario with labs and outsiders that stand for several actors each: 14 organisations."""
    weights = {"actor_classes": {"lab": {"represents": 3}, "outsider": {"represents": 7}}}
    return engine.parse_scenario(scenario_data(**merged(RICH, weights)), "weighted")


@pytest.fixture(scope="module")
def paths(spec):
    found = engine.simulate(spec, 6, 4, SEED, keep="paths")
    return found.isel(policy=0)


def slowly(path, row, known):
    """What is seen of one future: every organisation stands in a list as often as it is represented."""
    kind, level, rank, time, _ = row
    # At least as many are above a threshold as above any higher one, and the model of a rank is at least as large as
    # that of any later one.
    latest = {r[:3]: r[4] for r in sorted(known, key=lambda r: r[3]) if r[0] == kind}
    further = [v for (_, above, later), v in latest.items() if not above < level and later >= rank]
    before = [max(further)] if further else []
    organisations = [actor for actor, number in enumerate(path["represents"]) for _ in range(number)]
    above = path["threshold"].index(level) if level > 0.0 else None
    if kind == "organisations":
        return max([sum(path["future_first_above"][actor][above] <= time for actor in organisations), *before])
    if kind in ("models", "open_models"):
        nearest = min(range(len(path["time"])), key=lambda t: abs(path["time"][t] - time))
        return path[f"future_{kind}"][above][nearest] + sum(before)
    if kind in ("compute", "open_compute"):
        earlier = max(year for year in path["year"] if year <= time)
        later = min(year for year in path["year"] if year >= time)

        def at(year):
            place = path["year"].index(year)
            if kind == "compute":
                best = [path["future_compute"][actor][place] for actor in organisations]
                return sorted(((NO_MODEL if np.isnan(each) else each) for each in best), reverse=True)[rank - 1]
            best = path["future_open_compute"][place]
            return NO_MODEL if np.isnan(best) else best

        return max([at(earlier) + (time - earlier) * (at(later) - at(earlier)), *before])
    if kind == "follower":
        first = [path["future_first_above"][actor][above] for actor in organisations]
        return sorted(np.inf if np.isnan(each) else each for each in first)[rank - 1]
    first = path["future_first_open_above"][above]
    return np.inf if np.isnan(first) else first


def assert_as_slowly(paths, rows, known):
    found = observables(paths, observed(rows), observed(known))
    assert found.dims == ("world", "future", "observation")
    for world in range(paths.sizes["world"]):
        for future in range(paths.sizes["future"]):
            here = paths[SHOWN].isel(world=world, future=future)
            path = {name: variable.values.tolist() for name, variable in here.variables.items()}
            np.testing.assert_array_equal(found[world, future], [slowly(path, row, known) for row in rows])
    return found


def rows_of(levels, ranks, times):
    """Every kind of observation at each level, rank and time."""
    counts = [
        (kind, level, 0, time, 0.0)
        for kind in ("organisations", "models", "open_models")
        for level in levels
        for time in times
    ]
    ranked = [("compute", NAN, rank, time, 0.0) for rank in ranks for time in times]
    best_open = [("open_compute", NAN, 0, time, 0.0) for time in times]
    followers = [("follower", level, rank, 2018.5, 0.0) for level in levels for rank in ranks]
    return [*counts, *ranked, *best_open, *followers, *(("open_follower", level, 0, 2018.5, 0.0) for level in levels)]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    "known",
    [
        [],
        [
            ("organisations", 1e22, 0, 2017.0, 1.0),
            ("organisations", 1e22, 0, 2018.0, 2.0),
            ("models", 1e24, 0, 2018.0, 5.0),
            ("open_models", 1e22, 0, 2018.0, 3.0),
            ("compute", NAN, 2, 2018.0, 23.5),
            ("compute", NAN, 7, 2018.0, 20.5),
        ],
    ],
    ids=["nothing known", "much known"],
)
def test_made_up_paths_show_what_a_slow_account_sees(seed, known):
    found = assert_as_slowly(made_up(seed), rows_of([1e22, 1e24], [1, 2, 4, 7], [2018.0, 2019.1, 2022.0]), known)
    assert np.isinf(found.values).any()
    assert not np.isnan(found.values).any()


def test_a_small_run_shows_what_a_slow_account_sees(paths):
    """Of 14 organisations; the last rank has no model for long, and some followers never come."""
    known = [
        ("models", 1e24, 0, 2020.0, 4.0),
        ("organisations", 1e26, 0, 2020.0, 3.0),
        ("compute", NAN, 14, 2020.0, 21.0),
    ]
    found = assert_as_slowly(paths, rows_of([1e24, 1e26, 1e28], [1, 3, 7, 8, 14], [2021.0, 2024.0, 2032.0]), known)
    assert np.isinf(found.values).any()
    assert len(np.unique(found.values)) > 50


@pytest.mark.known
def test_what_was_known_is_joined_to_what_the_future_adds():
    """By hand, of one organisation that stands for two, crosses 1e22 in 2019.5 and has a model of 1e23 from 2020."""
    path = xr.Dataset(
        {
            "future_first_above": (("world", "future", "actor", "threshold"), [[[[2019.5]]]]),
            "future_compute": (("world", "future", "actor", "year"), [[[[NAN, NAN, 23.0]]]]),
            "future_open_compute": (("world", "future", "year"), [[[NAN, NAN, 23.0]]]),
            "future_first_open_above": (("world", "future", "threshold"), [[[NAN]]]),
            "future_models": (("world", "future", "threshold", "time"), [[[[0.0, 0.0, 2.0]]]]),
            "future_open_models": (("world", "future", "threshold", "time"), [[[[0.0, 0.0, 1.0]]]]),
        },
        {
            "world": [0],
            "future": [0],
            "threshold": [1e22],
            "time": [2018.0, 2019.0, 2020.0],
            "year": [2018.0, 2019.0, 2020.0],
            "represents": ("actor", [2]),
        },
    )
    known = [
        ("organisations", 1e22, 0, 2018.0, 1.0),
        ("models", 1e22, 0, 2018.0, 7.0),
        ("compute", NAN, 1, 2018.0, 23.5),
    ]
    expected = {
        ("organisations", 1e22, 0, 2019.0, 0.0): 1.0,
        ("organisations", 1e22, 0, 2019.5, 0.0): 2.0,
        ("models", 1e22, 0, 2019.0, 0.0): 7.0,
        ("models", 1e22, 0, 2019.6, 0.0): 9.0,  # the nearest time of the grid is 2020
        ("open_models", 1e22, 0, 2020.0, 0.0): 1.0,
        ("compute", NAN, 1, 2020.0, 0.0): 23.5,
        ("compute", NAN, 2, 2019.0, 0.0): NO_MODEL,
        ("compute", NAN, 2, 2020.0, 0.0): 23.0,
        ("open_compute", NAN, 0, 2019.0, 0.0): NO_MODEL,
        ("follower", 1e22, 2, 2018.0, 0.0): 2019.5,
        ("open_follower", 1e22, 0, 2018.0, 0.0): np.inf,
    }
    found = observables(path, observed(list(expected)), observed(known))
    np.testing.assert_array_equal(found.squeeze(), list(expected.values()))


@pytest.mark.parametrize(("chunk", "keep"), [(1, "sizes"), (5, "sizes"), (24, "paths"), (None, "sizes")])
def test_futures_played_chunk_by_chunk_show_the_same(spec, paths, chunk, keep):
    expected = observed(rows_of([1e24, 1e28], [1, 8], [2021.0, 2030.0]))
    job = new_job(spec, 6, 4, SEED, keep=keep)
    known = observed([("models", 1e24, 0, 2020.0, 4.0)])
    found = observables_of(job, expected, known, Execution(threads=2, chunk=chunk))
    np.testing.assert_array_equal(found, observables(paths, expected, known))


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (
            ("models", 1e24, 0, 2032.5, 0.0),
            "past the horizon of weighted, 2032; leave later observations out with --until",
        ),
        (("follower", 1e24, 2, 2021.0, 2033.0), "past the horizon of weighted, 2032"),
        (("compute", NAN, 1, 2033.0, 0.0), "past the horizon of weighted, 2032"),
        (("open_compute", NAN, 0, 2033.0, 0.0), "past the horizon of weighted, 2032"),
        (("compute", NAN, 15, 2021.0, 0.0), "weighted has only 14 organisations; give its classes more"),
        (("follower", 1e24, 15, 2021.0, 2022.0), "weighted has only 14 organisations"),
    ],
    ids=lambda value: " ".join(map(str, value)) if isinstance(value, tuple) else "",
)
def test_what_futures_cannot_show_is_one_line_that_names_the_observation(spec, row, words):
    sound = ("models", 1e24, 0, 2022.0, 0.0)
    with pytest.raises(ValueError, match=re.escape(words)) as error:
        check_observable(spec, observed([sound, row]))
    text = str(error.value)
    assert text.startswith(f"{observed([row])['label'].item()}: ")
    assert "\n" not in text


def test_all_that_futures_show_passes(spec):
    check_observable(spec, observed(rows_of([1e24, 1e26, 1e28], [1, 14], [2021.0, 2032.0])))
    assert check_observable(spec, observed([])) is None


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (
            ("models", 1e23, 0, 2019.0, 0.0),
            "models above 1e+23 FLOP were not counted; add it to output.flop_thresholds",
        ),
        (("follower", 1e23, 1, 2019.0, 0.0), "models above 1e+23 FLOP were not counted"),
        (("compute", NAN, 1, 2022.5, 0.0), "compute is not recorded at 2022.5"),
        (("open_compute", NAN, 0, 2030.0, 0.0), "compute is not recorded at 2030"),
        (("compute", NAN, 8, 2019.0, 0.0), "there are only 7 organisations"),
        (("follower", 1e22, 8, 2019.0, 0.0), "there are only 7 organisations"),
    ],
    ids=lambda value: " ".join(map(str, value)) if isinstance(value, tuple) else "",
)
@pytest.mark.parametrize("represents", [[1, 3, 1, 2], [1, 1, 1, 1]], ids=["some for several", "each for itself"])
def test_what_results_do_not_hold_is_one_line_that_names_the_observation(row, words, represents):
    paths = made_up().assign_coords(represents=("actor", represents))
    words = words.replace("7", str(sum(represents)))
    with pytest.raises(ValueError, match=re.escape(f"{observed([row])['label'].item()}: {words}")):
        observables(paths, observed([row]), observed([]))


def test_thresholds_of_observations_are_counted_too(spec):
    """Beside those of the scenario, 1e24, 1e26 and 1e28, of which one may be a little off; nothing else changes."""
    rows = [("models", level, 0, 2024.0, 0.0) for level in (1e25, 1e26 * (1 + 1e-9), 3e23)]
    more = with_thresholds(spec, observed([*rows, ("compute", NAN, 1, 2024.0, 0.0)]))
    assert list(more.output.flop_thresholds) == [3e23, 1e24, 1e25, 1e26, 1e28]
    assert more.model_copy(update={"output": spec.output}) == spec
    assert with_thresholds(spec, observed(rows[1:2])) is spec
    expected = observed(rows)
    found = observables_of(new_job(more, 2, 2, SEED, keep="sizes"), expected, observed([]))
    assert (found[..., 2] >= found[..., 0]).all()
    assert (found[..., 0] >= found[..., 1]).all()
    before = observables_of(new_job(spec, 2, 2, SEED, keep="sizes"), observed(rows[1:2]), observed([]))
    np.testing.assert_array_equal(found[..., 1:2], before)


def test_more_thresholds_than_a_run_counts_are_refused(spec):
    """The scenario has three."""
    levels = 1e20 * 1.5 ** np.arange(MAX_THRESHOLDS - 2)
    rows = [("models", level, 0, 2024.0, 0.0) for level in levels]
    assert len(with_thresholds(spec, observed(rows[1:])).output.flop_thresholds) == MAX_THRESHOLDS
    with pytest.raises(ValueError, match=r"^17 thresholds of observations and scenario are more than the 16 that"):
        with_thresholds(spec, observed(rows))
