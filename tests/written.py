"""What every dataset of an analysis must fulfil."""

from __future__ import annotations

import xarray as xr

import engine


def assert_labelled_and_survives(found: xr.Dataset, folder) -> None:
    """Everything has a long name, every number a unit; written and read again it is the same, attributes included."""
    for name, variable in found.variables.items():
        assert variable.attrs.get("long_name"), name
        assert (variable.dtype.kind in "iuf") == bool(variable.attrs.get("units")), name
    for name in found.data_vars:
        if str(name).endswith("_se"):
            assert found[name].attrs["units"] == found[str(name).removesuffix("_se")].attrs["units"], name
            assert found[name].dims == found[str(name).removesuffix("_se")].dims, name
    engine.write_results(found, folder / "found.nc")
    with xr.open_dataset(folder / "found.nc") as dataset:
        back = dataset.load()
    del back.attrs["date_created"]
    xr.testing.assert_identical(back, found)
