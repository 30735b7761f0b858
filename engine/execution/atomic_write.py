"""Files that appear complete or not at all."""

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

#: Ending of the name of an unfinished file.
UNFINISHED = ".part"
#: Most symbolic links that are followed in succession, as many as Linux follows.
_MOST_LINKS = 40
#: Errors of a filesystem for unsupported operations.
_CANNOT_SYNC = (errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EACCES, errno.EPERM)


class Form(NamedTuple):
    """The contents of a file, as text, and the ending of its name."""

    what: str
    ending: str


DATASET, TABLE = Form("dataset", ".nc"), Form("table", ".csv")
PAGE, FIGURE = Form("page", ".html"), Form("figure", ".png")


def check_target(path: str | Path, form: Form | None = None) -> None:
    """Raise ResultsError, with the right form, unless a file (of this `form`) can be written at `path`.

    An existing `path` must be a regular file, or a link to one, not a device, a pipe or a socket.
    """
    path = Path(path)
    if path.is_dir():
        ending = form.ending if form else DATASET.ending
        raise ResultsError(f"{path}: is a folder; name a file, such as {path / f'results{ending}'}")
    if form is not None and path.suffix.lower() != form.ending:
        raise ResultsError(f"{path}: a {form.what} is written here; its name must end in {form.ending}")
    check_letters(path, for_netcdf=form == DATASET)
    if not path.parent.is_dir():
        raise ResultsError(f"{path}: the folder {path.parent} does not exist; create it first")
    _behind_links(path)


def check_letters(path: Path, *, for_netcdf: bool) -> None:
    """Raise ResultsError if `path` is not valid in the locale's encoding, or the netCDF library cannot open it.

    The library must not receive the characters with which Python represents names that are invalid in that encoding.
    """
    encoding = sys.getfilesystemencoding()
    try:
        str(path).encode(encoding, "strict" if for_netcdf else sys.getfilesystemencodeerrors())
    except UnicodeEncodeError:
        what = f"has characters that are not in the encoding {encoding} of this system; rename it, or set PYTHONUTF8=1"
        raise ResultsError(f"{path}: {what}") from None


@contextmanager
def atomic_write(path: str | Path, tag: str = "") -> Iterator[Path]:
    """An unfinished file in the folder of `path`, renamed to `path` at the end, or removed if anything fails.

    If `path` is a symbolic link, the link stays and its target is written. The unfinished file has a random name, or
    one with the `tag` of the only writer of `path`; then it replaces one that a crash left. Raises ResultsError if it
    cannot be written.
    """
    path = Path(path)
    check_target(path)
    place = _behind_links(path)
    unfinished = place.with_name(f".{place.name}.{tag or secrets.token_hex(6)}{UNFINISHED}")
    # An interrupt may come at any line, so the file is created inside the block that removes it.
    try:
        if tag:
            unfinished.unlink(missing_ok=True)
        os.close(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
        yield unfinished
        _sync(unfinished)
        os.replace(unfinished, place)
        _sync(place.parent)
    except OSError as error:
        raise ResultsError(f"{path}: cannot be written: {error.strerror or error}") from None
    except RuntimeError as error:
        if not str(error).startswith("NetCDF"):
            raise
        raise ResultsError(f"{path}: cannot be written: {error}") from None
    finally:
        unfinished.unlink(missing_ok=True)


def _behind_links(path: Path) -> Path:
    """The target of `path` behind all symbolic links; the last link may point to nothing.

    Raises ResultsError if the target exists and is not a regular file. Links in /proc, such as /dev/stdout, point to
    files of other programs, which may look like regular files.
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
            raise ResultsError(f"{path}: goes through more than {_MOST_LINKS} links; name the file itself")
    except OSError as error:
        raise ResultsError(f"{path}: cannot be written: {error.strerror or error}") from None
    raise ResultsError(f"{path}: is not a regular file; name one, or a new file")


def _sync(path: Path) -> None:
    """Flush `path`, a file or a folder, to the disk if the system supports it.

    Some filesystems cannot, especially for folders; and a writable folder may not be readable.
    """
    if os.name == "nt":  # Windows flushes only open files
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
