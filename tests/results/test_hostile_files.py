"""Hostile and damaged results files: each opens and loads, or is refused in one line, and the process lives on."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys

import netCDF4
import numpy as np
import pytest
from hostile_files import SOUND, mutants, verdicts

import engine
from engine import cli
from engine.results import files
from engine.results import netcdf_check as soundness
from engine.results import netcdf_check_child as probe_file

HDF5 = b"\x89HDF\r\n\x1a\n"


@pytest.fixture(scope="module")
def whole(kept, tmp_path_factory):
    """A results file with samples."""
    path = tmp_path_factory.mktemp("whole") / "whole.nc"
    engine.write_results(kept, path)
    return path


def refused(path):
    """The line by which a file is refused."""
    with pytest.raises(engine.ResultsError) as caught:
        engine.open_results(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert message.isprintable()
    return message


def test_a_sound_file_opens_lazily_and_with_dask_if_asked(whole, kept):
    with engine.open_results(whole) as plain, engine.open_results(whole, chunks={}) as chunked:
        assert plain.future_loss.chunks is None
        assert chunked.future_loss.chunks is not None
        assert float(chunked.future_loss.sum()) == pytest.approx(float(kept.future_loss.sum()), rel=1e-12)


def test_100_damaged_copies_open_and_load_or_are_refused(whole, tmp_path, monkeypatch):
    """All go through the probe in as few processes as they crash; what it lets pass is opened and read here."""
    paths = []
    for number, content in enumerate(mutants(whole.read_bytes(), 100, 20_261_124)):
        paths.append(tmp_path / f"{number}.nc")
        paths[-1].write_bytes(content)
    said = verdicts(paths)
    assert len(said) == len(paths)
    assert all(line.isprintable() for line in said)
    assert 0 < said.count(SOUND) < 50
    monkeypatch.setattr(files, "damage", lambda path: "")
    for path, line in zip(paths, said):
        if line == SOUND:
            try:
                engine.open_results(path).load().close()
            except engine.ResultsError as error:
                assert "does not have the form of results of this engine" in str(error)  # noqa: PT017


@pytest.mark.parametrize("content", [*mutants(bytes(range(256)) * 4, 5, 1), HDF5 + bytes(2000), HDF5 * 300])
def test_what_is_not_netcdf_is_refused(content, tmp_path):
    path = tmp_path / "junk.nc"
    path.write_bytes(content)
    assert "not a readable netCDF file (damaged: not HDF5, or truncated); run the scenario again" in refused(path)


def test_truncated_files_are_refused(whole, tmp_path):
    for share in (0.1, 0.9, 0.9999):
        path = tmp_path / "short.nc"
        path.write_bytes(whole.read_bytes()[: int(share * whole.stat().st_size)])
        assert "not a readable netCDF file (damaged: not HDF5, or truncated)" in refused(path)


def test_only_regular_files_are_opened(tmp_path):
    os.mkfifo(tmp_path / "fifo")
    for path in (tmp_path / "fifo", "/dev/zero", "/dev/null"):
        assert "is not a regular file; name a results file (.nc)" in refused(path)


@pytest.mark.parametrize("program", ["import os; os.kill(os.getpid(), 11)", "import os; os.abort()"])
def test_a_file_on_which_the_library_crashes_is_refused(program, whole, tmp_path, monkeypatch):
    script = tmp_path / "crash.py"
    script.write_text(program)
    monkeypatch.setattr(soundness, "_PROBE", script)
    assert "(damaged: reading it is ended by SIG" in refused(whole)


def test_a_file_on_which_the_library_hangs_is_refused(whole, tmp_path, monkeypatch):
    script = tmp_path / "hang.py"
    script.write_text("while True: pass")
    monkeypatch.setattr(soundness, "_PROBE", script)
    monkeypatch.setattr(soundness, "PATIENCE", 0.5)
    assert "(damaged: reading it takes more than 0.5 seconds)" in refused(whole)


@pytest.mark.parametrize(
    ("code", "out", "err", "fault"),
    [
        (0, b"sound\n", b"a warning\n", ""),
        (2, b"first\nsecond\n", b"a warning\n", "second"),
        (1, b"", b"Traceback\nMemoryError: \xff\n", "MemoryError: \ufffd"),
    ],
)
def test_another_process_reads_a_file_first(code, out, err, fault, tmp_path, monkeypatch):
    """For two minutes at most, without input, and with one thread of BLAS; its last line is the fault."""
    asked = {}

    def run(command, **how):
        asked.update(how, command=command)
        return subprocess.CompletedProcess(command, code, out, err)

    monkeypatch.setattr(subprocess, "run", run)
    assert soundness.damage(tmp_path / "r.nc") == fault
    assert asked["command"] == [sys.executable, "-P", probe_file.__file__, str(tmp_path / "r.nc")]
    assert asked["env"] == {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    assert (asked["stdin"], asked["timeout"]) == (subprocess.DEVNULL, 120.0)


def test_where_no_process_can_be_started_the_mend_is_told(whole, monkeypatch):
    def run(*_, **__):
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(subprocess, "run", run)
    assert "cannot be started (Resource temporarily unavailable); allow more processes" in refused(whole)


def made(path, dims, attributes=None, **createdas):
    """A netCDF file of one variable of these dimensions, nothing of which is written."""
    with netCDF4.Dataset(path, "w") as file:
        for dim, size in dims.items():
            file.createDimension(dim, size)
        file.createVariable("attainment_probability", "f8", tuple(dims), **createdas)
        file.setncatts(attributes or {})
    return path


def test_a_file_that_says_it_holds_a_terabyte_is_refused(tmp_path):
    path = made(tmp_path / "long.nc", {"time": 2**40}, chunksizes=(1000,), zlib=True)
    assert "declares 8.8e+12 bytes, which do not fit into its" in refused(path)


def test_a_file_that_fills_the_memory_is_refused(whole, tmp_path, monkeypatch):
    script = tmp_path / "fill.py"
    script.write_text(f"import runpy; runpy.run_path({probe_file.__file__!r})['_limit'](); bytearray({2**33})")
    monkeypatch.setattr(soundness, "_PROBE", script)
    assert "not a readable netCDF file (damaged: MemoryError)" in refused(whole)


def test_an_attribute_of_many_megabytes_is_refused(tmp_path):
    path = made(tmp_path / "wordy.nc", {"time": 3}, {"scenario_text": "x" * (probe_file.MOST_ATTRIBUTE + 1)})
    assert "the file: the attribute scenario_text is longer than 16777216 bytes" in refused(path)


def test_groups_and_types_of_a_files_own_are_refused(tmp_path):
    with netCDF4.Dataset(tmp_path / "groups.nc", "w") as file:
        file.createGroup("more")
    assert "damaged: contains something other than variables" in refused(tmp_path / "groups.nc")
    with netCDF4.Dataset(tmp_path / "types.nc", "w") as file:
        file.createCompoundType(np.dtype([("a", "f8"), ("b", "i4")]), "pair")
    assert "damaged: contains something other than variables" in refused(tmp_path / "types.nc")


def linked(kind, folder):
    """A netCDF file to which HDF5 adds something that stands in another file, or under another name."""
    path = made(folder / "linked.nc", {"time": 3})
    other = os.fsencode(made(folder / "other.nc", {"time": 3}))
    hdf5 = ctypes.CDLL(sys.modules["netCDF4._netCDF4"].__file__)
    hdf5.H5open()
    number = ctypes.c_int64
    for name in ("H5Fopen", "H5Screate_simple", "H5Pcreate", "H5Dcreate2"):
        getattr(hdf5, name).restype = number
    file = number(hdf5.H5Fopen(os.fsencode(path), 1, number(0)))
    if kind == "external link":
        hdf5.H5Lcreate_external(other, b"/time", file, b"added", number(0), number(0))
    elif kind == "soft link":
        hdf5.H5Lcreate_soft(b"/attainment_probability", file, b"added", number(0), number(0))
    else:
        three = (ctypes.c_uint64 * 1)(3)
        space = number(hdf5.H5Screate_simple(1, three, None))
        how = number(hdf5.H5Pcreate(number.in_dll(hdf5, "H5P_CLS_DATASET_CREATE_ID_g")))
        if kind == "virtual dataset":
            hdf5.H5Pset_virtual(how, space, other, b"/attainment_probability", space)
        else:
            hdf5.H5Pset_external(how, other, number(0), ctypes.c_uint64(24))
        double = number.in_dll(hdf5, "H5T_NATIVE_DOUBLE_g")
        added = number(hdf5.H5Dcreate2(file, b"added", double, space, number(0), how, number(0)))
        for close, what in ((hdf5.H5Dclose, added), (hdf5.H5Pclose, how), (hdf5.H5Sclose, space)):
            close(what)
    hdf5.H5Fclose(file)
    return path


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("external link", "contains a link"),
        ("soft link", "contains a link"),
        ("external storage", "has values in another file"),
        ("virtual dataset", "has values in another file"),
    ],
)
def test_a_file_that_reaches_into_another_is_refused(kind, said, tmp_path):
    """netCDF4 would read the other file without a word."""
    assert said in refused(linked(kind, tmp_path))


def rewritten(whole, folder, change):
    """The sound file, changed before it is written."""
    path = folder / "changed.nc"
    with engine.open_results(whole) as dataset:
        engine.write_results(change(dataset.load()), path)
    return path


def with_values(name, values):
    """Changes the labels of a dimension."""
    return lambda d: d.assign_coords({name: (name, values(d[name].values), d[name].attrs)})


def without(name):
    """Takes away a global attribute."""

    def change(dataset):
        dataset = dataset.copy()
        del dataset.attrs[name]
        return dataset

    return change


MISFITS = {
    "no labels": (lambda d: d.drop_vars("policy"), "the variable policy is missing"),
    "numbers for names": (
        with_values("actor_class", lambda v: np.arange(len(v))),
        "the variable actor_class is not of texts",
    ),
    "one name twice": (
        with_values("capability", lambda v: ["early"] * len(v)),
        "the labels of capability are not different names",
    ),
    "no baseline": (
        with_values("policy", lambda v: [f"p{name}" for name in v]),
        "the labels of policy lack baseline",
    ),
    "falling times": (with_values("time", lambda v: v[::-1]), "the labels of time are not rising numbers"),
    "a time twice": (with_values("time", lambda v: np.maximum(v, v[1])), "the labels of time are not rising numbers"),
    "a quantile that is NaN": (
        with_values("quantile", lambda v: v * np.nan),
        "the labels of quantile are not rising numbers",
    ),
    "no times": (lambda d: d.isel(time=slice(0)), "the dimension time has no labels"),
    "a mean missing": (lambda d: d.drop_vars("loss_mean_se"), "the variable loss_mean_se is missing"),
    "samples missing": (lambda d: d.drop_vars("attainment_time"), "the variable attainment_time is missing"),
    "other dimensions": (
        lambda d: d.assign(attainment_probability=d.attainment_probability.isel(time=0, drop=True)),
        "the variable attainment_probability does not have the dimensions policy, actor_class, capability, time",
    ),
    "text for numbers": (
        lambda d: d.assign(benefit_mean=d.benefit_mean.astype(str).assign_attrs(long_name="benefit")),
        "the variable benefit_mean is not of floating numbers",
    ),
    "kinds missing": (lambda d: d.drop_vars("capability_kind"), "the variable capability_kind is missing"),
    "text for a count": (
        lambda d: d.assign_attrs(worlds="many"),
        "the attribute worlds is not a whole number of at least 1",
    ),
    "no world": (lambda d: d.assign_attrs(worlds=0), "the attribute worlds is not a whole number of at least 1"),
    "a number for text": (lambda d: d.assign_attrs(title=1.5), "the attribute title is not text"),
    "no seed": (without("seed"), "the attribute seed is missing"),
    "an error under another name": (
        lambda d: d.rename(exposure_mean_difference_se="exposure_mean_difference_error"),
        "the variable exposure_mean_difference_se is missing",
    ),
    "another unit": (
        lambda d: d.assign(loss_mean=d.loss_mean.assign_attrs(units="EUR")),
        "the variable loss_mean is not in US$",
    ),
    "two units": (
        lambda d: d.assign(loss_mean=d.loss_mean.assign_attrs(units=np.array([1, 2]))),
        "the variable loss_mean has a unit that is not text of one line",
    ),
    "a probability of 2": (
        lambda d: d.assign(attainment_route=d.attainment_route + 1),
        "the variable attainment_route has numbers that are not from 0 to 1",
    ),
    "no end of loss": (
        lambda d: d.assign(loss_mean=d.loss_mean + np.inf),
        "the variable loss_mean has numbers that are not from 0 to 1e+30",
    ),
    "an unknown route": (
        with_values("route", lambda v: [f"by_{name}" for name in v]),
        "the labels of route lack ",
    ),
    "a quantile of 2": (
        with_values("quantile", lambda v: v + 1),
        "the labels of quantile are not numbers from 0 to 1",
    ),
    "a variable without a name": (
        lambda d: d.assign(loss_mean=d.loss_mean.drop_attrs().assign_attrs(units="US$")),
        "the variable loss_mean has no long_name of one line",
    ),
}


@pytest.mark.parametrize("change", MISFITS)
def test_a_file_that_lacks_what_its_readers_expect_is_refused(change, whole, tmp_path, monkeypatch):
    # That the netCDF is sound is not in question here, and telling takes a process.
    monkeypatch.setattr(files, "damage", lambda path: "")
    changed, said = MISFITS[change]
    assert f"does not have the form of results of this engine: {said}" in refused(rewritten(whole, tmp_path, changed))


@pytest.mark.parametrize(
    ("key", "value"), [("scale_factor", "abc"), ("add_offset", 1.0), ("_FillValue", 0.0), ("missing_value", 1.0)]
)
def test_attributes_by_which_values_would_change_are_refused(key, value, whole, tmp_path):
    """Kind: an attribute that xarray takes for its own only when a value is read, after the file was let in."""
    path = tmp_path / "changed.nc"
    path.write_bytes(whole.read_bytes())
    with netCDF4.Dataset(path, "a") as file:
        if key == "_FillValue":
            file.createVariable("more", "f8", ("policy",), fill_value=value).long_name = "more"
        else:
            file.variables["loss_mean"].setncattr(key, value)
    assert f"has the attribute {key}" in refused(path)


def test_attributes_that_xarray_cannot_decode_are_refused(whole, tmp_path):
    path = tmp_path / "changed.nc"
    path.write_bytes(whole.read_bytes())
    with netCDF4.Dataset(path, "a") as file:
        file.variables["time"].units = "fortnights since 99999"
        file.variables["loss_mean"].scale_factor = "much"
    assert "xarray cannot open it" in refused(path)


@pytest.mark.parametrize("command", ["describe", "convergence", "sensitivity"])
def test_commands_tell_a_damaged_file_in_one_line(command, whole, tmp_path, monkeypatch, capsys):
    path = rewritten(whole, tmp_path, MISFITS["a mean missing"][0])
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["engine", command, str(path)])
    with pytest.raises(SystemExit) as stop:
        cli.main()
    assert stop.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"engine: {path}: does not have the form of results of this engine: ")
