"""Files that appear whole or not at all."""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

#: How the name of a file ends that is not yet whole.
UNFINISHED = ".part"
#: Symbolic links that are followed one after another, as many as Linux follows.
_MOST_LINKS = 40


class ResultsError(ValueError):
    """A file of results that cannot be read or written; one line that names it."""


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
    if not path.parent.is_dir():
        raise ResultsError(f"{path}: the folder {path.parent} does not exist; make it first")
    _behind_links(path)


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
    place = path.absolute()
    try:
        for _ in range(_MOST_LINKS):
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
    """Have what is written of `path`, a file or a folder, on the disk before anything else."""
    if os.name == "nt":  # where only open files can be
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
