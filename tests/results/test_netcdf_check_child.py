"""What is looked at of a file before it is opened."""

from __future__ import annotations

import os
import resource
import sys

import netCDF4
import numpy as np
import pytest

from engine.results import netcdf_check_child as probe_file

CHUNK = 20_000


@pytest.fixture
def chunked(tmp_path):
    """A file of one variable, stored in three chunks one after another, none of which can be packed."""
    path = tmp_path / "large.nc"
    with netCDF4.Dataset(path, "w") as file:
        file.createDimension("n", 3 * CHUNK)
        variable = file.createVariable("noise", "f8", ("n",), zlib=True, fletcher32=True, chunksizes=(CHUNK,))
        variable[:] = np.random.default_rng(1).random(3 * CHUNK)
    return path


@pytest.mark.parametrize(("part", "is_read"), [(None, False), (0.17, True), (0.5, False), (0.83, True)])
def test_of_a_variable_that_is_too_large_the_first_and_the_last_number_are_read(chunked, monkeypatch, part, is_read):
    """And so the chunks that hold them, in which damage is noticed; of a smaller one all is read."""
    if part is not None:
        data = bytearray(chunked.read_bytes())
        place = int(part * len(data))
        data[place : place + 8] = bytes(255 - byte for byte in data[place : place + 8])
        chunked.write_bytes(data)
        with pytest.raises(RuntimeError):
            probe_file.check(str(chunked))
    monkeypatch.setattr(probe_file, "WHOLE", 0)
    if is_read:
        with pytest.raises(RuntimeError):
            probe_file.check(str(chunked))
    else:
        probe_file.check(str(chunked))


def test_what_it_prints_and_how_it_ends(chunked, monkeypatch, tmp_path, capsys):
    """A line for each file; 0 if all are sound, else 2, whichever is not."""
    # What the script forbids itself it must not forbid the tests.
    monkeypatch.setattr(probe_file, "_limit", lambda: None)
    text = tmp_path / "text.nc"
    text.write_text("no netCDF")
    assert probe_file.main([str(chunked)]) == 0
    assert capsys.readouterr().out == "sound\n"
    assert probe_file.main([str(text), str(chunked)]) == 2
    first, second = capsys.readouterr().out.splitlines()
    assert first != "sound"
    assert second == "sound"


def test_what_is_wrong_is_said_in_one_short_line(monkeypatch, capsys):
    def refuse(path):
        raise probe_file.Unsound(f"a\tb{'x' * 500}\nmore")

    monkeypatch.setattr(probe_file, "_limit", lambda: None)
    monkeypatch.setattr(probe_file, "check", refuse)
    assert probe_file.main(["any.nc"]) == 2
    assert capsys.readouterr().out == f"a b{'x' * 197}\n"


@pytest.mark.parametrize(
    ("kind", "shape", "size"), [("f8", (3, 4), 96), ("i2", (3, 4), 24), (str, (3, 4), 192), ("f8", (), 8)]
)
def test_the_bytes_that_a_variable_says_it_holds(tmp_path, kind, shape, size):
    """Of each number its own; of a text those of a reference."""
    with netCDF4.Dataset(tmp_path / "some.nc", "w") as file:
        dimensions = [file.createDimension(f"d{n}", n).name for n in shape]
        assert probe_file._bytes_of(file.createVariable("x", kind, dimensions)) == size


def test_where_a_process_cannot_be_limited_it_is_not(monkeypatch):
    monkeypatch.setitem(sys.modules, "resource", None)
    assert probe_file._limit() is None


@pytest.mark.parametrize(
    ("whole", "in_all", "is_read"),
    [
        (8 * 3 * CHUNK, 8 * 3 * CHUNK, True),
        (8 * 3 * CHUNK - 1, 8 * 3 * CHUNK, False),
        (8 * 3 * CHUNK, 8 * 3 * CHUNK - 1, False),
    ],
)
def test_a_variable_is_read_completely_up_to_a_size_of_its_own_and_of_all(chunked, monkeypatch, whole, in_all, is_read):
    """Damage in its middle is noticed only then."""
    data = bytearray(chunked.read_bytes())
    place = len(data) // 2
    data[place : place + 8] = bytes(255 - byte for byte in data[place : place + 8])
    chunked.write_bytes(data)
    monkeypatch.setattr(probe_file, "WHOLE", whole)
    monkeypatch.setattr(probe_file, "IN_ALL", in_all)
    if is_read:
        with pytest.raises(RuntimeError):
            probe_file.check(str(chunked))
    else:
        probe_file.check(str(chunked))


def test_the_sizes_up_to_which_variables_are_read_completely():
    """A table of 64 MiB, and tables of 256 MiB in all."""
    assert (probe_file.WHOLE, probe_file.IN_ALL) == (67_108_864, 268_435_456)


@pytest.mark.parametrize("shape", [(), (1,), (1, 1)])
def test_a_variable_of_one_number_has_a_first_and_a_last(tmp_path, monkeypatch, shape):
    monkeypatch.setattr(probe_file, "WHOLE", 0)
    with netCDF4.Dataset(tmp_path / "some.nc", "w") as file:
        dimensions = [file.createDimension(f"d{n}", size).name for n, size in enumerate(shape)]
        file.createVariable("x", "f8", dimensions)[...] = 2.0
    assert probe_file.check(str(tmp_path / "some.nc")) is None


@pytest.mark.parametrize(("declared", "is_sound"), [(1100, True), (1101, False)])
def test_more_than_1100_times_its_size_does_not_fit_into_a_file(tmp_path, monkeypatch, declared, is_sound):
    with netCDF4.Dataset(tmp_path / "some.nc", "w") as file:
        file.createDimension("n", declared)
        file.createVariable("x", "i1", ("n",))
    monkeypatch.setattr(os.path, "getsize", lambda path: 1)
    if is_sound:
        probe_file.check(str(tmp_path / "some.nc"))
    else:
        with pytest.raises(probe_file.Unsound, match=r"declares 1.1e\+03 bytes, which do not fit into its 1"):
            probe_file.check(str(tmp_path / "some.nc"))


@pytest.mark.parametrize(
    ("value", "is_short"),
    [("x" * 8, True), ("x" * 9, False), ("\u00e9" * 5, False), (1.5, True), (np.array([1.5, 2.5]), False)],
)
def test_how_long_an_attribute_may_be(tmp_path, monkeypatch, value, is_short):
    """Of text its bytes in UTF-8, of numbers those of each."""
    monkeypatch.setattr(probe_file, "MOST_ATTRIBUTE", 8)
    with netCDF4.Dataset(tmp_path / "some.nc", "w") as file:
        file.setncattr("about", value)
        if is_short:
            probe_file._check_attributes("the file", file)
        else:
            with pytest.raises(probe_file.Unsound, match="the file: the attribute about is longer than 8 bytes"):
                probe_file._check_attributes("the file", file)


@pytest.mark.parametrize(
    ("hard", "expected"), [(resource.RLIM_INFINITY, (2**32, 60, 0)), (2**30, (2**30, 60, 0)), (50, (50, 50, 0))]
)
def test_a_process_may_use_four_gibibytes_and_a_minute_unless_it_has_less(monkeypatch, hard, expected):
    limits = {}
    monkeypatch.setattr(resource, "getrlimit", lambda kind: (0, hard))
    monkeypatch.setattr(resource, "setrlimit", lambda kind, pair: limits.update({kind: pair}))
    probe_file._limit()
    kinds = (resource.RLIMIT_AS, resource.RLIMIT_CPU, resource.RLIMIT_CORE)
    assert limits == {kind: (most, hard) for kind, most in zip(kinds, expected, strict=True)}


def test_an_error_without_words_is_told_by_its_name(monkeypatch, capsys):
    def refuse(path):
        raise MemoryError

    monkeypatch.setattr(probe_file, "_limit", lambda: None)
    monkeypatch.setattr(probe_file, "check", refuse)
    assert probe_file.main(["any.nc"]) == 2
    assert capsys.readouterr().out == "MemoryError\n"
