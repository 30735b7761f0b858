"""Results as netCDF files, which appear complete or not at all."""

from __future__ import annotations

import os
import warnings
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from engine.errors import ResultsError
from engine.execution.atomic_write import DATASET, atomic_write, check_letters, check_target
from engine.extras import need
from engine.results.netcdf_check import changed_in_reading, damage, misfit


def write_results(dataset: xr.Dataset, path: str | Path) -> None:
    """Write `dataset` as netCDF-4 to an unfinished file, which is then renamed to `path`.

    An existing file is not changed until the new one is complete. The written date is that of the
    environment variable SOURCE_DATE_EPOCH, if set, so that files can be the same to the byte.
    Raises ResultsError if the name does not end in .nc, or the folder is missing or cannot be written.
    """
    check_target(path, DATASET)
    stamped = dataset.assign_attrs(date_created=date_of_writing())
    with atomic_write(path) as unfinished:
        stamped.to_netcdf(unfinished, format="NETCDF4", engine="netcdf4", encoding=encodings(stamped))


_NO_RESULTS = "not a results file of this engine; `engine run` writes one"


def open_results(path: str | Path, *, chunks: Any = None) -> xr.Dataset:
    """Open a results file lazily, as an `xarray.Dataset`; with `chunks` as in `xarray.open_dataset`, by Dask.

    Raises ResultsError if it cannot be read or is not a results file of this engine.
    """
    dataset = open_written(path, chunks=chunks)
    try:
        if "attainment_probability" in dataset and "attainment_time_quantile_se" not in dataset:
            raise ResultsError(f"{path}: written by an older version of this engine; run the scenario again")
        if "attainment_probability" not in dataset:
            raise ResultsError(f"{path}: {_NO_RESULTS}")
        if found := misfit(dataset):
            raise ResultsError(
                f"{path}: does not have the form of results of this engine: {found}; run the scenario again"
            )
    except ResultsError:
        dataset.close()
        raise
    return dataset


def open_written(path: str | Path, *, chunks: Any = None) -> xr.Dataset:
    """Open any dataset that the engine wrote, results or analyses of them, lazily.

    Another process reads the file first (`netcdf_check.damage`), so that a file on which the netCDF libraries crash,
    hang or fill the memory does no harm. Raises ResultsError if it cannot be read or was not written by the engine.
    """
    if chunks is not None:
        need("cluster", "dask")
    path = Path(path)
    if not path.is_file():
        what = "is a folder" if path.is_dir() else "is not a regular file" if path.exists() else "no such file"
        raise ResultsError(f"{path}: {what}; name a results file (.nc)")
    check_letters(path, for_netcdf=True)
    if found := damage(path):
        raise ResultsError(f"{path}: not a readable netCDF file (damaged: {found}); run the scenario again")
    try:
        with warnings.catch_warnings():
            # Files with such warnings are refused below.
            warnings.simplefilter("ignore")
            dataset = xr.open_dataset(path, engine="netcdf4", chunks=chunks)
    except (ArithmeticError, AttributeError, LookupError, OSError, RuntimeError, TypeError, ValueError) as error:
        # The file is sound, so xarray fails on attributes that have a meaning for it.
        what = (str(error).splitlines() or [type(error).__name__])[0]
        raise ResultsError(f"{path}: xarray cannot open it ({what}); run the scenario again") from None
    wrong = _NO_RESULTS if "scenario_sha256" not in dataset.attrs else ""
    if not wrong and (found := changed_in_reading(dataset)):
        wrong = f"does not have the form of datasets of this engine: {found}; run the scenario again"
    if wrong:
        dataset.close()
        raise ResultsError(f"{path}: {wrong}")
    return dataset


def encodings(dataset: xr.Dataset) -> dict[str, dict[str, Any]]:
    """The encoding of each variable of `dataset`, for xarray."""
    return {
        str(name): encoding(variable.dtype, variable.size, is_coordinate=name in dataset.coords)
        for name, variable in dataset.variables.items()
    }


def encoding(dtype: np.dtype[Any], size: int, *, is_coordinate: bool) -> dict[str, Any]:
    """The encoding of a variable of `size` values, for xarray. Floats can be missing, but not in coordinates."""
    chosen: dict[str, Any] = {}
    if dtype.kind == "f":
        chosen["_FillValue"] = None if is_coordinate else np.nan
    if size > 1000 and dtype.kind in "fi":
        chosen |= {"zlib": True, "complevel": 4, "shuffle": True}
    return chosen


def date_of_writing() -> str:
    """The time now, or that of the environment variable SOURCE_DATE_EPOCH, if set."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    moment = datetime.fromtimestamp(int(epoch), UTC) if epoch.isdigit() else datetime.now(UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
