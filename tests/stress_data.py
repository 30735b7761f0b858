"""Made-up worlds, parameters and outcomes for the analyses of a stress test, and what every result must fulfil."""

from __future__ import annotations

import numpy as np
import xarray as xr


def parameters_of(values, names=None, units=None):
    """A DataArray (world, parameter) of a table of numbers, named a.p0, a.p1, ... unless `names` are given."""
    values = np.asarray(values, dtype=float)
    count = values.shape[1]
    names = [f"a.p{j}" for j in range(count)] if names is None else names
    units = ["OOM/yr"] * count if units is None else units
    coords = {
        "world": np.arange(len(values)),
        "parameter": np.array(names, dtype=object),
        "parameter_units": ("parameter", np.array(units, dtype=object)),
    }
    return xr.DataArray(values, dims=("world", "parameter"), coords=coords, name="parameters")


def uniform_parameters(worlds, count, seed):
    """Independent uniform numbers from 0 to 1."""
    return parameters_of(np.random.default_rng(seed).random((worlds, count)))


def metric(by_policy, better="less", units="years"):
    """A metric (policy, world, future) of a mapping from policies to tables (world, future)."""
    values = np.stack([np.asarray(table, dtype=float) for table in by_policy.values()])
    coords = {
        "policy": np.array(list(by_policy), dtype=object),
        "world": np.arange(values.shape[1]),
        "future": np.arange(values.shape[2]),
    }
    attrs = {"long_name": "made-up metric", "units": units, "better": better}
    return xr.DataArray(values, dims=("policy", "world", "future"), coords=coords, attrs=attrs)


def fails_of(**by_policy):
    """Whether policies fail, (policy, world), of lists of 0 and 1 or bool."""
    values = np.stack([np.asarray(row, dtype=np.int8) for row in by_policy.values()])
    coords = {"policy": np.array(list(by_policy), dtype=object), "world": np.arange(values.shape[1])}
    return xr.DataArray(values, dims=("policy", "world"), coords=coords)


def assert_labelled(dataset):
    """Everything has a long name, every number a unit, and nothing is of a kind that netCDF cannot hold."""
    for name, variable in dataset.variables.items():
        assert variable.attrs.get("long_name"), name
        if variable.dtype.kind in "iuf":
            assert variable.attrs.get("units"), name
        assert variable.dtype.kind in "iufOU", name
    for attrs in [dataset.attrs] + [variable.attrs for variable in dataset.variables.values()]:
        assert all(isinstance(value, str | int | float) and not isinstance(value, bool) for value in attrs.values())


def assert_survives_netcdf(dataset, folder):
    """Written and read again it is the same, attributes included."""
    assert_labelled(dataset)
    dataset.to_netcdf(folder / "result.nc")
    with xr.open_dataset(folder / "result.nc") as back:
        xr.testing.assert_identical(back.load(), dataset)


def assert_labels(dataset):
    """Every variable and coordinate has a long name, and every number a unit."""
    for name, variable in dataset.variables.items():
        assert variable.attrs.get("long_name"), name
        if variable.dtype.kind in "iuf":
            assert variable.attrs.get("units"), name
