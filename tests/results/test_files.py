"""Results as netCDF files."""

from __future__ import annotations

import os

import netCDF4
import numpy as np
import pytest
import xarray as xr
from helpers import scenario

import engine
from engine.results import files
from engine.results.provenance import content_id

pytestmark = pytest.mark.quick


@pytest.fixture(scope="module")
def results():
    return engine.simulate(scenario(), 2, 3, 1)


def reopened(path):
    with engine.open_results(path) as dataset:
        return dataset.load()


@pytest.fixture(scope="module")
def followed(governed):
    return engine.simulate(governed, 3, 2, 1, keep="prices")


@pytest.mark.parametrize("which", ["kept", "followed", "results"])
def test_a_dataset_comes_back_identical(which, request, tmp_path):
    """Every value, name and attribute, with and without samples, paths, uncertain numbers; only the date is added."""
    dataset = request.getfixturevalue(which)
    engine.write_results(dataset, tmp_path / "r.nc")
    back = reopened(tmp_path / "r.nc")
    date = back.attrs.pop("date_created")
    xr.testing.assert_identical(back, dataset)
    assert content_id(back) == back.attrs["id"]
    assert len(date) == len("2025-01-01T00:00:00Z")
    assert "date_created" not in dataset.attrs


def test_a_certain_scenario_with_samples_comes_back_identical(tmp_path):
    """No uncertain number: the dimension `parameter` has length 0."""
    dataset = engine.simulate(scenario(), 2, 3, 1, keep="prices")
    engine.write_results(dataset, tmp_path / "r.nc")
    back = reopened(tmp_path / "r.nc")
    del back.attrs["date_created"]
    xr.testing.assert_identical(back, dataset)


def test_the_date_written_and_the_bytes_follow_source_date_epoch(results, tmp_path, monkeypatch):
    """The same results at the same declared date are the same file (reproducible-builds.org, SOURCE_DATE_EPOCH)."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    for name in ("one.nc", "two.nc"):
        engine.write_results(results, tmp_path / name)
    assert (tmp_path / "one.nc").read_bytes() == (tmp_path / "two.nc").read_bytes()
    assert reopened(tmp_path / "one.nc").attrs["date_created"] == "2023-11-14T22:13:20Z"
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000001")
    engine.write_results(results, tmp_path / "three.nc")
    assert (tmp_path / "three.nc").read_bytes() != (tmp_path / "one.nc").read_bytes()


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), RuntimeError("NetCDF: HDF error")])
def test_a_write_that_fails_midway_leaves_the_old_file_and_nothing_else(results, tmp_path, monkeypatch, error):
    path = tmp_path / "r.nc"
    path.write_bytes(b"what was there")

    def half(self, unfinished, **how):
        with open(unfinished, "wb") as file:
            file.write(b"half a file")
        raise error

    monkeypatch.setattr(xr.Dataset, "to_netcdf", half)
    with pytest.raises(engine.ResultsError, match=r"r\.nc: cannot be written: (No space|NetCDF)"):
        engine.write_results(results, path)
    assert path.read_bytes() == b"what was there"
    assert os.listdir(tmp_path) == ["r.nc"]


def test_an_interrupted_write_leaves_nothing(results, tmp_path, monkeypatch):
    def interrupted(self, unfinished, **how):
        raise KeyboardInterrupt

    monkeypatch.setattr(xr.Dataset, "to_netcdf", interrupted)
    with pytest.raises(KeyboardInterrupt):
        engine.write_results(results, tmp_path / "r.nc")
    assert os.listdir(tmp_path) == []


def test_a_new_file_replaces_an_old_one_and_is_as_readable_as_any(results, tmp_path):
    path = tmp_path / "r.nc"
    path.write_bytes(b"junk")
    engine.write_results(results, path)
    assert reopened(path).attrs["id"] == results.attrs["id"]
    (tmp_path / "plain").touch()
    assert path.stat().st_mode == (tmp_path / "plain").stat().st_mode
    assert sorted(os.listdir(tmp_path)) == ["plain", "r.nc"]


def test_a_missing_folder_or_a_folder_is_refused_in_one_line(results, tmp_path):
    for path, what in ((tmp_path / "no" / "r.nc", "does not exist; create it first"), (tmp_path, "is a folder")):
        with pytest.raises(engine.ResultsError, match=what) as caught:
            engine.write_results(results, path)
        assert str(path) in str(caught.value)
        assert "\n" not in str(caught.value)
    assert os.listdir(tmp_path) == []


def refused(path):
    with pytest.raises(engine.ResultsError) as caught:
        engine.open_results(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    return message


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.999])
def test_a_truncated_file_is_refused_in_one_line(results, tmp_path, share):
    path = tmp_path / "r.nc"
    engine.write_results(results, path)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(share * len(whole))])
    assert "not a readable netCDF file" in refused(path)


@pytest.mark.parametrize("junk", [b"\x89HDF\r\n\x1a\n" + bytes(300), b"start: 2025\n", b"CDF\x01", bytes(2_000)])
def test_junk_is_refused_in_one_line(tmp_path, junk):
    path = tmp_path / "r.nc"
    path.write_bytes(junk)
    assert "not a readable netCDF file" in refused(path)


def test_other_netcdf_files_missing_files_and_folders_are_refused_in_one_line(tmp_path):
    other = tmp_path / "other.nc"
    with netCDF4.Dataset(other, "w") as file:
        file.createDimension("time", 3)
        file.createVariable("temperature", "f8", ("time",))[:] = np.arange(3.0)
    assert "not a results file of this engine" in refused(other)
    assert "no such file" in refused(tmp_path / "missing.nc")
    assert "is a folder" in refused(tmp_path)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        *[(kind(), kind.__name__) for kind in (ZeroDivisionError, AttributeError, KeyError, OSError, RuntimeError)],
        (TypeError("not a date"), "not a date"),
        (ValueError("first line\nsecond line"), "first line"),
    ],
)
def test_whatever_xarray_raises_on_a_sound_file_is_told_in_one_line(tmp_path, monkeypatch, error, said):
    def fails(*_, **__):
        raise error

    monkeypatch.setattr(files, "damage", lambda path: "")
    monkeypatch.setattr(xr, "open_dataset", fails)
    (tmp_path / "r.nc").touch()
    assert refused(tmp_path / "r.nc").endswith(f": xarray cannot open it ({said}); run the scenario again")


def test_a_results_file_that_is_refused_is_closed(results, tmp_path, monkeypatch):
    engine.write_results(results.drop_vars("attainment_route"), tmp_path / "r.nc")
    closed, close = [], xr.Dataset.close
    monkeypatch.setattr(files, "damage", lambda path: "")
    monkeypatch.setattr(xr.Dataset, "close", lambda dataset: closed.append(close(dataset)))
    assert "the variable attainment_route is missing" in refused(tmp_path / "r.nc")
    assert len(closed) == 1


def test_dask_is_needed_only_to_read_in_chunks(results, tmp_path, monkeypatch):
    pytest.importorskip("dask")
    needed = []
    engine.write_results(results, tmp_path / "r.nc")
    monkeypatch.setattr(files, "damage", lambda path: "")
    monkeypatch.setattr(files, "need", lambda *names: needed.append(names))
    engine.open_results(tmp_path / "r.nc").close()
    assert needed == []
    engine.open_results(tmp_path / "r.nc", chunks={}).close()
    assert needed == [("cluster", "dask")]


def test_a_name_that_the_netcdf_library_cannot_read_is_refused(tmp_path):
    path = tmp_path / os.fsdecode(b"\xff.nc")
    path.touch()
    assert "has characters that are not in the encoding" in refused(path)
