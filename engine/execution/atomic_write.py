"""Files that appear whole or not at all."""

from __future__ import annotations

import errno
import os
import secrets
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from engine.errors import ResultsError

#: How the name of a file ends that is not yet whole.
UNFINISHED = ".part"
#: Symbolic links that are followed one after another, as many as Linux follows.
_MOST_LINKS = 40
#: By which a filesystem says that it cannot do what it is asked.
_CANNOT_SYNC = (errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EACCES, errno.EPERM)


class Form(NamedTuple):
    """What a file holds, in words, and how its name ends."""

    what: str
    ending: str


DATASET, TABLE = Form("dataset", ".nc"), Form("table", ".csv")
PAGE, FIGURE = Form("page", ".html"), Form("figure", ".png")


def check_target(path: str | Path, form: Form | None = None) -> None:
    """Raise ResultsError, saying what would be right, unless a file (of this `form`) can be written at `path`.

    What is there must be a regular file, or a link to one: a device, a pipe or a socket is no place for results.
    """
    path = Path(path)
    if path.is_dir():
        ending = form.ending if form else DATASET.ending
        raise ResultsError(f"{path}: is a folder; name a file, such as {path / f'results{ending}'}")
    if form is not None and path.suffix.lower() != form.ending:
        raise ResultsError(f"{path}: a {form.what} is written here, name it {form.ending}")
    check_letters(path, for_netcdf=form == DATASET)
    if not path.parent.is_dir():
        raise ResultsError(f"{path}: the folder {path.parent} does not exist; make it first")
    _behind_links(path)


def check_letters(path: Path, *, for_netcdf: bool) -> None:
    """Raise ResultsError if files cannot be called `path` in the locale's encoding, or netCDF's library cannot open it.

    The library is not given letters that Python only keeps for names which are no text in that encoding.
    """
    encoding = sys.getfilesystemencoding()
    try:
        str(path).encode(encoding, "strict" if for_netcdf else sys.getfilesystemencodeerrors())
    except UnicodeEncodeError:
        what = f"has letters that the encoding here, {encoding}, has not; rename it, or set PYTHONUTF8=1"
        raise ResultsError(f"{path}: {what}") from None


@contextmanager
def whole_file(path: str | Path, tag: str = "") -> Iterator[Path]:
    """A file to write beside `path`, which is renamed over it at the end, or removed if anything fails.

    If `path` is a symbolic link, it stays, and the file behind it is the one that is written. The file beside has a
    name of its own, or one by the `tag` of who is alone in writing `path`, and then takes the place of one that was
    left by a crash. Raises ResultsError if it cannot be written.
    """
    path = Path(path)
    check_target(path)
    place = _behind_links(path)
    beside = place.with_name(f".{place.name}.{tag or secrets.token_hex(6)}{UNFINISHED}")
    # An interrupt may come at any line, so that what is made is within what removes it.
    try:
        if tag:
            beside.unlink(missing_ok=True)
        os.close(os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
        yield beside
        _sync(beside)
        os.replace(beside, place)
        _sync(place.parent)
    except OSError as error:
        raise ResultsError(f"{path}: cannot be written: {error.strerror or error}") from None
    except RuntimeError as error:
        if not str(error).startswith("NetCDF"):
            raise
        raise ResultsError(f"{path}: cannot be written: {error}") from None
    finally:
        beside.unlink(missing_ok=True)


def _behind_links(path: Path) -> Path:
    """Where what is written to `path` is to stand: behind all symbolic links, of which the last may lead to nothing.

    Raises ResultsError if anything but a regular file is there. Links in /proc, such as /dev/stdout, lead to what
    another program has opened, which may look like a file.
    """
    place = path
    try:
        for _ in range(_MOST_LINKS):
            place = place.parent.resolve() / place.name
            if place.is_relative_to("/proc"):
                break
            if not place.is_symlink():
                if not place.exists() or stat.S_ISREG(place.stat().st_mode):
                    return place
                break
            place = place.parent / place.readlink()
        else:
            raise ResultsError(f"{path}: leads through more than {_MOST_LINKS} links; name the file itself")
    except OSError as error:
        raise ResultsError(f"{path}: cannot be written: {error.strerror or error}") from None
    raise ResultsError(f"{path}: is no regular file; name one, or one that is still to be made")


def _sync(path: Path) -> None:
    """Have what is written of `path`, a file or a folder, on the disk before anything else, where that can be had.

    Some filesystems cannot, of folders above all; and a folder may be written that may not be read.
    """
    if os.name == "nt":  # where only open files can be
        return
    try:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        if error.errno not in _CANNOT_SYNC:
            raise
