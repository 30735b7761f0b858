"""The folder of compiled code on disk, so that it is compiled once.

Numba's own cache does not notice a change in a file that a cached function only calls, and ends with an error where
neither the package's folder nor the user's can be written. So the engine's functions have a locator of their own. Their
folder belongs to exactly one digest of all compiled sources, one Python, one Numba and one type of CPU. It is created
in the first of these places that is writable:

1. the folder in NUMBA_CACHE_DIR, if set;
2. `engine/__pycache__`, next to the sources;
3. the user's cache folder, if the platform has one;
4. a folder of this user in the folder for temporary files, with a line on standard error.

Cached code is executed: places 3 and 4 are used only if they belong to this user and no other user can write there.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import re
import shutil
import stat
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numba
from numba.core.caching import CacheImpl, _CacheLocator

from engine.rules import cpu_level

_NAME = "capability-diffusion-engine"
_ENGINE = Path(__file__).resolve().parents[1]
_BESIDE = _ENGINE / "__pycache__"


@cache
def folder() -> Path | None:
    """The folder of this process's compiled code, created if necessary; None if no place is writable."""
    for place in _places():
        found = place / _folder_name()
        if _writable(found):
            _copy_what_was_compiled(found)
            return found
    return None


@cache
def digest() -> str:
    """A digest of all compiled sources, hexadecimal."""
    sources = (source for part in ("rules", "montecarlo") for source in sorted((_ENGINE / part).glob("*.py")))
    return hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:16]


def _folder_name() -> str:
    cpu, _, features = cpu_level.name().partition(" ")
    level = f"{cpu}-{_short(features)}" if features else cpu
    return re.sub(
        r"[^\w.-]", "_", f"compiled-{digest()}-{sys.implementation.cache_tag}-numba-{numba.__version__}-{level}"
    )


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def _places() -> Iterator[Path]:
    if numba.config.CACHE_DIR:
        yield Path(numba.config.CACHE_DIR).absolute()
    yield _BESIDE
    import platformdirs

    for place in (platformdirs.user_cache_path(_NAME, appauthor=False), _temporary()):
        # Without a home directory the user's folder is relative.
        if place is not None and place.is_absolute() and _private(place):
            # Installations do not share a folder, because each removes code that was compiled from other sources.
            yield place / _short(str(_ENGINE))


def _temporary() -> Path | None:
    try:
        return Path(tempfile.gettempdir()) / f"{_NAME}-{os.getuid() if hasattr(os, 'getuid') else 'compiled'}"
    except FileNotFoundError:
        return None


def _private(place: Path) -> bool:
    """Whether `place`, created if necessary, is a folder of this user in which nobody else can write."""
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.mkdir(mode=0o700, exist_ok=True)
        found = place.lstat()
    except OSError:
        return False
    mine = not hasattr(os, "getuid") or (found.st_uid == os.getuid() and not found.st_mode & 0o022)
    return mine and stat.S_ISDIR(found.st_mode)


def _writable(place: Path) -> bool:
    try:
        place.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=place).close()
    except OSError:
        return False
    return True


def _copy_what_was_compiled(place: Path) -> None:
    """Fill an empty folder with code that was compiled next to the sources, by a user who could write there."""
    compiled = _BESIDE / _folder_name()
    if compiled == place or not compiled.is_dir() or any(place.iterdir()):
        return
    copy = Path(tempfile.mkdtemp(dir=place.parent))
    try:
        shutil.copytree(compiled, copy, dirs_exist_ok=True)
        copy.replace(place)  # atomically, and not if another process was first
    except (OSError, shutil.Error):
        shutil.rmtree(copy, ignore_errors=True)


def files_of(function: Callable[..., Any], kept: Path | None) -> list[Path]:
    """The files of `function` in a folder of compiled code, the index last; none if it has no code there."""
    *_, part, module = function.__module__.split(".")
    if kept is None:
        return []
    code, index = (list((kept / part).glob(f"{module}.{function.__name__}-*.{kind}")) for kind in ("nbc", "nbi"))
    return code + index if code else []


def count_stored() -> int:
    """The number of functions of which the folder has compiled code."""
    kept = folder()
    return 0 if kept is None else sum(1 for _ in kept.glob("*/*.nbi"))


@cache
def _begin() -> None:
    """Before the first function is stored: remove code from other sources, and report a temporary folder."""
    kept = folder()
    assert kept is not None
    for other in kept.parent.glob("compiled-*"):
        if not other.name.startswith(f"compiled-{digest()}-"):
            shutil.rmtree(other, ignore_errors=True)
    temporary = _temporary()
    if temporary is not None and kept.is_relative_to(temporary) and multiprocessing.parent_process() is None:
        print(
            f"engine: compiled code is stored in {kept.parent}, because neither the engine's own folder nor your cache "
            "folder is writable; set NUMBA_CACHE_DIR to store it elsewhere",
            file=sys.stderr,
        )


class Locator(_CacheLocator):  # type: ignore[misc]
    """Numba's locator for the folder of the engine's compiled functions."""

    def __init__(self, function: Callable[..., Any], file: str, kept: Path) -> None:
        self._line = function.__code__.co_firstlineno
        self._py_file = file
        self._kept = kept

    @classmethod
    def from_function(cls, py_func: Callable[..., Any], py_file: str) -> Locator | None:
        """A locator of a function of the engine in `py_file`; None for any other."""
        if not Path(py_file).resolve().is_relative_to(_ENGINE):
            return None
        kept = folder()
        return None if kept is None else cls(py_func, py_file, kept)

    def get_cache_path(self) -> str:
        """The folder."""
        return str(self._kept / Path(self._py_file).parent.name)

    def ensure_cache_path(self) -> None:
        """Create the folder before a write. Raises OSError if that fails."""
        _begin()
        super().ensure_cache_path()

    def get_source_stamp(self) -> str:
        """A digest of the function's own file, which may not be among the sources of `digest`."""
        return _stamp(self._py_file)

    def get_disambiguator(self) -> str:
        """Distinguishes functions of the same name in one file."""
        return str(self._line)


@cache
def _stamp(file: str) -> str:
    return hashlib.sha256(Path(file).read_bytes()).hexdigest()


CacheImpl._locator_classes.insert(0, Locator)
