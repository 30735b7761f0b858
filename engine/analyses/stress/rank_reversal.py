"""Single assumptions that reverse the ranking of two policies: break-even points in uncertain numbers.

Values at which the ranking of alternatives reverses are break-even or rank-equivalence points (Ravalico, Maier & Dandy
2009, Reliability Engineering & System Safety 94, 1229); here one number varies at a time, averaged over all others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import repeat
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy.special import ndtri

from engine.analyses.stress.failing_worlds import FEWEST, Bools, Floats, same_worlds
from engine.analyses.stress.robustness import world_means
from engine.errors import InputError
from engine.statistics.cluster_means import mean_with_error, replicates_of
from engine.statistics.labelled import Labelled, labelled, own_parameters
from engine.text.format import format_share, format_value, format_with_error, strings

#: Long name and unit of each variable; "metric" stands for the unit of the metric.
_VARIABLES = {
    "bin_center": ("mean value of the parameter in the bin", "see parameter_units"),
    "conditional_mean": ("mean difference in the bin", "metric"),
    "conditional_mean_se": ("standard error of the mean difference in the bin", "metric"),
    "flip_point": ("value of the parameter at which the ranking reverses", "see parameter_units"),
    "opposite_z": ("standard errors by which the strongest tail has the other sign", "1"),
    "share_beyond": ("share of worlds beyond the flip point", "1"),
    "mean_beyond": ("mean difference beyond the flip point", "metric"),
    "mean_beyond_se": ("standard error of the mean difference beyond the flip point", "metric"),
    "direction": ("side of the flip point with the reversed ranking", ""),
    "flips": ("whether the parameter reverses the ranking", "1"),
    "mean": ("mean difference over all worlds", "metric"),
    "mean_se": ("standard error of the mean difference", "metric"),
    "critical_z": ("number of standard errors above which a tail counts", "1"),
}


@dataclass(frozen=True)
class _Bins:
    """The worlds in bins of each parameter, the lowest first. The last may be empty, or all of a parameter left out."""

    #: The bin of each world (parameter, world).
    index: NDArray[np.int64]
    #: The number of worlds (parameter, bin).
    count: Floats
    #: The mean value of the parameter (parameter, bin).
    center: Floats


def flipping_assumptions(
    parameters: xr.DataArray, difference: xr.DataArray, bins: int = 10, level: float = 0.05
) -> xr.Dataset:
    """Parameters in whose tails the mean difference of two policies has the other sign: dims (parameter, bin).

    `parameters` (world, parameter) has the coordinate `parameter_units`; `difference` (world) is a metric under one
    policy minus that under another, in attrs `units`. Worlds without a difference (NaN) are left out. Each parameter
    divides the worlds into `bins` of equal size (fewer if values are tied). A parameter flips the ranking if the mean
    over its lowest or highest bins together, with at least 20 worlds, differs from 0 in the direction opposite to that
    of all worlds by at least `critical_z` standard errors: the normal quantile of `level` divided by the number of
    tails examined (Bonferroni). In noise, a flip is then found with a probability of at most `level` (roughly, for
    heavy-tailed differences). A flip only in the middle of a range is not found.

    Returns by parameter, those that flip first and then by `opposite_z` (standard errors of the strongest tail, 0
    where no tail has the other sign): `flips`, `direction` ("above" or "below": the side with the reversed ranking),
    `flip_point` (between centres of bins, linear), `share_beyond`, `mean_beyond` and `mean_beyond_se` of the worlds
    beyond it; and `bin_center`, `conditional_mean`, `conditional_mean_se`. Scalars: `mean`, `mean_se`, `critical_z`.
    Errors within bins and tails treat worlds as independent, and are upper bounds for worlds drawn evenly; `mean_se`
    and `mean_beyond_se` come from replicates.

    Raises InputError for differences of other worlds, or fewer than 2 of them.
    """
    same_worlds(parameters, difference)
    x, d = parameters.transpose("world", "parameter").values, difference.values.astype(np.float64)
    used = _used(d)
    rows = _rows(x[used], replicates_of(parameters)[used], _binned(x[used], bins), d[used], level)
    order = np.lexsort((-rows["opposite_z"], rows["flips"] == 0))
    result = _labelled(parameters, rows, str(difference.attrs.get("units", "1")), {}).isel(parameter=order)
    return result.assign_attrs(worlds=int(used.sum()), worlds_left_out=int((~used).sum()))


def _used(d: Floats) -> Bools:
    """The worlds with a difference. Raises InputError for fewer than 2."""
    used = np.isfinite(d)
    if used.sum() < 2:
        raise InputError("fewer than 2 worlds have a difference between the policies, so its sign is unknown")
    return used


def _binned(x: Floats, bins: int) -> _Bins:
    inner = np.quantile(x, np.arange(1, bins) / bins, axis=0)
    places = (np.searchsorted(limits, values) for limits, values in zip(inner.T, x.T, strict=True))
    index = np.array([np.unique(place, return_inverse=True)[1] for place in places], dtype=np.int64).reshape(x.T.shape)
    count = _sums(index, repeat(np.ones(len(x))), bins)
    return _Bins(index, count, _quotient(_sums(index, x.T, bins), count))


def _sums(index: NDArray[np.int64], values: Iterable[Floats], bins: int) -> Floats:
    """Sums of `values`, one array (world) for each parameter, over the worlds of each bin: (parameter, bin)."""
    rows = [np.bincount(row, of_worlds, bins) for row, of_worlds in zip(index, values, strict=False)]
    return np.array(rows, dtype=np.float64).reshape(-1, bins)


def _quotient(sums: Floats, count: Floats) -> Floats:
    """`sums` / `count`, NaN in empty bins."""
    return np.divide(sums, count, out=np.full(count.shape, np.nan), where=count > 0.0)


def _rows(x: Floats, replicates: NDArray[np.int64], binned: _Bins, d: Floats, level: float) -> dict[str, Any]:
    """All `_VARIABLES`, from numbers `x` (world, parameter) and differences `d` (world) of the same worlds.

    They are NaN, "" and 0 for a parameter left out, that is one without a world in any bin.
    """
    index, count = binned.index, binned.count
    parameters, bins = count.shape
    sign = np.sign(d.mean())
    mean = _quotient(_sums(index, repeat(d), bins), count)
    squares = _sums(index, ((d - means[row]) ** 2 for means, row in zip(mean, index, strict=True)), bins)
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.where(count > 1.0, np.sqrt(squares / (count - 1.0) / count), np.nan)
    z, looked_at = _tail_scores(count, mean, error, sign)
    critical = -float(ndtri(level / looked_at)) if looked_at else np.nan
    rows: dict[str, Any] = {
        "bin_center": np.where(count > 0.0, binned.center, np.nan),
        "conditional_mean": mean,
        "conditional_mean_se": error,
        "opposite_z": np.where(count.any(axis=1), z.max(axis=1), np.nan),
        "direction": strings([""] * parameters),
        "mean": d.mean(),
        "mean_se": _error_of_mean(d, replicates),
        "critical_z": critical,
    }
    for name in ("flip_point", "share_beyond", "mean_beyond", "mean_beyond_se"):
        rows[name] = np.full(parameters, np.nan)
    for j in np.flatnonzero(rows["opposite_z"] > critical):
        above, last = divmod(int(z[j].argmax()), bins)
        inwards = slice(None, None, -1 if above else 1)
        point = _flip_point(sign * mean[j, inwards], binned.center[j, inwards], last + 1)
        if np.isfinite(point):
            beyond = x[:, j] > point if above else x[:, j] < point
            rows["flip_point"][j], rows["direction"][j] = point, "above" if above else "below"
            rows["share_beyond"][j], rows["mean_beyond"][j] = beyond.mean(), d[beyond].mean()
            rows["mean_beyond_se"][j] = _error_of_mean(d[beyond], replicates[beyond])
    return rows | {"flips": np.isfinite(rows["flip_point"]).astype(np.int8)}


def _error_of_mean(d: Floats, replicates: NDArray[np.int64]) -> float:
    """The standard error of the mean of differences `d` (world), by the replicate of each world."""
    return float(mean_with_error(xr.DataArray(d, {"world": replicates}, ("world",)))[1])


def _tail_scores(count: Floats, mean: Floats, error: Floats, sign: float) -> tuple[Floats, int]:
    """Standard errors by which the mean of each tail has the other sign, and the number of tails examined.

    Tails (parameter, tail) are the lowest 1, 2, ... bins, then the highest 1, 2, ... . Those that are not examined, or
    have the same sign as all worlds, score 0.
    """
    mean, squares = np.nan_to_num(mean), np.nan_to_num(error) ** 2 * count * (count - 1.0)
    of_bins = np.stack([count, count * mean, squares, count * mean**2])
    number, total, within, about_zero = np.stack([of_bins, of_bins[..., ::-1]], axis=-2).cumsum(axis=-1)
    examined = (number >= FEWEST) & (number < number[..., -1:])
    with np.errstate(divide="ignore", invalid="ignore"):
        means = total / number
        # Sum of squares about the mean of the tail: within bins, and of the bins' means about the mean of the tail.
        squares = within + about_zero - number * means**2
        z = -sign * means / np.sqrt(np.maximum(squares, 0.0) / (number - 1.0) / number)
    scores = np.where(examined & (z > 0.0), z, 0.0).reshape(-1, 2 * count.shape[1])
    return scores, int(examined.sum())


def _flip_point(mean: Floats, center: Floats, tail: int) -> float:
    """The value at which the mean (bin, from the end inwards) ceases to be below 0 after the tail; NaN if nowhere."""
    opposite = mean < 0.0
    innermost = int(np.flatnonzero(opposite[:tail])[-1])
    crossed = np.flatnonzero(~opposite[innermost + 1 :])
    if crossed.size == 0:
        return float("nan")
    k = innermost + 1 + int(crossed[0])
    share = mean[k - 1] / (mean[k - 1] - mean[k])
    return float(center[k - 1] + share * (center[k] - center[k - 1]))


def _labelled(parameters: xr.DataArray, rows: dict[str, Any], unit: str, pairs: Mapping[str, Labelled]) -> xr.Dataset:
    """A dataset of the `rows`: (parameter, bin), or (pair, parameter, bin) if there are coordinates of `pairs`."""
    dims = ("pair", "parameter", "bin") if pairs else ("parameter", "bin")
    variables = {
        name: (dims[: np.ndim(rows[name])], rows[name], long_name, unit if units == "metric" else units)
        for name, (long_name, units) in _VARIABLES.items()
    }
    names, units = (strings(list(parameters[name].values)) for name in ("parameter", "parameter_units"))
    coordinates: dict[str, Labelled] = {
        **pairs,
        "parameter": (("parameter",), names, "parameter", ""),
        "parameter_units": (("parameter",), units, "unit of the parameter", ""),
        "bin": (("bin",), np.arange(rows["bin_center"].shape[-1]), "bin of the parameter, lowest first", "1"),
    }
    return labelled(variables, coordinates)


def pair_flips(
    parameters: xr.DataArray,
    outcomes: xr.Dataset,
    first: str,
    second: str,
    metric: str,
    bins: int = 10,
    level: float = 0.05,
) -> xr.Dataset:
    """`flipping_assumptions` for the metric under policy `first` minus that under `second`, including their own levers.

    `outcomes` are metrics (policy, world, future). Attributes name the two policies, the metric, and its better
    direction. Raises InputError for an unknown metric or policy.
    """
    if metric not in outcomes:
        raise InputError(f"no metric {metric!r}; there are {', '.join(map(str, outcomes.data_vars))}")
    policies = [str(name) for name in outcomes["policy"].values]
    for policy in (first, second):
        if policy not in policies:
            raise InputError(f"no policy {policy!r}; there are {', '.join(policies)}")
    means = world_means(outcomes[[metric]])[metric]
    difference = means.sel(policy=first, drop=True) - means.sel(policy=second, drop=True)
    difference.attrs["units"] = means.attrs.get("units", "1")
    found = flipping_assumptions(own_parameters(parameters, [first, second]), difference, bins, level)
    better = str(means.attrs.get("better", "less"))
    return found.assign_attrs(first=first, second=second, metric=metric, better=better)


def flips_of_pairs(
    parameters: xr.DataArray,
    means: xr.Dataset,
    pairs: Sequence[tuple[str, str, str]],
    bins: int = 10,
    level: float = 0.05,
) -> xr.Dataset:
    """`pair_flips` of all `pairs` (better policy by expected value, other policy, metric): dims (pair, parameter, bin).

    There is at least one pair; `means` are `world_means`, of the worlds of `parameters`. Parameters keep their order.
    Those that cannot matter to a pair are NaN, with `flips` 0 and `direction` "". The coordinates `pair_first`,
    `pair_second`, `pair_metric` and `pair_units` name the policies, the metric and its unit. Raises InputError if fewer
    than 2 worlds of a pair have a difference.
    """
    x, names = parameters.transpose("world", "parameter").values, parameters["parameter"].values
    replicates = replicates_of(parameters)
    # Bins depend on the worlds that have a difference, which are nearly always all.
    shared: dict[bytes, _Bins] = {}
    found = []
    for first, second, metric in pairs:
        one, other = (means[metric].sel(policy=policy).values for policy in (first, second))
        d = (one - other).astype(np.float64)
        used = _used(d)
        if (key := used.tobytes()) not in shared:
            shared[key] = _binned(x[used], bins)
        own = np.isin(names, own_parameters(parameters, [first, second])["parameter"].values)
        binned = replace(shared[key], count=np.where(own[:, np.newaxis], shared[key].count, 0.0))
        found.append(_rows(x[used], replicates[used], binned, d[used], level))
    rows = {name: np.stack([one[name] for one in found]) for name in _VARIABLES}
    firsts, seconds, metrics = zip(*pairs, strict=True)
    units = [str(means[metric].attrs.get("units", "1")) for metric in metrics]
    coordinates: dict[str, Labelled] = {
        "pair": (("pair",), np.arange(len(pairs)), "number of the pair of policies", "1"),
        "pair_first": (("pair",), strings(firsts), "policy of the pair with the better expected value", ""),
        "pair_second": (("pair",), strings(seconds), "the other policy of the pair", ""),
        "pair_metric": (("pair",), strings(metrics), "metric on which the pair is compared", ""),
        "pair_units": (("pair",), strings(units), "unit of the metric", ""),
    }
    return _labelled(parameters, rows, "see pair_units", coordinates)


def flips_in_words(found: xr.Dataset, most: int | None = None) -> str:
    """The result of `pair_flips` as text: the better policy, the difference, and where the ranking reverses.

    At most `most` numbers that reverse it are reported, None for all.
    """
    mean, error = float(found["mean"]), float(found["mean_se"])
    first, second, metric = (str(found.attrs[key]) for key in ("first", "second", "metric"))
    unit = str(found["mean"].attrs["units"])
    if mean == 0.0:
        return f"{first} and {second} do not differ on {metric}, on average over all worlds."
    if (mean < 0.0) != (found.attrs["better"] == "less"):
        first, second = second, first
    text = f"{first} beats {second} on {metric} by {format_with_error(abs(mean), error, unit)}"
    if abs(mean) < 2.0 * error:
        text += " (within two standard errors: uncertain)"
    turned = found.isel(parameter=np.flatnonzero(found["flips"].values == 1))
    if turned.sizes["parameter"] == 0:
        return f"{text}, and no single assumption was found that reverses this."
    parts = []
    for j, name in enumerate(turned["parameter"].values[:most]):
        one = turned.isel(parameter=j)
        point = format_value(float(one["flip_point"]), str(one["parameter_units"].item()))
        beyond = format_with_error(abs(float(one["mean_beyond"])), float(one["mean_beyond_se"]), unit)
        parts.append(
            f"where {name} is {one['direction'].item()} {point} ({format_share(float(one['share_beyond']))} of worlds) "
            f"the ranking is reversed, by {beyond}"
        )
    if further := turned.sizes["parameter"] - len(parts):
        parts.append(f"{further} further number{'s reverse' if further > 1 else ' reverses'} it")
    return f"{text}; " + "; ".join(parts) + "."
