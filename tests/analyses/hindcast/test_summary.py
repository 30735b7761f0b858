"""The words and the table of a hindcast hold the numbers of its dataset."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest
from observed import judged_by_hand, series

from engine.analyses.hindcast.summary import hindcast_in_words, hindcast_table

FOLLOWERS = [("follower", 1e22, 2, 2016.0, 2018.5), ("open_follower", 1e22, 0, 2016.0, 2019.25)]


@pytest.fixture(scope="module")
def found():
    return judged_by_hand([*FOLLOWERS, *series()])


def lines_of(found):
    """The rows of both tables in the text, by group."""
    scores, coverage = hindcast_in_words(found).split("probability integral transform, ten bins\n")
    return [{line[:14].strip(): line[14:] for line in part.splitlines() if line} for part in (scores, coverage)]


def test_the_words_hold_every_mean_score(found):
    told, _ = lines_of(found)
    for group in ("counts", "ranks", "open weights", "all"):
        here = found.sel(group=group, scale="oom")
        compared, *scores = told[group].split()
        assert int(compared) == int(here["compared"])
        np.testing.assert_allclose([float(score) for score in scores], here["mean_crps"], atol=0.0005001)
    assert "followers" not in told


def test_columns_stand_below_their_names(found):
    heading, *rows = hindcast_in_words(found).splitlines()[3:8]
    assert " ".join(heading.split()) == "compared engine last value last value spread trend trend spread"
    assert {len(row) for row in rows} == {len(heading)}


def test_the_words_hold_coverage_and_shares_of_all_groups(found):
    _, told = lines_of(found)
    assert (
        float(found["coverage"].sel(group="all", band=0.5)) < float(found["coverage"].sel(group="all", band=0.9)) < 1.0
    )
    for group in found["group"].values:
        here = found.sel(group=group)
        number, fifty, ninety, *shares, percent = told[group].split()
        assert (int(number), percent) == (int(here["observations"]), "%")
        assert [fifty, ninety] == [f"{share:.0%}" for share in here["coverage"].values]
        np.testing.assert_allclose([float(share) / 100.0 for share in shares], here["pit_histogram"], atol=0.005001)


def test_the_words_say_what_was_judged(found):
    first = hindcast_in_words(found).splitlines()[0]
    assert first == "47 observations, after the end of 2017 and to the end of 2022"


def test_groups_of_nothing_are_left_out():
    scores, coverage = lines_of(judged_by_hand([row for row in series() if row[0] == "compute"]))
    for told in (scores, coverage):
        assert {group for group in ("counts", "ranks", "open weights", "all", "followers") if group in told} == {
            "ranks",
            "all",
        }
    scores, coverage = lines_of(judged_by_hand(FOLLOWERS))
    assert "all" not in scores
    assert coverage["followers"].split()[0] == "2"


def test_the_table_reads_back(found):
    table = pd.read_csv(io.StringIO(hindcast_table(found)))
    assert len(table) == found.sizes["observation"]
    for name in ("label", "kind"):
        assert table[name].tolist() == found[name].values.tolist()
    for name in ("level", "rank", "time", "observed"):
        np.testing.assert_allclose(table[name], found[name], rtol=1e-5)
    for quantile, column in ((0.05, "forecast_05"), (0.25, "forecast_25"), (0.5, "forecast_50"), (0.95, "forecast_95")):
        np.testing.assert_allclose(table[column], found["predicted"].sel(quantile=quantile), rtol=1e-5)
    for forecaster in found["forecaster"].values:
        scores = found["crps"].sel(forecaster=forecaster, scale="oom")
        np.testing.assert_allclose(table[f"crps_oom_{forecaster}"], scores, rtol=1e-5, atol=1e-12)
    for band in (50, 90):
        np.testing.assert_array_equal(table[f"within_{band}"], found["within"].sel(band=band / 100))
    assert table["level"].isna().tolist() == [kind.endswith("compute") for kind in table["kind"]]
