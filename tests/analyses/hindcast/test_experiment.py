"""A hindcast: what it judges by what, what it makes of it, and that right forecasts are found right."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from helpers import within
from observed import NAN, judged_by_hand, observed, series
from written import assert_labelled_and_survives

import engine
from engine.analyses.hindcast.experiment import BANDS, GROUPS, hindcast, judged
from engine.analyses.hindcast.scores import covered, crps, pit
from engine.execution import Execution
from engine.record import after, known_by, read_observations
from engine.record.naive_forecasts import FORECASTERS, naive_forecasts, transformed
from engine.record.observables import observables
from engine.results.files import open_written
from engine.scenario import Design
from engine.statistics.cluster_means import QUARTILES_TOO

WORLDS, FUTURES, SEED = 30, 4, 3
SCENARIOS = Path(engine.__file__).parents[1] / "scenarios"


@pytest.fixture(scope="module")
def given(rich):
    """What is known by 2020, and what a future of the small scenario itself makes of 2020 to 2026."""
    known = [
        (kind, level, 0, time, value)
        for kind, level, values in (
            ("organisations", 1e24, (0, 1, 1)),
            ("models", 1e24, (0, 2, 3)),
            ("organisations", 1e26, (0, 0, 0)),
            ("models", 1e26, (0, 0, 0)),
        )
        for time, value in zip((2018.0, 2019.0, 2020.0), values, strict=True)
    ]
    known += [("compute", NAN, 1, 2018.0 + n, value) for n, value in enumerate((23.0, 24.0, 24.2))]
    known += [("open_compute", NAN, 0, 2020.0, 22.0), ("open_models", 1e24, 0, 2020.0, 0.0)]
    years = np.arange(2021.0, 2027.0)
    later = [(*row[:3], year, 0.0) for row in sorted({row[:3] for row in known if row[1] > 0.0}) for year in years]
    later += [("compute", NAN, rank, year, 0.0) for rank in (1, 2, 4) for year in years]
    later += [("open_compute", NAN, 0, year, 0.0) for year in years]
    later += [("follower", 1e26, 2, 2020.5, 2021.0), ("open_follower", 1e26, 0, 2020.5, 2021.0)]
    future = engine.simulate(rich, 1, 1, 11, keep="paths").isel(policy=0)
    shown = observables(future, observed(later), observed(known)).values[0, 0]
    assert np.isfinite(shown).all()
    return observed([*known, *((*row[:4], value) for row, value in zip(later, shown, strict=True))])


@pytest.fixture(scope="module")
def found(rich, given):
    return hindcast(rich, given, worlds=WORLDS, futures=FUTURES, seed=SEED)


@pytest.fixture(scope="module")
def members(rich, given):
    """What every future of the same run shows, (observation, member)."""
    paths = engine.simulate(rich, WORLDS, FUTURES, SEED, keep="paths").isel(policy=0)
    shown = observables(paths, after(given, 2020.0), known_by(given, 2020.0)).values
    return shown.reshape(-1, shown.shape[-1]).T


def test_forecasts_are_those_of_the_futures(found, members, given):
    late = np.char.endswith(found["kind"].values.astype(str), "follower")
    come = np.where(late[:, np.newaxis], np.minimum(members, 2026.0), members)
    assert (come != members).any()
    expected = np.quantile(come, QUARTILES_TOO, axis=-1, method="inverted_cdf").T
    np.testing.assert_array_equal(found["predicted"], expected)
    np.testing.assert_array_equal(found["observed"], after(given, 2020.0)["observed"])
    np.testing.assert_array_equal(found["pit"], pit(come, found["observed"].values))
    for band in BANDS:
        inside = covered(come, found["observed"].values, band)
        np.testing.assert_array_equal(found["within"].sel(band=band), inside)
    engines = found["crps"].sel(forecaster="engine")
    np.testing.assert_allclose(engines.sel(scale="natural"), crps(come, found["observed"].values), rtol=1e-12)


def test_scores_are_those_of_every_forecaster_on_its_scale(found, given):
    known, expected = known_by(given, 2020.0), after(given, 2020.0)
    kinds, truth = expected["kind"].values.astype(str), expected["observed"].values
    ensembles = naive_forecasts(known, expected)
    assert list(found["forecaster"].values) == ["engine", *FORECASTERS]
    counts = np.isin(kinds, ("organisations", "models", "open_models"))
    for name, ensemble in ensembles.items():
        scores = found["crps"].sel(forecaster=name)
        np.testing.assert_allclose(scores.sel(scale="oom"), crps(ensemble, transformed(truth, kinds)))
        np.testing.assert_allclose(scores.sel(scale="natural")[~counts], scores.sel(scale="oom")[~counts])
        natural = crps(10.0 ** ensemble[counts] - 1.0, truth[counts])
        np.testing.assert_allclose(scores.sel(scale="natural")[counts], natural)
    last = found["crps"].sel(forecaster="last_value", scale="natural")
    first = int(np.flatnonzero((kinds == "models") & (expected["level"].values == 1e24))[0])
    np.testing.assert_allclose(last[first], abs(truth[first] - 3.0))


def test_means_are_those_of_the_observations_that_all_forecast(found):
    kinds, scores = found["kind"].values.astype(str), found["crps"].sel(scale="oom")
    for group, of in GROUPS.items():
        mine = found.isel(observation=np.flatnonzero(np.isin(kinds, of)))
        here = found.sel(group=group)
        assert int(here["observations"]) == mine.sizes["observation"] > 0
        all_forecast = np.isfinite(mine["crps"].sel(scale="oom")).all("forecaster").values
        assert int(here["compared"]) == all_forecast.sum()
        means = mine["crps"].values[:, all_forecast].mean(axis=1) if all_forecast.any() else np.full((2, 5), NAN)
        np.testing.assert_allclose(here["mean_crps"], means)
        np.testing.assert_allclose(here["skill"], 1.0 - means[:, :1] / means)
        np.testing.assert_allclose(here["coverage"], mine["within"].mean("observation"))
        np.testing.assert_allclose(here["pit_histogram"], mine["pit"].mean("observation"))
    # Ranks 2 and 4 were not known, the best open weights at one time only, followers never.
    assert found["compared"].sel(group=["ranks", "followers", "open weights"]).values.tolist() == [6, 0, 0]
    assert not np.isfinite(scores.sel(forecaster="trend")[kinds == "open_compute"]).any()


def test_groups_hold_every_kind_and_all_but_followers_count_in_all():
    kinds = {kind for name, group in GROUPS.items() if name != "all" for kind in group}
    assert kinds == {"organisations", "models", "open_models", "compute", "open_compute", "follower", "open_follower"}
    assert set(GROUPS["all"]) == kinds - set(GROUPS["followers"])


def test_no_measure_of_the_scenario_is_in_force(governed, given, found):
    again = hindcast(governed, given, worlds=WORLDS, futures=FUTURES, seed=SEED)
    xr.testing.assert_equal(again, found)


def test_the_seed_alone_makes_the_id(rich, given, found):
    again = hindcast(rich, given, worlds=WORLDS, futures=FUTURES, seed=SEED, execution=Execution(threads=1))
    xr.testing.assert_identical(again, found)
    other = hindcast(rich, given, worlds=WORLDS, futures=FUTURES, seed=SEED + 1)
    assert other.attrs["id"] != found.attrs["id"]


def test_everything_is_labelled_and_survives(found, tmp_path):
    assert_labelled_and_survives(found, tmp_path)
    with open_written(tmp_path / "found.nc") as written:
        assert written.attrs["title"] == "Hindcast: rich"
        assert (written.attrs["judged_after"], written.attrs["judged_until"]) == (2020.0, 2026.0)
        assert (written.attrs["sampling"], written.attrs["observations"]) == ("qmc", "made up")


def test_only_what_was_observed_until_then_is_judged(rich, given, found):
    until = hindcast(rich, given, worlds=WORLDS, futures=FUTURES, seed=SEED, until=2023.0)
    early = found["time"].values <= 2023.0
    of_followers = np.char.endswith(found["kind"].values.astype(str), "follower")
    early &= ~of_followers | (found["observed"].values <= 2023.0)
    assert early.sum() < found.sizes["observation"]
    np.testing.assert_array_equal(until["label"], found["label"][early])
    np.testing.assert_array_equal(until["predicted"][~of_followers[early]], found["predicted"][early & ~of_followers])
    assert until.attrs["judged_until"] == 2023.0
    np.testing.assert_array_equal(until["known"], found["known"])


def test_later_naive_forecasters_know_more_and_the_engine_does_not(rich, given, found):
    since = hindcast(rich, given, worlds=WORLDS, futures=FUTURES, seed=SEED, since=2023.0)
    assert since["past_time"].values.max() == 2023.0
    assert since.sizes["past"] > found.sizes["past"]
    moments = np.where(np.isin(since["kind"], GROUPS["followers"]), since["observed"], since["time"])
    assert moments.min() > 2023.0
    both = np.flatnonzero(np.isin(found["label"].values, since["label"].values) & (found["kind"] == "models").values)
    later = since.isel(observation=np.flatnonzero(since["kind"] == "models"))
    np.testing.assert_array_equal(later["predicted"], found["predicted"][both])
    assert (later["crps"].sel(forecaster="last_value") != found["crps"].sel(forecaster="last_value")[:, both]).any()
    assert since.attrs["judged_after"] == 2023.0


def test_worlds_of_a_design_are_played(rich, given):
    """Three worlds that are alike in all, luck included, show no more than one does."""
    design = Design(np.full((3, len(rich.uncertain())), 0.3), np.zeros(3, dtype=np.int64), "here")
    alone = Design(design.uniforms[:1], design.luck[:1])
    found = hindcast(rich, given, worlds=3, futures=2, sampling=design)
    np.testing.assert_array_equal(
        found["predicted"], hindcast(rich, given, worlds=1, futures=2, sampling=alone).predicted
    )
    assert (found.attrs["sampling"], found.attrs["worlds_from"]) == ("design", "here")


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"since": 2026.0}, "nothing to score: there is no observation after 2026; rich starts in 2020, give later"),
        ({"until": 2020.4}, "there is no observation after 2020 and until 2020.4; rich starts in 2020"),
        (
            {"since": 2019.0},
            "rich starts in 2020 and knows all observations until then; score only later ones, not all",
        ),
        ({"worlds": 0}, "worlds must be"),
    ],
    ids=str,
)
def test_nothing_to_judge_is_said_in_one_line(rich, given, how, words):
    with pytest.raises(ValueError, match=words) as error:
        hindcast(rich, given, **{"worlds": 2, "futures": 1, **how})
    assert "\n" not in str(error.value)


def test_what_the_scenario_cannot_show_is_refused(rich):
    with pytest.raises(ValueError, match=r"compute nan 5 at 2022: rich has only 4 organisations"):
        hindcast(rich, observed([("compute", NAN, 5, 2022.0, 24.0)]))


@pytest.mark.statistics
def test_a_future_among_the_others_is_foretold_right():
    """300 observations of compute and of counts, each drawn as the 99 members of its forecast are."""
    rng, number = np.random.default_rng(6), 300
    centres = rng.uniform(20.0, 25.0, (number, 1))
    compute = centres + rng.standard_normal((number, 100))
    counts = rng.poisson(10.0 ** (centres - 22.0), (number, 100)).astype(float)
    rows = [("compute", NAN, n + 1, 2020.0, value) for n, value in enumerate(compute[:, 0])]
    rows += [("models", 1e22 + 1e18 * n, 0, 2020.0, value) for n, value in enumerate(counts[:, 0])]
    found = judged(np.concatenate([compute, counts])[:, 1:], observed([]), observed(rows))
    for band in BANDS:
        error = np.sqrt(band * (1.0 - band) / number)
        assert within(float(found["coverage"].sel(band=band, group="ranks")), band, error)
        assert float(found["coverage"].sel(band=band, group="counts")) > band - 4.0 * error
    for group in ("ranks", "counts"):
        shares = found["pit_histogram"].sel(group=group)
        assert within(float(np.abs(shares - 0.1).max()), 0.0, np.sqrt(0.1 * 0.9 / number))
    assert found["observations"].sel(group="all") == 2 * number
    assert found["compared"].sel(group="all") == 0


def test_a_forecaster_that_foretells_well_has_skill():
    """Against the last value of what grows; worse members have less."""
    good = judged_by_hand(series())
    known = known_by(observed(series()), 2018.0)
    expected = after(observed(series()), 2018.0)
    bad = judged(np.zeros((expected.sizes["observation"], 9)), known, expected)
    for group in ("counts", "ranks", "open weights", "all"):
        of_last = {"forecaster": "last_value", "scale": "oom", "group": group}
        assert float(good["skill"].sel(of_last)) > 0.5
        assert float(bad["skill"].sel(of_last)) < 0.0
    assert good["compared"].values.tolist() == [20, 10, 15, 45, 0]


def test_followers_that_do_not_come_are_taken_to_come_last():
    rows = [("follower", 1e22, 2, 2017.0, 2021.5), ("models", 1e22, 0, 2023.0, 5.0)]
    members = np.array([[2020.0, np.inf, np.inf], [5.0, 5.0, 5.0]])
    found = judged(members, observed([]), observed(rows))
    np.testing.assert_array_equal(found["predicted"][0], [2020.0, 2020.0, 2023.0, 2023.0, 2023.0])
    assert found["within"][:, 0].values.tolist() == [1, 1]
    assert np.isfinite(found["crps"].sel(forecaster="engine")).all()
    alone = judged(members[:1], observed([]), observed(rows[:1]))
    np.testing.assert_array_equal(alone["predicted"][0, 2:], 2021.5)


def test_a_perfect_forecaster_of_the_future_that_came(given):
    expected = after(given, 2020.0)
    exact = judged(np.tile(expected["observed"].values[:, np.newaxis], 5), known_by(given, 2020.0), expected)
    np.testing.assert_allclose(exact["crps"].sel(forecaster="engine"), 0.0, atol=1e-9)
    assert exact["within"].values.all()
    np.testing.assert_allclose(exact["pit"], 0.1)
    ranks = exact["skill"].sel(group="ranks", scale="oom", forecaster=list(FORECASTERS))
    np.testing.assert_allclose(ranks, 1.0)


def test_the_tables_of_the_project_are_judged_by_default():
    spec = engine.load_scenario(SCENARIOS / "hindcast_2018.yaml")
    found = hindcast(spec, worlds=4, futures=2)
    expected = after(read_observations(), 2018.0)
    np.testing.assert_array_equal(found["label"], expected["label"])
    assert found.attrs["judged_until"] == 2023.0
    assert found.attrs["observations"].splitlines() == [
        "compute_by_rank.csv",
        "follower_lags.csv",
        "threshold_counts.csv",
    ]
    assert np.isfinite(found["predicted"]).all()
