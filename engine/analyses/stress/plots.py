"""Figures of the robustness of policies over all worlds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from engine.analyses.stress.share_of_worlds import format_share_of_worlds
from engine.plotting.panels import policies_of, rows_of
from engine.plotting.style import BLACK, BLUE, GREEN, GREY, ORANGE, PAGE_WIDTH, PURPLE, RED, SKY, new_figure, plain
from engine.scenario import BASELINE
from engine.statistics.metrics import is_heavy_tailed
from engine.text.format import spoken
from engine.text.report_format import money_scale
from engine.text.uncertain import ERRORS, TOO_FEW, is_known

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

#: Most metrics and requirements in the figure.
_MOST_METRICS, _MOST_REQUIREMENTS = 4, 4
#: Colour and marker of each requirement.
_REQUIREMENTS = ((BLUE, "s"), (ORANGE, "D"), (GREEN, "^"), (PURPLE, "v"))


def robustness_figure(found: xr.Dataset) -> Figure:
    """Left, the share of worlds in which each policy meets the requirements; then its value on each metric.

    `found` is the result of `stress_test`. On a metric the dot is the mean over worlds, and the line goes to the value
    that 90% of worlds are no worse than. Whiskers are two standard errors. Policies that meet the requirements most
    often are at the top. Without requirements, only metrics are shown.
    """
    policies = _ordered(found)
    metrics = [str(name) for name in found["metric"].values[:_MOST_METRICS]]
    required = "fails" in found
    columns = len(metrics) + required
    figure = new_figure(min(PAGE_WIDTH, 2.6 + 1.9 * columns + 0.6 * required), 0.26 * len(policies) + 1.7)
    axes = figure.subplots(1, columns, squeeze=False, width_ratios=[1.6] * required + [1.0] * len(metrics))[0]
    if required:
        _met(axes[0], found, policies)
    for axis, metric in zip(axes[int(required) :], metrics, strict=True):
        _metric(axis, found.sel(metric=metric), policies)
    for n, axis in enumerate(axes):
        rows_of(axis, policies, labelled=n == 0)
    _legend(figure, axes)
    return figure


def robustness_in_words(found: xr.Dataset) -> str:
    """Text for `robustness_figure`: the policies that meet the requirements most and least often; best means."""
    policies = [name for name in _ordered(found) if not compared_with_itself(found, name)]
    parts = []
    if "fails" in found and policies:
        asked = " and ".join(map(requirement_in_words, found["requirement"].values))
        shares = [
            f"{spoken(name)} in {_share_in_words(found, name)}" for name in dict.fromkeys(policies[:1] + policies[-1:])
        ]
        parts.append(f"Share of worlds that meet all of {asked}, from most to least: {' down to '.join(shares)}.")
    for metric in map(str, found["metric"].values[:_MOST_METRICS]):
        one = found.sel(metric=metric)
        sign = 1.0 if one["better"].item() == "less" else -1.0
        best = one.isel(policy=int(np.argmin(sign * one["expected_value"].values)))
        size, unit = _scale(one)
        value, error = (float(best[name]) / size for name in ("expected_value", "expected_value_se"))
        name = spoken(str(best["policy"].item()))
        if is_heavy_tailed(metric) and not is_known(value, error):
            parts.append(f"Best mean {spoken(metric)}: {TOO_FEW} to say.")
            continue
        sure = "?" if np.isnan(error) else f"{ERRORS * error:.2g}"
        parts.append(f"Best mean {spoken(metric)}: {name}, {value:.3g} +- {sure} {unit}".rstrip() + ".")
    return " ".join(parts) + " +- are 2 standard errors."


def compared_with_itself(found: xr.Dataset, policy: str) -> bool:
    """Whether a requirement would compare the baseline with itself."""
    relative = "requirement" in found.dims and any("%" in str(one) for one in found["requirement"].values)
    return policy == BASELINE and relative


def _ordered(found: xr.Dataset) -> list[str]:
    """Policies, the baseline first, then by the share of worlds that meet the requirements, if there are any."""
    names = policies_of(found)
    if "fails" not in found:
        return names
    share = dict(zip(names, found["all_met_share"].values, strict=True))
    return sorted(names, key=lambda name: (name != BASELINE, -share[name]))


def _met(axis: Axes, found: xr.Dataset, policies: list[str]) -> None:
    """Shares of worlds that meet each requirement, all of them, and all of them by half the futures."""
    plain(axis, title="requirements met", xlabel="share of worlds, %\n(whiskers: 2 standard errors)")
    shown = found["requirement"].values[:_MOST_REQUIREMENTS]
    series = [("all_met_share", None, BLACK, "o", "all of them")]
    for (colour, marker), name in zip(_REQUIREMENTS, shown, strict=False):
        series.append(("requirement_met_share", name, colour, marker, requirement_in_words(name)))
    if len(shown) == 1 and found.sizes["requirement"] == 1:
        series = series[1:]
    rows = [row for row, name in enumerate(policies) if not compared_with_itself(found, name)]
    chosen = found.sel(policy=[policies[row] for row in rows])
    for n, (name, requirement, colour, marker, label) in enumerate(series):
        value, error = chosen[name], chosen[f"{name}_se"]
        if requirement is not None:
            value, error = value.sel(requirement=requirement), error.sel(requirement=requirement)
        places = np.array(rows) + 0.2 * (n - (len(series) - 1) / 2)
        axis.errorbar(
            100.0 * value.values,
            places,
            xerr=200.0 * np.nan_to_num(error.values),
            fmt=marker,
            color=colour,
            markersize=4.5,
            linewidth=1.2,
            label=label,
        )
    if "all_met_share_of_half" in found:
        half = 100.0 * chosen["all_met_share_of_half"].values
        axis.plot(half, rows, "|", color=RED, markersize=9, label="all, by half the futures")
    for row in set(range(len(policies))) - set(rows):
        axis.text(50.0, row, "(compared with itself)", ha="center", va="center", fontsize=7, color=GREY)
    axis.set_xlim(-3.0, 103.0)


def _metric(axis: Axes, one: xr.Dataset, policies: list[str]) -> None:
    """The mean over worlds of one metric, and the value that 90% of worlds are no worse than."""
    from matplotlib.ticker import MaxNLocator

    size, unit = _scale(one)
    better = "less" if one["better"].item() == "less" else "more"
    plain(axis, title=f"{spoken(str(one['metric'].item()))}\n({better} is better)", xlabel=unit)
    rows = np.arange(len(policies))
    chosen = one.sel(policy=policies)
    mean, error, adverse = (
        chosen[name].values / size for name in ("expected_value", "expected_value_se", "adverse_percentile")
    )
    axis.hlines(rows, np.minimum(mean, adverse), np.maximum(mean, adverse), color=SKY, linewidth=1.2)
    axis.plot(adverse, rows, "|", color=BLUE, markersize=8, label="90% of worlds are no worse")
    axis.errorbar(
        mean,
        rows,
        xerr=2.0 * np.nan_to_num(error),
        fmt="o",
        color=BLACK,
        markersize=4,
        linewidth=1.2,
        label="mean over worlds (whiskers: 2 standard errors)",
    )
    if BASELINE in policies:
        axis.axvline(mean[policies.index(BASELINE)], color=GREY, linestyle="--", linewidth=0.8)
    if min(mean.min(), adverse.min()) >= 0.0:
        axis.set_xlim(left=0.0)
    axis.xaxis.set_major_locator(MaxNLocator(4))


def _scale(one: xr.Dataset) -> tuple[float, str]:
    """(divisor for values of a metric, the unit of the quotient)."""
    unit = str(one["metric_units"].item())
    if unit != "US$":
        return 1.0, "" if unit == "1" else unit
    largest = float(np.abs(one["expected_value"]).max())
    return money_scale(largest, least=1e6)


def _legend(figure: Figure, axes: NDArray[np.object_]) -> None:
    """One legend for all panels."""
    handles: dict[str, Any] = {}
    for axis in axes:
        handles |= {label: handle for handle, label in zip(*axis.get_legend_handles_labels(), strict=True)}
    figure.legend(list(handles.values()), list(handles), loc="outside lower center", ncols=3, fontsize=8, frameon=False)


def requirement_in_words(requirement: object) -> str:
    """A requirement as text: "exposure at most 90% of the baseline's"."""
    metric, sign, limit = str(requirement).split(maxsplit=2)
    whose = " of the baseline's" if limit.endswith("%") else ""
    return f"{spoken(metric)} {'at most' if sign == '<=' else 'at least'} {limit}{whose}"


def _share_in_words(found: xr.Dataset, policy: str) -> str:
    """The share of one policy, with two standard errors as in the figure; near 0 and 1 with 95% limits."""
    one = found.sel(policy=policy)
    share, error = (float(one[name]) for name in ("all_met_share", "all_met_share_se"))
    if ERRORS * error < min(share, 1.0 - share):
        return f"{share:.1%} +- {ERRORS * error:.1%}"
    return format_share_of_worlds(share, error, int(found.attrs["worlds"]))
