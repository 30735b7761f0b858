"""Files that appear whole or not at all."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

#: How the name of a file ends that is not yet whole.
UNFINISHED = ".part"


class ResultsError(ValueError):
    """A file of results that cannot be read or written; one line that names it."""


def check_target(path: str | Path) -> None:
    """Raise ResultsError, saying what would be right, unless a file can be written at `path`."""
    path = Path(path)
    if not path.parent.is_dir():
        raise ResultsError(f"{path}: the folder {path.parent} does not exist; make it first")
    if path.is_dir():
        raise ResultsError(f"{path}: is a folder; name a file, such as {path / 'results.nc'}")


@contextmanager
def whole_file(path: str | Path, tag: str = "") -> Iterator[Path]:
    """A file to write beside `path`, which is renamed over it at the end, or removed if anything fails.

    It has a name of its own, or one by the `tag` of who is alone in writing `path`, and then takes the place of one
    that was left by a crash. Raises ResultsError if it cannot be written.
    """
    path = Path(path)
    check_target(path)
    beside = path.with_name(f".{path.name}.{tag or secrets.token_hex(6)}{UNFINISHED}")
    # An interrupt may come at any line, so that what is made is within what removes it.
    try:
        if tag:
            beside.unlink(missing_ok=True)
        os.close(os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
        yield beside
        _sync(beside)
        os.replace(beside, path)
        _sync(path.parent)
    except OSError as error:
        raise ResultsError(f"{path}: cannot be written: {error.strerror or error}") from None
    except RuntimeError as error:
        if not str(error).startswith("NetCDF"):
            raise
        raise ResultsError(f"{path}: cannot be written: {error}") from None
    finally:
        beside.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    """Have what is written of `path`, a file or a folder, on the disk before anything else."""
    if os.name == "nt":  # where only open files can be
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
