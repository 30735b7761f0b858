"""The metrics of analyses (M of XLRM): one finite number for every future of results with single futures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import xarray as xr

from engine.errors import InputError
from engine.registry import ExtensionError, registered, takes
from engine.results.provenance import derived
from engine.results.variables import check_has
from engine.scenario import BASELINE
from engine.scenario.names import as_list
from engine.scenario.numbers import meant
from engine.statistics.cluster_means import mean_with_error, of_worlds

#: The metrics of every future, for help texts: (name, description).
METRICS = (
    ("loss, benefit, net_benefit", "US$ within the horizon"),
    ("loss_oom, benefit_oom", "log10 of at least a million US$"),
    ("exposure", "years between first malicious access and a ready defence, over all dangerous capabilities"),
    ("incidents", "incidents within the horizon, over all dangerous capabilities"),
    ("exposure.CAPABILITY, incidents.CAPABILITY", "for one dangerous capability"),
    ("attainment.CLASS.CAPABILITY", "year of first attainment, at most the horizon"),
)
#: Group of the entry points of metrics in other packages.
GROUP = "engine.metrics"
#: The default metrics of a stress test.
USUAL = ("exposure", "incidents", "loss", "benefit")
#: Smaller amounts count as this in `loss_oom` and `benefit_oom`, US$: without a least amount, the many futures without
#: any loss would be infinitely far from the others, and with a small one they would dominate.
LEAST_MONEY = 1e6

_DIMS = ("policy", "world", "future")


@dataclass(frozen=True)
class Metric:
    """One finite number for every future.

    `values(results)` returns it over (policy, world, future), in `units`; `better`, "less" or "more", is for the
    comparison of policies. A few futures may dominate the mean of a `heavy_tailed` metric. Another package adds a
    metric by the entry point group `engine.metrics`, whose names are those of the metrics.
    """

    values: Callable[[xr.Dataset], xr.DataArray]
    long_name: str
    units: str
    better: Literal["less", "more"]
    heavy_tailed: bool = False

    def __post_init__(self) -> None:
        if self.better not in ("less", "more"):
            raise InputError(f"a metric must say whether 'less' or 'more' of it is better, not {self.better!r}")


def _oom(money: xr.DataArray) -> xr.DataArray:
    return money.copy(data=np.log10(np.maximum(money.values, LEAST_MONEY)))


#: Metrics of money; a scenario has those of the kinds of capabilities that it has.
_OF_MONEY = {
    "loss": Metric(lambda one: one.future_loss, "loss within the horizon", "US$", "less", heavy_tailed=True),
    "loss_oom": Metric(
        lambda one: _oom(one.future_loss), "loss within the horizon, at least a million US$", "log10 US$", "less"
    ),
    "benefit": Metric(
        lambda one: one.future_benefit, "benefit of valuable capabilities within the horizon", "US$", "more"
    ),
    "net_benefit": Metric(
        lambda one: one.future_benefit - one.future_loss,
        "benefit minus loss within the horizon",
        "US$",
        "more",
        heavy_tailed=True,
    ),
    "benefit_oom": Metric(lambda one: _oom(one.future_benefit), "benefit, at least a million US$", "log10 US$", "more"),
}


def added_metrics() -> dict[str, Metric]:
    """Metrics of other packages."""
    return registered(GROUP, frozenset({*_OF_MONEY, *USUAL}), _wrong)


def _wrong(name: str, metric: Any) -> str:
    """Why what another package registers cannot be a metric; empty if it can."""
    if not isinstance(metric, Metric):
        return f"must be an engine.statistics.metrics.Metric, not {metric!r}"
    return "" if takes(metric.values, 1) else f"its values must be a function of (results), not {metric.values!r}"


def is_heavy_tailed(name: str) -> bool:
    """Whether a few futures may dominate the mean of a metric."""
    metric = (_OF_MONEY | added_metrics()).get(name)
    return metric is not None and metric.heavy_tailed


def metrics_in_words() -> str:
    """All metrics, for help texts."""
    own = [f"{name}: {words}" for name, words in METRICS]
    return "; ".join([*own, *(f"{name}: {metric.long_name}" for name, metric in added_metrics().items())])


def outcomes(results: xr.Dataset, names: Sequence[str] | None = None) -> xr.Dataset:
    """The metrics `names` of every future, None for the usual ones of the scenario: (policy, world, future).

    `results` come from `engine.simulate(..., keep="samples")`. Metrics are those of `METRICS`; each has the
    attributes `long_name`, `units` and `better`, "less" or "more". Times count as the horizon where nothing is attained
    within it; that a class attains a dangerous capability late is better, a valuable one early. Losses have heavy
    tails, so their mean and variance depend on few futures: `loss_oom`, log10 of the loss or of a million US$ if that
    is more, is better for sensitivity analysis (less than a million counts as a million).

    Raises InputError, with the right form, for results without single futures, or an unknown metric.
    """
    known = _known(results)
    wanted = [name for name in USUAL if name in known] if names is None else list(dict.fromkeys(as_list(names)))
    if not wanted:
        raise InputError(f"no metric is named; {meant('', list(known))}")
    variables = {}
    for name in wanted:
        if name not in known:
            raise InputError(f"there is no metric {name!r}; {meant(name, list(known))}")
        metric = known[name]
        array = _values(metric, results, name).transpose(*_DIMS).astype(np.float64).reset_coords(drop=True)
        variables[name] = array.assign_attrs(long_name=metric.long_name, units=metric.units, better=metric.better)
    made = xr.Dataset({name: (_DIMS, array.values, array.attrs) for name, array in variables.items()})
    made = made.assign_coords({dim: results[dim].variable for dim in _DIMS})
    for dim in ("world", "future"):
        made[dim].attrs.setdefault("units", "1")
    return derived(made, results, "Outcomes of single futures")


def metric_differences(results: xr.Dataset, names: Sequence[str]) -> dict[str, xr.Dataset]:
    """By metric, over policies: its `mean`, and the paired `difference` from the baseline, each with `_se`.

    Standard errors are those of means over worlds. Raises InputError as `outcomes` does.
    """
    found = {}
    for name, values in outcomes(results, names).items() if names else ():
        worlds = of_worlds(values)
        mean, mean_error = mean_with_error(worlds)
        change, change_error = mean_with_error(worlds - worlds.sel(policy=BASELINE, drop=True))
        found[str(name)] = xr.Dataset(
            {"mean": mean, "mean_se": mean_error, "difference": change, "difference_se": change_error},
            attrs=values.attrs,
        )
        for part in found[str(name)].values():
            part.attrs["units"] = values.attrs["units"]
    return found


def _values(metric: Metric, results: xr.Dataset, name: str) -> xr.DataArray:
    """The values of a metric. Raises ExtensionError if they are not a finite number for every future."""
    values = metric.values(results)
    wanted = f"the metric {name!r} must give a finite number for every (policy, world, future)"
    if not isinstance(values, xr.DataArray):
        raise ExtensionError(f"{wanted} as an xarray.DataArray, not a {type(values).__name__}")
    if set(values.dims) != set(_DIMS) or any(values.sizes[dim] != results.sizes[dim] for dim in _DIMS):
        raise ExtensionError(f"{wanted}, not values over {dict(values.sizes)}")
    if not (np.issubdtype(values.dtype, np.number) or values.dtype == bool) or not np.isfinite(values).all():
        raise ExtensionError(f"{wanted}; some values are not")
    return values


def metric_names(results: xr.Dataset) -> list[str]:
    """All metrics that `results` have. Raises InputError for results without single futures."""
    return list(_known(results))


def _known(results: xr.Dataset) -> dict[str, Metric]:
    """Every metric that `results` have, by name."""
    check_has(results, "future_loss")
    kinds = {
        str(k): str(kind) for k, kind in zip(results.capability.values, results.capability_kind.values, strict=True)
    }
    lossless, useless = "dangerous" not in kinds.values(), "valuable" not in kinds.values()
    known = {
        name: metric for name, metric in _OF_MONEY.items() if not (lossless if name.startswith("loss") else useless)
    }
    if not lossless:
        known |= _of_harm(results, [name for name, kind in kinds.items() if kind == "dangerous"])
    horizon = float(results.time[-1])
    for actor_class in map(str, results.actor_class.values):
        for capability, kind in kinds.items():
            known[f"attainment.{actor_class}.{capability}"] = Metric(
                lambda results, c=actor_class, k=capability: (  # type: ignore[misc]
                    results.attainment_time.sel(actor_class=c, capability=k).fillna(horizon)
                ),
                f"first attainment of {capability} by {actor_class}, at most the horizon",
                "year",
                "more" if kind == "dangerous" else "less",
            )
    return known | added_metrics()


def _of_harm(results: xr.Dataset, dangerous: list[str]) -> Mapping[str, Metric]:
    """Exposure and incidents, over all dangerous capabilities and for each."""
    known: dict[str, Metric] = {}
    for name, long_name, units in (
        ("exposure", "years between first malicious access and a ready defence", "years"),
        ("incidents", "incidents within the horizon", "1"),
    ):
        values = results[f"future_{name}"].sel(capability=dangerous)
        known[name] = Metric(
            lambda _, v=values: v.astype(np.float64).sum("capability"),  # type: ignore[misc]
            f"{long_name}, over all dangerous capabilities",
            units,
            "less",
        )
        for capability in dangerous:
            one = values.sel(capability=capability)
            known[f"{name}.{capability}"] = Metric(
                lambda _, v=one: v,  # type: ignore[misc]
                f"{long_name}: {capability}",
                units,
                "less",
            )
    return known
