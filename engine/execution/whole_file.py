"""Files that appear whole or not at all."""

from __future__ import annotations

import os
import tempfile
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
def whole_file(path: str | Path) -> Iterator[Path]:
    """A file to write beside `path`, which is renamed over it at the end, or removed if anything fails.

    Raises ResultsError if it cannot be written.
    """
    path = Path(path)
    check_target(path)
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=UNFINISHED, dir=path.parent)
    except OSError as error:
        raise ResultsError(f"{path}: cannot be written: {error.strerror}") from None
    os.close(handle)
    beside = Path(name)
    try:
        yield beside
        _sync(beside)
        os.chmod(beside, 0o666 & ~_umask())
        os.replace(beside, path)
        _sync(path.parent)
    except OSError as error:
        raise ResultsError(f"{path}: cannot be written: {error.strerror or error}") from None
    except RuntimeError as error:
        raise ResultsError(f"{path}: cannot be written: {error}") from None
    finally:
        beside.unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _sync(path: str | Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
