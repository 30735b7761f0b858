"""Published figures: the table, what each figure's counterpart is, and how the two are compared."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from helpers import scenario
from written import assert_labelled_and_survives

import engine
from engine.analyses.published.analysis import needed, published_comparison
from engine.analyses.published.experiment import replayed_futures
from engine.analyses.published.quantities import QUANTITIES
from engine.analyses.published.summary import comparison_rows, published_in_words
from engine.analyses.published.table import read_figures

NAN, INF = np.nan, np.inf
HEADER = "quantity,level,time,central,low,high,interval,unit,published,source,url,note\n"
ATTRS = {"scenario_name": "made up", "worlds": 2, "futures": 2, "seed": 1}


def table(folder, *rows):
    """A table of `rows` as figures; a row is quantity, level, time, central, low, high, unit."""
    path = folder / "figures.csv"
    lines = [
        ",".join([*row[:6], "90%", row[6], "2025", '"Someone & Other 2025, Title"', "https://a.b", ""]) for row in rows
    ]
    path.write_text(HEADER + "\n".join(lines) + "\n")
    return read_figures(path)


def of_futures(values, **dims):
    """Values of two worlds of two futures, (world, future, *dims)."""
    array = np.asarray(values, dtype=np.float32).reshape(2, 2, *(len(places) for places in dims.values()))
    return xr.DataArray(array, {"world": [0, 1], "future": [0, 1]} | dims, ("world", "future", *dims))


def futures(**variables):
    """A dataset of `variables` from 2025 to 2035 with what every one of paths has."""
    grid = {"time": [2025.0, 2025.5, 2035.0], "threshold": [1e25, 1e26]}
    return xr.Dataset(variables, grid, ATTRS)


def values_of(folder, dataset, *row, **extra):
    """The counterparts of one figure in the four futures, in order."""
    (figure,) = table(folder, row)
    quantity = QUANTITIES[figure.quantity]
    return quantity.values(dataset.assign(**extra), figure).transpose("world", "future").values.ravel()


# The table.


def test_every_figure_of_the_package_can_be_compared_and_has_its_source():
    figures = read_figures()
    assert needed(figures) == {"paths", "replays", "prices"}
    assert {figure.quantity for figure in figures} == {*QUANTITIES, "models_at_start"}
    assert all(figure.url.startswith("https://") and figure.published and figure.interval for figure in figures)
    kumar_manning = [f for f in figures if f.source.startswith("Kumar") and f.quantity == "models_above"]
    assert [(f.level, f.time, f.low, f.central, f.high) for f in kumar_manning] == [
        ("1e25", 2029.0, 103.0, 165.0, 306.0),
        ("1e26", 2029.0, 45.0, 81.0, 148.0),
    ]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (("largest_run", "", "2026", "x", "", "", "FLOP"), "figures.csv:2: central: 'x' is not a number"),
        (("largest_run", "", "2026", "", "", "", "FLOP"), "figures.csv:2: central: is empty; give a number"),
        (("largest_run", "", "2026", "-1", "", "", "FLOP"), "central: must be a number of at least 0, not '-1'"),
        (("largest_run", "", "soon", "1", "", "", "FLOP"), "time: 'soon' is not a number"),
        (("largest_run", "", "2026", "1", "2", "", "FLOP"), "low: must be at most the central value, 1, not 2"),
        (("largest_run", "", "2026", "3", "1", "2", "FLOP"), "high: must be at least the central value, 3, not 2"),
        (("", "", "2026", "1", "", "", "FLOP"), "quantity: is empty; every figure needs one"),
        (("largest_runs", "", "2026", "1", "", "", "FLOP"), "'largest_runs' is unknown; did you mean 'largest_run'?"),
        (("zzz", "", "2026", "1", "", "", "FLOP"), "'zzz' is unknown; use one of models_at_start, models_above"),
        (("largest_run", "", "2026", "1", "", "", "US$"), "unit: must be 'FLOP', not 'US$'"),
    ],
)
def test_a_wrong_row_is_refused_in_a_line_that_names_it(tmp_path, row, words):
    with pytest.raises(ValueError, match=r"figures\.csv:2: ") as refused:
        needed(table(tmp_path, row))
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_table_without_a_column_or_without_rows_is_refused(tmp_path):
    path = tmp_path / "figures.csv"
    path.write_text(HEADER.replace("unit,", ""))
    with pytest.raises(ValueError, match=r"figures.csv:1: unit: is not among the columns; they are quantity, level"):
        read_figures(path)
    path.write_text(HEADER)
    with pytest.raises(ValueError, match=r"figures.csv: contains no row; give one"):
        read_figures(path)


# Counterparts.


def test_models_are_counted_with_those_before_the_start(tmp_path):
    models = of_futures(np.arange(24), time=[2025.0, 2025.5, 2035.0], threshold=[1e25, 1e26])
    paths = futures(future_models=models)
    figures = table(
        tmp_path,
        ("models_at_start", "1e25", "2025", "25", "", "", "1"),
        ("models_above", "1e25", "2025.5", "30", "", "", "1"),
    )
    found = published_comparison(figures, {"paths": paths})
    # 2, 8, 14 and 20 of the simulation.
    np.testing.assert_array_equal(found.ours.squeeze(), [27.0, 33.0, 45.0])
    assert found.at_least.item() == 0.75
    with pytest.raises(ValueError, match=r"level: has no row 'models_at_start'; give the number above 1e\+26"):
        published_comparison(table(tmp_path, ("models_above", "1e26", "2025.5", "30", "", "", "1")), {"paths": paths})
    late = table(
        tmp_path,
        ("models_at_start", "1e25", "2024", "25", "", "", "1"),
        ("models_above", "1e25", "2025", "1", "", "", "1"),
    )
    with pytest.raises(ValueError, match=r"time: must be the start of the scenario, 2025, not 2024"):
        published_comparison(late, {"paths": paths})


def test_the_largest_run_and_its_growth(tmp_path):
    years, actors = [2025.0, 2026.0, 2028.0], ["a", "b"]
    log10 = [
        [[NAN, 25, 26], [NAN, NAN, 27]],
        [[NAN, NAN, 26], [NAN] * 3],
        [[NAN, 25, 25], [NAN, 24, 26]],
        [[NAN] * 3] * 2,
    ]
    compute = of_futures(log10, actor=actors, year=years)
    paths = futures(future_compute=compute, future_open_compute=compute.isel(actor=0, drop=True))
    largest = values_of(tmp_path, paths, "largest_run", "", "2028", "1", "", "", "FLOP")
    np.testing.assert_allclose(np.log10(largest), [27.0, 26.0, 26.0, NAN])
    growth = values_of(tmp_path, paths, "largest_run_growth", "2026", "2028", "1", "", "", "x/yr")
    np.testing.assert_allclose(growth, [10.0, NAN, 10.0**0.5, NAN])
    opened = values_of(tmp_path, paths, "open_run_growth", "2026", "2028", "1", "", "", "x/yr")
    np.testing.assert_allclose(opened, [10.0**0.5, NAN, 1.0, NAN])
    for level, time, words in (
        ("2028", "2026", "time: must come after the year 2028 in level, not 2026"),
        ("2026", "2027", "time: 2027 is not a year of the results; give one of 2025 to 2028, 3 of them"),
        ("2026", "", "time: must come after"),
    ):
        with pytest.raises(ValueError, match=words):
            values_of(tmp_path, paths, "largest_run_growth", level, time, "1", "", "", "x/yr")


def test_the_lag_of_open_weights_by_compute(tmp_path):
    """Not counted: a first within five years of the horizon, or none at all; not seen to the end: no open weights."""
    first = of_futures(
        [[[NAN] * 2, [2026, 2027]], [[NAN] * 2, [2028, NAN]], [[NAN] * 2, [2031, NAN]], [[NAN] * 2] * 2],
        actor=["a", "b"],
        threshold=[1e25, 1e26],
    ).transpose("world", "future", "actor", "threshold")
    # The second threshold's first model of the first two futures: 2027, none; of the first threshold's: 2026, 2028.
    opened = of_futures([[2027, NAN], [NAN, NAN], [2032, NAN], [NAN, NAN]], threshold=[1e25, 1e26])
    start = xr.DataArray([0.0, 3.0], dims="threshold")
    paths = futures(future_first_above=first, future_first_open_above=opened, models_at_start=start)
    lag = values_of(tmp_path, paths, "open_lag_compute", "1e25", "", "1", "", "", "months")
    np.testing.assert_array_equal(lag, [12.0, INF, NAN, NAN])
    year = values_of(tmp_path, paths, "first_open_above", "1e25", "", "1", "", "", "year")
    np.testing.assert_array_equal(year, [2027.0, INF, 2032.0, INF])
    with pytest.raises(ValueError, match=r"level: 1e\+26 was passed before the start"):
        values_of(tmp_path, paths, "open_lag_compute", "1e26", "", "1", "", "", "months")
    with pytest.raises(
        ValueError, match=r"level: 1e\+27 is not a threshold of the results; give one of 1e\+25 to 1e\+26"
    ):
        values_of(tmp_path, paths, "open_lag_compute", "1e27", "", "1", "", "", "months")


def test_lags_by_capability_are_pooled(tmp_path):
    names = ["x", "y"]
    trained = of_futures([[2026, 2027]] * 4, capability=names)
    opened = of_futures([[2026.5, 2027], [NAN, 2029], [2026, NAN], [2028, 2028]], capability=names)
    told = xr.Dataset({"first_trained": trained, "first_open": opened}, attrs={"horizon": 2032.0})
    lag = values_of(tmp_path, told, "open_lag_capability", "", "", "1", "", "", "months")
    np.testing.assert_array_equal(lag, [6.0, 0.0, INF, 24.0, 0.0, INF, 24.0, 12.0])
    both = np.stack([trained.values, opened.values], axis=2)
    paths = futures(attainment_time=of_futures(both, actor_class=["lab", "fast"], capability=names))
    follower = values_of(tmp_path, paths, "follower_lag", "fast", "", "1", "", "", "months")
    np.testing.assert_array_equal(follower, lag)
    with pytest.raises(ValueError, match=r"level: must be one of the scenario's: lab, fast; not 'slow'"):
        values_of(tmp_path, paths, "follower_lag", "slow", "", "1", "", "", "months")


def test_the_fall_of_a_cost_is_of_the_cheapest_class_and_unknown_below_a_dollar(tmp_path):
    costs = [[[3, 1], [4, 2]], [[3, 2], [4, 1]], [[3, 0.5], [2, 0]], [[NAN, 2], [4, 2]]]
    shaped = of_futures(costs, actor_class=["lab", "fast"], year=[2018.0, 2022.0])
    prices = xr.Dataset({"capability_cost": shaped.expand_dims(capability=["skill"])})
    fall = values_of(tmp_path, prices, "cost_fall", "skill", "2022", "1", "", "", "x")
    np.testing.assert_allclose(fall, [100.0, 100.0, INF, 100.0])


def test_stories_are_the_futures_of_the_monte_carlo_clock(rich):
    """First trainings, open weights and runs of the first future of each world, against both results with paths."""
    paths = engine.simulate(rich, 6, 1, 7, keep="paths").squeeze("policy")
    told = replayed_futures(rich, 4, 6, 7)
    first = told.first_trained.values
    np.testing.assert_allclose(first, paths.attainment_time.min("actor_class")[:4].values, atol=2e-4)
    assert np.isfinite(first).any()
    opened = told.first_open.values
    assert (opened[np.isfinite(opened)] >= first[np.isfinite(opened)]).all()
    assert np.isfinite(opened).any()
    assert (np.diff(told.largest_cost, axis=-1) >= 0.0).all()
    assert (told.largest_cost[..., -1] > 0.0).all()
    with pytest.raises(ValueError, match="replays must be 1 to the number of worlds, 6, not 7"):
        replayed_futures(rich, 7, 6, 7)


def test_stories_count_costs_and_models_near_the_largest():
    """Runs of 1e26 FLOP for 1e8 US$ once a year; of 2e25, each for two actors; and of 1e24, too small."""
    classes = {"large": {}, "small": {"budget": 2e7, "represents": 2}, "tiny": {"budget": 1e6}}
    told = replayed_futures(scenario(actor_classes=classes, horizon=2030.5), 1, 1, 0)
    np.testing.assert_allclose(told.largest_cost.squeeze(), [0.0] + [1e8] * 10)
    models = told.models_within_an_oom.squeeze().values
    np.testing.assert_array_equal(models[2:], [3.0] * 9)


# The comparison.


def compared(folder, *, log10=(1, 2, 3, 4), central="100", low="", high=""):
    """The largest run of 2026 of four futures, of 10 to 10,000 FLOP, against one figure."""
    paths = futures(future_compute=of_futures(log10, actor=["a"], year=[2026.0]))
    figures = table(folder, ("largest_run", "", "2026", central, low, high, "FLOP"))
    return published_comparison(figures, {"paths": paths})


@pytest.mark.parametrize(
    ("low", "high", "overlap", "median_inside"),
    [
        ("", "", NAN, NAN),
        ("1", "100", 1.0, 1.0),
        ("100", "", 1.0, 1.0),
        ("", "200", 1.0, 1.0),
    ],
)
def test_intervals_overlap_with_ours(tmp_path, low, high, overlap, median_inside):
    """Ours has the median 100, and goes from 10 to 10,000."""
    found = compared(tmp_path, low=low, high=high).squeeze("figure")
    np.testing.assert_array_equal(found.ours, [10.0, 100.0, 10_000.0])
    np.testing.assert_array_equal([found.overlap, found.median_inside], [overlap, median_inside])
    assert found.ratio == 1.0
    assert found.difference == 0.0
    assert found.counted == 4


@pytest.mark.parametrize(
    ("central", "low", "high", "overlap", "median_inside", "central_inside", "at_least", "ratio"),
    [
        ("5", "1", "9", 0.0, 0.0, 0.0, 1.0, 20.0),
        ("5", "1", "10", 1.0, 0.0, 0.0, 1.0, 20.0),
        ("10", "", "50", 1.0, 0.0, 1.0, 1.0, 10.0),
        ("1000", "200", "", 1.0, 0.0, 1.0, 0.5, 0.1),
        ("20000", "20000", "", 0.0, 0.0, 0.0, 0.0, 0.005),
        ("0", "", "", NAN, NAN, 0.0, 1.0, NAN),
    ],
)
def test_where_ours_is_elsewhere(tmp_path, central, low, high, overlap, median_inside, central_inside, at_least, ratio):
    found = compared(tmp_path, central=central, low=low, high=high).squeeze("figure")
    np.testing.assert_array_equal([found.overlap, found.median_inside], [overlap, median_inside])
    assert found.central_inside == central_inside
    assert found.at_least == at_least
    np.testing.assert_allclose(found.ratio, ratio)


@pytest.mark.parametrize(
    ("central", "low", "high", "bias"),
    [
        ("1000", "", "", -1.0 / 1.5),
        ("100", "50", "200", 0.0),
        ("10", "5", "20", 1.0 / 1.5),
        ("0", "", "", 100.0 / 4995.0),
        ("1000", "200", "", NAN),
        ("1000", "", "2000", NAN),
    ],
)
def test_a_bias_is_in_half_widths_of_our_interval(tmp_path, central, low, high, bias):
    """Ours goes from 10 to 10,000, three OOM, with the median 100; a bound is no middle."""
    found = compared(tmp_path, central=central, low=low, high=high).squeeze("figure")
    np.testing.assert_allclose(found.bias, bias, rtol=1e-6)


def test_figures_that_all_lie_inside_and_to_one_side_are_told_as_biased(tmp_path):
    """A kind of fault: a count of hits hides that all miss to the same side."""
    paths = futures(future_compute=of_futures((1, 2, 3, 4), actor=["a"], year=[2026.0]))
    rows = [("largest_run", "", "2026", str(central), "", "", "FLOP") for central in (150, 1000, 5000, 50)]
    found = published_comparison(table(tmp_path, *rows), {"paths": paths})
    lines = published_in_words(found).splitlines()
    assert "4 of 4 published central values lie in our 90% interval." in lines
    start = lines.index("Of 4 published central values (without bounds), 3 lie above our median and 1 below it.")
    mean = np.log10([150 / 100, 10, 50, 0.5]).mean() / 1.5
    assert lines[start + 1] == (
        f"On average our median lies {mean:.2f} half-widths of our 90% interval below the published value, on a log "
        "scale except for years and zeros."
    )
    assert [line.split()[0] for line in lines[start + 3 :]] == ["-1.13", "-0.67", "+0.20", "-0.12"]
    assert lines[start + 3].endswith("2026 Someone & Other 2025, 5,000; ours 100 (10 to 10,000)")


def test_what_lies_past_the_horizon_is_longer_than_all_else(tmp_path):
    opened = of_futures([[2027, 2031], [NAN, NAN]], threshold=[1e25])
    paths = futures(future_first_open_above=opened).sel(threshold=[1e25])
    figures = table(tmp_path, ("first_open_above", "1e25", "", "2030", "2029", "2031", "year"))
    found = published_comparison(figures, {"paths": paths}).squeeze("figure")
    np.testing.assert_array_equal(found.ours, [2027.0, 2031.0, NAN])
    assert (found.unknown, found.at_least, found.difference) == (0.5, 0.75, 1.0)
    assert (found.overlap, found.central_inside, found.median_inside) == (1.0, 1.0, 1.0)
    assert np.isnan(found.ratio)
    assert found.bias == 0.25
    words = " ".join(published_in_words(found.expand_dims("figure")).split())
    assert "2030.0 (2029.0 to 2031.0) 2031.0 (2027.0 to ?) ? +1.0 y yes yes 75% 50%" in words


def test_where_no_future_counts_nothing_is_known(tmp_path):
    found = compared(tmp_path, log10=(NAN,) * 4, low="1", high="200").squeeze("figure")
    assert found.counted == 0
    for name in ("ratio", "central_inside", "median_inside", "at_least", "unknown", "overlap"):
        assert np.isnan(found[name]), name


def test_there_must_be_something_to_compare(tmp_path):
    figures = table(tmp_path, ("models_at_start", "1e25", "2025", "25", "", "", "1"))
    with pytest.raises(ValueError, match="there is no figure to compare; give rows other than models_at_start"):
        published_comparison(figures, {"paths": futures()})


def test_the_comparison_is_labelled_told_and_tabled(tmp_path):
    found = compared(tmp_path, low="20000000", high="3e7", central="20000000")
    assert_labelled_and_survives(found, tmp_path)
    lines = published_in_words(found).splitlines()
    assert lines[0] == "made up: 2 worlds x 2 futures, seed 1"
    agreed = lines.index("0 of 1 published central values lie in our 90% interval.")
    assert lines[agreed : agreed + 3] == [
        "0 of 1 published central values lie in our 90% interval.",
        "0 of 1 published intervals and bounds overlap with ours.",
        "0 of 1 of these contain our median.",
    ]
    (row,) = [line.split() for line in lines[:agreed] if "Someone" in line]
    assert " ".join(row) == "2026 Someone & Other 2025 2e7 (2e7 to 3e7) 100 (10 to 10,000) 4995.0% 5e-6 no no 0% 0%"
    rows = comparison_rows(found)
    assert rows.loc[0, ["quantity", "time", "central", "our_low", "our_median", "our_high", "overlap"]].tolist() == [
        "largest_run",
        2026.0,
        2e7,
        10.0,
        100.0,
        10_000.0,
        0.0,
    ]
    assert rows.loc[0, "source"] == "Someone & Other 2025, Title"
    for low, high, told in (("100", "", ">= 100"), ("", "100", "<= 100"), ("", "", "2025 100")):
        assert f"{told} 100 (10 to 10,000)" in " ".join(
            published_in_words(compared(tmp_path, low=low, high=high)).split()
        )
