"""Files that appear whole or not at all, and what they must not take the place of."""

from __future__ import annotations

import os
import socket
import stat

import pytest

import engine
from engine.execution.atomic_write import DATASET, TABLE, atomic_write, check_target


def device(path):
    """A device of our own that does what /dev/null does; only root may make one."""
    try:
        os.mknod(path, 0o666 | stat.S_IFCHR, os.makedev(1, 3))
    except PermissionError:
        pytest.skip("only root may make a device")


def bound(path):
    # Where we are, for the name of a socket must be short.
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(path.name)


def led_to_a_pipe(path):
    os.mkfifo(path.with_name("pipe"))
    path.symlink_to("pipe")


def led_to_an_open_file(path):
    path.symlink_to("/proc/self/fd/1")


@pytest.mark.parametrize("make", [device, os.mkfifo, bound, led_to_a_pipe, led_to_an_open_file])
def test_what_is_no_regular_file_is_not_replaced(make, tmp_path, monkeypatch):
    """Kind: an output that takes the place of something that is no file. As root `-o /dev/null` replaced the device."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "r.nc"
    make(path)
    before = os.lstat(path)
    for write in (lambda: check_target(path), lambda: check_target(path, DATASET), atomic_write(path).__enter__):
        with pytest.raises(engine.ResultsError, match=r"r\.nc: is not a regular file; name one"):
            write()
    assert os.lstat(path) == before
    assert not [name for name in os.listdir(tmp_path) if name.endswith(".part")]


def test_what_another_program_has_opened_is_no_place(tmp_path):
    """Nor behind a folder that is a link, as /dev/fd is."""
    (tmp_path / "fd").symlink_to("/proc/self/fd")
    with (tmp_path / "open").open("w") as file, pytest.raises(engine.ResultsError, match="is not a regular file"):
        check_target(tmp_path / "fd" / str(file.fileno()))


def written(path, content):
    with atomic_write(path) as unfinished:
        unfinished.write_text(content)


@pytest.mark.parametrize("there", [True, False])
def test_a_link_is_written_through(there, tmp_path):
    """A link stays, and what it leads to is replaced, or made if it leads to nothing; also through several links."""
    (tmp_path / "far").mkdir()
    real, near, link = tmp_path / "far" / "real.csv", tmp_path / "near.csv", tmp_path / "link.csv"
    if there:
        real.write_text("old")
    near.symlink_to("far/real.csv")
    link.symlink_to(near)
    check_target(link, TABLE)
    written(link, "new")
    assert (link.is_symlink(), near.is_symlink(), real.is_symlink()) == (True, True, False)
    assert real.read_text() == "new"
    assert os.listdir(tmp_path / "far") == ["real.csv"]


def test_a_link_into_a_folder_that_is_not_there_and_a_circle_are_refused(tmp_path):
    (tmp_path / "lost.nc").symlink_to(tmp_path / "none" / "r.nc")
    with pytest.raises(engine.ResultsError, match=r"lost\.nc: cannot be written: No such file"):
        written(tmp_path / "lost.nc", "")
    (tmp_path / "circle.nc").symlink_to("circle.nc")
    with pytest.raises(engine.ResultsError, match="goes through more than 40 links; name the file itself"):
        check_target(tmp_path / "circle.nc", DATASET)


def test_a_form_follows_from_the_name(tmp_path):
    """Kind: a file whose name says another form than it has."""
    check_target(tmp_path / "R.NC", DATASET)
    for name in ("c.nc", "c", ".csv"):
        with pytest.raises(engine.ResultsError, match=r"a table is written here; its name must end in \.csv"):
            check_target(tmp_path / name, TABLE)
    with pytest.raises(engine.ResultsError, match=r"a dataset is written here; its name must end in \.nc"):
        engine.write_results(None, tmp_path / "r.csv")


def test_nothing_is_simulated_for_a_file_that_cannot_be_written(tmp_path, monkeypatch):
    monkeypatch.setattr("engine.execution.runner.compile_and_play", None)
    spec = engine.load_scenario("minimal")
    os.mkfifo(tmp_path / "pipe.nc")
    for name in ("pipe.nc", "r.csv", "none/r.nc"):
        with pytest.raises(engine.ResultsError):
            engine.simulate(spec, 2, 1, output=tmp_path / name)
