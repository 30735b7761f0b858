"""Single assumptions that reverse the ranking of two policies: break-even points in uncertain numbers.

Values at which the ranking of alternatives reverses are break-even or rank-equivalence points (Ravalico, Maier & Dandy
2009, Reliability Engineering & System Safety 94, 1229); here one number varies at a time, averaged over all others.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy.special import ndtri

from engine.analyses.stress.failing_worlds import FEWEST, Floats, same_worlds
from engine.analyses.stress.robustness import world_means
from engine.errors import InputError
from engine.statistics.labelled import own_parameters
from engine.text.format import format_share, format_value, format_with_error, strings


@dataclass
class _Bins:
    """The worlds of one parameter in bins of its value: number, mean value, and mean difference with its error."""

    count: NDArray[np.int64]
    center: Floats
    mean: Floats
    error: Floats


@dataclass
class _Tail:
    """The tail whose mean difference most clearly has the other sign, and the number of tails examined."""

    z: float = 0.0
    direction: str = ""
    bins: int = 0
    looked_at: int = 0


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
    Raises InputError for differences of other worlds, or fewer than 2 of them.
    """
    same_worlds(parameters, difference)
    used = np.isfinite(difference.values)
    d = difference.values[used].astype(np.float64)
    if d.size < 2:
        raise InputError("fewer than 2 worlds have a difference between the policies, so its sign is unknown")
    x = parameters.transpose("world", "parameter").values[used]
    binned = [_binned(column, d, bins) for column in x.T]
    tails = [_strongest_tail(one, np.sign(d.mean())) for one in binned]
    looked_at = sum(tail.looked_at for tail in tails)
    critical = -float(ndtri(level / looked_at)) if looked_at else np.nan
    points = np.array([_flip_point(b, t) if t.z > critical else np.nan for b, t in zip(binned, tails, strict=True)])
    rows = {"flip_point": points, "opposite_z": np.array([tail.z for tail in tails])}
    rows["direction"] = strings([t.direction if np.isfinite(p) else "" for t, p in zip(tails, points, strict=True)])
    rows |= _beyond(x, d, points, rows["direction"])
    order = np.lexsort((-rows["opposite_z"], ~np.isfinite(points)))
    result = _frame(parameters, binned, order, bins)
    unit = str(difference.attrs.get("units", "1"))
    _add_rows(result, {name: row[order] for name, row in rows.items()}, unit)
    for name, value, long_name, units in (
        ("mean", d.mean(), "mean difference over all worlds", unit),
        ("mean_se", d.std(ddof=1) / np.sqrt(d.size), "standard error of the mean difference", unit),
        ("critical_z", critical, "number of standard errors above which a tail counts", "1"),
    ):
        result[name] = (), float(value), {"long_name": long_name, "units": units}
    return result.assign_attrs(worlds=int(used.sum()), worlds_left_out=int((~used).sum()))


def _binned(values: Floats, d: Floats, bins: int) -> _Bins:
    inner = np.unique(np.quantile(values, np.arange(1, bins) / bins)) if values.size else values
    _, index = np.unique(np.searchsorted(inner, values, side="left"), return_inverse=True)
    count = np.bincount(index)
    mean = np.bincount(index, d) / count
    squares = np.bincount(index, (d - mean[index]) ** 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.where(count > 1, np.sqrt(squares / (count - 1) / count), np.nan)
    return _Bins(count, np.bincount(index, values) / count, mean, error)


def _strongest_tail(one: _Bins, sign: float) -> _Tail:
    """Of the lowest 1, 2, ... and the highest 1, 2, ... bins, those whose mean most clearly has the other sign."""
    best = _Tail()
    for direction, order in (("below", slice(None)), ("above", slice(None, None, -1))):
        z, counts = _tail_scores(one, order, sign)
        eligible = np.flatnonzero(counts >= FEWEST)
        best.looked_at += eligible.size
        for k in eligible:
            if z[k] > best.z:
                best.z, best.direction, best.bins = float(z[k]), direction, int(k) + 1
    return best


def _tail_scores(one: _Bins, order: slice, sign: float) -> tuple[Floats, NDArray[np.int64]]:
    """(standard errors by which the mean of the first k bins in this order has the other sign, number of worlds)."""
    count, mean = one.count[order], one.mean[order]
    within = np.nan_to_num(one.error[order]) ** 2 * count * (count - 1)
    number = count.cumsum()
    means = (count * mean).cumsum() / number
    # Sum of squares about the mean of the tail: within bins, and of the bins' means about the mean of the tail.
    squares = within.cumsum() + (count * mean**2).cumsum() - number * means**2
    with np.errstate(divide="ignore", invalid="ignore"):
        z = -sign * means / np.sqrt(np.maximum(squares, 0.0) / (number - 1) / number)
    return np.where(np.isnan(z[:-1]), 0.0, z[:-1]), number[:-1]


def _flip_point(one: _Bins, tail: _Tail) -> float:
    """The value at which the mean difference crosses 0, going inwards from the tail; NaN if it does not."""
    above = tail.direction == "above"
    mean, center = (one.mean[::-1], one.center[::-1]) if above else (one.mean, one.center)
    count = one.count[::-1] if above else one.count
    opposite = mean * np.average(mean[: tail.bins], weights=count[: tail.bins]) > 0.0
    innermost = int(np.flatnonzero(opposite[: tail.bins])[-1])
    crossed = np.flatnonzero(~opposite[innermost + 1 :])
    if crossed.size == 0:
        return float("nan")
    k = innermost + 1 + int(crossed[0])
    share = mean[k - 1] / (mean[k - 1] - mean[k])
    return float(center[k - 1] + share * (center[k] - center[k - 1]))


def _beyond(x: Floats, d: Floats, points: Floats, direction: np.ndarray) -> dict[str, Floats]:
    """Share, mean difference and its standard error of the worlds beyond each flip point, NaN without one."""
    rows = {name: np.full(points.size, np.nan) for name in ("share_beyond", "mean_beyond", "mean_beyond_se")}
    for j in np.flatnonzero(np.isfinite(points)):
        beyond = x[:, j] > points[j] if direction[j] == "above" else x[:, j] < points[j]
        rows["share_beyond"][j] = beyond.mean()
        rows["mean_beyond"][j] = d[beyond].mean()
        rows["mean_beyond_se"][j] = d[beyond].std(ddof=1) / np.sqrt(beyond.sum())
    return rows


def _frame(parameters: xr.DataArray, binned: list[_Bins], order: NDArray[np.int64], bins: int) -> xr.Dataset:
    def table(name: str) -> Floats:
        filled = np.full((len(binned), bins), np.nan)
        for row, j in enumerate(order):
            values = getattr(binned[j], name)
            filled[row, : values.size] = values
        return filled

    names = ("parameter", "bin")
    ordered = parameters.isel(parameter=order)
    return xr.Dataset(
        {
            "bin_center": (names, table("center"), {"units": "see parameter_units"}),
            "conditional_mean": (names, table("mean"), {}),
            "conditional_mean_se": (names, table("error"), {}),
        },
        coords={
            "parameter": ("parameter", strings(list(ordered["parameter"].values)), {"long_name": "parameter"}),
            "parameter_units": (
                "parameter",
                strings(list(ordered["parameter_units"].values)),
                {"long_name": "unit of the parameter"},
            ),
            "bin": ("bin", np.arange(bins), {"long_name": "bin of the parameter, lowest first", "units": "1"}),
        },
    )


def _add_rows(result: xr.Dataset, rows: dict[str, np.ndarray], unit: str) -> None:
    for name, long_name, units in (
        ("flip_point", "value of the parameter at which the ranking reverses", "see parameter_units"),
        ("opposite_z", "standard errors by which the strongest tail has the other sign", "1"),
        ("share_beyond", "share of worlds beyond the flip point", "1"),
        ("mean_beyond", "mean difference beyond the flip point", unit),
        ("mean_beyond_se", "standard error of the mean difference beyond the flip point", unit),
    ):
        result[name] = "parameter", rows[name], {"long_name": long_name, "units": units}
    result["direction"] = (
        "parameter",
        rows["direction"],
        {"long_name": "side of the flip point with the reversed ranking"},
    )
    flips = np.isfinite(rows["flip_point"]).astype(np.int8)
    result["flips"] = "parameter", flips, {"long_name": "whether the parameter reverses the ranking", "units": "1"}
    result["bin_center"].attrs["long_name"] = "mean value of the parameter in the bin"
    result["conditional_mean"].attrs = {"long_name": "mean difference in the bin", "units": unit}
    result["conditional_mean_se"].attrs = {
        "long_name": "standard error of the mean difference in the bin",
        "units": unit,
    }


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
