"""Robustness of policies over all worlds: classical measures, regret, and requirements met.

The measures are reviewed by McPhail et al. 2018 (Earth's Future 6, 169, doi:10.1002/2017EF000649) and Herman et al.
2015 (J. Water Resources Planning and Management 141, 04015012). The choice between them is one of values, not of
mathematics.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from engine.analyses.stress.share_of_worlds import format_share_of_worlds
from engine.errors import InputError
from engine.scenario import BASELINE
from engine.statistics.cluster_means import mean_with_error, quantiles_with_error
from engine.statistics.metrics import is_heavy_tailed
from engine.text.format import format_mean, format_value, strings

Floats = NDArray[np.float64]
WithError = tuple[xr.DataArray, xr.DataArray]

#: The share of worlds that are no worse than the adverse percentile.
ADVERSE = 0.9
_NO_ERROR = "An extreme of the sampled worlds: it grows with their number, and no reliable error is known."
_MEASURES: dict[str, tuple[str, str]] = {
    "expected_value": ("mean over worlds", "all worlds have equal weight (Laplace)"),
    "worst_case": ("value in the worst world", "Wald's maximin (Wald 1950, Statistical Decision Functions)"),
    "adverse_percentile": ("value that 90% of worlds are no worse than", "90th adverse percentile over worlds"),
    "regret_mean": ("mean distance to the best policy of each world", "regret (Savage 1951, JASA 46, 55)"),
    "regret_percentile": ("distance to the best policy that 90% of worlds do not exceed", "90th percentile of regret"),
    "regret_max": ("largest distance to the best policy of a world", "minimax regret (Savage 1951, JASA 46, 55)"),
}
_EXTREMES = ("worst_case", "regret_max")


@dataclass(frozen=True)
class Requirement:
    """A requirement in each world: `metric` `operator` `value`.

    `operator` is "<=" or ">="; if `relative`, `value` is a share of the baseline's value in the same world.
    """

    metric: str
    operator: str
    value: float
    relative: bool = False

    def __str__(self) -> str:
        return f"{self.metric} {self.operator} " + (f"{100.0 * self.value:g}%" if self.relative else f"{self.value:g}")


def parse_requirement(text: str, metrics: Iterable[str]) -> Requirement:
    """The requirement that `text` states, such as "exposure <= 90%" (of the baseline's) or "loss <= 1e12".

    Raises InputError, with the right form, for a metric not among `metrics`, another operator or an invalid number.
    """
    names = [str(name) for name in metrics]
    parts = re.fullmatch(r"\s*([^<>=!~\s]*)\s*([<>=!~]+)\s*(.*?)\s*", text)
    if parts is None:
        raise InputError(
            f"{text!r} is no requirement: write METRIC <= NUMBER or METRIC >= NUMBER, such as 'loss <= 1e12'"
        )
    metric, operator, number = parts.groups()
    if metric not in names:
        nearest = difflib.get_close_matches(metric, names, n=1, cutoff=0.5)
        hint = f"did you mean {nearest[0]!r}? " if nearest else ""
        raise InputError(f"{text!r}: no metric {metric!r}; {hint}There are {', '.join(sorted(names))}")
    if operator not in ("<=", ">="):
        raise InputError(f"{text!r}: {operator!r} is not an operator here; write <= (at most) or >= (at least)")
    relative = number.endswith("%")
    try:
        value = float(number.removesuffix("%"))
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InputError(
            f"{text!r}: {number!r} is no number; write one, such as 1e12, or 90% for a share of the baseline's"
        )
    return Requirement(metric, operator, value / 100.0 if relative else value, relative)


def world_means(outcomes: xr.Dataset) -> xr.Dataset:
    """The mean of every metric over futures: (policy, world), with its attributes.

    A future without a number (NaN) makes the mean of its world NaN: a mean of the others would use different futures
    under each policy.
    """
    means = outcomes.mean("future", skipna=False, keep_attrs=True)
    return means.transpose("policy", "world")


def meets_each(means: xr.Dataset, requirements: Sequence[Requirement]) -> xr.DataArray:
    """Whether each requirement holds (1) or not (0): (requirement, policy, world).

    `means` are `world_means`. A world without a number (NaN), or without a number of the baseline for a relative
    requirement, does not meet it: a requirement counts as met only if it is shown to hold. Where the baseline has 0, a
    share of it is 0, and a policy with 0 meets it. Raises InputError without any requirement, and for a relative one
    without the baseline.
    """
    if not requirements:
        raise InputError("no requirement is given; give at least one")
    rows = []
    for requirement in requirements:
        values = means[requirement.metric].transpose("policy", "world")
        bound: Any = requirement.value
        if requirement.relative:
            if BASELINE not in values["policy"].values:
                raise InputError(f"'{requirement}' is relative to the baseline, but there is no {BASELINE!r} policy")
            bound = requirement.value * values.sel(policy=BASELINE, drop=True)
        rows.append((values <= bound) if requirement.operator == "<=" else (values >= bound))
    held = xr.concat([row.astype(np.int8) for row in rows], "requirement", coords="minimal", compat="override")
    held = held.transpose("requirement", "policy", "world").rename("meets_each").drop_attrs(deep=False)
    named = strings([str(requirement) for requirement in requirements])
    held = held.assign_coords(requirement=("requirement", named, {"long_name": "requirement"}))
    return held.assign_attrs(long_name="whether the requirement holds in the world", units="1")


def meets(means: xr.Dataset, requirements: Sequence[Requirement]) -> xr.DataArray:
    """Whether all requirements hold (1) or not (0): (policy, world), as in `meets_each`."""
    held = meets_each(means, requirements).min("requirement").rename("meets")
    return held.assign_attrs(long_name="whether all requirements hold in the world", units="1")


def robustness(outcomes: xr.Dataset, requirements: Sequence[Requirement] = ()) -> xr.Dataset:
    """Robustness of every policy on every metric: (metric, policy), and the share of worlds that meet requirements.

    `outcomes` are metrics (policy, world, future) with attributes `units` and `better` ("less" or "more"); measures
    refer to their means over futures. Each has a standard error `_se` from replicates of worlds
    (`engine.statistics.cluster_means`), NaN for extremes. The percentile is the least value that a share of worlds does
    not exceed. Regret is the distance to the best of these policies in the same world (Savage 1951; the regret from the
    best of Herman et al. 2015 and Lempert & Collins 2007, Risk Analysis 27, 1009), so it depends on the set of compared
    policies. `requirement_met_share` (requirement, policy) and `all_met_share` (policy) are the shares of worlds that
    meet requirements (Starr's domain criterion; satisficing in Herman et al. 2015), present if there are requirements.
    NaN outcomes give NaN measures, and NaN regret for all policies. Raises InputError for a metric without its better
    direction.
    """
    means = world_means(outcomes)
    metrics = [str(name) for name in means.data_vars]
    sign = np.array([_sign(means[name]) for name in metrics])[:, None]
    losses = sign[:, :, None] * np.stack([means[name].values for name in metrics])
    regrets = losses - losses.min(axis=1, keepdims=True)
    result = _frame(means, metrics)
    for name, (long_name, meaning) in _MEASURES.items():
        statistic = _STATISTICS[name.removeprefix("regret_")]
        of, turned = (regrets, 1.0) if name.startswith("regret") else (losses, sign)
        attrs = {"long_name": long_name, "units": "see metric_units", "comment": meaning}
        if name in _EXTREMES:
            attrs["comment"] += ". " + _NO_ERROR
        by_world = xr.DataArray(of, means["world"].coords, ("metric", "policy", "world"))
        known = by_world.notnull().all("world")
        value, error = (found.where(known).values for found in statistic(by_world))
        _put(result, name, ("metric", "policy"), turned * value, error, attrs)
    if requirements:
        _satisficing(result, means, requirements)
    return result.assign_attrs(worlds=losses.shape[-1], futures=outcomes.sizes["future"])


def _sign(metric: xr.DataArray) -> float:
    better = metric.attrs.get("better")
    if better not in ("less", "more"):
        raise InputError(f"metric {metric.name!r} needs the attribute `better`: 'less' or 'more'")
    return 1.0 if better == "less" else -1.0


def _percentile(losses: xr.DataArray) -> WithError:
    value, error = quantiles_with_error(losses.expand_dims("future"), (ADVERSE,))
    return value.isel(quantile=0), error.isel(quantile=0)


def _largest(losses: xr.DataArray) -> WithError:
    largest = losses.max("world", skipna=False)
    return largest, xr.full_like(largest, np.nan)


_STATISTICS: dict[str, Callable[[xr.DataArray], WithError]] = {
    "expected_value": mean_with_error,
    "mean": mean_with_error,
    "adverse_percentile": _percentile,
    "percentile": _percentile,
    "worst_case": _largest,
    "max": _largest,
}


def _frame(means: xr.Dataset, metrics: list[str]) -> xr.Dataset:
    def attribute_of(key: str, long_name: str) -> tuple[str, np.ndarray, dict[str, str]]:
        return "metric", strings([means[name].attrs.get(key, "1") for name in metrics]), {"long_name": long_name}

    return xr.Dataset(
        coords={
            "metric": ("metric", strings(metrics), {"long_name": "metric"}),
            "policy": ("policy", strings([str(name) for name in means["policy"].values]), {"long_name": "policy"}),
            "metric_long_name": attribute_of("long_name", "description of the metric"),
            "metric_units": attribute_of("units", "unit of the metric"),
            "better": attribute_of("better", "better direction of the metric"),
        }
    )


def _put(
    into: xr.Dataset, name: str, dims: tuple[str, ...], value: Floats, error: Floats, attrs: dict[str, str]
) -> None:
    into[name] = dims, value, attrs
    into[f"{name}_se"] = dims, error, attrs | {"long_name": f"standard error of: {attrs['long_name']}"}


def _satisficing(into: xr.Dataset, means: xr.Dataset, requirements: Sequence[Requirement]) -> None:
    held = meets_each(means, requirements)
    into.coords["requirement"] = held["requirement"].variable
    for name, dims, of, long_name in (
        ("requirement_met_share", ("requirement", "policy"), held, "share of worlds that meet the requirement"),
        ("all_met_share", ("policy",), held.min("requirement"), "share of worlds that meet all requirements"),
    ):
        attrs = {"long_name": long_name, "units": "1", "comment": "Starr's domain criterion"}
        share, error = (found.transpose(*dims).values for found in mean_with_error(of.astype(np.float64)))
        _put(into, name, dims, share, error, attrs)


def preferred(measures: xr.Dataset) -> xr.Dataset:
    """The policy that each measure of `robustness` prefers: `preferred` (measure, metric), and `most_often_enough`.

    Names of policies with exactly equal values are joined by ", "; "" if a measure has no number. `most_often_enough`
    is the policy that meets all requirements in most worlds, present if there are requirements. Even differences
    smaller than the standard errors determine a preference: compare both before relying on it.
    """
    names = measures["policy"].values
    table = []
    for measure in _MEASURES:
        values = measures[measure].transpose("metric", "policy").values
        more = (measures["better"].values == "more") & (not measure.startswith("regret"))
        table.append([_best(names, -row if turned else row) for row, turned in zip(values, more, strict=True)])
    result = xr.Dataset(
        {"preferred": (("measure", "metric"), strings(table), {"long_name": "policy that the measure prefers"})},
        coords={
            "measure": ("measure", strings(list(_MEASURES)), {"long_name": "robustness measure"}),
            "metric": measures["metric"].variable,
        },
    )
    if "all_met_share" in measures:
        attrs = {"long_name": "policy that meets all requirements in most worlds"}
        result["most_often_enough"] = (), _best(names, -measures["all_met_share"].values), attrs
    return result


def _best(names: np.ndarray, losses: Floats) -> str:
    if np.isnan(losses).any():
        return ""
    return ", ".join(str(name) for name in names[losses == losses.min()])


def robustness_in_words(measures: xr.Dataset) -> str:
    """The result of `robustness` as text: the preferred policy by metric and measure, and requirements met."""
    choice = preferred(measures)
    lines = []
    for metric in measures["metric"].values:
        here = measures.sel(metric=metric)
        unit, heavy = str(here["metric_units"].item()), is_heavy_tailed(str(metric))
        lines.append(f"On {metric} ({here['better'].item()} is better):")
        for measure, (long_name, _) in _MEASURES.items():
            best = str(choice["preferred"].sel(measure=measure, metric=metric).item())
            if not best:
                lines.append(f"  {long_name}: some outcome has no number")
                continue
            one = here.sel(policy=best.split(", ")[0])
            error = float(one[f"{measure}_se"])
            value = float(one[measure])
            number = (
                format_value(value, unit) if np.isnan(error) else format_mean(value, error, unit, heavy_tailed=heavy)
            )
            lines.append(f"  {long_name}: best under {best}, {number}")
    if "all_met_share" in measures:
        lines.append("Share of worlds that meet all of " + "; ".join(map(str, measures["requirement"].values)) + ":")
        for policy in measures["policy"].values:
            one = measures.sel(policy=policy)
            share, error = float(one["all_met_share"]), float(one["all_met_share_se"])
            lines.append(f"  {policy}: {format_share_of_worlds(share, error, int(measures.attrs['worlds']))}")
    return "\n".join(lines)
