"""Observations: the package's tables, every form, every error with file, line and column, and hostile files."""

from __future__ import annotations

import os
import re
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from written import assert_labelled_and_survives

from engine.data import OBSERVATIONS
from engine.record import ObservationsError, after, known_by, read_observations, with_past
from engine.record.files import MAX_BYTES

COUNTS = "threshold_flop,year,organisations_above,models_above,open_weight_models_above\n"
LAGS = "threshold_flop,follower,first_year,follower_year,lag_years\n"
BEHIND = LAGS + "1e22,organisation 3,2017,2018,\n"
EDGE = "year,rank_1,rank_2,best_open_weights\n"


@pytest.fixture
def table(tmp_path):
    """Writes a table and gives its path."""

    def write(text, name="table.csv"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


@pytest.fixture(scope="module")
def found():
    """The observations of the package."""
    return read_observations()


def rows(found):
    """(kind, level or None, rank, time, observed) of every observation."""
    columns = (found[name].values for name in ("kind", "level", "rank", "time", "observed"))
    return [(k, None if np.isnan(v) else v, r, t, o) for k, v, r, t, o in zip(*columns, strict=True)]


def refused(*paths):
    """The one line with which `paths` are refused."""
    with pytest.raises(ObservationsError) as error:
        read_observations(list(paths))
    text = str(error.value)
    assert text.isprintable()
    assert len(text) < 700
    return text


# The package's own tables.


def test_the_tables_of_the_package_are_read(found):
    assert {kind: int((found.kind == kind).sum()) for kind in np.unique(found.kind.values)} == {
        "compute": 61,
        "follower": 26,
        "models": 54,
        "open_compute": 7,
        "open_follower": 4,
        "open_models": 54,
        "organisations": 54,
    }
    by_label = dict(zip(found.label.values, zip(found.observed.values, found.source.values, strict=True), strict=True))
    assert len(by_label) == 260
    assert by_label["models above 1e22 FLOP, end of 2021"] == (62.0, "threshold_counts.csv:27")
    assert by_label["open-weights models above 1e23 FLOP, end of 2022"] == (9.0, "threshold_counts.csv:37")
    assert by_label["5th organisation's best model, end of 2021"] == (23.93, "compute_by_rank.csv:8")
    assert by_label["best open-weights model, end of 2022"] == (23.63, "compute_by_rank.csv:9")
    assert by_label["10th organisation above 1e21 FLOP"] == (2019.84, "follower_lags.csv:12")
    assert by_label["first open-weights model above 1e23 FLOP"] == (2022.33, "follower_lags.csv:28")
    assert "CC-BY 4.0" in found.attrs["source"]
    assert found.attrs["files"].split("\n") == ["compute_by_rank.csv", "follower_lags.csv", "threshold_counts.csv"]


def test_the_tables_end_with_2022(found):
    assert found.time.max() == 2023.0
    assert after(found, 2023.0).sizes["observation"] == 0


def test_they_are_labelled_sorted_and_survive_netcdf(found, tmp_path):
    assert_labelled_and_survives(found, tmp_path)
    keys = [(kind, level or 0.0, rank, time) for kind, level, rank, time, _ in rows(found)]
    assert keys == sorted(keys)
    assert found["rank"].dtype == np.int64
    assert found.time.dtype == found.level.dtype == found.observed.dtype == np.float64


def test_the_folder_is_the_same_as_nothing_named(found):
    assert rows(read_observations([OBSERVATIONS])) == rows(found)
    assert rows(read_observations(str(OBSERVATIONS))) == rows(found)


# Forms.


def test_counts_ranks_and_followers(table):
    counts = table(COUNTS + "1e22,2021,34,62,25\n1e22,2022.5,40,70,\n", "a.csv")
    ranks = table("year,rank_1,rank_7,best_open_weights\n2020,23.5,22.5,22.9\n2021.25,24,,\n", "b.csv")
    lags = table(LAGS + "1e+22,organisation 2,2017.8,2019.71,1.92\n1e+22,open weights,2017.8,2019.81,\n", "c.csv")
    found = read_observations([counts, ranks, lags])
    assert rows(found) == [
        ("compute", None, 1, 2021.0, 23.5),
        ("compute", None, 1, 2021.25, 24.0),
        ("compute", None, 7, 2021.0, 22.5),
        ("follower", 1e22, 2, 2017.8, 2019.71),
        ("models", 1e22, 0, 2022.0, 62.0),
        ("models", 1e22, 0, 2022.5, 70.0),
        ("open_compute", None, 0, 2021.0, 22.9),
        ("open_follower", 1e22, 0, 2017.8, 2019.81),
        ("open_models", 1e22, 0, 2022.0, 25.0),
        ("organisations", 1e22, 0, 2022.0, 34.0),
        ("organisations", 1e22, 0, 2022.5, 40.0),
    ]
    assert list(found.label.values[[0, 1, 2, 3, 5, 7]]) == [
        "1st organisation's best model, end of 2020",
        "1st organisation's best model, 2021.25",
        "7th organisation's best model, end of 2020",
        "2nd organisation above 1e22 FLOP",
        "models above 1e22 FLOP, 2022.5",
        "first open-weights model above 1e22 FLOP",
    ]
    assert found.attrs["files"].split("\n") == [str(counts), str(ranks), str(lags)]
    assert "CC-BY" not in found.attrs["source"]


@pytest.mark.parametrize(
    ("rank", "word"),
    [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (12, "12th"), (21, "21st"), (113, "113th")],
)
def test_ranks_in_words(table, rank, word):
    assert f"{word} organisation's" in read_observations([table(f"year,rank_{rank}\n2020,20\n")]).label.item()


def test_columns_in_any_order_some_missing_further_ones_ignored(table):
    path = table("note,models_above,year,threshold_flop\nhello,7,2020,1e23\n")
    assert rows(read_observations([path])) == [("models", 1e23, 0, 2021.0, 7.0)]
    without_lag = table("follower_year,follower,first_year,threshold_flop\n2020.5,open weights,2020,1e23\n", "lag.csv")
    assert rows(read_observations([without_lag])) == [("open_follower", 1e23, 0, 2020.0, 2020.5)]


def test_what_spreadsheets_and_people_write(table):
    plain = rows(read_observations([table(COUNTS + "1e22,2021,34,62,25\n", "plain.csv")]))
    text = '\ufeff# a comment, "with a quote\r\n\r\n' + COUNTS.replace("\n", "\r\n") + "\r\n"
    text += '# another\r\n" 1E+22 ",2021.0,"34",62.0, 25 \r\n,,,,\r\n'
    path = table(text, "spreadsheet.csv")
    found = read_observations([path])
    assert rows(found) == plain
    assert set(found.source.values) == {"spreadsheet.csv:6"}
    assert rows(read_observations([table((COUNTS + "1e22,2021,34,62,25").replace("\n", "\r"))])) == plain


def test_lines_are_right_after_a_cell_of_several_lines(table):
    path = table('note,year,rank_1\n"one\n\n# two",2020,20\n# "\nx,2021,oops\n')
    assert refused(path).startswith(f"{path}:6: rank_1: 'oops' is not a number; ")


def test_empty_cells_and_short_rows_are_unknown(table):
    path = table(COUNTS + "1e22,2021,,62\n1e22,2022,35\n")
    assert rows(read_observations([path])) == [
        ("models", 1e22, 0, 2022.0, 62.0),
        ("organisations", 1e22, 0, 2023.0, 35.0),
    ]
    followers = table(LAGS + "1e23,organisation 2,2020,2021,1\n1e23,organisation 3,2020,,\n", "lags.csv")
    assert len(rows(read_observations([followers]))) == 1


def test_a_folder_passes_over_what_is_of_no_known_form(table, tmp_path):
    table("year,rank_1\n2020,20\n", "ranks.CSV")
    table("name,price\nH100,3\n", "chips.csv")
    table("", "empty.csv")
    table(b"\xff\xfe\x00binary", "binary.csv")
    table(b"a" * (MAX_BYTES + 5), "large.csv")
    table("year,rank_1\nwrong", ".hidden.csv")
    table("year,rank_1\nwrong", "notes.txt")
    (tmp_path / "folder.csv").mkdir()
    assert rows(read_observations([tmp_path])) == [("compute", None, 1, 2021.0, 20.0)]


def test_the_same_again_adds_nothing(table):
    first, again = table(EDGE + "2020,20,19,18\n", "a.csv"), table(EDGE + "2020,20.0,,18\n2021,21,,\n", "b.csv")
    found = read_observations([first, again, first])
    assert len(rows(found)) == 4
    assert list(found.source.values) == ["a.csv:2", "b.csv:3", "a.csv:2", "a.csv:2"]


def test_later_tables_join_those_of_the_package(table):
    later = table(COUNTS + "1e25,2023,3,3,0\n1e25,2025.4,13,30,\n")
    found = read_observations([OBSERVATIONS, later])
    assert found.sizes["observation"] == 260 + 5
    assert sorted(after(found, 2023.0).time.values) == [2024.0, 2024.0, 2024.0, 2025.4, 2025.4]


# Errors: file, line, column, and what would be right.

WRONG_CELLS = [
    (COUNTS + "1e22,2021,-1,,\n", 2, "organisations_above", "must be a whole number of at least 0, not '-1'"),
    (COUNTS + "1e22,2021,,2.5,\n", 2, "models_above", "must be a whole number of at least 0, not '2.5'"),
    (COUNTS + "1e22,2021,1e999,,\n", 2, "organisations_above", "must be a whole number of at least 0, not '1e999'"),
    (COUNTS + "1e22,2021,nan,,\n", 2, "organisations_above", "'nan' is not a number; give a whole"),
    (COUNTS + "1e22,2021,inf,,\n", 2, "organisations_above", "'inf' is not a number"),
    (COUNTS + "1e22,2021,=1+1,,\n", 2, "organisations_above", "'=1+1' is not a number"),
    (COUNTS + "1e22,2021,1_000,,\n", 2, "organisations_above", "'1_000' is not a number"),
    (COUNTS + '1e22,2021,"1,000",,\n', 2, "organisations_above", "'1,000' is not a number"),
    (COUNTS + "1e22,2021,\u0663,,\n", 2, "organisations_above", "'\u0663' is not a number"),
    (COUNTS + "1e22,2021,5,,\n1e22,2022,4,,\n", 3, "organisations_above", "end of 2022) must be at least 5 ("),
    (COUNTS + "1e22,2022,,5,\n1e22,2021,,6,\n", 2, "models_above", "must be at least 6 (models above 1e22 FLOP"),
    (COUNTS + "1e22,2021,,5,\n1e23,2021,,6,\n", 3, "models_above", "a higher threshold cannot have more"),
    (COUNTS + "1e22,2021,,5,6\n", 2, "open_weight_models_above", "must be at most 5 (models above"),
    (COUNTS + "0,2021,5,,\n", 2, "threshold_flop", "must be a training compute above 0 in FLOP, such as 1e22, not '0'"),
    (COUNTS + "-1e22,2021,5,,\n", 2, "threshold_flop", "must be a training compute above 0"),
    (COUNTS + ",2021,5,,\n", 2, "threshold_flop", "is empty; give a training compute above 0"),
    (COUNTS + "1e22,,5,,\n", 2, "year", "is empty; give a year from 1950 to 2100"),
    (COUNTS + "1e22,1949,5,,\n", 2, "year", "must be a year from 1950 to 2100"),
    (COUNTS + "1e22,2101,5,,\n", 2, "year", "must be a year from 1950 to 2100"),
    (COUNTS + "1e22,2021,5,,\n\n1E22,2021.0,5,,\n", 4, "year", "twice for threshold_flop 1E22, first on line 2"),
    (EDGE + "2021,41,,\n", 2, "rank_1", "must be log10 of a training compute in FLOP, from 0 to 40, not '41'"),
    (EDGE + "2021,-0.1,,\n", 2, "rank_1", "must be log10 of a training compute"),
    (EDGE + "2021,20,21,\n", 2, "rank_2", "21 (2nd organisation's best model, end of 2021) must be at most 20"),
    (EDGE + "2021,20,,\n2022,19,,\n", 3, "rank_1", "the best so far cannot fall"),
    (EDGE + "2021,,,20\n2022,,,19\n", 3, "best_open_weights", "the best so far cannot fall"),
    (EDGE + "2021,20,,21\n", 2, "best_open_weights", "must be at most 20 (1st organisation's best"),
    (EDGE + "2021,20,,\n2021,20,,\n", 3, "year", "2021 is given twice, first on line 2; remove one row"),
    (LAGS + "1e22,organisation 2,2017,2019,1.9\n", 2, "lag_years", "follower_year minus first_year, 2.00, not 1.9"),
    (LAGS + "1e22,organisation 1,2017,2019,\n", 2, "follower", "must be 'organisation K' with K of at least 2"),
    (LAGS + "1e22,,2017,2019,\n", 2, "follower", "not ''"),
    (LAGS + "1e22,open weights,,2019,\n", 2, "first_year", "is empty; give a moment as a year"),
    (LAGS + "1e22,open weights,2017,20190,\n", 2, "follower_year", "must be a moment as a year"),
    (LAGS + "1e22,open weights,2017,2016,\n", 2, "follower_year", "must be at least first_year, 2017, not 2016"),
    (LAGS + "1e22,open weights,2017,2019,\n" * 2, 3, "follower", "is given twice for"),
    (BEHIND + "1e22,organisation 4,2017,2017.5,\n", 3, "follower_year", "a later follower cannot be earlier"),
    (BEHIND + "1e22,open weights,2016,2019,\n", 3, "follower_year", "first_year 2016 must be 2017, as"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "line", "column", "message"), WRONG_CELLS)
def test_wrong_cells(table, text, line, column, message):
    path = table(text)
    said = refused(path)
    assert said.startswith(f"{path}:{line}: {column}: ")
    assert message in said


def test_lags_may_be_rounded(table):
    for lag in ("1.98", "2.02"):
        assert len(rows(read_observations([table(LAGS + f"1e22,open weights,2017,2019,{lag}\n")]))) == 1
    for lag in ("1.97", "2.03"):
        assert ":2: lag_years: " in refused(table(LAGS + f"1e22,open weights,2017,2019,{lag}\n"))


WRONG_FILES = [
    (b"", "", "is empty; give a line with the names of the columns"),
    (b"# only a comment\n\n", "", "is empty"),
    ("año,rank_1\n".encode("latin-1"), ":1", "is not UTF-8"),
    (b"year,rank_1\n2020,\xff\n", ":2", "is not UTF-8"),
    (b"year,rank_1\n2020,2\0\n", ":2", "is not CSV but binary"),
    (b"year,rank_1\n2020,20,5\n", ":2", "has 3 cells, but there are 2 columns; put a cell that contains a comma"),
    (b'year,rank_1\n2020,"20\n', ":2", "is not CSV: "),
    (b'year,rank_1\n\n2020,"20"5\n', ":3", "is not CSV: "),
    (b"year,rank_1,rank_1\n2020,20,20\n", ":1", "column 3 has the name of another column; remove one of the two"),
    (b"year,rank_1\n2020," + b"9" * 200_000, ":2", "is not CSV: "),
    (b"year,rank_1\n2020," + b"9" * 100_000, ":2: rank_1", "must be log10"),
    (b"x" * (MAX_BYTES + 1), "", "is larger than 10 MB"),
    (b"name,price\nH100,3\n", "", "has no known form; the columns must be threshold_flop, year and any of"),
    (b"year;rank_1\n2020;20\n", "", "the file has 'year;rank_1'"),
    ("\u202eyear,\u2028rank_1\u0000".encode(), ":1", "is not CSV but binary"),
    ("\u202eyear,\u2028rank\x1b[2J\n".encode(), "", "has no known form"),
    (b"year,rank_1\n2020,\n", "", "no observations; give a table with a non-empty cell"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "place", "message"), WRONG_FILES)
def test_wrong_files(table, content, place, message):
    path = table(content)
    said = refused(path)
    assert said.startswith(f"{path}{place}: ")
    assert message in said


def test_missing_files_and_folders(tmp_path):
    assert refused(tmp_path / "none.csv") == (
        f"{tmp_path / 'none.csv'}: no such file or folder; name a CSV file of observations, or a folder of such files"
    )
    assert "no such file" in refused("a\0b")
    assert refused(tmp_path).startswith(
        f"{tmp_path}: contains no CSV file of a known form; the columns must be threshold_flop"
    )
    assert refused() == "no file: no observations; give a table with a non-empty cell"
    os.mkfifo(tmp_path / "pipe.csv")
    assert "is not a regular file" in refused(tmp_path / "pipe.csv")


def test_two_files_that_contradict_each_other(table):
    first = table(EDGE + "2020,20,19,\n2021,21,,\n", "a.csv")
    second = table(EDGE + "\n2021,21.1,,\n", "b.csv")
    label = "1st organisation's best model, end of 2021"
    assert refused(first, second) == f"{second}:3: rank_1: 21.1 ({label}) is 21 in {first}:3; remove one of the two"
    falls = table(EDGE + "2022,20.5,,\n", "c.csv")
    assert f"({first}:3)" in refused(falls, first)
    follower = table(LAGS + "1e22,open weights,2017.8,2019.81,\n", "d.csv")
    other = table(LAGS + "1e22,open weights,2018.8,2019.81,\n", "e.csv")
    assert refused(follower, other).startswith(f"{other}:2: follower_year: first_year is 2018.8 ")


# The page in docs.


def test_the_page_shows_what_happens(table, capsys, monkeypatch, tmp_path):
    page = (Path(__file__).parents[2] / "docs" / "observations.md").read_text(encoding="utf-8")
    exec(compile(re.search(r"```python\n(.*?)```", page, re.DOTALL)[1], "docs/observations.md", "exec"), {})
    assert "[95 rows x 2 columns]" in capsys.readouterr().out
    text = re.search(r"( {4}threshold_flop,year.*?)\n\n", page, re.DOTALL)[1].replace("    ", "")
    monkeypatch.chdir(tmp_path)
    table(text, "later.csv")
    assert len(rows(read_observations("later.csv"))) == 3
    table(text.replace(",13,", ",2,"), "later.csv")
    assert " ".join(refused("later.csv").split()) in " ".join(page.split())


# What is known when.


def test_known_and_after_split_by_when_it_could_be_observed(table):
    counts = table(COUNTS + "1e22,2017,1,3,0\n1e22,2018,1,4,0\n", "a.csv")
    lags = table(LAGS + "1e22,organisation 2,2017.8,2019.71,\n1e22,open weights,2017.8,2017.9,\n", "b.csv")
    found = read_observations([counts, lags])
    known = known_by(found, 2018.0 - 1e-10)
    assert [row[0] for row in rows(known)] == ["models", "open_follower", "open_models", "organisations"]
    assert set(known.time.values) == {2018.0, 2017.8}
    assert [row[0] for row in rows(known_by(found, 2018.0 - 1e-6))] == ["open_follower"]
    later = after(found, 2018.0 + 1e-10)
    assert [row[0] for row in rows(later)] == ["follower", "models", "open_models", "organisations"]
    assert [row[0] for row in rows(after(found, 2018.0, until=2019.0))] == ["models", "open_models", "organisations"]
    assert rows(after(found, 2019.0, until=2019.71)) == [("follower", 1e22, 2, 2017.8, 2019.71)]
    assert known_by(found, 1900.0).sizes["observation"] == 0
    assert after(found, 2050.0).sizes["observation"] == 0


@pytest.mark.property
@given(time=st.floats(2010, 2030) | st.integers(2010, 2030).map(float))
def test_everything_is_known_or_later_never_both(found, time):
    labels = [*known_by(found, time).label.values, *after(found, time).label.values]
    assert sorted(labels) == sorted(found.label.values)


# Round trips and hostile content.

CUMULATIVE = st.lists(st.integers(0, 10**9), min_size=1, max_size=8).map(sorted)


@pytest.mark.property
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(
    counts=CUMULATIVE,
    level=st.floats(1e-300, 1e300),
    first=st.integers(1950, 2092),
    form=st.sampled_from(["{}", '"{}"', " {} ", "{}.0"]),
)
def test_what_is_written_is_read(table, counts, level, first, form):
    lines = [f"{level!r},{first + n},{form.format(count)}" for n, count in enumerate(counts)]
    found = read_observations([table("threshold_flop,year,models_above\n" + "\n".join(lines))])
    expected = [("models", level, 0, first + n + 1.0, float(count)) for n, count in enumerate(counts)]
    assert rows(found) == expected
    assert [int(source.split(":")[1]) for source in found.source.values] == list(range(2, len(counts) + 2))


@pytest.mark.property
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    cells=st.lists(st.text(max_size=8), min_size=3, max_size=3), raw=st.binary(max_size=30), column=st.integers(0, 3)
)
def test_any_content_is_read_or_refused_in_one_line(table, cells, raw, column):
    cells.insert(column, "2021")
    content = b"threshold_flop,year,organisations_above,models_above\n" + ",".join(cells).encode() + b"\n" + raw
    path = table(content)
    said = ""
    try:
        found = read_observations([path])
    except ObservationsError as error:
        said = str(error)
    if said:
        assert re.fullmatch(re.escape(str(path)) + r"(:\d+)?: .+", said)
        assert said.isprintable()
    else:
        assert np.isfinite(found.observed.values).all()


# Tables that begin later.


def series_of(dataset, kind, level, rank=0):
    mine = (dataset["kind"] == kind) & (dataset["rank"] == rank)
    mine &= dataset["level"].isnull() if np.isnan(level) else dataset["level"] == level
    return dataset["observed"].values[mine.values].tolist()


def later(tmp_path, text, name="later.csv"):
    path = tmp_path / name
    path.write_text(text)
    return read_observations(path)


def test_the_past_of_each_series_is_the_engines_own_where_tables_begin_later(tmp_path):
    """Of models above 1e22 nothing is given by 2018, above 1e23 something is; above 1e27 nobody knows anything."""
    table = later(tmp_path, "threshold_flop,year,models_above\n1e22,2023,200\n1e23,2017,5\n1e23,2023,90\n1e27,2024,0\n")
    whole = with_past(table, 2018.0)
    assert whole.attrs["past"] == 4
    assert series_of(whole, "models", 1e22) == [0, 0, 0, 3, 200]
    assert series_of(whole, "models", 1e23) == [5, 90]
    assert series_of(whole, "models", 1e27) == [0]
    # By a later time more is known.
    assert series_of(with_past(table, 2021.0), "models", 1e22) == [0, 0, 0, 3, 3, 10, 21, 200]


def test_tables_that_begin_earlier_are_left_alone():
    own = read_observations()
    assert with_past(own, 2018.0).attrs["past"] == 0
    xr.testing.assert_equal(with_past(own, 2018.0), own)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "threshold_flop,year,organisations_above\n1e20,2019,3\n",
            "3 is less than the value in the package's own tables by 2018, 7",
        ),
        ("year,rank_1\n2018,20\n", "20 is less than the value in the package's own tables by 2018, 23.53"),
    ],
)
def test_later_tables_that_contradict_the_past_are_refused(tmp_path, text, words):
    with pytest.raises(ObservationsError, match=words):
        with_past(later(tmp_path, text), 2018.0)
