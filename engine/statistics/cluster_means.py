"""Means over futures with their standard errors, replicates of worlds as clusters, and quantiles with censoring."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from engine.rules.point_set import REPLICATES

#: The quantiles in analyses.
QUANTILES = (0.05, 0.5, 0.95)
#: The same with quartiles.
QUARTILES_TOO = (0.05, 0.25, 0.5, 0.75, 0.95)


def joined(dim: str, arrays: Sequence[xr.DataArray]) -> xr.DataArray:
    """Arrays of the same dimensions and coordinates along a new dimension, which comes first and has no coordinate."""
    values = np.stack([array.transpose(*arrays[0].dims).values for array in arrays])
    return xr.DataArray(values, {name: c.variable for name, c in arrays[0].coords.items()}, (dim, *arrays[0].dims))


def of_worlds(values: xr.DataArray) -> xr.DataArray:
    """Means over the futures of each world; NaN counts as no future, and a world without futures is NaN."""
    # Not in the float32 of samples: sums of many years would lose digits.
    return values.mean("future", dtype=np.float64)


def spread_over(dim: str, values: xr.DataArray) -> xr.DataArray:
    """Standard deviation along `dim`, without NaN; NaN where fewer than two values are known."""
    with warnings.catch_warnings():
        # xarray before 2026.9 lets NumPy warn of these.
        warnings.filterwarnings("ignore", message="Degrees of freedom", category=RuntimeWarning)
        return values.std(dim, ddof=1)


def mean_with_error(by_world: xr.DataArray) -> tuple[xr.DataArray, xr.DataArray]:
    """(mean, its standard error) over the dimension `world` of means of worlds.

    Worlds that are NaN are left out. The error is that of `ratio_with_error`.
    """
    known = by_world.notnull()
    return ratio_with_error(by_world, known.astype(np.float64).where(known))


def labelled_with_error(
    name: str, found: tuple[xr.DataArray, xr.DataArray], words: str, units: str
) -> dict[str, xr.DataArray]:
    """(value, standard error) as variables called `name` and `name`_se, with long names and units."""
    value, error = found
    error_words = f"Monte Carlo standard error of {name}"
    return {
        name: value.assign_attrs(long_name=words, units=units),
        f"{name}_se": error.assign_attrs(long_name=error_words, units=units),
    }


def ratio_with_error(above: xr.DataArray, below: xr.DataArray) -> tuple[xr.DataArray, xr.DataArray]:
    """(sum of `above` over worlds divided by that of `below`, its standard error), both with the dimension `world`.

    The error is that of a ratio of sums of clusters, by Taylor linearisation (Cochran 1977, section 6.3). The clusters
    are the replicates in which worlds are drawn (`engine.scenario.samplers`). Worlds whose `below` is NaN are left out.
    NaN where `below` is 0 everywhere, and the error with a single replicate.
    """
    total = below.sum("world")
    ratio: xr.DataArray = above.sum("world") / total.where(total > 0)
    residual = by_replicate(above - ratio * below)
    replicates = (by_replicate(below.notnull()) > 0).sum("world")
    scale = replicates / (replicates - 1).where(replicates > 1)
    error = (scale * (residual**2).sum("world")) ** 0.5 / total.where(total > 0)
    return ratio, error.where(ratio.notnull()).transpose(*ratio.dims)


def replicates_of(values: xr.DataArray | xr.Dataset) -> NDArray[np.int64]:
    """The replicate of each world; worlds without a coordinate are numbered from 0."""
    numbers = values["world"].values if "world" in values.coords else np.arange(values.sizes["world"])
    return np.asarray(numbers, dtype=np.int64) % REPLICATES


def by_replicate(values: xr.DataArray) -> xr.DataArray:
    """Sums of `values` (world, ...) over the worlds of each replicate, as dimension `world`."""
    of = replicates_of(values)
    first = values.transpose("world", ...)
    array = first.values
    sums = np.array([np.nansum(array[of == replicate], axis=0) for replicate in np.unique(of)])
    coordinates = {name: c.variable for name, c in first.coords.items() if "world" not in c.dims}
    return xr.DataArray(sums.reshape(-1, *first.shape[1:]), coordinates, first.dims)


def quantiles_of_known(values: xr.DataArray, quantiles: Sequence[float] = QUANTILES) -> xr.DataArray:
    """Quantiles over worlds and futures of `values`; NaN counts as no future, inf as a value beyond the known range.

    The sample quantile is the least value that a share of futures does not exceed; NaN where that is inf, or where
    there are no futures.
    """
    empty = values.isnull().all(("world", "future"))
    # NumPy warns if there is no value; the quantile is then unknown, as beyond the known range.
    known = values.where(~empty, np.inf)
    found: xr.DataArray = known.quantile(list(quantiles), ("world", "future"), method="inverted_cdf", skipna=True)
    return found.where(np.isfinite(found))


def quantiles_with_error(
    values: xr.DataArray, quantiles: Sequence[float] = QUANTILES
) -> tuple[xr.DataArray, xr.DataArray]:
    """(`quantiles_of_known`, their standard errors) of `values`, with replicates of worlds as clusters.

    Woodruff's method (Woodruff 1952, JASA 47: 635): the share of futures up to the quantile has a standard error
    between replicates; that of the quantile is half the distance between the quantiles at its probability minus and
    plus that error, so 0 where many futures have the same value. NaN where the quantile or either end is unknown, or
    with a single world.
    """
    found = quantiles_of_known(values, quantiles)
    known = values.notnull()
    below = (values <= found).where(known & found.notnull())
    # Worlds have weights by their number of futures, which differs for conditional quantities.
    _, error = ratio_with_error((below == 1.0).sum("future"), known.sum("future"))
    ends = (_ordered(values, (found["quantile"] + sign * error).clip(0.0, 1.0)) for sign in (-1.0, 1.0))
    low, high = (end.where(np.isfinite(end)) for end in ends)
    return found, (0.5 * (high - low)).where(found.notnull()).transpose(*found.dims)


def _ordered(values: xr.DataArray, probabilities: xr.DataArray) -> xr.DataArray:
    """Sample quantiles of `values` at other `probabilities` (quantile, ...) in each cell; NaN counts as no future."""
    cells = [dim for dim in values.dims if dim not in ("world", "future")]
    futures = values.transpose(*cells, "world", "future").values
    futures = np.sort(futures.reshape(*futures.shape[:-2], -1), axis=-1)  # NaN comes last
    number = np.isfinite(futures) | np.isposinf(futures)
    wanted = probabilities.transpose(*cells, "quantile").values * number.sum(axis=-1)[..., np.newaxis]
    place = np.clip(np.ceil(np.nan_to_num(wanted) - 1e-9) - 1, 0, futures.shape[-1] - 1).astype(np.int64)
    found = np.where(np.isnan(wanted), np.nan, np.take_along_axis(futures, place, axis=-1))
    return probabilities.transpose(*cells, "quantile").copy(data=found)
