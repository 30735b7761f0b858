"""Labelled datasets of analyses: outcomes as one dimension, names and units on everything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from engine.errors import InputError
from engine.text.format import strings

Floats = NDArray[np.float64]
#: Dimensions, values, long name, units ("" for text).
Labelled = tuple[tuple[str, ...], Any, str, str]

#: Outcomes have different units, so variables over them refer to the coordinate with these.
UNITS_OF_OUTCOME = "outcome_units"


def labelled(variables: Mapping[str, Labelled], coordinates: Mapping[str, Labelled], **attrs: Any) -> xr.Dataset:
    """A dataset of `variables` and `coordinates`, each with its long name and units."""

    def variable(label: Labelled) -> xr.Variable:
        dims, values, long_name, units = label
        return xr.Variable(dims, values, {"long_name": long_name} | ({"units": units} if units else {}))

    return xr.Dataset(
        {name: variable(label) for name, label in variables.items()},
        {name: variable(label) for name, label in coordinates.items()},
        attrs,
    )


def stacked(outcomes: xr.Dataset, *dims: str) -> Floats:
    """The variables of `outcomes` as one array (outcome, *dims).

    Raises InputError, with the right form, if there are none, one has other dimensions, or one has NaN.
    """
    if not outcomes.data_vars:
        raise InputError("there are no outcomes; give at least one")
    arrays = []
    for name, values in outcomes.data_vars.items():
        if set(values.dims) != set(dims):
            has, right = ", ".join(map(str, values.dims)), ", ".join(dims)
            raise InputError(f"outcome {name!r} has the dimensions ({has}); it must have ({right})")
        array = values.transpose(*dims).to_numpy().astype(np.float64)
        if not np.isfinite(array).all():
            raise InputError(
                f"outcome {name!r} has values that are not finite; give each future a number, "
                "such as the horizon for a time that lies past it, or leave the outcome out"
            )
        arrays.append(array)
    return np.stack(arrays)


def outcome_coordinates(outcomes: xr.Dataset) -> dict[str, Labelled]:
    """Names, long names and units of outcomes along the dimension `outcome`."""
    long_names = [str(values.attrs.get("long_name", name)) for name, values in outcomes.data_vars.items()]
    units = [str(values.attrs.get("units", "1")) for values in outcomes.data_vars.values()]
    return {
        "outcome": (("outcome",), strings([str(name) for name in outcomes.data_vars]), "outcome of a future", ""),
        "outcome_long_name": (("outcome",), strings(long_names), "description of the outcome", ""),
        "outcome_units": (("outcome",), strings(units), "unit of the outcome", ""),
    }


def factor_coordinate(names: Sequence[str]) -> dict[str, Labelled]:
    """Names of factors. Raises InputError if one occurs twice."""
    if len(set(names)) != len(names):
        raise InputError(f"names of factors must differ, not be {', '.join(map(str, names))}")
    return {"factor": (("factor",), strings(list(names)), "factor: an uncertain number of the scenario, or chance", "")}


def constant(values: Floats) -> bool:
    """Whether `values` are all equal apart from rounding."""
    return bool(np.ptp(values) <= 1e-12 * np.abs(values).max())


def own_parameters(parameters: xr.DataArray, policies: Sequence[str]) -> xr.DataArray:
    """The `parameters` (world, parameter) that can matter to `policies`.

    Levers of other policies (`policies.OTHER. ...`) and parameters with the same value in all worlds are left out.
    """
    kept = tuple(f"policies.{policy}." for policy in policies)
    own = [
        not name.startswith("policies.") or name.startswith(kept) for name in map(str, parameters["parameter"].values)
    ]
    values = parameters.transpose("world", "parameter").values
    varies = (values != values[:1]).any(axis=0)
    return parameters.isel(parameter=np.flatnonzero(np.array(own, dtype=bool) & varies))
