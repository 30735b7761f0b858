"""Results as netCDF files, which appear whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr


class ResultsError(ValueError):
    """A results file that cannot be read or written; one line that names it."""


def write_results(dataset: xr.Dataset, path: str | Path) -> None:
    """Write `dataset` as netCDF-4 to `path`: beside it first, then renamed over it.

    A file that was there stays as it was until the new one is complete. The date written is that of
    the environment variable SOURCE_DATE_EPOCH, if set, so that files can be the same to the byte.
    Raises ResultsError if the folder is missing or cannot be written.
    """
    stamped = dataset.assign_attrs(date_created=_now())
    with whole_file(path) as beside:
        stamped.to_netcdf(beside, format="NETCDF4", engine="netcdf4", encoding=_encoding(stamped))


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
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
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


def open_results(path: str | Path) -> xr.Dataset:
    """Open a results file lazily, as an `xarray.Dataset`.

    Raises ResultsError if it cannot be read or is not a results file of this engine.
    """
    path = Path(path)
    if not path.is_file():
        raise ResultsError(f"{path}: {'is a folder' if path.is_dir() else 'no such file'}; name a results file (.nc)")
    try:
        dataset = xr.open_dataset(path, engine="netcdf4")
    except (OSError, ValueError, RuntimeError) as error:
        what = str(error).splitlines()[0]
        raise ResultsError(f"{path}: not a readable netCDF file ({what}); run the scenario again") from None
    if "attainment_probability" in dataset and "attainment_time_quantile_se" not in dataset:
        dataset.close()
        raise ResultsError(f"{path}: written by an older version of this engine; run the scenario again")
    if "attainment_probability" not in dataset or "scenario_sha256" not in dataset.attrs:
        dataset.close()
        raise ResultsError(f"{path}: not a results file of this engine; `engine run` writes one")
    return dataset


def _encoding(dataset: xr.Dataset) -> dict[str, dict[str, Any]]:
    encoding: dict[str, dict[str, Any]] = {}
    for name, variable in dataset.variables.items():
        encoding[str(name)] = {}
        if np.issubdtype(variable.dtype, np.floating):
            encoding[str(name)]["_FillValue"] = np.nan if name in dataset.data_vars else None
        if variable.size > 1000 and variable.dtype.kind == "f":
            encoding[str(name)] |= {"zlib": True, "complevel": 4, "shuffle": True}
    return encoding


def _now() -> str:
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    moment = datetime.fromtimestamp(int(epoch), UTC) if epoch.isdigit() else datetime.now(UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


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
