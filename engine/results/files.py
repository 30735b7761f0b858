"""Results as netCDF files, which appear whole or not at all."""

from __future__ import annotations

import os
import warnings
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from engine.errors import ResultsError
from engine.execution.atomic_write import DATASET, check_letters, check_target, whole_file
from engine.extras import need
from engine.results.netcdf_check import changed_in_reading, damage, misfit


def write_results(dataset: xr.Dataset, path: str | Path) -> None:
    """Write `dataset` as netCDF-4 to `path`: beside it first, then renamed over it.

    A file that was there stays as it was until the new one is complete. The date written is that of
    the environment variable SOURCE_DATE_EPOCH, if set, so that files can be the same to the byte.
    Raises ResultsError if the name does not end in .nc, or the folder is missing or cannot be written.
    """
    check_target(path, DATASET)
    stamped = dataset.assign_attrs(date_created=date_of_writing())
    with whole_file(path) as beside:
        stamped.to_netcdf(beside, format="NETCDF4", engine="netcdf4", encoding=encodings(stamped))


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
            raise ResultsError(f"{path}: not as this engine writes results: {found}; run the scenario again")
    except ResultsError:
        dataset.close()
        raise
    return dataset


def open_written(path: str | Path, *, chunks: Any = None) -> xr.Dataset:
    """Open any dataset that the engine wrote, results or what was made of them, lazily.

    The file is first read by another process (`soundness.damage`), so that one on which the netCDF libraries crash,
    hang or fill the memory harms nobody. Raises ResultsError if it cannot be read or was not written by the engine.
    """
    if chunks is not None:
        need("cluster", "dask")
    path = Path(path)
    if not path.is_file():
        what = "is a folder" if path.is_dir() else "is no regular file" if path.exists() else "no such file"
        raise ResultsError(f"{path}: {what}; name a results file (.nc)")
    check_letters(path, for_netcdf=True)
    if found := damage(path):
        raise ResultsError(f"{path}: not a readable netCDF file (damaged: {found}); run the scenario again")
    try:
        with warnings.catch_warnings():
            # What xarray warns of is refused below.
            warnings.simplefilter("ignore")
            dataset = xr.open_dataset(path, engine="netcdf4", chunks=chunks)
    except (ArithmeticError, AttributeError, LookupError, OSError, RuntimeError, TypeError, ValueError) as error:
        # The file is sound, so what xarray stumbles over are attributes that it takes for its own.
        what = (str(error).splitlines() or [type(error).__name__])[0]
        raise ResultsError(f"{path}: xarray cannot open it ({what}); run the scenario again") from None
    wrong = _NO_RESULTS if "scenario_sha256" not in dataset.attrs else ""
    if not wrong and (found := changed_in_reading(dataset)):
        wrong = f"not as this engine writes datasets: {found}; run the scenario again"
    if wrong:
        dataset.close()
        raise ResultsError(f"{path}: {wrong}")
    return dataset


def encodings(dataset: xr.Dataset) -> dict[str, dict[str, Any]]:
    """How xarray is to write each variable of `dataset`."""
    return {
        str(name): encoding(variable.dtype, variable.size, is_coordinate=name in dataset.coords)
        for name, variable in dataset.variables.items()
    }


def encoding(dtype: np.dtype[Any], size: int, *, is_coordinate: bool) -> dict[str, Any]:
    """How a variable of `size` values is written, in xarray's terms. Floats can be missing, but not in coordinates."""
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
