"""What is looked at of a file before it is opened."""

from __future__ import annotations

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
