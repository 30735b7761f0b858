"""Figures of exposure and losses, by policy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from engine.plotting.panels import (
    format_missing,
    label_below,
    legend_above,
    of_kind,
    panels,
    policies_of,
    rows_of,
    spread_name,
    title,
    whiskers,
)
from engine.plotting.style import BLACK, GREY, PAGE_WIDTH, drawn, look, new_figure, only_words, plain
from engine.text.format import format_value, format_with_error, spoken

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_BILLION = 1e9
#: Probabilities below this are not drawn: they depend on too few simulated periods.
_RARE = 1e-4
#: With more policies than this, only the curves of the baseline and of the two outermost are coloured and named.
_MOST_CURVES = 6
#: For each period: the span of its losses, the units of which the worst are reported, and the name of such losses.
_PERIODS = {
    "annual": ("in a year", "years", "Losses a year"),
    "total": ("within the horizon", "futures", "Losses within the horizon, of less than a year"),
}


def exposure_figure(results: xr.Dataset) -> Figure:
    """A panel for each dangerous capability: years of exposure under each policy.

    Exposure is the time from the first malicious access to a ready defence, within the horizon. Markers show the
    median, crosses the mean with two standard errors, and whiskers go from the lowest to the highest quantile.
    """
    names, policies = of_kind(results, "dangerous"), policies_of(results)
    if not names:
        return only_words("The scenario has no dangerous capability.", 5.0)
    figure, axes = panels(len(names), 0.8 + 0.19 * len(policies), 0.6)
    end = float(results["time"][-1] - results["time"][0])
    for axis, capability in zip(axes, names, strict=False):
        one = results.sel(capability=capability)
        for row, policy in enumerate(policies):
            years = one["exposure"].sel(policy=policy)
            whiskers(axis, row, years, end, row)
            mean, error = (float(one[name].sel(policy=policy)) for name in ("exposure_mean", "exposure_mean_se"))
            axis.errorbar(mean, row, xerr=2 * np.nan_to_num(error), fmt="x", color=BLACK, markersize=4, linewidth=1.0)
        title(axis, results, capability)
        rows_of(axis, policies)
    longest = max(axis.dataLim.x1 for axis in axes)
    axes[0].set_xlim(0.0, 1.05 * longest if longest > 0.0 else 1.0)
    missing = format_missing(len(names), "dangerous capabilities")
    label_below(
        figure,
        f"years of exposure: {spread_name(results)}; black cross: mean, and 2 standard errors{missing}",
    )
    return figure


def exposure_in_words(results: xr.Dataset) -> str:
    """Text for `exposure_figure`: mean exposure in the baseline, and the policies with the least and the most."""
    parts, policies = [], policies_of(results)
    for capability in of_kind(results, "dangerous"):
        one = results.sel(capability=capability)
        means, errors = one["exposure_mean"].values, one["exposure_mean_se"].values
        text = f"{spoken(capability)} {format_with_error(means[0], errors[0], 'years')}"
        if means.min() < means.max():
            ends = (int(np.argmin(means)), int(np.argmax(means)))
            text += " (" + ", ".join(
                f"{word} {format_with_error(means[i], errors[i])} under {spoken(policies[i])}"
                for word, i in zip(("least", "most"), ends, strict=True)
            )
            text += ")"
        parts.append(text)
    if not parts:
        return "The scenario has no dangerous capability and therefore no exposure."
    return f"Mean years between the first malicious access and a ready defence, in the baseline: {'; '.join(parts)}."


def loss_figure(results: xr.Dataset) -> Figure:
    """Loss exceedance in a year and within the horizon; right, the worst years by policy.

    Curves show the probability of at least each loss, for the baseline (thick, with a band of two standard errors) and
    for policies. Of more than six policies, only the two with the least and the most mean loss are named; the others
    are thin and grey. Probabilities below 1e-4 are not drawn. If the horizon is less than a year, there are no annual
    losses, and the figure shows the whole period.
    """
    if not float(results["loss_mean"].max()) > 0.0:
        return only_words("There are no losses in this scenario.", 5.0)
    policies = policies_of(results)
    figure = new_figure(PAGE_WIDTH, max(3.4, 1.6 + 0.19 * len(policies)))
    periods = ["annual", "total"] if _shortest(results) == "annual" else ["total"]
    *curves, worst = figure.subplots(1, 1 + len(periods), width_ratios=[*[1.0] * len(periods), 1.1])
    for axis, period in zip(curves, periods, strict=True):
        _curves(axis, results.sel(period=period), _named(results))
        words = f"losses {_PERIODS[period][0]}"
        plain(axis, title=words, xlabel="loss, US$ of 2023", ylabel="probability of at least that loss")
    _worst_periods(worst, results, policies)
    legend_above(figure, curves[0], 4)
    return figure


def loss_in_words(results: xr.Dataset) -> str:
    """Text for `loss_figure`: the least loss of the worst years, for the baseline and the outermost policies."""
    if not float(results["loss_mean"].max()) > 0.0:
        return "There are no losses in this scenario."
    level, policies = float(results["level"][-1]), policies_of(results)
    period = _shortest(results)
    _, periods, name = _PERIODS[period]
    chosen, parts = results.sel(period=period, level=level), []
    means = chosen["value_at_risk"].values
    for i in dict.fromkeys((0, int(np.argmin(means)), int(np.argmax(means)))):
        one = chosen.isel(policy=i)
        tail, least, most = (
            format_value(float(x) / _BILLION) for x in (one["value_at_risk"], *one["value_at_risk_limits"])
        )
        parts.append(
            f"{spoken(policies[i])} at least {tail} ({least} to {most}) in the worst {_worst(level)} of {periods}"
        )
    return f"All curves fall, because larger losses are less likely. {name}, billions of US$: {'; '.join(parts)}."


def _shortest(results: xr.Dataset) -> str:
    """The period whose losses are reported: a year, unless the horizon is shorter."""
    return "total" if results["loss_mean"].sel(period="annual").isnull().any() else "annual"


def _named(results: xr.Dataset) -> list[str]:
    """Policies whose curves are named: all, or the baseline and those with the least and the most mean loss."""
    policies = policies_of(results)
    if len(policies) <= _MOST_CURVES:
        return policies
    order = np.argsort(results["loss_mean"].sel(period="total").values, kind="stable")
    return list(dict.fromkeys([policies[0], policies[order[0]], policies[order[-1]]]))


def _curves(axis: Axes, losses: xr.Dataset, named: list[str]) -> None:
    """Exceedance curves of one period on logarithmic scales."""
    sizes, policies = losses["loss"].values, policies_of(losses)
    others = "other policies"
    for index, policy in enumerate(policies):
        chance = losses["loss_exceedance"].sel(policy=policy).values
        curve = np.where(chance >= _RARE, chance, np.nan)
        style = look(index)
        if index == 0:
            error = losses["loss_exceedance_se"].sel(policy=policy).values
            low, high = np.maximum(curve - 2 * error, _RARE), curve + 2 * error
            axis.fill_between(sizes, low, high, color=style.colour, alpha=0.2, linewidth=0)
            label = f"{drawn(policy)} (band: 2 standard errors)"
            axis.plot(sizes, curve, color=style.colour, linewidth=2.2, label=label)
        elif policy in named:
            axis.plot(sizes, curve, color=style.colour, linestyle=style.dash, linewidth=1.5, label=drawn(policy))
        else:
            axis.plot(sizes, curve, color="#BBBBBB", linewidth=0.7, zorder=1, label=others)
            others = "_"
    axis.set_xscale("log")
    axis.set_yscale("log")
    seen = (losses["loss_exceedance"] >= _RARE).any("policy").values
    small = (losses["loss_exceedance"] <= 0.98 * losses["loss_exceedance"].isel(loss=0)).any("policy").values
    if seen.any():
        first = int(np.argmax(small & seen)) if (small & seen).any() else 0
        axis.set_xlim(sizes[max(first - 1, 0)], sizes[min(int(np.flatnonzero(seen)[-1]) + 1, len(sizes) - 1)])
    axis.set_ylim(_RARE, 1.3)


def _worst_periods(axis: Axes, results: xr.Dataset, policies: list[str]) -> None:
    """The least loss of the worst years of each policy, with 95% limits."""
    level, period = float(results["level"][-1]), _shortest(results)
    chosen = results.sel(period=period, level=level)
    for row in range(len(policies)):
        value, low, high = (
            float(x) / _BILLION for x in (chosen["value_at_risk"][row], *chosen["value_at_risk_limits"][row])
        )
        style, xerr = look(row), np.nan_to_num([[value - low], [high - value]])
        axis.errorbar(value, row, xerr=xerr, fmt=style.marker, color=style.colour, markersize=5, linewidth=1.4)
    base = float(chosen["value_at_risk"][0]) / _BILLION
    axis.axvline(base, color=GREY, linewidth=0.8, linestyle="--")
    plain(
        axis,
        title=f"the worst {_worst(level)} of {_PERIODS[period][1]}",
        xlabel="least loss, 1e9 US$ of 2023\n(whiskers: 95% limits;\nline: baseline)",
    )
    axis.set_xlim(left=0.0)
    axis.xaxis.set_major_formatter("{x:,g}")
    rows_of(axis, policies)


def _worst(level: float) -> str:
    return f"{100.0 * (1.0 - level):.3g}%"
