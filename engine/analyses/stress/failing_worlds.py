"""Shared by the analyses of a stress test: worlds, their parameters and the failures of policies."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from engine.errors import InputError
from engine.text.format import format_ranges, format_share, strings

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

#: With fewer failing worlds, or fewer other worlds, no description of them is reliable.
FEWEST = 20
#: Above this share a policy fails nearly everywhere, and a description of failures is meaningless.
NEARLY_ALL = 0.95

FOUND = "found"
TOO_FEW = "too few worlds fail"
TOO_MANY = "nearly all worlds fail"
NOTHING = "nothing separates failing worlds from others"
#: Text for a policy without a description of its failures.
IN_WORDS = {
    NOTHING: "no assumption was found that separates these worlds from the others",
    TOO_FEW: f"too few to describe (fewer than {FEWEST})",
    TOO_MANY: "nearly everywhere, so there is no particular region",
}


def same_worlds(parameters: xr.DataArray, other: xr.DataArray | xr.Dataset) -> None:
    """Raise InputError unless both have the same worlds in the same order."""
    here, there = parameters.sizes["world"], other.sizes["world"]
    if here != there:
        raise InputError(f"parameters have {here} worlds, outcomes {there}: give both for the same worlds")
    if {"world"} <= set(parameters.coords) & set(other.coords) and not np.array_equal(
        parameters["world"].values, other["world"].values
    ):
        raise InputError("parameters and outcomes have different worlds, or another order: align them by `world`")


def failing_worlds(parameters: xr.DataArray, fails: xr.DataArray) -> dict[str, Bools]:
    """Whether each policy fails in each world, by policy: (world) each.

    `fails` (policy, world) is bool or 0 and 1. Raises InputError for other values, or worlds other than those of
    `parameters`.
    """
    same_worlds(parameters, fails)
    values = fails.transpose("policy", "world").values
    if not np.isin(values, (0, 1)).all():
        raise InputError("`fails` must be 1 where a policy fails in a world and 0 where it does not")
    return {str(name): row.astype(bool) for name, row in zip(fails["policy"].values, values, strict=True)}


def verdict(fails: Bools) -> str:
    """Whether failing worlds (world) can be separated from others: FOUND, TOO_FEW or TOO_MANY."""
    failing = int(fails.sum())
    if failing < FEWEST:
        return TOO_FEW
    return TOO_MANY if failing >= NEARLY_ALL * fails.size or fails.size - failing < FEWEST else FOUND


def failure_frame(parameters: xr.DataArray, fails: dict[str, Bools]) -> xr.Dataset:
    """The common part of descriptions of failing worlds: coordinates, and the number of failing worlds by policy."""
    units = parameters["parameter_units"].values
    frame = xr.Dataset(
        {"failing_worlds": ("policy", np.array([row.sum() for row in fails.values()], dtype=np.int64))},
        coords={
            "policy": ("policy", strings(list(fails)), {"long_name": "policy"}),
            "parameter": ("parameter", strings(list(parameters["parameter"].values)), {"long_name": "parameter"}),
            "parameter_units": ("parameter", strings(list(units)), {"long_name": "unit of the parameter"}),
        },
        attrs={"worlds": parameters.sizes["world"]},
    )
    frame["failing_worlds"].attrs = {"long_name": "number of worlds in which the policy fails", "units": "1"}
    return frame


def failing_in_words(policy: str, one: xr.Dataset, worlds: int) -> str:
    """ "P fails in 12 of 2,000 worlds", from `failing_worlds` of one policy."""
    return f"{policy} fails in {int(one['failing_worlds']):,} of {worlds:,} worlds"


def descriptions_in_words(found: xr.Dataset, explained: str, each: Callable[[xr.Dataset, str], list[str]]) -> str:
    """Text for every policy: the lines of `each` with "P fails in ...", or the reason why there are none."""
    lines = [explained]
    for policy in found["policy"].values:
        one = found.sel(policy=policy)
        said = str(one["verdict"].item())
        about = failing_in_words(str(policy), one, int(found.attrs["worlds"]))
        lines += each(one, about) if said == FOUND else [f"{about}: {IN_WORDS[said]}."]
    return "\n".join(lines)


def described(one: xr.Dataset) -> str:
    """Limits and measures of one box or leaf, as text."""
    coverage, density, mass = (format_share(float(one[name])) for name in ("coverage", "density", "mass"))
    return f"{format_ranges(one)}: coverage {coverage}, density {density}, in {mass} of all worlds"
