"""Check of netCDF files, as a separate script, `python -P netcdf_check_child.py FILE...`, without the engine.

`open_results` runs it as a child process, because the libraries may crash on a damaged file, loop, or fill the memory:
then only the child ends. It prints one line for each file, "sound" or the fault, and exits with 2 if there is a fault.
A sound file contains no more than its size allows, refers to no other file, and has been read: every variable, or the
first and last value of a large one.
"""

from __future__ import annotations

import ctypes
import math
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import netCDF4
import numpy as np

#: Bytes: variables up to the first size are read completely, until the second size has been read in all.
WHOLE, IN_ALL = 64 * 2**20, 256 * 2**20
#: Deflate compresses at most 1,032 bytes to one (zlib's technical details), so a larger ratio is impossible.
MOST_PACKED = 1100
#: Most bytes of an attribute; the longest is the text of a scenario with those it extends.
MOST_ATTRIBUTE = 16 * 2**20
#: Limits of the child: bytes of memory, seconds of the processor.
MEMORY, SECONDS = 4 * 2**30, 60

_ID, _NUMBER = ctypes.c_int64, ctypes.c_int
_NAME, _INDEX = ctypes.c_char_p, ctypes.c_uint64
#: Functions of HDF5 by name: types of the result and of the arguments.
_HDF5: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "H5Fopen": (_ID, (_NAME, ctypes.c_uint, _ID)),
    "H5Fclose": (_NUMBER, (_ID,)),
    "H5Gget_info": (_NUMBER, (_ID, ctypes.c_void_p)),
    "H5Lget_info_by_idx2": (_NUMBER, (_ID, _NAME, _NUMBER, _NUMBER, _INDEX, ctypes.c_void_p, _ID)),
    "H5Oopen_by_idx": (_ID, (_ID, _NAME, _NUMBER, _NUMBER, _INDEX, _ID)),
    "H5Oclose": (_NUMBER, (_ID,)),
    "H5Iget_type": (_NUMBER, (_ID,)),
    "H5Dget_create_plist": (_ID, (_ID,)),
    "H5Pget_layout": (_NUMBER, (_ID,)),
    "H5Pget_external_count": (_NUMBER, (_ID,)),
    "H5Pclose": (_NUMBER, (_ID,)),
}
_HARD_LINK, _DATASET, _VIRTUAL = 0, 5, 3


class Unsound(ValueError):
    """The fault of a file, in one line."""


def check(path: str) -> None:
    """Read the file at `path`. Raises Unsound, or errors of the libraries, if it is not a sound netCDF-4 file."""
    size = os.path.getsize(path)
    _check_links(path)
    with netCDF4.Dataset(path) as file:
        file.set_auto_maskandscale(False)
        if file.groups:
            raise Unsound("holds groups")
        _check_attributes("the file", file)
        bytes_of = {name: _bytes_of(variable) for name, variable in file.variables.items()}
        if sum(bytes_of.values()) > MOST_PACKED * size:
            raise Unsound(f"declares {sum(bytes_of.values()):.3g} bytes, which do not fit into its {size}")
        read = 0
        for name in sorted(bytes_of, key=bytes_of.__getitem__):
            variable = file.variables[name]
            _check_attributes(name, variable)
            read += bytes_of[name]
            if bytes_of[name] <= WHOLE and read <= IN_ALL:
                variable[...]
            else:
                variable[(0,) * variable.ndim], variable[(-1,) * variable.ndim]


def _bytes_of(variable: Any) -> int:
    """Bytes that a variable declares; text counts by its references."""
    if variable.dtype is str:
        return 16 * math.prod(variable.shape)
    if not isinstance(variable.datatype, np.dtype):
        raise Unsound(f"{variable.name}: has a user-defined type")
    return int(variable.dtype.itemsize) * math.prod(variable.shape)


def _check_attributes(name: str, holder: Any) -> None:
    for key in holder.ncattrs():
        value = holder.getncattr(key)
        if (len(value.encode()) if isinstance(value, str) else np.asarray(value).nbytes) > MOST_ATTRIBUTE:
            raise Unsound(f"{name}: the attribute {key} is longer than {MOST_ATTRIBUTE} bytes")


def _check_links(path: str) -> None:
    """Raise Unsound if any part of the file is in another one; netCDF4 would silently read it there.

    HDF5 has three such features: links to other files, datasets with external storage, and virtual datasets. netCDF4
    reports none of them, so this calls HDF5, which is among the libraries that netCDF4 has loaded.
    """
    library = ctypes.CDLL(sys.modules["netCDF4._netCDF4"].__file__)
    if not all(hasattr(library, name) for name in _HDF5):
        # HDF5 before 1.12, or a system that searches for names only in one library.
        return
    for name, (returned, taken) in _HDF5.items():
        function = getattr(library, name)
        function.restype, function.argtypes = returned, taken
    with _opened(library.H5Fopen(os.fsencode(path), 0, 0), library.H5Fclose) as file:
        group = (ctypes.c_uint64 * 8)()
        _done(library.H5Gget_info(file, group))
        for number in range(group[1]):
            link = (ctypes.c_uint32 * 32)()
            _done(library.H5Lget_info_by_idx2(file, b".", 0, 0, number, link, 0))
            if link[0] != _HARD_LINK:
                raise Unsound("contains a link")
            with _opened(library.H5Oopen_by_idx(file, b".", 0, 0, number, 0), library.H5Oclose) as member:
                if library.H5Iget_type(member) != _DATASET:
                    raise Unsound("contains something other than variables")
                with _opened(library.H5Dget_create_plist(member), library.H5Pclose) as made:
                    if library.H5Pget_layout(made) == _VIRTUAL or library.H5Pget_external_count(made):
                        raise Unsound("has values in another file")


@contextmanager
def _opened(identifier: int, close: Any) -> Iterator[int]:
    _done(identifier)
    try:
        yield identifier
    finally:
        close(identifier)


def _done(result: int) -> None:
    if result < 0:
        raise Unsound("not HDF5, or truncated")


def _limit() -> None:
    """Limit the resources of this process, if the system can."""
    try:
        import resource
    except ImportError:
        return
    for kind, most in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CPU, SECONDS), (resource.RLIMIT_CORE, 0)):
        hard = resource.getrlimit(kind)[1]
        resource.setrlimit(kind, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def main(paths: list[str]) -> int:
    """Print for each file whether it is sound."""
    _limit()
    code = 0
    for path in paths:
        said = "sound"
        try:
            check(path)
        except Exception as error:
            code = 2
            said = str(error).strip().split("\n")[0] or type(error).__name__
            said = "".join(letter if letter.isprintable() else " " for letter in said[:200])
        print(said.encode("ascii", "replace").decode(), flush=True)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
